"""`python manage.py anchor_annotations`: marked words looked for in pages that were read anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from requests_app.review.annotations import queries, services


class Command(BaseCommand):
    """Look for the words of annotations again."""

    help = "Look for marked words in pages that were read anew, and name what is not found any more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say whether all are looked for."""
        parser.add_argument("--all", action="store_true", help="all marked words, also where nothing was read anew")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look in batches, each kept as it is done."""
        now = timezone.now()
        rows = queries.marked_words() if options["all"] else queries.stale()
        ids = list(rows.values_list("pk", flat=True))
        changed = 0
        for start in range(0, len(ids), 500):
            some = queries.marked_words().filter(pk__in=ids[start : start + 500])
            changed += services.anchor_again(some, now=now)
        lost = queries.marked_words().filter(found="lost").count()
        self.stdout.write(f"{len(ids)} looked for, {changed} found otherwise than before, {lost} not found any more.")
