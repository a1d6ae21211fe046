"""`python manage.py desk --group late --state MD`: the desk in a terminal, and for cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.filing.lawbook import todays
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import RecordsRequest
from requests_app.people.absences.queries import away_on
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking.desk import queries
from requests_app.tracking.desk.filters import Filters, narrowed
from requests_app.tracking.desk.rows import Around, DeskLine, compose_desk_lines

MOST = 500


class Command(BaseCommand):
    """Prints the rows of the desk, a group after another, most urgent first."""

    help = "Print what the desk shows: --group late --state MD --person vera --words police --limit 20."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--group", choices=[*queries.GROUPS, queries.ASLEEP], help="One group. All if left out.")
        parser.add_argument("--state", type=str.upper, default="", help="Two letters, such as MD.")
        parser.add_argument("--person", default="", help="A handle, or nobody.")
        parser.add_argument("--words", default="", help="The beginning of a reference, or words.")
        parser.add_argument("--limit", type=int, default=20, help="Rows of each group. 20 if left out, 500 at most.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read each group and print it."""
        if options["state"] and options["state"] not in JURISDICTIONS:
            raise CommandError(f"There is no state {options['state']}. Write two letters, such as MD.")
        if not 1 <= options["limit"] <= MOST:
            raise CommandError(f"--limit is a number from 1 to {MOST}.")
        now = timezone.now()
        days, today = dict(todays(now)), timezone.localdate(now)
        sleeping = queries.Sleeping(days)
        filters = Filters(state=options["state"], person=options["person"], words=options["words"])
        rows = narrowed(RecordsRequest.objects.exclude(phase=Phase.DONE), filters)
        away = away_on(today)
        printed = 0
        for name in [options["group"]] if options["group"] else queries.GROUPS:
            numbers = queries.numbers_after(rows, name, today, sleeping, "", options["limit"])
            read = queries.rows_by_number(numbers)
            found = [read[number] for number in numbers if number in read]
            around = Around(days, queries.open_letters(numbers), queries.snoozes_of(numbers, days), away)
            for line in compose_desk_lines(found, around):
                self.stdout.write(_as_text(name, line))
            printed += len(found)
        if not printed:
            self.stdout.write("Nothing.")


def _as_text(group: str, row: DeskLine) -> str:
    """Return a row in one line, its parts divided by tabs: `cut -f` and spreadsheets take it."""
    line = row.line
    what = f"{line.what} {line.on}".strip()
    return "\t".join([group, line.reference, row.state, line.agency, line.follower or "-", row.risk or "-", what])
