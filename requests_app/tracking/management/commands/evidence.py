"""`python manage.py evidence MD-2026-0007 --out evidence.zip`: the evidence file of a request, and its check."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import audit
from requests_app.tracking.evidence import archive_of, binder_pdf, gather
from requests_app.tracking.evidence.archive import MANIFEST


class Command(BaseCommand):
    """Writes the ZIP of one request, or checks one that was made before."""

    help = "Make the evidence file of a request (--out FILE.zip), or check one that was made before (--check FILE.zip)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", nargs="?", help="The request, such as MD-2026-0007.")
        parser.add_argument("--out", type=Path, help="The ZIP to write. evidence-REFERENCE.zip here if left out.")
        parser.add_argument("--with-notes", action="store_true", help="Include the group's own notes.")
        parser.add_argument("--check", type=Path, metavar="FILE", help="Check every file of a ZIP by its manifest.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or check; say what was done."""
        if options["check"] is not None:
            self._check(options["check"])
            return
        if not options["reference"]:
            raise CommandError("Name a request, such as MD-2026-0007, or a file to check with --check FILE.zip.")
        self._make(options["reference"].upper(), options["out"], with_notes=options["with_notes"])

    def _make(self, reference: str, out: Path | None, *, with_notes: bool) -> None:
        try:
            wanted = filing.with_people(RecordsRequest.objects.all()).get(reference=reference)
        except RecordsRequest.DoesNotExist as missing:
            raise CommandError(f"There is no request {reference}. Nothing was written.") from missing
        now = timezone.now()
        gathered = gather(wanted, with_notes=with_notes, now=now)
        made = archive_of(gathered, binder_pdf(gathered))
        target = out or Path(made.name)
        try:
            with target.open("xb") as file:
                file.writelines(made.chunks)
        except FileExistsError as there:
            raise CommandError(f"{target} is there already. Nothing was written. Choose another name.") from there
        except OSError as trouble:
            raise CommandError(f"{target} could not be written ({trouble.strerror}).") from trouble
        audit("evidence file made", wanted, by=None, now=now, with_notes=with_notes)
        self.stdout.write(f"{target}: {len(gathered.exhibits)} exhibits, {made.length:,} bytes.")
        for exhibit in gathered.exhibits:
            if exhibit.original is not None and exhibit.original.condition != "kept":
                self.stdout.write(
                    f"Attention: exhibit {exhibit.number} ({exhibit.title}) is {exhibit.original.condition}."
                )

    def _check(self, path: Path) -> None:
        try:
            wrong = list(_wrong(path))
        except (OSError, zipfile.BadZipFile, KeyError) as trouble:
            raise CommandError(f"{path} is no evidence file that can be read: {trouble}") from trouble
        for line in wrong:
            self.stdout.write(line)
        if wrong:
            sys.exit(1)
        self.stdout.write(f"{path}: every file is as it was when the archive was made.")


def _wrong(path: Path) -> list[str]:
    """Return what differs from the manifest, a line each; nothing when all is well."""
    with zipfile.ZipFile(path) as archive:
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        lines = archive.read(names[MANIFEST]).decode("utf-8").splitlines()
        listed = {name: digest for digest, _gap, name in (line.partition("  ") for line in lines)}
        wrong = [f"missing: {name}" for name in listed if name not in names]
        wrong += [f"not in the manifest: {name}" for name in names if name not in listed and name != MANIFEST]
        for name, digest in listed.items():
            if name in names:
                with archive.open(names[name]) as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                        wrong.append(f"changed: {name}")
    return wrong
