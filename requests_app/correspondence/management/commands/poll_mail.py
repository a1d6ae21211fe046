"""`python manage.py poll_mail`: take in what is new in the mailbox, now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.correspondence.incoming.ways import imap


class Command(BaseCommand):
    """Poll the mailbox of MAIL_IN_IMAP_URL once. The worker does the same by itself."""

    help = "Take in what is new in the mailbox that MAIL_IN_IMAP_URL names."

    def handle(self, *args: Any, **options: Any) -> None:
        """Poll once and say what came."""
        if not settings.MAIL_IN_IMAP_URL:
            raise CommandError("MAIL_IN_IMAP_URL names no mailbox. Set it, such as imaps://user:password@host/INBOX.")
        try:
            mailbox = imap.Mailbox.from_url(settings.MAIL_IN_IMAP_URL)
            done = imap.poll(mailbox, filed_folder=settings.MAIL_IN_FILED_FOLDER, now=timezone.now)
        except (ValueError, imap.NotPolled) as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"{done.taken} mails taken in." + (" More wait for the next poll." if done.more else ""))
