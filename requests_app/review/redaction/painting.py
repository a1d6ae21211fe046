"""Writes a copy of a file of pages in which what is covered is gone, not hidden. Runs in the sandbox; knows no Django.

1. Draw each page as a picture: from here on there is no layer, no note and no form that could hold anything.
2. Paint the boxes black in that picture, a little larger than they were drawn.
3. Read the words from the painted picture (OCR). Nothing but what a person can see in the copy becomes its text, so
   text that somebody hid, or covered badly before it came to us, cannot get into it either.
4. Write the pictures and their words as a new PDF that holds nothing else. `redaction.proving` looks at it afterwards.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pikepdf
from pikepdf import Name
from PIL import Image, ImageDraw

from requests_app.documents.readers.ocr import read_picture, usable
from requests_app.documents.readers.paged import Paged, Source, opened
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.searchable import Fonts, Layer, lay_over
from requests_app.review.redaction.covering import Box, uncovered

NAME: Final = "redacted.pdf"
READ_AT: Final = 300  # dots to the inch of the picture that is painted and read
KEPT_AT: Final = 200  # of the picture that is kept: a page of 11 inches is 2200 pixels high
MOST_PIXELS: Final = 40_000_000  # of the picture that is painted; a larger page is drawn coarser
MARGIN: Final = 1.0  # points by which every box is painted larger, on each side: edges of letters are soft
LEAST: Final = 1.0  # points: a box thinner than that covers nothing, and was a slip of the hand
QUALITY: Final = 80
COLOURED: Final = 24  # of 255: what is less saturated everywhere is kept as grey


class PaintOrder(msgspec.Struct, frozen=True):
    """Which pages go into the copy, in this order, and what is covered on each (by its number in the original).

    `languages`: tesseract's, to read the painted pages with; without any the copy has no text.
    """

    source: Source
    numbers: tuple[int, ...]
    boxes: dict[int, list[Box]]
    languages: tuple[str, ...] = ()


class Painted(msgspec.Struct, frozen=True):
    """A page of the copy that is done, made of page `of_page`. With the last one comes the name of the copy."""

    number: int
    of_page: int
    words: int
    name: str = ""


def paint(path: Path, order: PaintOrder, output: Path) -> Iterator[Painted]:
    """Write the copy into the output folder. Raises Refused: password, damaged, too_large, missing_program.

    A page that cannot be drawn ends it: a copy with a page missing would say less than whoever made it thinks.
    """
    languages = usable(order.languages) if order.languages else ""
    last = len(order.numbers)
    with opened(path, order.source) as paged, pikepdf.new() as pdf:
        if not last or any(not 1 <= number <= paged.count for number in order.numbers):
            raise Refused("damaged", "pages that the file has not")
        fonts = Fonts(pdf)
        for at, number in enumerate(order.numbers, 1):
            size = paged.size(number)
            boxes = order.boxes.get(number, [])
            picture = _drawn(paged, number, boxes)
            found = read_picture(picture.convert("L"), size, languages) if languages else None
            words = (
                uncovered(found.words, boxes) if found else []
            )  # OCR takes the edge of a box for a sign now and then
            _add(pdf, size, picture, Layer(*size, found.turned if found else 0, words), fonts)
            if at == last:
                fonts.write()
                pdf.save(output / NAME, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            yield Painted(at, number, len(words), NAME if at == last else "")


def in_pixels(box: Box, page: tuple[float, float], pixels: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a box in whole pixels (left, top, right, bottom; the last ones are painted, too), with its margin.

    Raises Refused for a box that covers nothing: whoever drew it thinks that it does.
    """
    left, right = sorted((box.left, box.right))
    top, bottom = sorted((box.top, box.bottom))
    if not (
        right - left >= LEAST and bottom - top >= LEAST and left < page[0] and top < page[1] and right > 0 < bottom
    ):
        raise Refused("damaged", "a box covers nothing")
    across, down = pixels[0] / page[0], pixels[1] / page[1]
    return (
        max(0, int((left - MARGIN) * across)),
        max(0, int((top - MARGIN) * down)),
        min(pixels[0] - 1, int((right + MARGIN) * across) + 1),
        min(pixels[1] - 1, int((bottom + MARGIN) * down) + 1),
    )


def pixels_of(page: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Return how many pixels a page (points) has at that resolution, or at the finest that stays within bounds."""
    dpi = min(dpi, 72 * (MOST_PIXELS / (page[0] * page[1])) ** 0.5)
    return max(1, round(page[0] * dpi / 72)), max(1, round(page[1] * dpi / 72))


def _drawn(paged: Paged, number: int, boxes: list[Box]) -> Image.Image:
    page = paged.size(number)
    picture = paged.image(number, *pixels_of(page, READ_AT)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        draw.rectangle(in_pixels(box, page, picture.size), fill=(0, 0, 0))
    return picture


def _add(pdf: pikepdf.Pdf, size: tuple[float, float], picture: Image.Image, layer: Layer, fonts: Fonts) -> None:
    pdf.add_blank_page(page_size=size)
    page = pdf.pages[-1]
    # Made smaller only now: what is black stays black inside, and no colour of what was underneath is left to mix in.
    kept = picture.resize(pixels_of(size, KEPT_AT), Image.Resampling.LANCZOS, reducing_gap=3.0)
    name = page.add_resource(_as_stream(pdf, kept), Name.XObject, prefix="Page")
    page.contents_add(pdf.make_stream(f"q {size[0]:.3f} 0 0 {size[1]:.3f} 0 0 cm {name} Do Q".encode()))
    if layer.words:
        lay_over(pdf, page, layer, fonts)


def _as_stream(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Stream:
    """Return the picture for the PDF, newly encoded: it holds pixels and no other data."""
    drawn = picture if _has_colour(picture) else picture.convert("L")
    encoded = io.BytesIO()
    drawn.save(encoded, "JPEG", quality=QUALITY)
    stream = pikepdf.Stream(pdf, encoded.getvalue())
    for name, value in {
        "/Type": Name.XObject, "/Subtype": Name.Image, "/Width": drawn.width, "/Height": drawn.height,
        "/ColorSpace": Name.DeviceRGB if drawn.mode == "RGB" else Name.DeviceGray, "/BitsPerComponent": 8,
        "/Filter": Name.DCTDecode,
    }.items():  # fmt: skip
        stream[name] = value
    return stream


def _has_colour(picture: Image.Image) -> bool:
    small = picture.reduce(4) if min(picture.size) > 4 else picture
    _least, most = small.convert("HSV").getchannel("S").getextrema()
    return most > COLOURED  # type: ignore[operator]  # one channel has one pair
