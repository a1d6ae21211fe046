"""OCR: the pages that the text step left unread are read from their pictures, and a searchable copy is made.

1. Go on at the page where the last part of this step ended.
2. Read the pages one after another; keep each as soon as it is read, for a page takes seconds.
3. A page whose picture gives no words keeps what the file says of it, unless that was garbage.
4. At the end, write the searchable copy: the pages as they are, with the words that were read, unseen, over them.

Only pages without a text of their own are read: it takes a thousand times as long as taking the text out of the file.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db.models import Avg, Q, QuerySet

from requests_app.documents import sandbox
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Page
from requests_app.documents.pagetexts import keep_page_texts
from requests_app.documents.pagewords import pack, text_of, unpack
from requests_app.documents.readers.judging import is_garbage
from requests_app.documents.readers.ocr import OcrFound, OcrOrder
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.rendering.paged import NoPages, PagedFile, paged_of
from requests_app.documents.rendering.searchable import make_searchable
from requests_app.documents.sandbox import Limits, NotRead
from requests_app.documents.sandbox.limits import MEGABYTE

READER: Final = "requests_app.documents.readers.ocr:ocr"
# Each page has a bound of its own inside; the processor time is that of the reader without tesseract.
LIMITS: Final = Limits(seconds=600, cpu_seconds=600, memory=2048 * MEGABYTE)
A_SLICE: Final = 40  # pages to one process: more than it reads in the time of one part
MOST_PASSED_OVER: Final = 20


def step(work: Work) -> Outcome:
    """Read the pages. Result: read, how many; confidence; passed_over; searchable: whether there is a copy."""
    passed_over: list[int] = list(work.earlier.get("passed_over", []))
    begin, done = int(work.earlier.get("next", 1)), int(work.earlier.get("done", 0))
    waiting = list(_to_read(work).filter(number__gte=begin).values_list("number", flat=True))
    if not waiting and not done:
        return Outcome.not_needed("has_text")
    try:
        paged = paged_of(work.blob, work.original)
    except NoPages:
        return Outcome.not_needed("not_converted")
    of = done + len(waiting)
    while waiting:
        some, died = waiting[:A_SLICE], ""
        try:
            read = _read(work, paged, some, done, of)
        except _Died as trouble:
            read, died = trouble.read + 1, trouble.code
            passed_over.append(some[trouble.read])
            _keep(work, OcrFound(some[trouble.read], []))
        done, waiting = done + read, waiting[read:]
        if len(passed_over) > MOST_PASSED_OVER:
            return Outcome.failed(died, done=done, passed_over=passed_over)
        if waiting and work.time_is_up:
            return Outcome.more(next=waiting[0], done=done, passed_over=passed_over)
    return _finished(work, paged, passed_over)


class _Died(Exception):
    """The reader gave no answer after it had read so many pages."""

    def __init__(self, read: int, code: str) -> None:
        super().__init__(read)
        self.read = read
        self.code = code


def _to_read(work: Work) -> QuerySet[Page]:
    """Return the pages without a text of their own: those never read, and those that OCR read before."""
    read_before = Q(text_from=Page.TextFrom.OCR) | Q(text_from=Page.TextFrom.NONE, confidence__isnull=False)
    return Page.objects.filter(read_before | Q(text_from=Page.TextFrom.UNREAD), blob=work.blob).order_by("number")


def _read(work: Work, paged: PagedFile, numbers: list[int], done: int, of: int) -> int:
    """Read these pages until the time is up. Returns how many were read. Raises _Died."""
    read = 0
    order = OcrOrder(paged.source, tuple(numbers), tuple(settings.OCR_LANGUAGES))
    try:
        for found in sandbox.run(READER, paged.path, order=order, kind=OcrFound, limits=LIMITS):
            _keep(work, found)
            read += 1
            work.progress(done + read, of)
            if work.time_is_up:
                break
    except NotRead as trouble:
        if read == len(numbers):
            return read
        raise _Died(read, trouble.code) from trouble
    return read


def _keep(work: Work, found: OcrFound) -> None:
    """Write what was read of one page."""
    place = found.number
    with work.writing():
        page = Page.objects.get(blob=work.blob, number=place)
        words = found.words
        if not words and page.text_from == Page.TextFrom.UNREAD:
            old = unpack(page.words)
            words = [] if is_garbage([word.text for word in old]) else old
        read = Page.TextFrom.OCR if found.words else Page.TextFrom.FILE if words else Page.TextFrom.NONE
        Page.objects.filter(pk=page.pk).update(
            words=pack(words), text_from=read, confidence=None if read == Page.TextFrom.FILE else found.confidence,
            turned=found.turned,
        )  # fmt: skip
        keep_page_texts(work.blob, {place: text_of(words)})


def _finished(work: Work, paged: PagedFile, passed_over: list[int]) -> Outcome:
    read = Page.objects.filter(blob=work.blob, text_from=Page.TextFrom.OCR)
    said = read.aggregate(mean=Avg("confidence"))
    count = read.count()
    searchable = ""
    if count:
        try:
            make_searchable(work.blob, paged, work.folder)
            searchable = "made"
        except (Refused, NotRead) as trouble:  # the words are there and are found all the same
            searchable = trouble.code
    return Outcome.done(
        read=count, confidence=round(said["mean"] or 0.0, 1), passed_over=passed_over, searchable=searchable
    )
