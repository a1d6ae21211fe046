"""Opens photographs and scans, in the process apart: looks at one, draws pages, makes the PDF, finds cover sheets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from requests_app.documents.paper import sheets_of_paper as sheets
from requests_app.documents.paper.places import without_place
from requests_app.documents.paper.references import read_cover
from requests_app.documents.readers.paged import PDF, Source, opened
from requests_app.documents.readers.pictures import Pictures
from requests_app.documents.readers.refusals import Refused

QUALITY: Final = 82  # of the JPEG in the PDF: letters of 8 points stay sharp, and a page is about 600 KB
WEBP: Final = {"quality": 80, "method": 2}
COVER_WIDTH: Final = 1100  # pixels: a module of the printed square is ten of them wide


class LookOrder(msgspec.Struct, frozen=True):
    """The bound on the pixels of a photograph, and how long the longer side of its picture for the screen is."""

    most_pixels: int
    longest: int


class Looked(msgspec.Struct, frozen=True):
    """A photograph, upright: its pixels, the corners of the sheet on it (or nothing), the names of two files."""

    width: int
    height: int
    corners: tuple[float, ...]
    had_place: bool
    kept: str
    shown: str


class PageOrder(msgspec.Struct, frozen=True):
    """How a photograph becomes a page: cut to the corners (none: whole), then turned clockwise. `width`: in pixels."""

    corners: tuple[float, ...]
    turn: int
    width: int


class PageDrawn(msgspec.Struct, frozen=True):
    """The name of a picture in the output folder."""

    name: str


class LetterPage(msgspec.Struct, frozen=True):
    """One page of the PDF: the file of its photograph, and how it becomes a page."""

    path: str
    corners: tuple[float, ...]
    turn: int


class LetterOrder(msgspec.Struct, frozen=True):
    """The pages of a letter, in order."""

    pages: tuple[LetterPage, ...]


class LetterMade(msgspec.Struct, frozen=True):
    """The name of the PDF in the output folder."""

    name: str


class CoversOrder(msgspec.Struct, frozen=True):
    """How the scan is opened, and how many pages it may have."""

    source: Source
    most: int


class CoverFound(msgspec.Struct, frozen=True):
    """A page that is a cover sheet; with number 0 only how many pages there are."""

    number: int
    of: int
    references: tuple[str, ...] = ()


class SplitOrder(msgspec.Struct, frozen=True):
    """Which pages become a PDF of their own: first and last of each."""

    source: Source
    parts: tuple[tuple[int, int], ...]


class PartMade(msgspec.Struct, frozen=True):
    """The name of one part in the output folder, in the order of the parts."""

    name: str


def look(path: Path, order: LookOrder, output: Path) -> Iterator[Looked]:
    """Prove that it is one photograph, take its place out, draw it for the screen and look for the sheet on it.

    Raises Refused: unsupported, damaged, too_large (pixels), too_many (a file of several pages).
    """
    with Pictures(path) as photograph:
        if photograph.count > 1:
            raise Refused("too_many", f"{photograph.count} pages")
        width, height = photograph.pixels(1)
        if width * height > order.most_pixels:
            raise Refused("too_large", f"{width} x {height}")
        if min(width, height) < 100:
            raise Refused("damaged", f"{width} x {height}")
        scale = min(1.0, order.longest / max(width, height))
        shown = photograph.image(1, max(1, round(width * scale)), max(1, round(height * scale)))
    shown.save(output / "shown.webp", "WEBP", **WEBP)
    kept, had_place = without_place(path.read_bytes())
    (output / "kept").write_bytes(kept)
    yield Looked(width, height, sheets.find_sheet(shown) or (), had_place, "kept", "shown.webp")


def page(path: Path, order: PageOrder, output: Path) -> Iterator[PageDrawn]:
    """Draw a photograph as the page that it becomes, for the screen."""
    with Pictures(path) as photograph:
        width, height = photograph.pixels(1)
        picture = photograph.image(1, width, height)
    made = _made(picture, order.corners, order.turn, limit=2 * order.width)
    scale = min(1.0, order.width / made.width)
    size = (max(1, round(made.width * scale)), max(1, round(made.height * scale)))
    made.resize(size, Image.Resampling.LANCZOS).save(output / "page.webp", "WEBP", **WEBP)
    yield PageDrawn("page.webp")


def letter(path: Path, order: LetterOrder, output: Path) -> Iterator[LetterMade]:
    """Write the pages as one PDF: upright, sized like paper, at most 300 dots to the inch, without what cameras note.

    The same pages give the same bytes.
    """
    from pikepdf import Pdf

    with Pdf.new() as pdf:
        for each in order.pages:
            with Pictures(Path(each.path)) as photograph:
                width, height = photograph.pixels(1)
                longest = round(sheets.PAPERS[2][1] * sheets.DPI / 72) * 1.5  # room for a sheet that lies at a slant
                scale = min(1.0, longest / max(width, height)) if not each.corners else 1.0
                picture = photograph.image(1, max(1, round(width * scale)), max(1, round(height * scale)))
            made = _made(picture, each.corners, each.turn, limit=None)
            points = sheets.page_size(*made.size, is_cut=bool(each.corners))
            dots = (round(points[0] * sheets.DPI / 72), round(points[1] * sheets.DPI / 72))
            if made.width > dots[0]:
                made = made.resize(dots, Image.Resampling.LANCZOS)
            written = io.BytesIO()
            made.save(written, "JPEG", quality=QUALITY, optimize=True, dpi=(sheets.DPI, sheets.DPI))
            _add_picture(pdf, made.size, points, "RGB", written.getvalue())
        pdf.save(output / "letter.pdf", deterministic_id=True)
    yield LetterMade("letter.pdf")


def covers(path: Path, order: CoversOrder, output: Path) -> Iterator[CoverFound]:
    """Give each page that bears the square of a cover sheet, and at the end the number of pages.

    Raises Refused: too_many, and whatever opening a file may say.
    """
    import zxingcpp

    with opened(path, order.source) as paged:
        if paged.count > order.most:
            raise Refused("too_many", f"{paged.count} pages")
        for number in range(1, paged.count + 1):
            try:
                width, height = paged.size(number)
                across = COVER_WIDTH if width <= height else round(COVER_WIDTH * width / height)
                drawn = paged.image(number, across, max(1, round(across * height / width)), grey=True)
            except Refused:
                continue  # a page that cannot be drawn is no cover sheet that could be read
            said = zxingcpp.read_barcodes(drawn, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
            found = dict.fromkeys(reference for each in said if (reference := read_cover(each.text)))
            if found:
                yield CoverFound(number, paged.count, tuple(found))
        yield CoverFound(0, paged.count)


def split(path: Path, order: SplitOrder, output: Path) -> Iterator[PartMade]:
    """Write parts of a scan as PDFs of their own: the pages as they are, none drawn anew."""
    from pikepdf import Pdf

    if order.source.form == PDF:
        with Pdf.open(path) as whole:
            for turn, (first, last) in enumerate(order.parts, start=1):
                with Pdf.new() as part:
                    part.pages.extend(whole.pages[first - 1 : last])
                    part.remove_unreferenced_resources()
                    part.save(output / f"{turn}.pdf", deterministic_id=True)
                yield PartMade(f"{turn}.pdf")
        return
    with Pictures(path) as pictures:
        for turn, (first, last) in enumerate(order.parts, start=1):
            with Pdf.new() as part:
                for number in range(first, last + 1):
                    size, mode, written = pictures.encoded(number)
                    _add_picture(part, size, pictures.size(number), mode, written)
                part.save(output / f"{turn}.pdf", deterministic_id=True)
            yield PartMade(f"{turn}.pdf")


def _made(picture: Image.Image, corners: Sequence[float], turn: int, *, limit: int | None) -> Image.Image:
    """Cut and turn. `limit`: the most pixels of the longer side of what is cut; None is those of 300 dots an inch."""
    if corners:
        across, down = sheets.cut_size(picture.size, corners)
        points = sheets.page_size(across, down, is_cut=True)
        # As many pixels as the sheet has on the picture, in the ratio of the paper, but no more than needed.
        wide = max(across, down * points[0] / points[1])
        most = points[0] * sheets.DPI / 72 if limit is None else limit
        wide = max(16.0, min(wide, most))
        picture = sheets.laid_flat(picture, corners, (round(wide), max(16, round(wide * points[1] / points[0]))))
    return picture.rotate(-turn, expand=True) if turn else picture


def _add_picture(pdf: object, size: tuple[int, int], points: tuple[float, float], mode: str, written: bytes) -> None:
    from pikepdf import Array, Dictionary, Name, Page, Pdf, Stream

    assert isinstance(pdf, Pdf)  # noqa: S101  for the type checker: pikepdf is imported only where it is needed
    image = Stream(pdf, written)
    image.Type, image.Subtype = Name.XObject, Name.Image
    image.Width, image.Height = size
    image.ColorSpace = Name.DeviceRGB if mode == "RGB" else Name.DeviceGray
    image.BitsPerComponent = 1 if mode == "1" else 8
    if mode != "1":
        image.Filter = Name.DCTDecode
    width, height = points
    content = Stream(pdf, f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /P Do Q".encode())
    pdf.pages.append(
        Page(
            pdf.make_indirect(
                Dictionary(
                    Type=Name.Page,
                    MediaBox=Array([0, 0, round(width, 2), round(height, 2)]),
                    Resources=Dictionary(XObject=Dictionary(P=image)),
                    Contents=content,
                )
            )
        )
    )
