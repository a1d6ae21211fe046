"""Says how far the reading of returned files is."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count

from requests_app.documents.ingest import kinds, queries, wording
from requests_app.documents.models import Step


class Command(BaseCommand):
    """python manage.py reading"""

    help = (
        "Print how many steps of reading are done, wait, are held up or did not work, and how long the rest may take."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each step, then what holds some up and why some did not work."""
        numbers: Counter[tuple[str, str]] = Counter()
        for name, state, number in Step.objects.values_list("name", "state").annotate(number=Count("pk")):
            numbers[name, state] = number
        names = [kind.name for kind in kinds.STEPS] + sorted({name for name, _state in numbers} - set(kinds.BY_NAME))
        states = Step.State.values
        self.stdout.write(f"{'':<12}" + "".join(f"{state:>12}" for state in states))
        for name in names:
            self.stdout.write(f"{name:<12}" + "".join(f"{numbers[name, state]:>12,}" for state in states))
        for code, number in _counted(Step.State.WAITING):
            self.stdout.write(f"{number:,} held up: {wording.waits_because(code)}")
        for code, number in _counted(Step.State.FAILED):
            self.stdout.write(f"{number:,} did not work: {wording.trouble('', code)}")
        seconds = queries.seconds_left()
        if any(numbers[name, state] for name in names for state in queries.OPEN):
            self.stdout.write(
                "How long the rest takes cannot be said yet: too little is done."
                if seconds is None
                else f"The rest takes {wording.about(seconds)}."
            )
        else:
            self.stdout.write("Nothing waits.")


def _counted(state: str) -> list[tuple[str, int]]:
    some = Step.objects.filter(state=state).exclude(trouble="")
    return list(some.values_list("trouble").annotate(number=Count("pk")).order_by("-number", "trouble"))
