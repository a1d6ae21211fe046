"""Files of pages that the tests make themselves, and the reading of one from its receipt to its last step."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from requests_app.documents.ingest import kinds
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Blob, Document
from requests_app.documents.readers import pdfium
from requests_app.documents.readers.paged import Source
from requests_app.documents.readers.pdf import TextFound, TextOrder, text

PLAIN = Source()
LINES = (
    "Dear Ms. Liddell, this letter answers your request of March 3.",
    "The department searched its records and found 137 pages.",
    "Section 10-611 applies to personal identifiers only.",
    "You may appeal within thirty days to the office below.",
)


def pdf(*contents: str | bytes, size: tuple[float, float] = (612, 792), **page_entries: Any) -> pikepdf.Pdf:
    """Return an open PDF with one page for each content stream. Fonts: /F1 Helvetica, /F2 Times."""
    made = pikepdf.new()
    fonts = Dictionary(
        F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding),
        F2=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Times-Roman"), Encoding=Name.WinAnsiEncoding),
    )
    fonts = made.make_indirect(fonts)
    for content in contents:
        made.add_blank_page(page_size=size)
        page = made.pages[-1]
        page.obj["/Resources"] = Dictionary(Font=fonts)
        page.obj["/Contents"] = made.make_stream(content if isinstance(content, bytes) else content.encode("cp1252"))
        for key, value in page_entries.items():
            page.obj[f"/{key}"] = value
    return made


def said(*lines: str, x: float = 72, y: float = 700, font_size: float = 12, leading: float = 16) -> str:
    """Return a content stream that writes these lines, the first at x, y (from the bottom left)."""
    escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    body = " ".join(f"({line}) Tj T*" for line in escaped)
    return f"BT /F1 {font_size} Tf {leading} TL {x} {y} Td {body} ET"


def written(made: pikepdf.Pdf, path: Path, **options: Any) -> Path:
    """Save it."""
    made.save(path, **options)
    return path


def as_bytes(made: pikepdf.Pdf, **options: Any) -> bytes:
    """Return the file."""
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


@cache
def scan(lines: tuple[str, ...] = LINES, *, dpi: int = 150, height: float = 180) -> Image.Image:
    """Return a grey picture of lines of type, such as a scanner makes of a short letter: 460 points wide."""
    page = said(*lines, x=36, y=height - 40, font_size=13, leading=24)
    made = io.BytesIO()
    pdf(page, size=(460, height)).save(made)
    name = Path(__file__).with_name(".scan.pdf")
    try:
        name.write_bytes(made.getvalue())
        with pdfium.Pdf(name) as opened:
            return opened.image(1, round(460 * dpi / 72), round(height * dpi / 72), grey=True)
    finally:
        name.unlink(missing_ok=True)


def of_picture(picture: Image.Image, *, dpi: int = 150, over: str = "") -> pikepdf.Pdf:
    """Return a PDF whose only page is that picture, with a content stream over it."""
    width, height = picture.width * 72 / dpi, picture.height * 72 / dpi
    made = pdf(f"q {width} 0 0 {height} 0 0 cm /Im Do Q {over}", size=(width, height))
    image = pikepdf.Stream(made, picture.convert("L").tobytes())
    for name, value in {
        "/Type": Name.XObject, "/Subtype": Name.Image, "/Width": picture.width, "/Height": picture.height,
        "/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8,
    }.items():  # fmt: skip
        image[name] = value
    made.pages[0].obj["/Resources"]["/XObject"] = Dictionary(Im=image)
    return made


def read(path: Path, **order: Any) -> list[TextFound]:
    """Read the words of every page, in this process."""
    return list(text(path, TextOrder(order.pop("source", PLAIN), **order), path.parent))


def work_on(blob: Blob, path: Path, folder: Path, **more: Any) -> Work:
    """Return what a step gets, for a step that is run by itself."""
    folder.mkdir(exist_ok=True)
    return Work(
        blob=blob, folder=folder, original=lambda: path, renew=more.pop("renew", lambda done, of: None),
        slice_ends=more.pop("slice_ends", time.monotonic() + 600), results={}, earlier=more.pop("earlier", {}),
    )  # fmt: skip


def run_steps(document: Document, path: Path, folder: Path, names: Iterable[str]) -> dict[str, Outcome]:
    """Run these steps one after another on a received document; return how each ended."""
    return {name: kinds.BY_NAME[name].run(work_on(document.blob, path, folder)) for name in names}


def box(*numbers: float) -> Array:
    """Return a rectangle."""
    return Array(list(numbers))
