"""Locked bytes: kept as they came, but nobody takes a copy or sees a page until an administrator opens them.

A program inside an archive is locked when it comes, an infected file when the scanner says so. Nothing is deleted.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from requests_app.documents.ingest import services as ingest
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.models import Blob, Document
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)

PROGRAM = "program"
INFECTED = "infected: "


def lock_infected(blob: Blob, found: str, *, now: datetime) -> bool:
    """Lock bytes in which the scanner found something. Returns False where an administrator let that very thing pass.

    In the caller's transaction or its own.
    """
    why = (INFECTED + found)[:200]
    with transaction.atomic():
        locked = Blob.objects.filter(pk=blob.pk).exclude(unlocked_why=why).exclude(locked_why=why)
        if locked.update(locked_why=why):
            log.warning("blob %s is locked: %s", blob.pk, why)
            for document in Document.objects.filter(blob=blob):
                audit("document locked", document, by=None, now=now, why=why)
    blob.refresh_from_db(fields=["locked_why", "unlocked_why"])
    return blob.is_locked


def unlock(document: Document, *, reason: str, by: Person, now: datetime) -> bool:
    """Open the bytes of a document, for all documents with the same bytes, and let them be read.

    The same finding does not lock them again; another one does. Returns False when they were open already.
    """
    blob = document.blob
    with transaction.atomic():
        ingest.lock(blob)
        blob.refresh_from_db(fields=["locked_why"])
        if not blob.is_locked:
            return False
        audit("document unlocked", document, by=by, now=now, why=blob.locked_why, reason=reason)
        Blob.objects.filter(pk=blob.pk).update(locked_why="", unlocked_why=blob.locked_why)
        blob.locked_why, blob.unlocked_why = "", blob.locked_why
        ingest.again(blob, now=now)
        transaction.on_commit(nudge)
    return True


def locked_among(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Return those of these documents whose bytes are locked, newest first."""
    return documents.exclude(blob__locked_why="")


def why_locked(blob: Blob) -> str:
    """Say why bytes are locked and what that means. Empty where they are not."""
    if blob.locked_why.startswith(INFECTED):
        text = _(
            "The virus scanner found “%(name)s” in this file. It is kept as it came, but nobody can take a copy or see "
            "its content, and nothing is made of it. Ask the agency to send it again, clean, or as a PDF."
        )
        return text % {"name": blob.locked_why.removeprefix(INFECTED)}
    if blob.locked_why:
        return _(
            "This file is a program. It is kept because it came inside another file, but nobody can take a copy of it: "
            "a program is not a record, and opening it could harm your computer."
        )
    return ""
