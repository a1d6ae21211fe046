"""A file of pages through its steps: sizes, text, pictures, and what OCR reads."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from requests_app.documents import rendering
from requests_app.documents.derived import Derived
from requests_app.documents.ingest import kinds
from requests_app.documents.models import Document, Page, Passage
from requests_app.documents.pagewords import unpack
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.rendering import NoPicture, page_picture, picture_name
from requests_app.documents.rendering.searchable import searchable_copy
from tests.documents.pdf.conftest import Receive
from tests.documents.pdf.making import LINES, as_bytes, of_picture, pdf, read, run_steps, said, scan, work_on

pytestmark = pytest.mark.processes

MIXED = (said(*LINES), said("page two"), "", said("page four"))


def kept(document: Document, content: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "original"
    path.write_bytes(content)
    return path


def texts(document: Document) -> dict[int, str]:
    return dict(Passage.objects.filter(blob=document.blob, kind="page").values_list("place", "text"))


def rows(document: Document) -> list[tuple[Any, ...]]:
    return list(
        Page.objects.filter(blob=document.blob).order_by("number").values_list("number", "width", "text_from", "words")
    )


def test_a_born_digital_file_is_read_without_ocr(receive: Receive, tmp_path: Path) -> None:
    content = as_bytes(pdf(*MIXED))
    document = receive(content, "letter.pdf")
    path = kept(document, content, tmp_path)
    outcomes = run_steps(document, path, tmp_path / "work", ["pages", "text", "ocr", "thumbnails"])
    assert outcomes["pages"].result == {"pages": 4, "broken": 0, "repaired": False}
    assert outcomes["text"].result == {"pages": 4, "to_read": 0, "passed_over": []}
    assert outcomes["ocr"].state == "not_needed"
    assert texts(document) == {1: "\n".join(LINES), 2: "page two", 4: "page four"}
    assert [row[2] for row in rows(document)] == ["file", "file", "none", "file"]
    derived = Derived(document.blob_id)
    assert all(derived.path(picture_name(number, 160)).exists() for number in range(1, 5))
    assert derived.path(picture_name(1, 1600)).exists()


def test_steps_that_run_again_change_nothing(receive: Receive, tmp_path: Path) -> None:
    content = as_bytes(pdf(*MIXED))
    document = receive(content, "letter.pdf")
    path = kept(document, content, tmp_path)
    run_steps(document, path, tmp_path / "work", ["pages", "text"])
    before = rows(document), list(Passage.objects.values_list("pk", "text"))
    run_steps(document, path, tmp_path / "work", ["pages", "text"])
    assert (rows(document), list(Passage.objects.values_list("pk", "text"))) == before


@pytest.mark.parametrize("name", ["text", "thumbnails"])
def test_a_step_goes_on_where_its_time_was_up(
    receive: Receive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    content = as_bytes(pdf(*(said(f"page {number}") for number in range(1, 6))))
    document = receive(content, "five.pdf")
    path = kept(document, content, tmp_path)
    run_steps(document, path, tmp_path / "work", ["pages"])
    monkeypatch.setattr(f"requests_app.documents.ingest.steps.{name}.AT_ONCE", 2)
    parts = []
    earlier: dict[str, Any] = {}
    for _part in range(9):
        work = work_on(document.blob, path, tmp_path / "work", slice_ends=time.monotonic(), earlier=earlier)
        outcome = kinds.BY_NAME[name].run(work)
        parts.append(outcome.state)
        earlier = outcome.result
        if outcome.state == "done":
            break
    assert parts == ["more", "more", "done"]
    if name == "text":
        assert texts(document) == {number: f"page {number}" for number in range(1, 6)}


def test_a_scan_is_read_and_gets_a_searchable_copy(receive: Receive, tmp_path: Path) -> None:
    made = of_picture(scan())
    made.pages.extend(pdf(said("a cover sheet")).pages)
    content = as_bytes(made)
    document = receive(content, "scan.pdf")
    path = kept(document, content, tmp_path)
    outcomes = run_steps(document, path, tmp_path / "work", ["pages", "text", "ocr"])
    assert outcomes["text"].result["to_read"] == 1
    assert outcomes["ocr"].result["read"] == 1
    page = Page.objects.get(blob=document.blob, number=1)
    assert page.text_from == "ocr"
    assert page.confidence is not None
    assert page.confidence > 80
    assert texts(document)[1].split() == " ".join(LINES).split()
    copy = searchable_copy(document.blob)
    assert copy is not None
    found = read(copy)
    assert [word.text for word in found[0].words] == " ".join(LINES).split()
    assert [word.text for word in found[1].words] == ["a", "cover", "sheet"]
    stored = unpack(page.words)
    assert all(abs(one.left - other.left) < 1 for one, other in zip(found[0].words, stored, strict=True))
    assert path.read_bytes() == content


def test_pictures_are_pages(receive: Receive, tmp_path: Path) -> None:
    out = io.BytesIO()
    blank = Image.new("1", (400, 300), 1)
    scan().save(out, "TIFF", save_all=True, append_images=[blank], dpi=(150, 150))
    document = receive(out.getvalue(), "fax.tif")
    path = kept(document, out.getvalue(), tmp_path)
    outcomes = run_steps(document, path, tmp_path / "work", ["pages", "text", "ocr", "thumbnails"])
    assert outcomes["pages"].result["pages"] == 2
    assert [row[2] for row in rows(document)] == ["ocr", "none"]
    assert texts(document)[1].split() == " ".join(LINES).split()
    copy = searchable_copy(document.blob)
    assert copy is not None
    assert [word.text for word in read(copy)[0].words] == " ".join(LINES).split()


def test_a_damaged_file_is_repaired_beside_the_original(receive: Receive, tmp_path: Path) -> None:
    """Its list of pages names a thing that is none, so pdfium counts a page that it cannot open."""
    made = pdf(said("page one"), said("page two"))
    made.Root.Pages.Kids.insert(1, pikepdf.Dictionary(Type=pikepdf.Name.Nothing))
    made.Root.Pages.Count = 3
    content = as_bytes(made)
    document = receive(content, "damaged.pdf")
    path = kept(document, content, tmp_path)
    outcomes = run_steps(document, path, tmp_path / "work", ["pages", "text"])
    assert outcomes["pages"].state == "done"
    assert set(texts(document).values()) == {"page one", "page two"}
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"%PDF-1.7\nmonthly totals", "damaged", id="no PDF at all"),
        pytest.param(as_bytes(pdf(said("x")))[:200], "damaged", id="cut off near its beginning"),
        pytest.param(
            as_bytes(pdf(said("x")), encryption=pikepdf.Encryption(user="u", owner="o")), "password", id="locked"
        ),
    ],
)
def test_what_cannot_be_read_says_why(receive: Receive, tmp_path: Path, content: bytes, code: str) -> None:
    document = receive(content, "broken.pdf")
    path = kept(document, content, tmp_path)
    try:
        outcome = run_steps(document, path, tmp_path / "work", ["pages"])["pages"]
        found = outcome.trouble
    except Refused as refused:
        found = refused.code
    assert found == code
    with pytest.raises(NoPicture) as none:
        page_picture(document.blob, 1, width=160)
    assert none.value.code == code


def test_a_picture_is_made_once_and_kept(receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    document = receive(as_bytes(pdf(said("one"))), "one.pdf")
    made = page_picture(document.blob, 1, width=900)
    with Image.open(made) as picture:
        assert (picture.format, picture.size) == ("WEBP", (900, 1165))
    monkeypatch.setattr("requests_app.documents.sandbox.run", None)  # nobody draws it again
    assert page_picture(document.blob, 1, width=900) == made
    with pytest.raises(ValueError, match="wide"):
        page_picture(document.blob, 1, width=901)


def test_a_page_that_is_not_there_has_no_picture(receive: Receive) -> None:
    document = receive(as_bytes(pdf(said("one"))), "one.pdf")
    with pytest.raises(NoPicture):
        page_picture(document.blob, 2, width=160)


def test_a_file_without_pages_has_no_picture(receive: Receive) -> None:
    document = receive(b"month,count\n", "table.csv")
    with pytest.raises(NoPicture) as none:
        page_picture(document.blob, 1, width=rendering.THUMBNAIL)
    assert none.value.code == "no_pages"
