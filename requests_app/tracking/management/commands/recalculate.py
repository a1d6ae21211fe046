"""`python manage.py recalculate`: count open dates anew now, or only say what would move."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import RecordsRequest
from requests_app.law.book import CODES
from requests_app.tracking.models import Recalculation
from requests_app.tracking.recalculation import services
from requests_app.tracking.recalculation.moving import Move


class Command(BaseCommand):
    """Do what the sweep does when the law book changed, without waiting for it."""

    help = (
        "Count the open dates anew where the law book or a calendar changed, or those of one state whatever changed. "
        "People are told of dates that moved."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", help="Count this one anew, whatever changed: MD, DC, US.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would move in --state; store nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open what is to be done, do it to its end, and say what moved."""
        now = timezone.now()
        state = str(options["state"] or "").upper()
        if state and state not in CODES:
            raise CommandError(f"There is no state with the code {state}. Use two letters, such as MD, or US.")
        if options["dry_run"]:
            if not state:
                raise CommandError("Say which state to try: --state MD --dry-run. Nothing was counted.")
            self._try(state)
            return
        services.notice_changes(now)
        if state:
            services.ask(state, by=None, now=now)
        opened = list(Recalculation.objects.filter(ended_at=None).values_list("pk", flat=True))
        while services.go_on(timezone.now()):
            pass
        if not opened:
            self.stdout.write("The law book says what it said before: nothing was to be counted.")
        for one in Recalculation.objects.filter(pk__in=opened).order_by("jurisdiction"):
            moved = one.moved.count()
            self.stdout.write(f"{one.jurisdiction}: {one.looked_at} open requests counted anew, {moved} dates moved.")
            if one.troubled:
                self.stderr.write(f"{one.jurisdiction}: could not be counted: {', '.join(one.troubled)}")

    def _try(self, state: str) -> None:
        """Count in a transaction that is taken back, and print each date that would move."""
        open_ones = RecordsRequest.objects.filter(jurisdiction=state).exclude(phase=Phase.DONE).order_by("pk")
        references = dict(open_ones.values_list("pk", "reference"))
        with transaction.atomic():
            found = services.count_anew(list(references), timezone.now())
            transaction.set_rollback(True)
        for number, moves in found.moves.items():
            for move in moves:
                self.stdout.write(f"{references[number]} {_line(move)}")
        moved = sum(map(len, found.moves.values()))
        self.stdout.write(f"{state}: {moved} dates of {len(references)} open requests would move. Nothing was stored.")


def _line(move: Move) -> str:
    shown = move.after or move.before
    kind = f"{shown.kind} ({shown.duty_of})" if shown else ""
    return f"{kind}: {_dates(move.before)} -> {_dates(move.after)}"


def _dates(one: Any) -> str:
    if one is None or one.latest is None:
        return "none"
    return f"{one.earliest}" if one.earliest == one.latest else f"{one.earliest} or {one.latest}"
