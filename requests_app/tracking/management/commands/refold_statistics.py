"""`python manage.py refold_statistics`: make the facts of every request anew, and count all tables."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from requests_app.tracking.statistics import folding, services


class Command(BaseCommand):
    """Folds every request from its events. Nothing else is changed, and it may be stopped and run again."""

    help = "Make the facts behind the statistics anew for every request."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fold all, count all, say how many."""
        now = timezone.now()
        folded = folding.refold_all(now)
        services.count_tables(now)
        self.stdout.write(f"The facts of {folded:,} requests were made anew from their events.")
