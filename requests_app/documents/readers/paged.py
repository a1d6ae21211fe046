"""Whatever is shown page by page, read alike: a PDF through pdfium, pictures through Pillow.

The readers of this module give the sizes of the pages and their pictures. Only what one order needs is imported, since
a reader of a page waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from requests_app.documents.readers.refusals import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

# What is imported when it is needed and nearly always is: the process that stands ready has it (`sandbox.child.load`).
WITH_IT: Final = (
    "requests_app.documents.readers.pdfium",
    *(f"PIL.{form}ImagePlugin" for form in ("Bmp", "Gif", "Jpeg", "Png", "Ppm", "WebP")),
)
PDF: Final = "pdf"
PICTURE: Final = "picture"
HIGHEST: Final = 16_000  # pixels of a picture's longer side: WebP ends at 16,383
QUALITY: Final = 80
# How hard WebP tries, 0 to 6. A page of text at 1600 pixels took 50, 62 and 152 ms at 0, 2 and 4, for 40, 31 and 30 KB.
EFFORT: Final = 2


class Source(msgspec.Struct, frozen=True):
    """How the file is opened: as PDF or PICTURE, and with which passwords."""

    form: str = PDF
    passwords: tuple[str, ...] = ()


class Paged(Protocol):
    """An open file of pages, numbered from 1. Sizes are in points, as shown."""

    @property
    def count(self) -> int:
        """How many pages it has."""
        ...

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page, in points. Raises Refused."""
        ...

    def label(self, number: int) -> str:
        """The file's own number of the page, or nothing."""
        ...

    def image(self, number: int, width: int, height: int, *, grey: bool = False) -> Image:
        """Draw a page in so many pixels. Raises Refused."""
        ...


class SizesOrder(msgspec.Struct, frozen=True):
    """Which pages: from `first` on. More than `most` are refused."""

    source: Source
    most: int
    first: int = 1


class SizeFound(msgspec.Struct, frozen=True):
    """One page: its size in points as shown. `trouble`: the page is there, but cannot be opened."""

    number: int
    of: int
    width: float
    height: float
    label: str = ""
    trouble: str = ""


class PicturesOrder(msgspec.Struct, frozen=True):
    """Which pages to draw (every one of `numbers`, and no other), each in all these widths (pixels)."""

    source: Source
    numbers: tuple[int, ...]
    widths: tuple[int, ...]


class PictureMade(msgspec.Struct, frozen=True):
    """A picture in the output folder. `trouble`: this page could not be drawn, and there is no file."""

    number: int
    width: int
    name: str
    trouble: str = ""


LETTER: Final = (612.0, 792.0)  # points of a page whose size cannot be told


def opened(path: Path, source: Source) -> AbstractContextManager[Paged]:
    """Open a file of pages. Raises Refused."""
    if source.form == PICTURE:
        from requests_app.documents.readers.pictures import Pictures

        return Pictures(path)
    from requests_app.documents.readers.pdfium import Pdf

    return Pdf(path, source.passwords)


def sizes(path: Path, order: SizesOrder, output: Path) -> Iterator[SizeFound]:
    """Give the size and label of each page. Raises Refused: password, damaged, too_many, too_large, unsupported."""
    with opened(path, order.source) as paged:
        of = paged.count
        if of > order.most:
            raise Refused("too_many", f"{of} pages")
        for number in range(order.first, of + 1):
            try:
                width, height = paged.size(number)
            except Refused as refused:
                yield SizeFound(number, of, *LETTER, trouble=refused.code)
            else:
                yield SizeFound(number, of, width, height, paged.label(number))


def pictures(path: Path, order: PicturesOrder, output: Path) -> Iterator[PictureMade]:
    """Draw pages as WebP. A page that cannot be drawn does not keep the others from it."""
    with opened(path, order.source) as paged:
        for number in order.numbers:
            for width in order.widths:
                name = f"{number}-{width}.webp"
                try:
                    draw(paged, number, width, output / name)
                except Refused as refused:
                    yield PictureMade(number, width, "", refused.code)
                else:
                    yield PictureMade(number, width, name)


def draw(paged: Paged, number: int, width: int, to: Path) -> None:
    """Write one page as WebP of that width; a page far higher than wide is drawn narrower. Raises Refused."""
    if not 1 <= number <= paged.count:
        raise Refused("damaged", f"no page {number}")
    of_width, of_height = paged.size(number)
    across, down = fitted(of_width, of_height, width)
    paged.image(number, across, down).save(to, "WEBP", quality=QUALITY, method=EFFORT)


def fitted(width: float, height: float, across: int, highest: int = HIGHEST) -> tuple[int, int]:
    """Return the pixels of a picture `across` wide, or less, so that its height stays below `highest`."""
    if height * across > highest * width:
        across = max(1, int(highest * width / height))
        return across, highest
    return across, max(1, round(height * across / width))
