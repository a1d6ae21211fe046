"""`python manage.py lawbook [MD ...]`: the law book in words, with its doubts and what is not established."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from requests_app.law.book import open_book
from requests_app.law.report import answer_lawbook


class Command(BaseCommand):
    """Print the report, or one line on standard error with status 2."""

    help = "Print the law book as text: each jurisdiction's periods, counting, calendar, doubts, gaps and sources."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which jurisdictions to print."""
        parser.add_argument("jurisdictions", nargs="*", help="two-letter codes, for example MD NY; all if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer, or refuse with status 2."""
        overlay = Path(settings.LAW_OVERLAY_DIR) if settings.LAW_OVERLAY_DIR else None
        answer = answer_lawbook(open_book(overlay), options["jurisdictions"])
        if answer.status:
            raise CommandError(answer.error, returncode=answer.status)
        self.stdout.write(answer.text)
