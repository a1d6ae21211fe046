"""The door by which what people say of a document comes into the search, and by which searches are kept.

The text of files comes in by the steps of the reading, which write its passages themselves. The index follows every
passage by itself (`engines`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import ngettext

from requests_app.documents.models import Document, DocumentTag, Findable, Page, Passage, SavedSearch
from requests_app.documents.search import queries
from requests_app.documents.search.engines import LONGEST_PASSAGE
from requests_app.documents.search.language import LONGEST, parse
from requests_app.people.models import Person
from requests_app.people.states import name_of

MOST_SAVED: Final = 100  # searches of one person; each is asked for every new document


class AsksNothing(Exception):
    """A search was to be kept that looks for nothing."""


class TooManySaved(Exception):
    """A person keeps as many searches as there may be."""


def keep_about(document: Document) -> None:
    """Bring in step what can be found about a document as a whole: its name, tags and where it came from.

    Call it when a document comes in and when any of these changes. A second call changes nothing.
    """
    with transaction.atomic():
        _keep(document, Passage.Kind.ABOUT, 0, 0, about(document))
        keys = {key for tag in said_of(document).tags if (key := queries.tag_key(tag))}
        DocumentTag.objects.filter(document=document).exclude(key__in=keys).delete()
        DocumentTag.objects.bulk_create(
            [DocumentTag(document=document, key=key) for key in sorted(keys)],
            update_conflicts=True,
            unique_fields=["document", "key"],
            update_fields=["key"],
        )


def about(document: Document) -> str:
    """Return what is said of a document as a whole, for the search."""
    agency, said = document.agency, said_of(document)
    lines = [
        said.title,
        document.original_name,
        document.inner_path,
        " ".join(said.tags),
        said.summary,
        f"{agency.name}, {agency.short_name}, {name_of(agency.jurisdiction)}",
        document.request.reference,  # not its subject: most requests have the same, and its words would find them all
    ]
    return "\n".join(line for line in lines if line.strip())


@dataclass(frozen=True)
class Said:
    """What people say a document is."""

    title: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()


def said_of(document: Document) -> Said:
    """Return the title, description and tags that people gave a document; nothing where nobody did."""
    description = getattr(document, "description", None)  # a row of its own, which few documents have
    if description is None:
        return Said()
    return Said(description.title, description.summary, tuple(map(str, description.tags)))


def keep_note(document: Document, place: int, part: int, text: str) -> None:
    """Bring one note about a document in step; an empty text takes it out. Whoever sees the document may find it.

    `place`: the page or sheet it is about, 0 for the whole. `part`: the note's own number among those of its document,
    such as its primary key: the same place and part are the same note. A note that moves to another page is forgotten
    at the old one.
    """
    _keep(document, Passage.Kind.NOTE, place, part, text)


def keep_all_about(most: int) -> int:
    """Bring in what can be found about documents that the search does not know at all. Returns how many."""
    unknown = list(Document.objects.filter(findable=None).select_related("agency", "request").order_by()[:most])
    for document in unknown:
        keep_about(document)
    return len(unknown)


def forget_note(document: Document, place: int, part: int) -> None:
    """Take one note out of the search."""
    Passage.objects.filter(document=document, kind=Passage.Kind.NOTE, place=place, part=part).delete()


def forget(document: Document) -> None:
    """Take out what the search knows of this one document: its name, its notes, its tags.

    The text of its bytes belongs to the blob and goes with the blob's passages.
    """
    with transaction.atomic():
        Passage.objects.filter(document=document).delete()
        Findable.objects.filter(document=document).delete()


def note_readable(documents: Iterable[Document], *, now: datetime) -> None:
    """Note that the text of these documents can be found from now on, so that saved searches look at them.

    Read once more, as when a step improved, a document keeps the moment since which it can be found.
    """
    documents = list(documents)
    with transaction.atomic():
        for document in documents:
            if not Passage.objects.filter(document=document, kind=Passage.Kind.ABOUT).exists():
                keep_about(document)
        rows = Findable.objects.filter(document__in=documents)
        rows.filter(has_been_read=False).update(since=now, has_been_read=True)
        rows.update(changes=F("changes") + 1)


@transaction.atomic
def save_search(person: Person, query: str, *, now: datetime) -> SavedSearch:
    """Keep a search for this person, who is told of documents that come from now on. A second time changes nothing.

    Raises AsksNothing or TooManySaved.
    """
    query = " ".join(query.replace("\x00", " ").split())[:LONGEST]
    if not parse(query).says_something:
        raise AsksNothing
    kept = SavedSearch.objects.filter(person=person, query=query).first()
    if kept is not None:
        return kept
    if SavedSearch.objects.filter(person=person).count() >= MOST_SAVED:
        raise TooManySaved
    made, _is_new = SavedSearch.objects.get_or_create(
        person=person, query=query, defaults={"since": now, "made_at": now}
    )
    return made


def switch_telling(search: SavedSearch, *, on: bool, now: datetime) -> None:
    """Tell its owner of new documents, or no longer. What came in between is not told of later."""
    SavedSearch.objects.filter(pk=search.pk).exclude(tells=on).update(tells=on, since=now)


def drop_search(search: SavedSearch) -> None:
    """Keep a search no longer."""
    search.delete()


@transaction.atomic
def _keep(document: Document, kind: str, place: int, part: int, text: str) -> None:
    text = text.replace("\x00", " ").strip()[:LONGEST_PASSAGE]
    where: dict[str, Any] = {"document": document, "kind": kind, "place": place, "part": part}
    if not text:
        Passage.objects.filter(**where).delete()
        return
    present = Passage.objects.filter(**where).values_list("text", flat=True).first()
    if present != text:
        Passage.objects.update_or_create(**where, defaults={"text": text})
    _row, is_new = Findable.objects.get_or_create(document=document, defaults={"since": document.brought_at})
    if present != text and not is_new:
        Findable.objects.filter(document=document).update(changes=F("changes") + 1)


def problems() -> list[str]:
    """Return a sentence for each thing that the search does not know and should. Three queries."""
    found = []
    unknown = Document.objects.filter(findable=None).count()
    if unknown:
        found.append(
            ngettext(
                "The search does not know %(number)s document by its name.",
                "The search does not know %(number)s documents by their names.",
                unknown,
            )
            % {"number": unknown}
        )
    pages = Page.objects.filter(text_from__in=[Page.TextFrom.FILE, Page.TextFrom.OCR])
    read = Passage.objects.filter(blob=OuterRef("blob"), kind=Passage.Kind.PAGE, place=OuterRef("number"))
    lost = pages.filter(~Exists(read)).count()
    if lost:
        found.append(
            ngettext(
                "%(number)s page has lost its text: read it again.", "%(number)s pages have lost their text.", lost
            )
            % {"number": lost}
        )
    return found


def keep_all_about_anew() -> None:
    """Bring in what can be found about every document as a whole."""
    for document in Document.objects.select_related("agency", "request").order_by().iterator(chunk_size=500):
        keep_about(document)
