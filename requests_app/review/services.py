"""The one door for reviewers' notes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review.models import PageNote


class ChangedMeanwhile(Exception):
    """Somebody changed the note since it was opened. Holds the present wording."""

    def __init__(self, now_says: str) -> None:
        self.now_says = now_says
        super().__init__("This note was changed in another window since you opened it. Your text is still in the form.")


def write_note(document: Document, *, page: int | None, text: str, by: Person, now: datetime) -> PageNote:
    """Add a note to a page, or to the whole document when `page` is None."""
    return PageNote.objects.create(document=document, page=page, text=text, author=by, written_at=now)


def change_note(note_id: int, *, page: int | None, text: str, seen_text: str, now: datetime) -> PageNote:
    """Reword a note and keep its earlier wording. Raises ChangedMeanwhile when it no longer says `seen_text`."""
    with transaction.atomic():
        note = PageNote.objects.select_for_update().get(pk=note_id)
        if note.text != seen_text:
            raise ChangedMeanwhile(note.text)
        earlier = [*note.earlier, {"text": note.text, "page": note.page, "until": now.isoformat()}]
        changed = PageNote.objects.filter(pk=note.pk, text=seen_text).update(
            text=text, page=page, changed_at=now, earlier=earlier
        )
        if not changed:  # SQLite has no row locks: the conditional update is the guard
            note.refresh_from_db()
            raise ChangedMeanwhile(note.text)
    note.refresh_from_db()
    return note
