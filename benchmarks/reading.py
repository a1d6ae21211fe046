"""Reading returned files: pages a second against pdfium and tesseract alone, memory, and what a second reader brings.

Every file is made here. What is compared runs on the same files and is counted in the processor's seconds, of this
process and of all that it starts; only the second reader goes by the clock. `BENCH_READING_PAGES` chooses how long the
born-digital file is.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from benchmarks.figures import Figure, peak_memory_mb, processor_seconds, spread_ms
from benchmarks.filling import signed_in  # it sets Django up
from requests_app.documents import services as documents
from requests_app.documents.ingest import running, services
from requests_app.documents.ingest.steps.thumbnails import FIRST_PAGES
from requests_app.documents.models import Document, Page, Step
from requests_app.documents.readers import pdfium
from requests_app.documents.readers.paged import Source
from requests_app.documents.readers.pdf import TextOrder, text
from requests_app.documents.rendering import READING, THUMBNAIL
from requests_app.filing.models import RecordsRequest
from tests.documents.pdf import making

ROOT = Path(__file__).resolve().parent.parent
PAGES = int(os.environ.get("BENCH_READING_PAGES", "300"))
SCANS, FILES, SHORT = 6, 8, int(os.environ.get("BENCH_READING_SHORT", "40"))  # SHORT: pages of each file
LINES = 45  # of type on one page, as a typed report has
MEMORY_MB = 400  # a Celery worker outside OCR
FIRST_PAGE_MS = 300
DPI = 300


def main() -> None:
    """Measure, print as JSON. Leaves the database as full as it was, and some documents."""
    settings.UPLOAD_LIMIT_MB = 500
    with tempfile.TemporaryDirectory(prefix="daylight-bench-", dir=settings.DATA_DIR) as folder:
        settings.STORE_DIR, settings.DERIVED_DIR = f"{folder}/store", f"{folder}/derived"
        _ingest([_write(Path(folder) / "first.pdf", 1, "first")])  # what a reader loads once, when it starts
        figures = [*_born_digital(Path(folder)), *_scans(Path(folder)), *_two_readers()]
    print(json.dumps([figure.plain() for figure in figures]))


def _born_digital(folder: Path) -> list[Figure]:
    path = _write(folder / "born-digital.pdf", PAGES, "one")
    alone = processor_seconds(lambda: _pdfium_alone(path))
    took = processor_seconds(lambda: _ingest([path]))
    assert Page.objects.filter(text_from="file").count() >= PAGES
    rate = f"born-digital pages: {PAGES / took:,.0f} a second of a core; pdfium alone {PAGES / alone:,.0f}"
    return [
        Figure(rate, alone / took, "times", 0.7, more_is_better=True),
        Figure("memory of the reader that read it", peak_memory_mb(), "MB", MEMORY_MB),
        *_seen(Document.objects.get(original_name=path.name)),
    ]


def _seen(document: Document) -> list[Figure]:
    """Return how long somebody waits for pages of that file, as the viewer gives them: the page, then its picture."""
    client = signed_in()
    later = itertools.count(FIRST_PAGES + 1)

    def get(name: str, number: int, *more: int) -> None:
        response = client.get(reverse(f"documents:{name}", args=[document.pk, number, *more]))
        assert response.status_code == 200
        assert b"".join(response)

    def first() -> None:
        get("page", 1)
        get("page-picture", 1, READING)

    seen, own = spread_ms(first)
    drawn, _own = spread_ms(lambda: get("page-picture", next(later), READING), repeats=15)
    took = processor_seconds(lambda: get("page-picture", next(later), READING))
    return [
        Figure("first page and its picture: median", seen.median, "ms", FIRST_PAGE_MS),
        Figure("first page and its picture: 95 of 100", seen.p95, "ms", FIRST_PAGE_MS),
        Figure("first page and its picture: own time", own.median, "ms", FIRST_PAGE_MS),
        Figure("a page that nobody has seen is drawn: median", drawn.median, "ms", FIRST_PAGE_MS),
        Figure("a page that nobody has seen is drawn: processor", 1000 * took, "ms", FIRST_PAGE_MS),
    ]


def _scans(folder: Path) -> list[Figure]:
    picture = making.scan(tuple(making.LINES) * 4, dpi=DPI, height=420)
    path = folder / "scans.pdf"
    whole = making.of_picture(picture, dpi=DPI)
    for number in range(1, SCANS):
        whole.pages.extend(making.of_picture(picture.rotate(0.2 * number, fillcolor=255), dpi=DPI).pages)
    whole.save(path)
    alone = processor_seconds(lambda: _tesseract_alone(path, folder))
    _ingest([path])
    read = Page.objects.filter(text_from="ocr")
    assert read.count() == SCANS
    services.again(read[0].blob, now=datetime.now(UTC), only={"ocr"})
    took = processor_seconds(_read_all)
    return [Figure(f"scans: {SCANS / took:,.2f} a second of a core, to tesseract alone", took / alone, "times", 1.1)]


def _two_readers() -> list[Figure]:
    """Return how much sooner two readers, processes of their own, are through than one."""
    took = []
    for readers in (1, 2):
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
            paths = [_write(Path(folder) / f"{number}.pdf", SHORT, f"{readers}-{number}") for number in range(FILES)]
            _receive(paths)
            took.append(_seconds(lambda count=readers: _let_read(count)))  # type: ignore[misc]
            assert not Step.objects.filter(state__in=["later", "waiting", "running"]).exists()
    return [Figure(f"{FILES} files, two readers to one", took[0] / took[1], "times", 1.6, more_is_better=True)]


def _let_read(readers: int) -> None:
    command = [sys.executable, "-m", "benchmarks.reading", "--read"]
    places = {"STORE_DIR": str(settings.STORE_DIR), "DERIVED_DIR": str(settings.DERIVED_DIR)}
    processes = [subprocess.Popen(command, cwd=ROOT, env={**os.environ, **places}) for _ in range(readers)]
    assert all(process.wait() == 0 for process in processes)


def _ingest(paths: list[Path]) -> None:
    _receive(paths)
    _read_all()


def _read_all() -> None:
    while running.run_next(lambda: datetime.now(UTC)):
        pass


def _receive(paths: list[Path]) -> None:
    request = RecordsRequest.objects.earliest("pk")
    for path in paths:
        documents.receive_file(
            request, [path.read_bytes()], name=path.name, received_on=date(2026, 3, 20), via="reply", by=None,
            now=datetime.now(UTC),
        )  # fmt: skip


def _pdfium_alone(path: Path) -> None:
    """Do what ingest asks of pdfium, and nothing else: words with boxes, a thumbnail, three pages to read."""
    for found in text(path, TextOrder(Source()), path.parent):
        assert found.number
    with pdfium.Pdf(path) as opened:
        for number in range(1, PAGES + 1):
            width, height = opened.size(number)
            opened.image(number, THUMBNAIL, round(THUMBNAIL * height / width))
            if number <= FIRST_PAGES:
                opened.image(number, READING, round(READING * height / width))


def _tesseract_alone(path: Path, folder: Path) -> None:
    with pdfium.Pdf(path) as opened:
        for number in range(1, SCANS + 1):
            width, height = opened.size(number)
            picture = folder / f"{number}.png"
            opened.image(number, round(width * DPI / 72), round(height * DPI / 72), grey=True).save(picture)
            subprocess.run(
                ["tesseract", str(picture), "-", "--dpi", str(DPI), "tsv"],
                env={**os.environ, "OMP_THREAD_LIMIT": "1"}, check=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip


def _write(path: Path, pages: int, mark: str) -> Path:
    contents = (
        making.said(*(f"{mark} {page} {line}: {making.LINES[line % 4]}" for line in range(LINES)), leading=14, y=740)
        for page in range(pages)
    )
    return making.written(making.pdf(*contents), path)


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    if sys.argv[1:] == ["--read"]:
        settings.STORE_DIR, settings.DERIVED_DIR = os.environ["STORE_DIR"], os.environ["DERIVED_DIR"]
        _read_all()
    else:
        main()
