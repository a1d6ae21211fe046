"""One page's picture, for somebody who waits for it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from requests_app.documents import sandbox
from requests_app.documents import services as documents
from requests_app.documents.derived import Derived, a_folder
from requests_app.documents.models import Blob
from requests_app.documents.readers.paged import PictureMade, PicturesOrder
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.rendering.paged import NoPages, paged_of
from requests_app.documents.sandbox import Limits, NotRead

READER: Final = "requests_app.documents.readers.paged:pictures"
THUMBNAIL: Final = 160  # pixels across
READING: Final = 1600
WIDTHS: Final = (THUMBNAIL, 900, READING, 2400)
LIMITS: Final = Limits(seconds=30, cpu_seconds=30)  # a reader waits; a page that takes longer has no picture
AT_ONCE: Final = threading.BoundedSemaphore(
    2
)  # pictures made at a time by one web process, each by a process of its own


class NoPicture(Exception):
    """This page has no picture. `code`: one of `readers.refusals.CODES` or `sandbox.NotRead`, or no_pages, locked."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The page has no picture: {code}.")
        self.code = code


def picture_name(number: int, width: int) -> str:
    """Return the name of a page's picture among the derivatives."""
    return f"pages/{number}-{width}.webp"


def page_picture(blob: Blob, number: int, *, width: int) -> Path:
    """Return the file of a page's picture (WebP, `width` one of WIDTHS), made now if it is not there yet.

    Kept among the derivatives. Raises NoPicture, and ValueError for another width. Takes about a third of a second for
    a page that nobody has seen.
    """
    if width not in WIDTHS:
        raise ValueError(f"Pictures are {WIDTHS} pixels wide.")
    if blob.is_locked:
        raise NoPicture("locked")
    derived = Derived(blob.pk)
    name = picture_name(number, width)
    final = derived.path(name)
    if final.exists():
        return final
    try:
        paged = paged_of(blob, lambda: documents.the_store().path(blob.pk))
    except NoPages as none:
        raise NoPicture("no_pages") from none
    order = PicturesOrder(paged.source, (number,), (width,))
    with AT_ONCE, a_folder() as folder:
        try:
            for made in sandbox.run(READER, paged.path, order=order, kind=PictureMade, limits=LIMITS, output=folder):
                if made.trouble:
                    raise NoPicture(made.trouble)
                derived.take(folder / made.name, name)
        except Refused as refused:
            raise NoPicture(refused.code) from refused
        except NotRead as trouble:
            raise NoPicture(trouble.code) from trouble
    return final
