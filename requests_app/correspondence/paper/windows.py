"""Where an address must stand on a sheet to show in the window of an envelope, wherever the sheet slides. Pure.

All lengths are inches, measured from the left and the top. A folded sheet is smaller than its envelope and moves in it:
what must be seen has to lie in what the window shows in every position (`always_shown`), and what nobody must read
from outside has to keep clear of what it shows in any (`ever_shown`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MM: Final = 1 / 25.4

# The white around an address in its window that the US Postal Service asks for on every side.
CLEARANCE: Final = 0.125


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its left, top, right and bottom edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def holds(self, other: Box) -> bool:
        """Return whether `other` lies inside, edges included."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def touches(self, other: Box) -> bool:
        """Return whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def moved(self, right: float, down: float) -> Box:
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def shrunk(self, by: float) -> Box:
        return Box(self.left + by, self.top + by, self.right - by, self.bottom - by)


@dataclass(frozen=True, slots=True)
class Shape:
    """An envelope with its window and the sheet that is folded into it.

    `window`: in the envelope. `folds`: how far from the top of the sheet it is folded, printed side out; the first
    panel lies behind the window. `margin`: left and right margin of the sheet, of which the left one is where the
    address begins. `paper`: how CSS and the printer name the sheet.
    """

    key: str
    paper: str
    envelope: tuple[float, float]
    window: Box
    sheet: tuple[float, float]
    folds: tuple[float, float]
    margin: tuple[float, float]

    @property
    def slack(self) -> tuple[float, float]:
        """How far the folded sheet can slide to the right and down."""
        return self.envelope[0] - self.sheet[0], self.envelope[1] - self.folds[0]

    def positions(self) -> tuple[Box, ...]:
        """Return the window as it lies on the sheet, for each corner that the sheet can slide into."""
        right, down = self.slack
        return tuple(self.window.moved(-x, -y) for x in (0.0, right) for y in (0.0, down))

    def always_shown(self) -> Box:
        """Return the part of the sheet that the window shows in every position."""
        found = self.positions()
        return Box(
            max(box.left for box in found),
            max(box.top for box in found),
            min(box.right for box in found),
            min(box.bottom for box in found),
        )

    def ever_shown(self) -> Box:
        """Return the part of the sheet that the window shows in some position."""
        found = self.positions()
        return Box(
            min(box.left for box in found),
            min(box.top for box in found),
            max(box.right for box in found),
            max(box.bottom for box in found),
        )

    def address_box(self) -> Box:
        """Return where the address may stand: always shown, with the clearance, and not left of the margin."""
        box = self.always_shown().shrunk(CLEARANCE)
        return Box(max(box.left, self.margin[0]), box.top, box.right, box.bottom)


# The commonest US business envelope, 4 1/8 by 9 1/2 inches, with its commonest window: 1 1/8 by 4 1/2 inches, 7/8 from
# the left and 1/2 from the bottom. Folded at 4 inches, so that the first panel hardly moves up and down.
US10: Final = Shape(
    key="us10",
    paper="8.5in 11in",
    envelope=(9.5, 4.125),
    window=Box(0.875, 4.125 - 0.5 - 1.125, 0.875 + 4.5, 4.125 - 0.5),
    sheet=(8.5, 11.0),
    folds=(4.0, 7.5),
    margin=(1.05, 1.0),
)
# DIN long: 220 by 110 mm, window 90 by 45 mm, 20 mm from the left and 15 mm from the bottom (DIN 680); A4 folded at
# 105 and 210 mm (DIN 5008, form B).
DL: Final = Shape(
    key="dl",
    paper="210mm 297mm",
    envelope=(220 * MM, 110 * MM),
    window=Box(20 * MM, (110 - 15 - 45) * MM, (20 + 90) * MM, (110 - 15) * MM),
    sheet=(210 * MM, 297 * MM),
    folds=(105 * MM, 210 * MM),
    margin=(25 * MM, 20 * MM),
)
SHAPES: Final = {shape.key: shape for shape in (US10, DL)}
