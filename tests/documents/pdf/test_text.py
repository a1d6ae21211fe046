"""Words of PDF pages with their boxes."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from weasyprint import HTML

from requests_app.documents.pagewords import Word, text_of
from requests_app.documents.readers.paged import SizesOrder, Source, sizes
from requests_app.documents.readers.pdf import with_wide_words_joined
from requests_app.documents.readers.refusals import Refused
from tests.documents.pdf.making import LINES, box, of_picture, pdf, read, said, scan, written


def words_of(path: Path) -> list[str]:
    return [word.text for page in read(path) for word in page.words]


@pytest.mark.parametrize(
    ("turn", "size", "place"),
    [
        pytest.param(0, (300, 400), (50, 88, 62, 100), id="upright"),
        pytest.param(90, (400, 300), (300, 50, 312, 62), id="turned right"),
        pytest.param(180, (300, 400), (238, 300, 250, 312), id="upside down"),
        pytest.param(270, (400, 300), (88, 238, 100, 250), id="turned left"),
    ],
)
def test_boxes_stand_where_the_page_shows_the_words(
    tmp_path: Path, turn: int, size: tuple[int, int], place: tuple[float, ...]
) -> None:
    """The page shows 300 by 400 of 500 by 600 points; a letter stands 50 from the left of that, 100 from the top."""
    made = pdf("BT /F1 12 Tf 150 400 Td (H) Tj ET", size=(500, 600), CropBox=box(100, 100, 400, 500), Rotate=turn)
    path = written(made, tmp_path / "turned.pdf")
    found = next(iter(sizes(path, SizesOrder(Source(), 10), tmp_path)))
    assert (found.width, found.height) == size
    word = read(path)[0].words[0]
    left, top, right, bottom = place
    assert word.text == "H"
    assert left - 4 <= word.left < word.right <= right + 4
    assert top - 4 <= word.top < word.bottom <= bottom + 4


def test_ligatures_are_taken_apart_and_hyphens_kept(tmp_path: Path) -> None:
    path = tmp_path / "set.pdf"
    HTML(
        string="<style>@page{size:letter}p{width:6em;hyphens:auto}</style><h1>The office finally filed affidavits.</h1>"
        "<p lang=en>international responsibilities notwithstanding</p>well-known e-mail é 𝒳"
    ).write_pdf(path)
    text = text_of(read(path)[0].words)
    assert text.startswith("The office finally filed affidavits.")
    assert "interna" in text
    assert any(word.endswith(("-", "\u2010")) for word in text.split())
    assert text.endswith("well-known e-mail é 𝒳")


def test_a_line_that_goes_on_reads_in_its_order(tmp_path: Path) -> None:
    path = written(pdf(said(*LINES)), tmp_path / "letter.pdf")
    assert text_of(read(path)[0].words) == "\n".join(LINES)


def test_signs_set_far_apart_are_two_words(tmp_path: Path) -> None:
    """Two cells of a table in one piece of text, with no space between."""
    path = written(pdf("BT /F1 12 Tf 72 700 Td [(Total) -9000 (1,234)] TJ ET"), tmp_path / "cells.pdf")
    assert words_of(path) == ["Total", "1,234"]


def test_a_word_set_wide_is_one_word(tmp_path: Path) -> None:
    path = written(pdf("BT /F1 12 Tf 5 Tc 72 700 Td (SUBJECT MATTER) Tj ET"), tmp_path / "wide.pdf")
    assert words_of(path) == ["SUBJECT", "MATTER"]


def test_a_row_of_single_letters_is_not_one_word() -> None:
    letters = [Word(letter, 72 + 40 * at, 100, 80 + 40 * at, 112) for at, letter in enumerate("ABCDE")]
    assert with_wide_words_joined(letters) == letters


def test_what_was_filled_into_a_form_is_part_of_the_text(tmp_path: Path) -> None:
    made = pdf(said("Name of requester"))
    look = made.make_stream(b"/Tx BMC q BT /F1 12 Tf 2 4 Td (Alice Liddell) Tj ET Q EMC")
    look["/Type"], look["/Subtype"], look["/BBox"] = Name.XObject, Name.Form, box(0, 0, 200, 20)
    look["/Resources"] = Dictionary(Font=made.pages[0].obj.Resources.Font)
    field = made.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("Alice Liddell"),
            Rect=box(72, 600, 272, 620), AP=Dictionary(N=look), F=4, DA=String("/F1 12 Tf 0 g"),
        )
    )  # fmt: skip
    made.pages[0].obj["/Annots"] = Array([field])
    made.Root["/AcroForm"] = Dictionary(Fields=Array([field]), DA=String("/F1 12 Tf 0 g"))
    page = read(written(made, tmp_path / "form.pdf"))[0]
    assert text_of(page.words).split() == ["Name", "of", "requester", "Alice", "Liddell"]
    alice = page.words[3]
    assert 72 <= alice.left <= 80
    assert 172 <= alice.top <= alice.bottom <= 196


def test_a_scan_needs_ocr_and_a_blank_page_does_not(tmp_path: Path) -> None:
    assert read(written(of_picture(scan()), tmp_path / "scan.pdf"))[0].verdict == "none"
    assert read(written(pdf(""), tmp_path / "blank.pdf"))[0].verdict == "blank"
    stamped = of_picture(scan(), over=said("RECEIVED MAR 3 2026", y=10))
    assert read(written(stamped, tmp_path / "stamped.pdf"))[0].verdict == "stamp"


@pytest.mark.parametrize(
    ("passwords", "code"),
    [
        pytest.param((), "password", id="none given"),
        pytest.param(("wrong", "also wrong"), "password", id="none fits"),
        pytest.param(("wrong", "geheim"), "", id="the second fits"),
    ],
)
def test_a_locked_file_opens_with_its_password(tmp_path: Path, passwords: tuple[str, ...], code: str) -> None:
    locked = pikepdf.Encryption(user="geheim", owner="owner", R=6)
    path = written(pdf(said("behind the lock")), tmp_path / "locked.pdf", encryption=locked)
    try:
        assert text_of(read(path, source=Source(passwords=passwords))[0].words) == "behind the lock"
        assert not code
    except Refused as refused:
        assert refused.code == code


def test_a_file_that_only_forbids_copying_is_read(tmp_path: Path) -> None:
    path = written(pdf(said("read me")), tmp_path / "own.pdf", encryption=pikepdf.Encryption(user="", owner="x", R=4))
    assert words_of(path) == ["read", "me"]


def test_labels_are_the_files_own(tmp_path: Path) -> None:
    made = pdf("", "", "")
    made.Root["/PageLabels"] = Dictionary(
        Nums=Array([0, Dictionary(S=Name.r), 1, Dictionary(S=Name.D, St=7, P=String("A-"))])
    )
    path = written(made, tmp_path / "labels.pdf")
    assert [page.label for page in sizes(path, SizesOrder(Source(), 10), tmp_path)] == ["i", "A-7", "A-8"]
