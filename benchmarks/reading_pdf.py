"""Reading pages: born-digital PDFs against pdfium alone, scans against tesseract alone, on the same pages.

Times are the processor's, of this process and of those it starts, so that others on the machine do not count; what a
person waits for is taken by the clock.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name

from benchmarks.figures import Figure, processor_seconds
from requests_app.documents import sandbox
from requests_app.documents.pagewords import pack, text_of
from requests_app.documents.readers.ocr import DPI, OcrFound, OcrOrder
from requests_app.documents.readers.paged import PictureMade, PicturesOrder, Source
from requests_app.documents.readers.pdf import TextFound, TextOrder
from requests_app.documents.sandbox import Limits

PAGES = 300
SCANS = 2
MANY = 3000
READING = 1600  # pixels across
WORDS = "the department searched its records of queries and found pages that respond to your request".split()  # noqa: SIM905
LIMITS = Limits(seconds=600, cpu_seconds=600, memory=2048 * 1024 * 1024)

Found = TypeVar("Found")


def main() -> None:
    """Measure and print the figures for `benchmarks`."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # tesseract alone as it runs in the sandbox
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as name:
        folder = Path(name)
        figures = [*born_digital(folder), *waiting(folder), *scans(folder), *memory(folder)]
    json.dump([figure.plain() for figure in figures], sys.stdout)


def letter(pages: int, to: Path) -> Path:
    """Write a PDF of pages with 45 lines of twelve words."""
    made = pikepdf.new()
    font = made.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    for page in range(pages):
        lines = [" ".join(WORDS[(page + row + at) % len(WORDS)] for at in range(12)) for row in range(45)]
        body = " ".join(f"({line}) Tj T*" for line in lines)
        made.add_blank_page(page_size=(612, 792))
        made.pages[-1].obj["/Resources"] = Dictionary(Font=Dictionary(F1=font))
        made.pages[-1].obj["/Contents"] = made.make_stream(f"BT /F1 11 Tf 15 TL 50 740 Td {body} ET".encode())
    made.save(to)
    return to


def born_digital(folder: Path) -> list[Figure]:
    """Text, boxes and thumbnails of every page as the steps take them, against pdfium alone."""
    path = letter(PAGES, folder / "letter.pdf")
    ours = processor_seconds(lambda: _ingest(path, folder))
    alone = processor_seconds(lambda: _pdfium_alone(path, READING))
    text = processor_seconds(lambda: _words(path))
    return [
        Figure("pages/s, text, boxes, thumbnails", PAGES / ours, "pages/s", 0.7 * PAGES / alone, more_is_better=True),
        Figure("of these, text and boxes alone", PAGES / text, "pages/s", 0.7 * PAGES / alone, more_is_better=True),
    ]


def waiting(folder: Path) -> list[Figure]:
    """How long somebody waits for a page that nobody has seen."""
    path = letter(1, folder / "one.pdf")
    order = PicturesOrder(Source(), (1,), (READING,))

    def draw() -> None:
        list(_run("paged:pictures", path, order, PictureMade, folder))

    draw()
    times = []
    for _repeat in range(9):
        start = time.perf_counter()
        draw()
        times.append((time.perf_counter() - start) * 1000)
    return [Figure("picture of a page drawn when asked for", statistics.median(times), "ms", 300)]


def scans(folder: Path) -> list[Figure]:
    """OCR in the sandbox, from the PDF to the words, against tesseract on pictures that are there already."""
    path = letter(SCANS, folder / "scans.pdf")
    pictures = []
    with pypdfium2.PdfDocument(path) as pdf:
        for number, page in enumerate(pdf):
            pictures.append(folder / f"scan-{number}.png")
            page.render(scale=DPI / 72, grayscale=True).to_pil().save(pictures[-1])

    def alone() -> None:
        for picture in pictures:
            subprocess.run(["tesseract", picture, "stdout", "-l", "eng", "tsv"], check=True, capture_output=True)

    order = OcrOrder(Source(), tuple(range(1, SCANS + 1)), ("eng",))
    ours = processor_seconds(lambda: list(_run("ocr:ocr", path, order, OcrFound, folder)))
    return [Figure("OCR of a page", ours / SCANS, "s", 1.1 * processor_seconds(alone) / SCANS)]


def memory(folder: Path) -> list[Figure]:
    """The largest process that read thousands of pages, and then a page by OCR was among them: tesseract counts."""
    path = letter(MANY, folder / "many.pdf")
    child = "import sys; from benchmarks import reading_pdf as r; from pathlib import Path; r.peak(Path(sys.argv[1]))"
    said = subprocess.run([sys.executable, "-c", child, str(path)], check=True, capture_output=True).stdout
    return [Figure(f"memory of the reader of {MANY:,} pages", float(said), "MB", 400)]


def peak(path: Path) -> None:
    """Print the largest child's memory in MB after the words of all pages were read."""
    for _page in _run("pdf:text", path, TextOrder(Source()), TextFound, path.parent):
        pass
    sandbox.READY.close()  # its readings are counted when it has ended
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def _ingest(path: Path, folder: Path) -> None:
    _words(path)
    numbers = tuple(range(1, PAGES + 1))
    list(_run("paged:pictures", path, PicturesOrder(Source(), numbers, (160,)), PictureMade, folder))
    list(_run("paged:pictures", path, PicturesOrder(Source(), numbers[:3], (READING,)), PictureMade, folder))


def _words(path: Path) -> None:
    for page in _run("pdf:text", path, TextOrder(Source()), TextFound, path.parent):
        pack(page.words)
        text_of(page.words)


def _pdfium_alone(path: Path, width: int) -> None:
    with pypdfium2.PdfDocument(path) as pdf:
        for page in pdf:
            page.get_textpage().get_text_range()
            page.render(scale=width / page.get_width())


def _run(reader: str, path: Path, order: msgspec.Struct, kind: type[Found], folder: Path) -> Iterator[Found]:
    return sandbox.run(
        f"requests_app.documents.readers.{reader}", path, order=order, kind=kind, limits=LIMITS, output=folder
    )


if __name__ == "__main__":
    main()
