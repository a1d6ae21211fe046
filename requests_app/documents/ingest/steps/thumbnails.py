"""Thumbnails: a small picture of every page, and the first pages at reading size, before anybody asks.

1. Draw the first pages as they are read: whoever opens the file sees one at once.
2. Draw every page small, some hundred to a process. What is there already is not drawn again.

Later pages at reading size are drawn when somebody turns to them (`rendering.page_picture`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from requests_app.documents import sandbox
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Page
from requests_app.documents.readers.paged import PictureMade, PicturesOrder
from requests_app.documents.rendering.paged import NoPages, PagedFile, paged_of
from requests_app.documents.rendering.pictures import READER, READING, THUMBNAIL, picture_name
from requests_app.documents.sandbox import Limits, NotRead

FIRST_PAGES: Final = 3  # at reading size
AT_ONCE: Final = 100  # pages to one process
LIMITS: Final = Limits(seconds=120, cpu_seconds=120)
MOST_BROKEN: Final = 5  # pages that killed the reader; with more, the rest is drawn when asked for


def step(work: Work) -> Outcome:
    """Draw the pictures. Result: pages, and how many of them could not be drawn."""
    pages = Page.objects.filter(blob=work.blob).count()
    if not pages:
        return Outcome.not_needed("no_pages")
    try:
        paged = paged_of(work.blob, work.original)
    except NoPages:
        return Outcome.not_needed("not_converted")
    broken: set[int] = set(work.earlier.get("broken", []))
    begin = int(work.earlier.get("next", 1))
    if begin == 1:
        broken |= _draw(work, paged, range(1, min(FIRST_PAGES, pages) + 1), READING)
    for first in range(begin, pages + 1, AT_ONCE):
        if first > begin and work.time_is_up:
            return Outcome.more(next=first, broken=sorted(broken))
        numbers = [number for number in range(first, min(first + AT_ONCE, pages + 1)) if number not in broken]
        broken |= _draw(work, paged, numbers, THUMBNAIL)
        work.progress(min(first + AT_ONCE - 1, pages), pages)
        if len(broken) > MOST_BROKEN:
            break
    return Outcome.done(pages=pages, broken=len(broken))


def _draw(work: Work, paged: PagedFile, numbers: Iterable[int], width: int) -> set[int]:
    """Draw these pages and keep the pictures. Returns the pages that could not be drawn."""
    wanted = [number for number in numbers if not work.derived.path(picture_name(number, width)).exists()]
    broken: set[int] = set()
    while wanted:
        made = list(_made(work, paged, wanted, width, broken))
        if len(made) == len(wanted):
            break
        # The reader died at the page after those it gave; the others are drawn without it.
        broken.add(wanted[len(made)])
        wanted = wanted[len(made) + 1 :]
        if len(broken) > MOST_BROKEN:
            break
    return broken


def _made(work: Work, paged: PagedFile, wanted: list[int], width: int, broken: set[int]) -> Iterator[int]:
    order = PicturesOrder(paged.source, tuple(wanted), (width,))
    try:
        for made in sandbox.run(READER, paged.path, order=order, kind=PictureMade, limits=LIMITS, output=work.folder):
            if made.trouble:
                broken.add(made.number)
            else:
                work.derived.take(work.folder / made.name, picture_name(made.number, width))
            yield made.number
    except NotRead:
        return
