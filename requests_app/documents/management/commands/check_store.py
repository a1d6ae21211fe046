"""`python manage.py check_store`: read every stored file again and compare it with its hash and its row."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from requests_app.documents import queries, services
from requests_app.documents.checking import StoreReport, check_store, shelves


class Command(BaseCommand):
    """Say what is missing, damaged, orphaned or left over in the store. Exit status 1 when anything is."""

    help = "Read every stored file again, compare it with its hash and its row, and report what is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remove-orphans",
            action="store_true",
            help="remove files older than a day that no row knows, and what interrupted uploads left behind",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, report, and end with 1 when something is wrong."""
        now, remove = timezone.now(), options["remove_orphans"]
        report = check_store(services.the_store(), now=now, remove_orphans=remove)
        reports: list[tuple[StoreReport, Callable[[str], str]]] = [(report, _known_as)]
        for shelf in shelves():
            report = check_store(shelf.store(), now=now, remove_orphans=remove, rows=shelf.rows)
            reports.append((report, shelf.known_as))
        self.stdout.write(f"{sum(report.sound for report, _known in reports)} stored files are whole.")
        for report, known_as in reports:
            for sentence in _sentences(report, known_as):
                self.stdout.write(sentence)
        if all(report.is_fine for report, _known in reports):
            self.stdout.write("Nothing is wrong with the store.")
        else:
            sys.exit(1)


def _sentences(report: StoreReport, known_as: Callable[[str], str]) -> list[str]:
    said = [f"MISSING {sha256}: the file is gone. {known_as(sha256)}" for sha256 in report.missing]
    said += [f"DAMAGED {sha256}: the content is no longer what it was. {known_as(sha256)}" for sha256 in report.damaged]
    if said:
        said.append(
            "Restore missing and damaged files from a backup, or add them again: the same bytes heal their place."
        )
    said += [f"ORPHANED {path}: no row knows this file." for path in report.orphaned]
    said += [f"LEFT OVER {path}: an upload ended here before its file was whole." for path in report.left_over]
    if report.orphaned or report.left_over:
        said.append("They take room and do no other harm. --remove-orphans removes those older than a day.")
    said += [f"STRANGE {path}: this file was not put here by Daylight and is left alone." for path in report.strange]
    said += [f"Removed {path}." for path in report.removed]
    return said


def _known_as(sha256: str) -> str:
    requests = queries.requests_with(sha256)
    return "It belongs to " + ", ".join(requests) + "." if requests else "No document names it."
