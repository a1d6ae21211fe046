"""Say whether deadlines are being looked at, and mail the administrators when not. For cron; see docs/production.md."""

from __future__ import annotations

import smtplib
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone

from requests_app.tracking.reminders.watching import Diary, look, mail, receivers

WELL, STOPPED, BLIND, UNSENT = 0, 1, 2, 3


class Command(BaseCommand):
    """Exit codes: 0 all runs; 1 work has stopped; 2 the database did not answer; 3 and the mail could not be sent."""

    help = (
        "Say whether sweeps and sending run. Exit codes: 0 all runs, 1 stopped, 2 the database did not answer, 3 a "
        "mail was to be sent and could not be. Needs neither beat nor a worker."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mail", action="store_true", help="mail the administrators when it has stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        diary = Diary(settings.DATA_DIR)
        finding = look(now)
        if finding.is_well:
            diary.forget()
            self.stdout.write("Sweeps and sending run.")
            return
        for sentence in (*finding.late, finding.blind):
            if sentence:
                self.stderr.write(sentence)
        code = BLIND if finding.blind else STOPPED
        if options["mail"] and not diary.mailed_within_a_day(now):
            try:
                to = receivers()
                if not to:
                    raise OSError("nobody to mail: there is no administrator, and WATCH_MAIL_TO is empty")
                mail(finding, to, now)
                diary.note(now)
                self.stderr.write(f"Mailed {len(to)} people.")
            except (OSError, smtplib.SMTPException, DatabaseError) as trouble:
                self.stderr.write(f"The mail could not be sent: {type(trouble).__name__}: {trouble}")
                code = UNSENT
        sys.exit(code)
