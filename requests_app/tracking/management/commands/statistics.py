"""`python manage.py statistics --by state --kit K1 --period 2026`: a table of the statistics page, in the terminal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.filing import lawbook
from requests_app.filing.models import RecordsRequest
from requests_app.tracking.statistics import definitions, folding, services
from requests_app.tracking.statistics.counting import GROUPINGS
from requests_app.tracking.statistics.definitions import TOPICS, Cell
from requests_app.tracking.statistics.forms import StatisticsForm
from requests_app.tracking.statistics.models import RequestFacts
from requests_app.tracking.statistics.telling import tell
from requests_app.tracking.statistics.views import states_counted_from_sending


class Command(BaseCommand):
    """Prints one table with what its numbers mean. It folds what changed before it counts."""

    help = "Print a table of statistics: how long agencies take, whether they keep the law's dates, fees, refusals."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", choices=GROUPINGS, default="state", help="A line for each of these.")
        parser.add_argument("--show", choices=list(TOPICS), default="times", help="Which numbers.")
        parser.add_argument("--state", default="", help="Only this state, such as MD.")
        parser.add_argument("--agency", default="", help="Only this agency, by its code.")
        parser.add_argument("--kit", default="", help="Only this kit, such as K1.")
        parser.add_argument("--campaign", default="", help="Only this campaign, by its number.")
        parser.add_argument("--request", default="", help="Say how one request is counted, such as MD-2026-0007.")
        parser.add_argument("--period", default="", help="Only letters sent in 2026, 2026-Q1 or 2026-03.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fold, count, print."""
        if options["request"]:
            self._tell(options["request"])
            return
        names = ("by", "show", "state", "agency", "kit", "campaign", "period")
        form = StatisticsForm({name: options[name] for name in names}, campaigns=True)
        if not form.is_valid():
            troubles = " ".join(f"--{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
            raise CommandError(f"Nothing was counted. {troubles}")
        now = timezone.now()
        while services.keep_up(now):
            pass
        table, _known_at = services.table_of(form.by_what, form.part(), now)
        topic = TOPICS[form.topic]
        heading = [str(definitions.GROUPING_NAMES[form.by_what]), *(str(column.heading) for column in topic.columns)]
        lines = [("All", table.whole), *((line.name or "none", line) for line in table.lines)]
        rows = [[name, *(_words(column.cell(line)) for column in topic.columns)] for name, line in lines]
        self.stdout.write(_aligned([heading, *rows]))
        self.stdout.write(f"\nAs of {table.as_of:%A, %B} {table.as_of.day}, {table.as_of.year}.")
        for note in definitions.notes_of(topic, states_counted_from_sending()):
            self.stdout.write(note)
        for column in topic.columns:
            self.stdout.write(f"{column.heading}: {column.meaning}")

    def _tell(self, reference: str) -> None:
        now = timezone.now()
        one = RecordsRequest.objects.defer("letter").filter(reference__iexact=reference).first()
        if one is None:
            raise CommandError(f"No request is called “{reference}”. Look at its page for its reference.")
        folding.refold([one.pk], now=now)
        facts = RequestFacts.objects.get(pk=one.pk)
        for line in tell(facts, lawbook.local_day(one.jurisdiction, now)):
            self.stdout.write(line)


def _words(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
