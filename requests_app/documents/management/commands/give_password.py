"""Give the password of a locked file from the terminal, where nobody can read it over a shoulder or in a history."""

from __future__ import annotations

import getpass
import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.documents import passwords
from requests_app.documents.models import Document
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import NotRead


class Command(BaseCommand):
    """`manage.py give_password DOCUMENT`: asks for the password, or reads one line of its input."""

    help = "Tries a password on a locked document, keeps it where it fits, and has the file read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", type=uuid.UUID, help="the id of the document, as in its address")

    def handle(self, *args: Any, **options: Any) -> None:
        document = Document.objects.filter(pk=options["document"]).select_related("blob").first()
        if document is None:
            raise CommandError("There is no such document. Its id stands in the address of its page.")
        password = (
            getpass.getpass("Password of the file: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        )
        try:
            fits = passwords.give_password(document, password, by=None, now=timezone.now())
        except (Refused, NotRead) as trouble:
            raise CommandError(f"The password could not be tried: {trouble.code}. Nothing was changed.") from trouble
        if not fits:
            raise CommandError("This password does not open the file. Nothing was kept.")
        self.stdout.write("The password fits. The file is read when a reader is free.")
