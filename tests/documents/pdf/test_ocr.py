"""How well pages are read from their pictures, as character error rate on scans that the tests make."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from requests_app.documents.readers import ocr
from requests_app.documents.readers.ocr import Reading, best_reading
from requests_app.documents.readers.pdfium import Pdf
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.straight import Turn, lies
from tests.documents.pdf.making import LINES, pdf, said, scan, written

pytestmark = [pytest.mark.processes, pytest.mark.same_everywhere]

# A short letter at 300 dots to the inch, on paper large enough for a tilt.
PAPER = (1916, 900)
TRUTH = " ".join(LINES)


def sheet() -> Image.Image:
    page = Image.new("L", PAPER, 255)
    page.paste(scan(dpi=300), (0, 75))
    return page


def noisy(page: Image.Image) -> Image.Image:
    noise = Image.frombytes("L", page.size, random.Random(7).randbytes(page.width * page.height))
    return Image.blend(page, noise, 0.3)


def specked(page: Image.Image) -> Image.Image:
    chance = random.Random(11)
    for _speck in range(page.width * page.height // 60):
        page.putpixel((chance.randrange(page.width), chance.randrange(page.height)), chance.choice((0, 255)))
    return page


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    return lambda page: page.rotate(degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor=255)


def errors(reading: Reading) -> float:
    """Return how many signs must be changed, put in or left out, to one sign of the truth."""
    read = " ".join(word.text for word, _sure in reading.words)
    before = list(range(len(TRUTH) + 1))
    for row, sign in enumerate(read, 1):
        line = [row]
        for column, other in enumerate(TRUTH, 1):
            line.append(min(before[column] + 1, line[-1] + 1, before[column - 1] + (sign != other)))
        before = line
    return before[-1] / len(TRUTH)


@pytest.mark.parametrize(
    ("spoil", "way_up", "most"),
    [
        pytest.param(lambda page: page, 0, 0.005, id="clean"),
        pytest.param(turned(2.5), 0, 0.01, id="skewed"),
        pytest.param(turned(-6), 0, 0.01, id="far askew"),
        pytest.param(noisy, 0, 0.02, id="noisy"),
        pytest.param(specked, 0, 0.05, id="specks of dust"),
        pytest.param(lambda page: page.filter(ImageFilter.GaussianBlur(2.2)), 0, 0.02, id="out of focus"),
        pytest.param(turned(90), 90, 0.01, id="on its left side"),
        pytest.param(turned(180), 180, 0.01, id="upside down"),
        pytest.param(turned(270), 270, 0.01, id="on its right side"),
    ],
)
def test_scans_are_read(spoil: Callable[[Image.Image], Image.Image], way_up: int, most: float) -> None:
    reading = best_reading(spoil(sheet()), "eng")
    assert reading.turn.clockwise == way_up
    assert errors(reading) <= most


def test_doubtful_pages_say_so() -> None:
    page = sheet().resize((PAPER[0] // 7, PAPER[1] // 7)).resize(PAPER)
    assert best_reading(page, "eng").confidence < best_reading(sheet(), "eng").confidence


@pytest.mark.parametrize("angle", [-7.0, -3.25, -1.0, 0.0, 0.5, 2.0, 5.0])
def test_the_skew_is_found(angle: float) -> None:
    found, on_its_side = lies(turned(angle)(sheet()))
    assert abs(found + angle) <= 0.3
    assert not on_its_side


def test_an_empty_page_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_run", None)
    assert best_reading(Image.new("L", (500, 700), 255), "eng").words == []


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
@pytest.mark.parametrize("angle", [0.0, 3.0])
def test_a_place_on_the_page_as_read_is_found_on_the_page_as_shown(clockwise: int, angle: float) -> None:
    """A black square is drawn, the page is turned, and the square's box is led back."""
    shown = Image.new("L", (400, 600), 255)
    shown.paste(0, (100, 150, 130, 180))
    turn = Turn(shown.size, clockwise, angle)
    read = turn.apply(shown).point(lambda value: 255 - value)
    box = read.point(lambda value: 255 if value > 128 else 0).getbbox()
    assert box is not None
    assert all(abs(one - other) < 4 for one, other in zip(turn.back(*box), (100, 150, 130, 180), strict=True))


def test_a_page_with_a_single_line_is_not_taken_for_one_that_lies_on_its_side(tmp_path: Path) -> None:
    line = said("This is page three of the letter.", x=20, y=90, font_size=14)
    path = written(pdf(line, size=(400, 130)), tmp_path / "line.pdf")
    with Pdf(path) as opened:
        page = opened.image(1, 1667, 542, grey=True)
    assert lies(page) == (0.0, True)  # the ink of one line does not tell
    reading = best_reading(page, "eng")
    assert reading.turn.clockwise == 0
    assert " ".join(word.text for word, _sure in reading.words) == "This is page three of the letter."


def test_a_language_that_is_not_installed_is_told() -> None:
    with pytest.raises(Refused, match="missing_program"):
        ocr.usable(("klingon", "../etc"))
    assert ocr.usable(("klingon", "eng")) == "eng"
