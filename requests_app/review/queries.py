"""Lists for reviewers."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from requests_app.documents import queries as documents
from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review.models import PageNote


def unread(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return the documents that nobody has noted anything about, oldest first: the reading queue."""
    return (
        documents.visible_to(person)
        .exclude(via=Document.Via.PROOF)
        .filter(page_notes=None)
        .order_by("brought_at", "id")
    )


def recently_noted(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return the documents with notes, the newest document first, with how many notes each has."""
    return documents.visible_to(person).annotate(note_count=Count("page_notes")).filter(note_count__gt=0)


def progress(person: Person | AnonymousUser) -> tuple[int, int]:
    """Return how many documents have a note, and how many there are."""
    counts = (
        documents.visible_to(person)
        .exclude(via=Document.Via.PROOF)
        .order_by()
        .aggregate(everything=Count("pk", distinct=True), noted=Count("page_notes__document", distinct=True))
    )
    return counts["noted"], counts["everything"]


def notes_of(document: Document) -> QuerySet[PageNote]:
    """Return the notes of one document, ordered by page; notes on the whole document come first."""
    return document.page_notes.select_related("author").order_by("page", "written_at", "pk")
