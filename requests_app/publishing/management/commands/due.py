"""`python manage.py due MD --event received=2026-03-02`: every deadline that the events start, with its reasons."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.law.book import open_book
from requests_app.law.inquiry import EVENT_KINDS, METHODS, answer_due


class Command(BaseCommand):
    """Ask the law book; print its answer, or one line on standard error with status 2."""

    help = "Show by when an agency must answer, and by when you must act, under one jurisdiction's records law."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the jurisdiction, the events, and how to judge and print them."""
        parser.add_argument("jurisdiction", help="two-letter code, for example MD; US for the federal government")
        parser.add_argument(
            "--event",
            action="append",
            default=[],
            metavar="EVENT=DATE",
            help=f"what happened and when (2026-03-02, or 2026-03-02T16:45 local time): {', '.join(EVENT_KINDS)}",
        )
        parser.add_argument("--sent-by", metavar="WAY", help=f"{', '.join(METHODS)}; e-mail if left out")
        parser.add_argument("--as-of", metavar="DATE", help="judge on this day instead of today")
        parser.add_argument(
            "--condition",
            action="append",
            default=[],
            metavar="KEY",
            help="a fact that decides between rules, for example nonresident, or not_nonresident to deny it",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer, or refuse with status 2."""
        overlay = Path(settings.LAW_OVERLAY_DIR) if settings.LAW_OVERLAY_DIR else None
        answer = answer_due(
            open_book(overlay),
            options["jurisdiction"],
            options["event"],
            now=timezone.now(),
            sent_by=options["sent_by"],
            as_of=options["as_of"],
            conditions=options["condition"],
            as_json=options["json"],
        )
        if answer.status:
            raise CommandError(answer.error, returncode=answer.status)
        self.stdout.write(answer.text)
