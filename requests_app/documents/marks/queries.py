"""What was said about documents, and what is still missing of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from requests_app.documents import queries as documents
from requests_app.documents.models import AnsweredItem, Description, Document, PageNumbers
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person

DIGITS: Final = 6  # at least; numbers beyond a million have seven
RELATED: Final = 20  # shown of one kind


@dataclass(frozen=True)
class Item:
    """One thing the letter asked for, by its number in the letter."""

    number: int
    text: str


@dataclass(frozen=True)
class ItemOfDocument:
    """One thing the letter asked for, and who found that this document answers it, or None."""

    item: Item
    by: str = ""
    at: datetime | None = None

    @property
    def is_answered(self) -> bool:
        return self.at is not None


@dataclass
class ItemOfRequest:
    """One thing the letter asked for, and the documents that answer it."""

    item: Item
    documents: list[Document] = field(default_factory=list)


def items_of(records_request: RecordsRequest) -> list[Item]:
    """Return what the letter that was sent asks for, as its numbered list says it."""
    asked = [
        str(text)
        for section in records_request.letter.get("sections", [])
        if section.get("key") in {"records", "questions"}
        for part in section.get("parts", [])
        for text in part.get("items", [])
    ]
    return [Item(number, text) for number, text in enumerate(asked, start=1)]


def answered_by(document: Document) -> list[ItemOfDocument]:
    """Return each thing the letter asked for, with whether this document answers it. One query."""
    kept = AnsweredItem.objects.filter(document=document, taken_back_at=None).select_related("ticked_by")
    ticks = {tick.item: tick for tick in kept}
    found = []
    for item in items_of(document.request):
        tick = ticks.get(item.number)
        found.append(ItemOfDocument(item, tick.ticked_by.handle, tick.ticked_at) if tick else ItemOfDocument(item))
    return found


def standing_of(records_request: RecordsRequest) -> list[ItemOfRequest]:
    """Return each thing the letter asked for, with the documents found to answer it. One query."""
    standing = {item.number: ItemOfRequest(item) for item in items_of(records_request)}
    kept = AnsweredItem.objects.filter(document__request=records_request, taken_back_at=None)
    for tick in kept.select_related("document").order_by("item", "ticked_at"):
        if tick.item in standing:
            standing[tick.item].documents.append(tick.document)
    return list(standing.values())


def answered_count() -> Coalesce:
    """Return an expression for a query of requests: how many items of its letter some document answers."""
    ticks = AnsweredItem.objects.filter(document__request=OuterRef("pk"), taken_back_at=None).order_by()
    counted = ticks.values("document__request").annotate(number=Count("item", distinct=True)).values("number")
    return Coalesce(Subquery(counted), 0)


def description_of(document: Document) -> Description | None:
    """Return what people said the document is. One query, or none where it was joined."""
    try:
        return document.description
    except Description.DoesNotExist:
        return None


def page_id(number: int) -> str:
    """Return the id printed beside a page of that number, such as DL-000123."""
    return f"{settings.PAGE_ID_PREFIX}{number:0{DIGITS}}"


def page_id_of(document: Document, number: int) -> str:
    """Return the id of a page of this document, "" when its pages were given none. One query."""
    given = _numbers_of(document)
    return page_id(given.first + number - 1) if given and given.first + number - 1 <= given.last else ""


def page_ids_of(document: Document) -> str:
    """Return the ids of its pages, from the first to the last, or ""."""
    given = _numbers_of(document)
    if given is None:
        return ""
    return page_id(given.first) if given.first == given.last else f"{page_id(given.first)} – {page_id(given.last)}"


def _numbers_of(document: Document) -> PageNumbers | None:
    try:
        return document.page_numbers
    except PageNumbers.DoesNotExist:
        return None


def number_in(given: str) -> int | None:
    """Return the number in something that looks like a page id; None when it does not."""
    prefix = re.escape(settings.PAGE_ID_PREFIX)
    found = re.fullmatch(rf"{prefix}0*([1-9][0-9]{{0,15}})", given.strip(), flags=re.IGNORECASE)
    return int(found[1]) if found else None


def page_in_document(document: Document, given: str) -> int | None:
    """Return which page of this document has that page id."""
    found = page_with_id(Document.objects.filter(pk=document.pk), given)
    return found[1] if found else None


def page_with_id(among: QuerySet[Document], given: str) -> tuple[Document, int] | None:
    """Return the document and the page that has that page id. Two queries."""
    number = number_in(given)
    if number is None:
        return None
    numbers = PageNumbers.objects.filter(first__lte=number, last__gte=number).first()
    found = among.filter(pk=numbers.document_id).first() if numbers else None
    return (found, number - numbers.first + 1) if found and numbers else None


def related_to(document: Document, person: Person | AnonymousUser) -> dict[str, list[Document]]:
    """Return what belongs to a document. Up to two queries.

    `named`: other bytes under the same name from the same agency, which may be
    another version; `beside`: what came in the same file.
    """
    seen = documents.visible_to(person).exclude(pk=document.pk)
    named = seen.filter(agency=document.agency_id, original_name__iexact=document.original_name)
    beside = seen.filter(parent=document.parent_id) if document.parent_id else Document.objects.none()
    return {
        "named": list(named.exclude(blob=document.blob_id)[:RELATED]),
        "beside": list(beside.order_by("inner_path")[:RELATED]),
    }


def could_stand_beside(document: Document, person: Person | AnonymousUser, words: str) -> QuerySet[Document]:
    """Return documents to read beside this one: those whose name has the words; without words, of its request."""
    seen = documents.visible_to(person).exclude(pk=document.pk)
    if not words.strip():
        return seen.filter(request=document.request_id)
    named = Q()
    for word in words.split()[:8]:
        named &= Q(original_name__icontains=word) | Q(description__title__icontains=word)
    return seen.filter(named)
