"""Pages: how many there are, how large each is, and what the file itself calls it.

1. Ask the reader for the size of each page; keep a row for each, a few hundred at a time.
2. A PDF that cannot be opened, or some of whose pages cannot, is repaired into a derivative. What then opens better is
   what is shown from now on. The original is never changed.
3. Rows of pages that are no more are deleted.

Quick, even for thousands of pages, so that people can leaf through a file long before its text is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings

from requests_app.documents import sandbox
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Page, Passage
from requests_app.documents.readers.mending import Mended, MendOrder
from requests_app.documents.readers.paged import SizeFound, SizesOrder
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.rendering.paged import REPAIRED, NoPages, PagedFile, paged_of
from requests_app.documents.sandbox import Limits, NotRead

SIZES: Final = "requests_app.documents.readers.paged:sizes"
MENDED: Final = "requests_app.documents.readers.mending:mended"
LIMITS: Final = Limits(seconds=240, cpu_seconds=240)
AT_ONCE: Final = 500  # rows in one transaction


def step(work: Work) -> Outcome:
    """Write a row for each page. Result: pages, how many of them are broken, whether the file was repaired."""
    try:
        paged = paged_of(work.blob, work.original)
    except NoPages:
        return Outcome.not_needed("not_converted")
    can_be_mended = work.blob.kind == "pdf" and paged.path.name != REPAIRED
    try:
        count, broken = _write(work, paged)
    except (Refused, NotRead) as trouble:
        if not can_be_mended or trouble.code not in ("damaged", "died"):
            raise
        if not _mend(work, paged):
            return Outcome.failed("damaged")
        count, broken = _write(work, paged_of(work.blob, work.original))
        return _done(work, count, broken, repaired=True)
    if broken and can_be_mended and _mend(work, paged):
        count, broken = _write(work, paged_of(work.blob, work.original))
        return _done(work, count, broken, repaired=True)
    return _done(work, count, broken, repaired=paged.path.name == REPAIRED)


def _done(work: Work, count: int, broken: int, *, repaired: bool) -> Outcome:
    with work.writing():
        Page.objects.filter(blob=work.blob, number__gt=count).delete()
        Passage.objects.filter(blob=work.blob, kind=Passage.Kind.PAGE, place__gt=count).delete()
    return Outcome.done(pages=count, broken=broken, repaired=repaired)


def _write(work: Work, paged: PagedFile) -> tuple[int, int]:
    """Write the rows; return how many pages there are, and how many of them cannot be opened."""
    order = SizesOrder(paged.source, settings.MOST_PAGES)
    waiting: list[Page] = []
    of = broken = 0
    for found in sandbox.run(SIZES, paged.path, order=order, kind=SizeFound, limits=LIMITS):
        of = found.of
        broken += bool(found.trouble)
        waiting.append(
            Page(blob=work.blob, number=found.number, width=found.width, height=found.height, label=found.label)
        )
        if len(waiting) == AT_ONCE:
            _keep(work, waiting)
            work.progress(found.number, of)
            waiting = []
    _keep(work, waiting)
    work.progress(of, of)
    return of, broken


def _keep(work: Work, pages: list[Page]) -> None:
    with work.writing():
        Page.objects.bulk_create(
            pages,
            update_conflicts=True,
            unique_fields=["blob", "number"],
            update_fields=["width", "height", "label"],  # what was read from the page is the next steps'
        )


def _mend(work: Work, paged: PagedFile) -> bool:
    """Try to repair a PDF into a derivative. Returns whether there is one now, of which a page can be opened."""
    try:
        for mended in sandbox.run(
            MENDED, paged.path, order=MendOrder(paged.source), kind=Mended, limits=LIMITS, output=work.folder
        ):
            if mended.opens == 0:
                return False
            _take(work, work.folder / mended.name)
            return True
    except (Refused, NotRead):
        return False
    return False


def _take(work: Work, made: Path) -> None:
    with work.derived.making(REPAIRED) as making:
        made.replace(making)
