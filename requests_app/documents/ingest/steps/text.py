"""Text: the words of each page of a PDF, with their boxes, and whether they can be believed.

1. Go on at the page where the last part of this step ended.
2. Take the words of the pages one after another; write the rows and the text of some tens of pages at a time.
3. A page on which something is drawn and whose text is none, garbage or a stamp on a scan is left unread, for OCR.
4. A page at which the reader dies is passed over, and the reader begins again after it.

Pictures have no text of their own: all their pages are left to OCR.
"""

from __future__ import annotations

from typing import Any, Final

from requests_app.documents import sandbox
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Page
from requests_app.documents.pagetexts import keep_page_texts
from requests_app.documents.pagewords import pack, text_of
from requests_app.documents.readers.judging import TO_READ
from requests_app.documents.readers.paged import PICTURE
from requests_app.documents.readers.pdf import TextFound, TextOrder
from requests_app.documents.rendering.paged import NoPages, PagedFile, paged_of
from requests_app.documents.sandbox import Limits, NotRead

READER: Final = "requests_app.documents.readers.pdf:text"
LIMITS: Final = Limits(seconds=150, cpu_seconds=150)  # longer than one part of the step
AT_ONCE: Final = 50  # pages in one transaction
MOST_PASSED_OVER: Final = 5  # pages at which the reader died; with more, the file is given up


def step(work: Work) -> Outcome:
    """Read the pages. Result: pages, how many of them OCR must read, and which of them killed the reader."""
    pages = Page.objects.filter(blob=work.blob).count()
    if not pages:
        return Outcome.not_needed("no_pages")
    try:
        paged = paged_of(work.blob, work.original)
    except NoPages:
        return Outcome.not_needed("not_converted")
    if paged.source.form == PICTURE:
        Page.objects.filter(blob=work.blob).exclude(text_from=Page.TextFrom.OCR).update(text_from=Page.TextFrom.UNREAD)
        return Outcome.done(pages=pages, to_read=pages)
    passed_over: list[int] = list(work.earlier.get("passed_over", []))
    begin = int(work.earlier.get("next", 1))
    while begin <= pages:
        try:
            begin = _read(work, paged, begin, pages)
        except _DiedAt as died:
            passed_over.append(died.number)
            _keep(work, [TextFound(died.number, pages, [], "none")])
            if len(passed_over) > MOST_PASSED_OVER:
                return Outcome.failed(died.code, passed_over=passed_over)
            begin = died.number + 1
        if begin <= pages and work.time_is_up:
            return Outcome.more(next=begin, passed_over=passed_over)
    to_read = Page.objects.filter(blob=work.blob, text_from=Page.TextFrom.UNREAD).count()
    return Outcome.done(pages=pages, to_read=to_read, passed_over=passed_over)


class _DiedAt(Exception):
    """The reader gave no answer for this page."""

    def __init__(self, number: int, code: str) -> None:
        super().__init__(number)
        self.number = number
        self.code = code


def _read(work: Work, paged: PagedFile, begin: int, pages: int) -> int:
    """Read pages until the time is up; return the next one to read. Raises _DiedAt."""
    order = TextOrder(paged.source, begin, pages)
    waiting: list[TextFound] = []
    after = begin
    try:
        for found in sandbox.run(READER, paged.path, order=order, kind=TextFound, limits=LIMITS):
            waiting.append(found)
            after = found.number + 1
            if len(waiting) == AT_ONCE:
                _keep(work, waiting)
                waiting = []
                work.progress(found.number, pages)
                if work.time_is_up:
                    return after
    except NotRead as trouble:
        _keep(work, waiting)
        raise _DiedAt(after, trouble.code) from trouble
    _keep(work, waiting)
    work.progress(after - 1, pages)
    return after


def _keep(work: Work, found: list[TextFound]) -> None:
    """Write the words of some pages, and their text where there is any, in one transaction."""
    rows = [
        Page(blob=work.blob, number=page.number, width=1, height=1, words=pack(page.words), **_how_read(page))
        for page in found
    ]
    texts = {page.number: text_of(page.words) for page in found}
    with work.writing():
        # The rows are there, from the step before; a size is never written here.
        Page.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["blob", "number"],
            update_fields=["words", "text_from", "confidence", "turned"],
        )
        keep_page_texts(work.blob, texts)


def _how_read(page: TextFound) -> dict[str, Any]:
    if page.verdict in TO_READ:
        text_from = Page.TextFrom.UNREAD
    else:
        text_from = Page.TextFrom.FILE if page.words else Page.TextFrom.NONE
    return {"text_from": text_from, "confidence": None, "turned": 0}
