"""Where annotations stand in a document as its text is now. Reads pages and words; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from requests_app.documents.models import Document, Page, Sheet
from requests_app.documents.pagewords import Word, unpack
from requests_app.documents.viewer import queries as viewer
from requests_app.review.anchoring import Anchored, anchor, quote_of
from requests_app.review.annotations.placing import Share, boxes_between, spans_of
from requests_app.review.models import Annotation
from requests_app.review.targets import Cells, MailText, PageRegion, PageText, Target, WholeDocument, WholePage

LONGEST_PASSAGE: Final = 20_000  # signs of marked words: some pages of print


@dataclass(frozen=True)
class Placed:
    """A target as it is kept, with its place for lists."""

    target: Target
    kind: str
    place: int
    down: float = 0.0
    found: str = Annotation.Found.SAME


@dataclass(frozen=True)
class Standing:
    """Where an annotation stands now. `down` is None where it is not known any better than before."""

    found: str
    boxes: tuple[Share, ...] = ()
    down: float | None = None
    start: int | None = None
    end: int | None = None


@dataclass
class PageNow:
    """A page with its words and the text they make, read once for all that stands on it."""

    width: float
    height: float
    text: str
    words: tuple[Word, ...]

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands in the text."""
        return spans_of(self.text, self.words)

    def boxes(self, anchored: Anchored) -> tuple[Share, ...]:
        """Return a box for each line on which the words stand."""
        found = boxes_between(
            self.spans, self.words, anchored.start, anchored.end, width=self.width, height=self.height
        )
        return tuple(found)


def page_now(document: Document, number: int) -> PageNow | None:
    """Return a page as it is now, None when there is none. Two queries."""
    page = Page.objects.filter(blob=document.blob_id, number=number).first()
    if page is None:
        return None
    return PageNow(page.width, page.height, viewer.text_of_page(document, number), tuple(unpack(page.words)))


def place(document: Document, target: Target) -> Placed | None:
    """Return the target as it is to be kept, words with what stands around them now. None: there is no such place."""
    match target:
        case WholeDocument():
            return Placed(target, Annotation.Kind.DOCUMENT, 0)
        case WholePage(page):
            known = Page.objects.filter(blob=document.blob_id, number=page).exists()
            return Placed(target, Annotation.Kind.PAGE, page) if known else None
        case PageRegion(page):
            known = Page.objects.filter(blob=document.blob_id, number=page).exists()
            return Placed(target, Annotation.Kind.REGION, page, target.top) if known else None
        case PageText(page):
            return _placed_text(document, target)
        case Cells(sheet):
            known = Sheet.objects.filter(blob=document.blob_id, number=sheet).exists()
            return Placed(target, Annotation.Kind.CELLS, sheet, float(target.first_row)) if known else None
        case MailText():
            text = "".join(viewer.text_parts(document))
            found = anchor(text, target.quote, target.start)
            if found is None or found.end - found.start > LONGEST_PASSAGE:
                return None
            kept = replace(target, quote=quote_of(text, found.start, found.end), start=found.start)
            return Placed(kept, Annotation.Kind.PASSAGE, 0, found.start / len(text))


def standing(annotation: Annotation, page: PageNow | None = None) -> Standing:
    """Return where an annotation stands now. `page`: its page, where it was read already."""
    target = annotation.where
    match target:
        case PageText(number, quote, start):
            page = page or page_now(annotation.document, number)
            found = anchor(page.text, quote, start) if page else None
            if page is None or found is None:
                return Standing(Annotation.Found.LOST)
            boxes = page.boxes(found)
            down = boxes[0][1] if boxes else found.start / max(1, len(page.text))
            return Standing(found.how, boxes, down, found.start, found.end)
        case PageRegion():
            return Standing(Annotation.Found.SAME, ((target.left, target.top, target.width, target.height),))
        case MailText(quote, start):
            text = "".join(viewer.text_parts(annotation.document))
            found = anchor(text, quote, start)
            if found is None:
                return Standing(Annotation.Found.LOST)
            return Standing(found.how, (), found.start / max(1, len(text)), found.start, found.end)
    return Standing(Annotation.Found.SAME)


def _placed_text(document: Document, target: PageText) -> Placed | None:
    page = page_now(document, target.page)
    found = anchor(page.text, target.quote, target.start) if page else None
    if page is None or found is None or found.end - found.start > LONGEST_PASSAGE:
        return None
    kept = replace(target, quote=quote_of(page.text, found.start, found.end), start=found.start)
    boxes = page.boxes(found)
    return Placed(
        kept, Annotation.Kind.TEXT, target.page, boxes[0][1] if boxes else found.start / max(1, len(page.text))
    )
