"""`python manage.py explain MD-2026-0007`: every running date of a request with its reasons, and what would move it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.filing import queries as filing
from requests_app.filing.models import Event, RecordsRequest
from requests_app.law.inquiry import due_words, title_of
from requests_app.law.phrases import wrapped
from requests_app.law.rows import Deadline
from requests_app.tracking.calendar.explaining import facts_for_trial
from requests_app.tracking.calendar.trials import Outcome, Trial, TrialRefused, try_out


class Command(BaseCommand):
    """Reads, and writes nothing."""

    help = "Show how the dates of a request were counted, and try what would move them. Nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="The request, such as MD-2026-0007.")
        parser.add_argument("--received", type=int, metavar="DAYS", help="received so many days later; -2 for earlier")
        parser.add_argument("--extension", metavar="DATE", help="an extension notice comes on this day")
        parser.add_argument("--closed", metavar="DATE", help="offices are closed on this day")
        parser.add_argument("--fee-paid", metavar="DATE", help="the fee is paid on this day")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the dates as recorded, and on trial where something is to be tried."""
        reference = options["reference"].upper()
        records_request = RecordsRequest.objects.defer("letter").filter(reference=reference).first()
        if records_request is None:
            raise CommandError(f"There is no request {reference}. Nothing was worked out.")
        trial = Trial(
            options["received"], _day(options["extension"]), _day(options["closed"]), _day(options["fee_paid"])
        )
        events: list[Event] = filing.timeline(records_request)
        try:
            outcome = try_out(facts_for_trial(records_request, events, timezone.now()), trial)
        except TrialRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(_as_text(outcome, tried=bool(trial)))


def _day(words: str | None) -> date | None:
    if words is None:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as trouble:
        raise CommandError(
            f"{words!r} is not a date; write the year first, for example 2026-12-24. Nothing was worked out."
        ) from trouble


def _as_text(outcome: Outcome, *, tried: bool) -> str:
    blocks = []
    if tried:
        blocks.append("\n".join(["A trial, not what is recorded:", *(f"  - {change}" for change in outcome.changes)]))
    for pair in outcome.pairs:
        lines = [f"{title_of(pair.row)}, {'agency' if pair.row.duty_of == 'agency' else 'ours'} · {pair.row.citation}"]
        lines.append(f"  As recorded  {_side(pair.before)}" if tried else f"  Due  {_side(pair.before)}")
        if tried:
            lines.append(f"  On trial     {_side(pair.after) if pair.moved else 'the same'}")
        shown = pair.after if tried and pair.moved else pair.before if not tried else None
        if shown is not None:
            lines += [wrapped(step, f"  {number:<2} ", "     ") for number, step in enumerate(shown.trace, start=1)]
        blocks.append("\n".join(lines))
    if not outcome.pairs:
        blocks.append("The law sets no date for what has happened so far.")
    blocks += [wrapped(note, "  - ", "    ") for note in outcome.notes]
    return "\n\n".join(blocks)


def _side(row: Deadline | None) -> str:
    return "no such date" if row is None else f"{due_words(row)}, {row.state}"
