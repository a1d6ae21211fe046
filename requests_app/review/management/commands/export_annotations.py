"""`python manage.py export_annotations DOCUMENT`: a document's annotations for other tools."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from requests_app.review.annotations import sharing
from requests_app.review.management.naming import document_for, person_named


class Command(BaseCommand):
    """Write the annotations of one document as one person sees them."""

    help = "Print the annotations of a document as W3C Web Annotations (JSON-LD), as one person sees them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the document and the person."""
        parser.add_argument("document", type=uuid.UUID, help="the id in the address of its page")
        parser.add_argument("--as", dest="person", required=True, help="e-mail address of an account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them."""
        person = person_named(options["person"])
        document = document_for(person, options["document"])
        source = f"{settings.SITE_URL.rstrip('/')}{document.get_absolute_url()}"
        found = sharing.as_json(sharing.all_of(document, person), source)
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
