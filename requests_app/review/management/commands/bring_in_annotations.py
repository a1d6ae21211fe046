"""`python manage.py bring_in_annotations DOCUMENT FILE`: annotations of other tools."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.review.annotations import permissions, sharing
from requests_app.review.management.naming import document_for, person_named


class Command(BaseCommand):
    """Keep the annotations of a file on a document."""

    help = "Bring W3C Web Annotations (JSON-LD) in from a file. The same file again adds nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the document, the file and who brings it."""
        parser.add_argument("document", type=uuid.UUID, help="the id in the address of its page")
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="person", required=True, help="e-mail address of an account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring them in, and name what could not be kept."""
        person = person_named(options["person"])
        if not permissions.can_annotate(person):
            raise CommandError("Only reviewers and coordinators annotate. Nothing was brought in.")
        document = document_for(person, options["document"])
        try:
            with options["file"].open("rb") as opened:
                items = sharing.items_in(opened.read(sharing.LARGEST + 1))
        except OSError as trouble:
            raise CommandError(f"The file cannot be read: {trouble.strerror}. Nothing was brought in.") from trouble
        except sharing.NoAnnotations as trouble:
            raise CommandError(str(trouble)) from trouble
        done = sharing.bring_in(document, items, by=person, now=timezone.now())
        self.stdout.write(f"{done.kept} kept, {done.known} here already, {len(done.refused)} refused.")
        for name, why in done.refused:
            self.stdout.write(f"  {name}: {why}")
