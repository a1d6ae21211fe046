"""manage.py import_scans: take in what a scanner left in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.documents.models import Scan
from requests_app.documents.paper import scanning


class Command(BaseCommand):
    """Takes in each file of the folder that did not change for a while, and moves it to done or doubtful there."""

    help = (
        "Take in the files that a scanner left in FOLDER (without it: SCAN_FOLDER). A reference in the name, such as "
        "'MD-2026-0001 reply.pdf', or a cover sheet says where each belongs; the others wait under /documents/scans/. "
        "Files are moved to 'done' and 'doubtful' in the folder, and never deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", default="", metavar="FOLDER")
        parser.add_argument(
            "--settle",
            type=float,
            default=None,
            metavar="SECONDS",
            help="how long a file must not have changed (SCAN_SETTLE_SECONDS)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["folder"] or settings.SCAN_FOLDER
        if not named:
            raise CommandError("No folder is named. Name one, or set SCAN_FOLDER.")
        folder = Path(named)
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder. Nothing was changed. Make it, or name another.")
        taken = troubled = 0
        try:
            for each in scanning.take_in(folder, now=timezone.now(), settle=options["settle"]):
                if each.trouble:
                    troubled += 1
                    self.stderr.write(f"{each.name}: stays in the folder. {each.trouble}")
                    continue
                taken += 1
                self.stdout.write(f"{each.name}: {self._said(each)}")
        except OSError as trouble:
            raise CommandError(f"{folder} cannot be read or written ({trouble.strerror}). Nothing is lost.") from None
        self.stdout.write(f"{taken} taken in.")
        if troubled:
            raise CommandError(f"{troubled} could not be taken in and stay in the folder.")

    def _said(self, each: scanning.Taken) -> str:
        if each.state == Scan.State.PLACED:
            return f"filed under {', '.join(each.references)}"
        return f"{Scan.State(each.state).label}; it is in {scanning.DOUBTFUL}"
