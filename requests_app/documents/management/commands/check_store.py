"""`python manage.py check_store`: read every stored file again and compare it with its hash and its row."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.documents import queries, services
from requests_app.documents.checking import StoreReport, check_store, shelves
from requests_app.documents.models import Blob
from requests_app.documents.store import StorageUnreachable


class Command(BaseCommand):
    """Say what is missing, damaged, orphaned or left over. Exit status 1 when anything is, 2 without an answer."""

    help = "Read every stored file again, compare it with its hash and its row, and report what is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remove-orphans",
            action="store_true",
            help="remove files older than a day that no row knows, and what interrupted uploads left behind",
        )
        parser.add_argument(
            "--quick",
            action="store_true",
            help="compare sizes only: finds what is missing or cut off in a fraction of the time, not what rotted",
        )
        parser.add_argument("--json", action="store_true", help="say it as one JSON object, for a program to read")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, report, and end with 1 when something is wrong."""
        given: dict[str, Any] = {
            "now": timezone.now(),
            "remove_orphans": options["remove_orphans"],
            "quick": options["quick"],
        }
        reports: list[tuple[str, StoreReport, Callable[[str], str]]] = []
        try:
            reports.append(("documents", check_store(services.the_store(), **given), _known_as))
            for shelf in shelves():
                reports.append((shelf.name, check_store(shelf.store(), rows=shelf.rows, **given), shelf.known_as))  # noqa: PERF401
        except StorageUnreachable as trouble:
            if options["json"]:
                self.stdout.write(json.dumps({"fine": False, "unreachable": True}))
            raise CommandError(f"Not everything was checked. {trouble}", returncode=2) from trouble
        fine = all(report.is_fine for _name, report, _known in reports)
        if options["json"]:
            stores = {name: _facts(report) for name, report, _known in reports}
            erased = Blob.objects.filter(erased_at__isnull=False).count()
            self.stdout.write(json.dumps({"fine": fine, "quick": options["quick"], "erased": erased, "stores": stores}))
        else:
            self._say(reports, fine, quick=options["quick"])
        if not fine:
            sys.exit(1)

    def _say(self, reports: list[tuple[str, StoreReport, Callable[[str], str]]], fine: bool, *, quick: bool) -> None:
        whole = "are there in their full size" if quick else "are whole"
        self.stdout.write(f"{sum(report.sound for _name, report, _known in reports)} stored files {whole}.")
        if erased := Blob.objects.filter(erased_at__isnull=False).count():
            self.stdout.write(f"{erased} were erased by an administrator; their rows say who, when and why.")
        for _name, report, known_as in reports:
            for sentence in _sentences(report, known_as):
                self.stdout.write(sentence)
        if fine:
            self.stdout.write("Nothing is wrong with the store.")


def _facts(report: StoreReport) -> dict[str, Any]:
    names = ("missing", "damaged", "orphaned", "left_over", "strange", "removed")
    return {"sound": report.sound, **{name: [str(each) for each in getattr(report, name)] for name in names}}


def _sentences(report: StoreReport, known_as: Callable[[str], str]) -> list[str]:
    said = [f"MISSING {sha256}: the file is gone. {known_as(sha256)}" for sha256 in report.missing]
    said += [f"DAMAGED {sha256}: the content is no longer what it was. {known_as(sha256)}" for sha256 in report.damaged]
    if said:
        said.append(
            "Restore missing and damaged files from a backup, or add them again: the same bytes heal their place."
        )
    erased = set(
        Blob.objects.filter(pk__in=[path.name for path in report.orphaned], erased_at__isnull=False).values_list(
            "pk", flat=True
        )
    )
    said += [
        f"NOT GONE {path}: it was erased, and its bytes are still here. Erase it once more."
        if path.name in erased
        else f"ORPHANED {path}: no row knows this file."
        for path in report.orphaned
    ]
    said += [f"LEFT OVER {path}: an upload ended here before its file was whole." for path in report.left_over]
    if report.orphaned or report.left_over:
        said.append("They take room and do no other harm. --remove-orphans removes those older than a day.")
    said += [f"STRANGE {path}: this file was not put here by Daylight and is left alone." for path in report.strange]
    said += [f"Removed {path}." for path in report.removed]
    return said


def _known_as(sha256: str) -> str:
    requests = queries.requests_with(sha256)
    return "It belongs to " + ", ".join(requests) + "." if requests else "No document names it."
