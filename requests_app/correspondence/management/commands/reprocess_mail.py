"""`python manage.py reprocess_mail`: read mails again, after a fix or an update."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import RawMail
from requests_app.correspondence.incoming.services import suggesting_again


class Command(BaseCommand):
    """Let mails be read again and process them. What a person decided about a message stays."""

    help = "Read mails again: those that could not be read, those that an older version read, all, or one."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--failed", action="store_true", help="mails that could not be read")
        which.add_argument("--older", action="store_true", help="mails that an older version of the parser read")
        which.add_argument(
            "--suggestions", action="store_true",
            help="add what a newer version suggests that older mails may mean, and change nothing else about them",
        )  # fmt: skip
        which.add_argument("--all", action="store_true", help="every mail")
        which.add_argument("sha256", nargs="?", help="the mail whose SHA-256 begins so")

    def handle(self, *args: Any, **options: Any) -> None:
        """Mark the mails, then process until none waits; for suggestions alone, read them and write those down."""
        if options["suggestions"]:
            self._suggest()
            return
        count = services.reprocess(_chosen(options))
        self.stdout.write(f"{count} mails will be read again.")
        while services.process_waiting(timezone.now()):
            pass
        failed = RawMail.objects.filter(state=RawMail.State.FAILED).count()
        self.stdout.write(f"{failed} mails cannot be read." if failed else "Every mail could be read.")

    def _suggest(self) -> None:
        read = list(suggesting_again.suggest_again())
        self.stdout.write(f"{sum(read)} mails were read for what they may mean. Nothing else about them was changed.")
        if not all(read):
            self.stdout.write(f"{len(read) - sum(read)} mails could not be read; they stay as they are.")


def _chosen(options: dict[str, Any]) -> QuerySet[RawMail]:
    mails = RawMail.objects.all()
    if options["failed"]:
        return mails.filter(state=RawMail.State.FAILED)
    if options["older"]:
        return suggesting_again.parsed_by_older(mails)
    if options["all"]:
        return mails
    found = mails.filter(sha256__startswith=options["sha256"].lower())
    if found.count() != 1:
        raise CommandError("No single mail has a SHA-256 that begins so. Give more of it.")
    return found
