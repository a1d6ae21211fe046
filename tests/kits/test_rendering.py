"""The letter on paper: tagged, titled, with its own fonts, and nothing fetched."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache

import pikepdf
import pypdfium2
import pytest
from weasyprint.urls import FatalURLFetchingError

from requests_app.kits.addressees import official_of
from requests_app.kits.catalog import KIT_IDS
from requests_app.kits.letters import Closing
from requests_app.kits.printing import OutsideResource, _FontFetcher
from requests_app.kits.rendering import to_html, to_pdf, typeset
from tests.kits.cast import addressees, letter, statute
from tests.kits.later_cast import written
from tests.servers import ROOT

# One state per kit, each with something of its own in the letter.
_STATES = dict(zip(KIT_IDS, ("MD", "TX", "OK", "TN", "DC", "KY", "NY", "OH"), strict=True))


@cache
def pdf_of(kit_id: str) -> bytes:
    code = _STATES[kit_id]
    to = official_of(statute(code)) if kit_id == "K8" else addressees(code)[0]
    return to_pdf(to_html(letter(code, kit_id, to)))


def tags_of(document: pikepdf.Pdf) -> Counter[str]:
    """Count the structure elements of a tagged document by kind."""
    found: Counter[str] = Counter()

    def walk(element: pikepdf.Object) -> None:
        if isinstance(element, pikepdf.Array):
            for child in element:
                walk(child)
        elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found[str(element.S)] += 1
            if "/K" in element:
                walk(element.K)

    walk(document.Root.StructTreeRoot.K)
    return found


@pytest.mark.parametrize("kit_id", KIT_IDS)
def test_pdf_is_tagged_titled_and_brings_its_fonts(kit_id: str) -> None:
    with pikepdf.open(io.BytesIO(pdf_of(kit_id))) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en-US"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"]
        tags = tags_of(document)
        assert tags["/H1"] == 1
        assert tags["/L"] == 1
        assert tags["/LI"] >= 3
        assert len(document.pages) <= 3
        for page in document.pages:
            assert [float(edge) for edge in page.MediaBox] == [0, 0, 612, 792]
            for font in page.Resources.Font.values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile2" in descriptor or "/FontFile3" in descriptor, "a font is not embedded"
                assert "Letter-Serif" in str(font.BaseFont)


def test_pages_are_numbered_and_carry_the_reference() -> None:
    document = pypdfium2.PdfDocument(pdf_of("K1"))
    try:
        for number in range(len(document)):
            text = document[number].get_textpage().get_text_bounded()
            assert f"Page {number + 1} of {len(document)}" in text
            assert "MD-2026-0007" in text
    finally:
        document.close()


def test_the_whole_letter_is_on_the_pages() -> None:
    document = pypdfium2.PdfDocument(pdf_of("K1"))
    try:
        text = " ".join(document[number].get_textpage().get_text_bounded() for number in range(len(document)))
    finally:
        document.close()
    flat = "".join(character for character in text if character.isalnum())
    for paragraph in letter("MD", "K1").paragraphs():
        words = "".join(character for character in paragraph if character.isalnum())
        assert words[:60] in flat


def test_a_letter_that_lacks_a_letter_still_embeds_one() -> None:
    made = to_pdf(to_html(letter(requester_name="Łukasz Őry")))
    with pikepdf.open(io.BytesIO(made)) as document:
        for page in document.pages:
            for font in page.Resources.Font.values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_what_a_filer_writes_is_text_and_never_markup() -> None:
    html = to_html(letter(extra_paragraph='<img src="https://elsewhere.example/x.png"><script>alert(1)</script>'))
    assert "<img" not in html
    assert "<script" not in html


@pytest.mark.parametrize("url", ["https://elsewhere.example/x.png", "file:///etc/passwd", "font:../letter.css"])
def test_nothing_is_fetched_from_outside(url: str) -> None:
    with pytest.raises(OutsideResource):
        _FontFetcher().fetch(url)


def test_a_page_that_asks_for_the_network_makes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(self: _FontFetcher, url: str, headers: dict[str, str] | None = None) -> None:
        asked.append(url)
        raise OutsideResource(url)

    monkeypatch.setattr(_FontFetcher, "fetch", refuse)
    with contextlib.suppress(OutsideResource, FatalURLFetchingError):
        to_pdf('<html lang="en"><title>t</title><img alt="x" src="https://elsewhere.example/x.png"></html>')
    assert "https://elsewhere.example/x.png" in asked


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ('"DHS" means', "“DHS” means"),
        ('("Nlets")', "(“Nlets”)"),
        ("the State's log", "the State’s log"),
        ("§ 4-203(a)(1)", "§\N{NO-BREAK SPACE}4-203(a)\N{WORD JOINER}(1)"),
        ("§ 4-101 et seq.", "§\N{NO-BREAK SPACE}4-101\N{NO-BREAK SPACE}et\N{NO-BREAK SPACE}seq."),
    ],
)
def test_print_uses_the_marks_of_good_printing(plain: str, printed: str) -> None:
    assert typeset(plain) == printed


def test_enclosures_and_names_in_other_scripts_are_printed() -> None:
    made = replace(
        letter(),
        enclosures=("The agency's answer",),
        closing=Closing(valediction="Sincerely,", name="שרה 🌞 <b>", lines=()),
    )
    html = to_html(made)
    assert "<li>The agency’s answer</li>" in html
    assert "<bdi>שרה 🌞 &lt;b&gt;</bdi>" in html
    assert to_pdf(html).startswith(b"%PDF-")
    assert "enclosures" not in to_html(letter())


@pytest.mark.parametrize("key", ["fee_acceptance", "administrative_appeal", "thanks_and_closing"])
def test_a_later_letter_is_a_pdf_whose_words_stay_on_the_page(key: str) -> None:
    made = written(key, code="PA", fresh=True, extra="https://example.org/" + "x" * 400)
    document = pypdfium2.PdfDocument(to_pdf(to_html(made)))
    found = 0
    for page in document:
        text = page.get_textpage()
        for number in range(text.count_chars()):
            left, _, right, _ = text.get_charbox(number)
            assert 0 <= left <= right <= page.get_width() - 36
        found += text.get_text_range().count("x")
    assert found >= 400


@pytest.mark.processes
def test_a_command_that_prints_nothing_does_not_wait_for_weasyprint() -> None:
    program = (
        "import os, sys; from django.core.management import execute_from_command_line as run;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'foia.settings'; run(['manage.py', 'check']);"
        "print('weasyprint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
