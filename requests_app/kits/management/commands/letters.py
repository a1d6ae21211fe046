"""`python manage.py letters [folder] [--only MD NY]`: every letter in every jurisdiction as pages to read through."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from requests_app.kits import gallery
from requests_app.law.book import CODES


class Command(BaseCommand):
    """Write the gallery and say where it is, or one line on standard error with status 2."""

    help = "Write a gallery of all letters, by state and by kind, as plain HTML pages for lawyers to read."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to write, and for which jurisdictions."""
        parser.add_argument("folder", nargs="?", help="where to write; letters in the data folder (var) if left out")
        parser.add_argument("--only", nargs="+", metavar="CODE", help="two-letter codes, for example MD NY")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the pages, or refuse with status 2."""
        codes = tuple(code.upper() for code in options["only"] or CODES)
        unknown = [code for code in codes if code not in CODES]
        if unknown:
            raise CommandError(f"There is no jurisdiction {', '.join(unknown)}. Nothing was written.", returncode=2)
        folder = Path(options["folder"] or Path(settings.DATA_DIR) / "letters")
        try:
            count = gallery.write(folder, codes)
        except OSError as error:
            raise CommandError(
                f"The gallery could not be written to {folder} ({error.strerror}). Choose another folder.", returncode=2
            ) from error
        self.stdout.write(f"{count} letters written. Open {folder / 'index.html'}")
