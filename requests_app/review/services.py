"""The one door for reviewers' notes."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.documents.keeping import erasing
from requests_app.documents.models import Document
from requests_app.documents.search import services as search
from requests_app.people.models import Person
from requests_app.review.models import PageNote


class ChangedMeanwhile(Exception):
    """Somebody changed the note since it was opened. Holds the note as it is now."""

    def __init__(self, note: PageNote) -> None:
        self.note = note
        super().__init__(
            _(
                "This note was changed in another window since you opened it, so yours was not kept. Your text is "
                "still here. Compare it with what the note says now, then keep it or leave the note as it is."
            )
        )


def register() -> None:
    """Let the notes on a document go when it is erased: they may repeat what must not be kept."""
    erasing.also("notes", erasing.Other(written=_written))


def _written(documents: Collection[uuid.UUID]) -> list[erasing.Written]:
    notes = PageNote.objects.filter(document__in=documents)
    return [erasing.Written(notes, lambda n: ngettext("%(n)d note", "%(n)d notes", n) % {"n": n})]


def write_note(document: Document, *, page: int | None, text: str, by: Person, now: datetime) -> PageNote:
    """Add a note to a page, or to the whole document when `page` is None."""
    with transaction.atomic():
        note = PageNote.objects.create(document=document, page=page, text=text, author=by, written_at=now)
        search.keep_note(document, page or 0, note.pk, text)
    return note


def change_note(note_id: int, *, page: int | None, text: str, seen_revision: int, now: datetime) -> PageNote:
    """Reword a note and keep its earlier wording.

    Nothing changes when neither text nor page differ. Raises ChangedMeanwhile when the note is no longer at
    `seen_revision`.
    """
    with transaction.atomic():
        note = PageNote.objects.select_related("document").get(pk=note_id)
        if note.revision == seen_revision and (note.text, note.page) == (text, page):
            return note
        earlier = [*note.earlier, {"text": note.text, "page": note.page, "until": now.isoformat()}]
        # SQLite has no row locks: the conditional update is the guard.
        changed = PageNote.objects.filter(pk=note_id, revision=seen_revision).update(
            text=text, page=page, changed_at=now, earlier=earlier, revision=seen_revision + 1
        )
        if changed:
            search.forget_note(note.document, note.page or 0, note.pk)
            search.keep_note(note.document, page or 0, note.pk, text)
    note.refresh_from_db()
    if not changed:
        raise ChangedMeanwhile(note)
    return note
