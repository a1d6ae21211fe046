"""The sheet on a photograph is found where it lies, and laid flat; where there is none, none is made up."""

from __future__ import annotations

import io
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from requests_app.documents.paper import sheets_of_paper as sheets
from tests.documents.paper.making import QUAD, SHEET, TABLE, a_photograph

pytestmark = pytest.mark.same_everywhere
SIZE = (600, 800)


def photograph(quad: object = QUAD) -> Image.Image:
    return Image.open(io.BytesIO(a_photograph(quad=quad)))  # type: ignore[arg-type]


def pixels(corners: sheets.Corners) -> list[tuple[float, float]]:
    return [(x * SIZE[0], y * SIZE[1]) for x, y in sheets.points_of(corners)]


@pytest.mark.parametrize(
    "quad",
    [
        pytest.param(QUAD, id="seen-at-a-slant"),
        pytest.param(((100, 100), (500, 100), (500, 700), (100, 700)), id="from-straight-above"),
        pytest.param(((180, 60), (560, 200), (420, 740), (40, 600)), id="turned-by-twenty-degrees"),
        pytest.param(((60, 200), (540, 220), (530, 560), (70, 540)), id="lying-on-its-side"),
    ],
)
def test_the_corners_are_found_within_a_hundredth(quad: list[tuple[int, int]]) -> None:
    found = sheets.find_sheet(photograph(quad))
    assert found is not None
    for seen, true in zip(pixels(found), quad, strict=True):
        assert math.dist(seen, true) < 0.012 * SIZE[1]


def _plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", SIZE, colour)


def _two_sheets() -> Image.Image:
    picture = _plain(TABLE)
    ImageDraw.Draw(picture).polygon([(300, 100), (560, 400), (300, 700), (40, 400), (200, 380)], fill=SHEET)
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(_plain(SHEET), id="the-sheet-fills-the-picture"),
        pytest.param(_plain(TABLE), id="nothing-but-the-table"),
        pytest.param(_plain((0, 0, 0)), id="the-lens-was-covered"),
        pytest.param(_two_sheets(), id="no-four-corners"),
        pytest.param(photograph([(10, 10), (40, 10), (40, 40), (10, 40)]), id="a-stamp-on-a-table"),
        pytest.param(Image.new("RGB", (3, 900), SHEET), id="a-strip"),
    ],
)
def test_where_no_sheet_can_be_told_none_is_made_up(picture: Image.Image) -> None:
    assert sheets.find_sheet(picture) is None


def test_a_sheet_is_laid_flat() -> None:
    picture = photograph()
    drawing = ImageDraw.Draw(picture)
    for (x, y), colour in zip(QUAD, ("red", "lime", "blue", "black"), strict=True):
        drawing.ellipse((x - 12, y - 12, x + 12, y + 12), fill=colour)
    corners = tuple(each for x, y in QUAD for each in (x / SIZE[0], y / SIZE[1]))
    flat = sheets.laid_flat(picture, corners, (170, 220))
    reds = [flat.getpixel(place) for place in ((1, 1), (168, 1), (168, 218), (1, 218))]
    assert [max(range(3), key=lambda at: colour[at]) for colour in reds[:3]] == [0, 1, 2]
    assert max(reds[3]) < 60
    assert min(flat.getpixel((85, 12))) > 200  # the table is gone from between


def test_an_edge_is_where_the_table_begins() -> None:
    corners = sheets.find_sheet(photograph())
    assert corners is not None
    flat = sheets.laid_flat(photograph(), corners, (170, 220)).convert("L")
    assert sum(flat.crop((0, 0, 170, 220)).histogram()[:75]) < 0.12 * 170 * 220  # lines, and a rim at most


@pytest.mark.parametrize(
    ("corners", "is_one"),
    [
        pytest.param(sheets.WHOLE, True, id="the-whole-picture"),
        pytest.param((0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9), True, id="a-frame"),
        pytest.param((0.1, 0.1, 0.9, 0.9, 0.9, 0.1, 0.1, 0.9), False, id="crossed"),
        pytest.param((0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9, 0.1), False, id="the-wrong-way-round"),
        pytest.param((0.1, 0.1, 0.9, 0.1, 0.5, 0.2, 0.1, 0.9), False, id="a-corner-pushed-in"),
        pytest.param((0.1, 0.1, 0.9, 0.1, 0.9, 0.101, 0.1, 0.101), False, id="a-sliver"),
        pytest.param((0.5,) * 8, False, id="one-point"),
        pytest.param((-0.2, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9), False, id="outside"),
        pytest.param((math.nan, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9), False, id="no-number"),
        pytest.param((0.1, 0.1), False, id="too-few"),
    ],
)
def test_what_can_be_cut_out(corners: tuple[float, ...], is_one: bool) -> None:
    assert sheets.are_plausible(corners) is is_one


@pytest.mark.parametrize(
    ("pixels", "is_cut", "points"),
    [
        pytest.param((1700, 2200), True, (612.0, 792.0), id="letter"),
        pytest.param((1000, 1330), True, (612.0, 792.0), id="letter-seen-at-a-slant"),
        pytest.param((2100, 2970), True, (595.3, 841.9), id="a4"),
        pytest.param((2200, 1700), True, (792.0, 612.0), id="letter-on-its-side"),
        pytest.param((1700, 2800), True, (612.0, 1008.0), id="legal"),
        pytest.param((300, 3000), True, (79.2, 792.0), id="a-till-roll"),
        pytest.param((3024, 4032), False, (594.0, 792.0), id="a-whole-photograph-keeps-its-ratio"),
    ],
)
def test_pages_are_sized_like_paper(pixels: tuple[int, int], is_cut: bool, points: tuple[float, float]) -> None:
    assert sheets.page_size(*pixels, is_cut=is_cut) == pytest.approx(points, abs=0.1)


CORNER = st.floats(0.0, 0.3)


@given(st.tuples(*[CORNER] * 8))
@settings(max_examples=60)
def test_corners_turned_four_times_are_where_they_were(inwards: tuple[float, ...]) -> None:
    a, b, c, d, e, f, g, h = inwards
    corners = (a, b, 1 - c, d, 1 - e, 1 - f, g, 1 - h)
    assert sheets.turned(sheets.turned(corners, 270), 90) == pytest.approx(corners)
    assert sheets.turned(corners, 0) == pytest.approx(corners)
    if sheets.are_plausible(corners):
        assert sheets.are_plausible(sheets.turned(corners, 90))
