"""Asks for files to be read again: those that an older Daylight read, those never read, or one document."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.documents.ingest import kinds, queries, services
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.models import Blob, Document

EVERY = 500  # files between two signs of life


class Command(BaseCommand):
    """python manage.py read_again DOCUMENT ... | --new | --older | --failed | --all [--step NAME] [--dry-run]"""

    help = (
        "Ask that returned files be read again. What was read before stays on the screen until it is replaced. "
        "The work itself is done by the workers; `manage.py reading` says how far they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name documents, or which of all."""
        parser.add_argument("documents", nargs="*", metavar="DOCUMENT", help="the id in the address of its page")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--new", action="store_true", help="files that lack a step, such as those of before Daylight read files"
        )
        which.add_argument(
            "--older", action="store_true", help="what an older version of a step read, and what lacks one"
        )
        which.add_argument("--failed", action="store_true", help="files of which a step did not work")
        which.add_argument("--all", action="store_true", help="every file")
        parser.add_argument(
            "--step", action="append", metavar="NAME", help="this step and what follows from it; may be repeated"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the files, ask for each in a transaction of its own, wake a worker."""
        only = options["step"]
        if only and (unknown := sorted(set(only) - set(kinds.BY_NAME))):
            raise CommandError(f"There is no step {', '.join(unknown)}. The steps: {', '.join(kinds.BY_NAME)}.")
        chosen = [name for name in ("new", "older", "failed", "all") if options[name]]
        if bool(options["documents"]) == bool(chosen):
            raise CommandError("Name documents, or one of --new, --older, --failed and --all. Nothing was changed.")
        blobs = _named(options["documents"]) if options["documents"] else queries.to_read_again(chosen[0])
        now, count = timezone.now(), 0
        for count, (blob, names) in enumerate(blobs, start=1):
            if not options["dry_run"]:
                _ask(blob, only or names, now)
            if count % EVERY == 0:
                self.stdout.write(f"{count:,} files so far.")
        if options["dry_run"]:
            self.stdout.write(f"{count:,} files would be read again. Nothing was changed.")
            return
        if count:
            nudge()
        self.stdout.write(f"{count:,} files are read again. `python manage.py reading` says how far it is.")


def _ask(blob: Blob, names: Collection[str] | None, now: datetime) -> None:
    if names is None or names:
        services.again(blob, now=now, only=names, urgency=services.Urgency.WHEN_FREE)
    else:  # it lacks steps, and those it has are well
        services.begin(blob, now=now, urgency=services.Urgency.WHEN_FREE)


def _named(names: list[str]) -> list[tuple[Blob, list[str] | None]]:
    found: list[tuple[Blob, list[str] | None]] = []
    for name in names:
        try:
            document = Document.objects.select_related("blob").get(pk=uuid.UUID(name))
        except (ValueError, Document.DoesNotExist) as unknown:
            raise CommandError(f"There is no document {name}. Nothing was changed.") from unknown
        found.append((document.blob, None))
    return found
