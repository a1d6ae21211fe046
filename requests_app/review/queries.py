"""Lists for reviewers."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from requests_app.documents import queries as documents
from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review.models import PageNote

NOTED = Exists(PageNote.objects.filter(document=OuterRef("pk")))


def readable(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return what agencies returned; the proof that a letter was sent is our own paper and needs no reader."""
    return documents.visible_to(person).exclude(via=Document.Via.PROOF)


def unread(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return the documents that nobody has noted anything about, oldest first: the reading queue."""
    # The exact reverse of the index `document_newest`.
    return readable(person).filter(~NOTED).order_by("brought_at", "-id")


def unread_after(person: Person | AnonymousUser, last: uuid.UUID) -> QuerySet[Document]:
    """Return the part of the reading queue that follows `last`, which may have been read since. Raises Http404."""
    shown = get_object_or_404(readable(person), pk=last)
    follows = Q(brought_at__gt=shown.brought_at) | Q(id__lt=shown.pk)
    return unread(person).filter(follows, brought_at__gte=shown.brought_at)


def recently_noted(person: Person | AnonymousUser, count: int) -> list[Document]:
    """Return up to `count` documents, the one with the newest note first. Two queries."""
    # Looks at a bounded number of notes: many on one document must not make the page slow.
    newest = PageNote.objects.filter(document__in=documents.visible_to(person).order_by()).order_by(
        "-written_at", "-pk"
    )
    ids = list(dict.fromkeys(newest.values_list("document_id", flat=True)[: count * 10]))[:count]
    found = documents.visible_to(person).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def progress(person: Person | AnonymousUser) -> tuple[int, int]:
    """Return how many returned documents have a note, and how many there are."""
    counts = readable(person).order_by().aggregate(everything=Count("pk"), noted=Count("pk", filter=NOTED))
    return counts["noted"], counts["everything"]


def notes_of(document: Document) -> QuerySet[PageNote]:
    """Return the notes of one document, ordered by page; notes on the whole document come first."""
    # Said in full: left to themselves, SQLite puts the empty page first and PostgreSQL last.
    by_page = F("page").asc(nulls_first=True)
    return document.page_notes.select_related("author").order_by(by_page, "written_at", "pk")


def changeable(person: Person | AnonymousUser) -> QuerySet[PageNote]:
    """Return the notes on documents this person may see, with what the page of a note shows."""
    return PageNote.objects.filter(document__in=documents.visible_to(person).order_by()).select_related(
        "document", "document__request", "author"
    )
