"""`python manage.py monthly_report CAMPAIGN --month 2026-10 --out x.pdf`: the report on a campaign, to look at now."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from requests_app.filing.models import Campaign
from requests_app.tracking.statistics import monthly
from requests_app.tracking.statistics.monthly import Month


class Command(BaseCommand):
    """Writes the PDF to a file. Nobody is told, and the report that the task makes is not touched."""

    help = "Write the monthly report on a campaign to a PDF file, without telling anybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="The campaign, by its number or its name.")
        parser.add_argument("--month", help="Such as 2026-10; the last full month if left out.")
        parser.add_argument("--out", type=Path, required=True, help="The PDF to write.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the campaign, make the page, write it."""
        now = timezone.now()
        wanted: str = options["campaign"]
        number = Q(pk=int(wanted)) if wanted.isascii() and wanted.isdigit() else Q(pk__in=[])
        campaign = Campaign.objects.filter(number | Q(name__iexact=wanted)).first()
        if campaign is None:
            raise CommandError(f"No campaign is called “{wanted}”. Nothing was written. Look at the list of campaigns.")
        month = _month(options["month"]) if options["month"] else monthly.month_of(now).before
        path: Path = options["out"]
        try:
            path.write_bytes(monthly.report_pdf(campaign, month, now))
        except OSError as trouble:
            raise CommandError(f"The report could not be written to {path}: {trouble.strerror}.") from trouble
        self.stdout.write(f"{path}: {campaign.name}, {month.words}.")


def _month(text: str) -> Month:
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text)
    if found is None:
        raise CommandError(f"“{text}” is no month. Nothing was written. Write it like 2026-10.")
    return Month(date(int(found[1]), int(found[2]), 1))
