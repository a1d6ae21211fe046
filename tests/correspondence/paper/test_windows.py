"""The arithmetic of windows: what shows always, and what never may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.paper.windows import CLEARANCE, DL, MM, US10, Box, Shape


def rounded(box: Box) -> tuple[float, ...]:
    return tuple(round(edge, 3) for edge in (box.left, box.top, box.right, box.bottom))


@pytest.mark.parametrize(
    ("shape", "always", "ever"),
    [
        # 9.5 - 8.5: slides 1 inch sideways; 4.125 - 4: 1/8 inch up and down. Window 0.875..5.375 by 2.5..3.625.
        pytest.param(US10, (0.875, 2.5, 4.375, 3.5), (-0.125, 2.375, 5.375, 3.625), id="us-number-10"),
        # 220 - 210 and 110 - 105 mm. Window 20..110 by 50..95 mm.
        pytest.param(
            DL,
            tuple(round(edge * MM, 3) for edge in (20, 50, 100, 90)),
            tuple(round(edge * MM, 3) for edge in (10, 45, 110, 95)),
            id="din-long",
        ),
    ],
)
def test_what_the_window_shows(shape: Shape, always: tuple[float, ...], ever: tuple[float, ...]) -> None:
    assert rounded(shape.always_shown()) == always
    assert rounded(shape.ever_shown()) == ever


@pytest.mark.parametrize("shape", [US10, DL], ids=lambda shape: shape.key)
def test_a_folded_sheet_goes_into_its_envelope(shape: Shape) -> None:
    first, second = shape.folds
    panels = (first, second - first, shape.sheet[1] - second)
    assert max(panels) == first, "the first panel lies behind the window and holds the others"
    assert all(panel <= shape.envelope[1] for panel in panels)
    assert shape.sheet[0] < shape.envelope[0]


@pytest.mark.parametrize("shape", [US10, DL], ids=lambda shape: shape.key)
@given(right=st.floats(0, 1), down=st.floats(0, 1))
def test_the_address_shows_with_white_around_it_wherever_the_sheet_slides(
    shape: Shape, right: float, down: float
) -> None:
    across, below = shape.slack
    window = shape.window.moved(-across * right, -below * down)
    tolerance = 1e-9
    assert window.shrunk(CLEARANCE - tolerance).holds(shape.address_box())
    assert shape.ever_shown().shrunk(-tolerance).holds(window)


def test_boxes_that_touch_at_an_edge_share_nothing() -> None:
    assert not Box(0, 0, 1, 1).touches(Box(1, 0, 2, 1))
    assert Box(0, 0, 1, 1).touches(Box(0.9, 0.9, 2, 2))
