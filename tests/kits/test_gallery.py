"""The gallery of letters: pages that a lawyer can open without a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from requests_app.kits import gallery
from requests_app.kits.later_schema import LETTER_KEYS


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    assert gallery.write(folder, ("MD", "FL")) > 55
    return folder


def test_there_is_a_page_for_each_state_and_each_kind(pages: Path) -> None:
    names = {path.name for path in pages.glob("*.html")}
    assert {"index.html", "MD.html", "FL.html", "K1.html", *(f"{key}.html" for key in LETTER_KEYS)} <= names
    index = (pages / "index.html").read_text()
    for name in names - {"index.html"}:
        assert f'href="{name}"' in index


def test_every_link_leads_somewhere(pages: Path) -> None:
    for path in pages.glob("*.html"):
        text = path.read_text()
        ids = set(re.findall(r'id="([^"]+)"', text))
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            assert link[1:] in ids if link.startswith("#") else (pages / link).is_file(), link


def test_pages_are_static_and_carry_no_script_or_inline_style(pages: Path) -> None:
    for path in pages.glob("*.html"):
        text = path.read_text()
        assert "<script" not in text
        assert "style=" not in text
        assert "http" not in re.sub(r"\(https?:[^)]*\)", "", text).split("<body>")[0]


def test_a_letter_stands_with_its_citations_doubts_and_reading_level(pages: Path) -> None:
    text = (pages / "MD.html").read_text()
    assert "Gen. Prov. § 4-203(a)(1)" in text
    assert "Doubt about the law" in text
    assert re.search(r"grade \d+\.\d, \d+ words", text)
    assert "No letter here. " in text  # the Board waits for the Ombudsman


def test_the_command_says_where_the_gallery_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("letters", str(tmp_path), "--only", "ny")
    assert capsys.readouterr().out.strip().endswith(f"letters written. Open {tmp_path / 'index.html'}")


def test_the_command_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no jurisdiction XX\. Nothing was written") as caught:
        call_command("letters", str(tmp_path), "--only", "XX")
    assert caught.value.returncode == 2
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(CommandError, match="Choose another folder"):
        call_command("letters", str(blocked), "--only", "MD")
