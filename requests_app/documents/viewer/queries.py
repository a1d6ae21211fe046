"""What the screens of reading show of one document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from requests_app.documents.ingest import queries as ingest
from requests_app.documents.ingest.queries import Progress
from requests_app.documents.marks.queries import page_id_of, page_in_document
from requests_app.documents.models import Document, Page, Passage
from requests_app.documents.pagewords import Word, unpack
from requests_app.documents.viewer import finding
from requests_app.documents.viewer.finding import Box, Snippet

MOST_HITS: Final = 500  # listed for one search in one document
LONGEST_QUERY: Final = 200
NEAR: Final = 6  # pages before and after this one, linked where there is no script


@dataclass(frozen=True)
class Hit:
    """One place where the words stand."""

    page: int
    label: str
    snippet: Snippet
    boxes: list[Box]


@dataclass(frozen=True)
class Found:
    """The places in one document, in its order. `more`: there are others, which are not listed."""

    query: str
    hits: list[Hit]
    more: bool = False

    @property
    def page_count(self) -> int:
        """On how many pages they stand."""
        return len({hit.page for hit in self.hits})


def pages_of(document: Document) -> QuerySet[Page]:
    """Return the pages of a document in order, without their words."""
    return Page.objects.filter(blob=document.blob_id).defer("words").order_by("number")


def has_pages(document: Document) -> bool:
    """Whether there is a page to show."""
    return pages_of(document).exists()


def page_of(document: Document, number: int) -> Page | None:
    """Return one page with its words."""
    return Page.objects.filter(blob=document.blob_id, number=number).first()


def text_of_page(document: Document, number: int) -> str:
    """Return the text of a page, "" when it has none or was not read yet."""
    kept = Passage.objects.filter(blob=document.blob_id, kind=Passage.Kind.PAGE, place=number).order_by("part")
    return "\n".join(kept.values_list("text", flat=True))


def texts_of(document: Document) -> list[str]:
    """Return the text of every page, from the first on: of a mail or text that has no pages, of each part."""
    pages = pages_of(document).values_list("number", flat=True)
    if not pages:
        return list(text_parts(document))
    kept = Passage.objects.filter(blob=document.blob_id, kind=Passage.Kind.PAGE).order_by("place", "part")
    by_page: dict[int, str] = dict.fromkeys(pages, "")
    for place, text in kept.values_list("place", "text"):
        if place in by_page:
            by_page[place] += text
    return [by_page[number] for number in sorted(by_page)]


def text_parts(document: Document) -> Iterator[str]:
    """Give the text of a file that has no pages, part after part."""
    kinds = [Passage.Kind.TEXT, Passage.Kind.MAIL]
    kept = Passage.objects.filter(blob=document.blob_id, kind__in=kinds).order_by("place", "part")
    yield from kept.values_list("text", flat=True).iterator()


def notes_on(document: Document, number: int) -> list[str]:
    """Return what reviewers wrote about this page."""
    # Annotations are found by the search, too, but stand in a margin of their own.
    notes = Passage.objects.filter(document=document, kind=Passage.Kind.NOTE, part__lt=Passage.FIRST_ANNOTATION)
    kept = notes.filter(place=number).order_by("part")
    return list(kept.values_list("text", flat=True))


def page_named(document: Document, given: str) -> int | None:
    """Return the number of the page that somebody means: by the file's own label, by its page id, by its number."""
    name = given.strip()
    labelled = pages_of(document).filter(label__iexact=name).values_list("number", flat=True).first() if name else None
    if labelled:
        return labelled
    if name.isdecimal() and len(name) < 8 and pages_of(document).filter(number=int(name)).exists():
        return int(name)
    return page_in_document(document, name)


def find(document: Document, query: str) -> Found:
    """Return where the words of a query stand in a document, one after another as they are written.

    The database brings the pages on which the longest plain word of it stands; which of them have all of it, and where,
    is told from their words. Up to MOST_HITS.
    """
    wanted = finding.folded(query[:LONGEST_QUERY])
    hits: list[Hit] = []
    if not wanted:
        return Found(query, hits)
    kept = Passage.objects.filter(blob=document.blob_id, kind=Passage.Kind.PAGE, text__icontains=finding.anchor(query))
    labels = dict(pages_of(document).exclude(label="").values_list("number", "label"))
    for place, text in kept.order_by("place", "part").values_list("place", "text").iterator(chunk_size=100):
        said = text.split()
        places = finding.hits_in(said, wanted)
        if not places:
            continue
        words = words_of(Page.objects.filter(blob=document.blob_id, number=place).first())
        for first, last in places:
            if len(hits) == MOST_HITS:
                return Found(query, hits, more=True)
            boxes = finding.boxes_of(words[first : last + 1]) if len(words) == len(said) else []
            hits.append(Hit(place, labels.get(place, ""), finding.snippet(said, first, last), boxes))
    return Found(query, hits)


def words_of(page: Page | None) -> list[Word]:
    """Return the words of a page; none when it was not read yet."""
    return unpack(page.words) if page is not None else []


def facts_of_page(document: Document, page: Page) -> dict[str, Any]:
    """Return what the viewer's script needs to show a page. Three queries."""
    return {
        "number": page.number,
        "label": page.label,
        "id": page_id_of(document, page.number),
        "width": round(page.width, 1),
        "height": round(page.height, 1),
        "read": page.text_from,
        "doubtful": page.confidence is not None and page.confidence < DOUBTFUL,
        "words": [[word.text, word.left, word.top, word.right, word.bottom] for word in unpack(page.words)],
        "text": text_of_page(document, page.number),
        "notes": notes_on(document, page.number),
    }


DOUBTFUL: Final = 70  # of 100: below it, words that a machine read from a picture are often wrong


def as_json(document: Document, found: Found) -> dict[str, Any]:
    """Return hits as the script lists them."""
    return {
        "query": found.query,
        "more": found.more,
        "hits": [
            {
                "page": hit.page,
                "label": hit.label,
                "before": hit.snippet.before,
                "match": hit.snippet.match,
                "after": hit.snippet.after,
                "boxes": hit.boxes,
                "url": reverse("documents:page", args=[document.pk, hit.page]),
            }
            for hit in found.hits
        ],
    }


def progress_of(document: Document) -> Progress:
    """Return how far the reading of a document has come."""
    return ingest.progress_of([document])[document.blob_id]


def members_of(document: Document) -> QuerySet[Document]:
    """Return what came inside this document: the files of an archive, the attachments of a mail."""
    inner = Document.objects.filter(parent=OuterRef("pk"))
    return document.members.select_related("blob").annotate(has_members=Exists(inner)).order_by("inner_path", "id")


def is_store_of_mails(document: Document) -> bool:
    """Whether it is a dump of many mails, each a member of its own, and not one mail."""
    return document.kind == "e-mail" and not any(True for _part in text_parts(document)) and (document.members.exists())
