"""How a scanned page lies: by how much it is skewed, and whether its lines run upwards. Pure, on a small picture.

Where lines of text lie level, rows full of ink and rows without take turns. So the picture is turned a little, this way
and that, and the angle at which neighbouring rows differ most is the right one.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

from PIL import Image, ImageOps

ACROSS: Final = 340  # pixels of the small picture's shorter side: a line of text is five pixels high
MOST: Final = 8.0  # degrees; a page that lies more askew was not laid into a scanner
STEP: Final = 0.5  # degrees: over a whole line, half of its height
FINE: Final = (0.25, 0.125)
UPRIGHT: Final = 1.5  # times as clear must the rows be upwards, before a page counts as lying on its side
LEAST_INK: Final = 0.002  # of the page; with less there is nothing to tell by


def lies(page: Image.Image) -> tuple[float, bool]:
    """Return the degrees by which to turn a grey page anticlockwise to make its lines level, and whether it lies on
    its side.
    """
    ink = _ink(page)
    if ink is None:
        return 0.0, False
    level = _clearness(ink, 0.0)
    best, angle = level, 0.0
    steps = int(MOST / STEP)
    for at in range(-steps, steps + 1):
        clear = _clearness(ink, at * STEP)
        if clear > best:
            best, angle = clear, at * STEP
    sideways = ink.transpose(Image.Transpose.ROTATE_90)
    if max(_clearness(sideways, 0.0), _clearness(sideways, angle)) > UPRIGHT * best:
        return 0.0, True
    for fine in FINE:
        for near in (angle - fine, angle + fine):
            clear = _clearness(ink, near)
            if clear > best:
                best, angle = clear, near
    # A page of pictures has an angle by chance; a clear one of text is far better than none.
    return (angle, False) if best > 1.15 * level else (0.0, False)


def _ink(page: Image.Image) -> Image.Image | None:
    """Return the ink as light on dark, small; None where there is too little."""
    scale = ACROSS / min(page.size)
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    if max(size) > 8 * ACROSS:
        return None
    small = page.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    ink = ImageOps.invert(ImageOps.autocontrast(small, cutoff=1))
    ink = ink.point(lambda value: 0 if value < 60 else value)
    histogram = ink.histogram()
    share = 1 - histogram[0] / (size[0] * size[1])
    return ink if share > LEAST_INK else None


def _clearness(ink: Image.Image, angle: float) -> float:
    """Return how much neighbouring rows differ when the picture is turned by that angle."""
    turned = ink.rotate(angle) if angle else ink
    rows = turned.resize((1, turned.height), Image.Resampling.BOX).convert("F").tobytes()
    values = memoryview(rows).cast("f")
    return sum((after - before) ** 2 for before, after in pairwise(values))


class Turn:
    """Where the points of a page that was turned for reading stand on the page as shown, in pixels of both."""

    def __init__(self, size: tuple[int, int], clockwise: int, angle: float) -> None:
        """`size`: of the page as shown. It was turned `clockwise` by 0, 90, 180 or 270, then by `angle` back."""
        self.width, self.height = size
        self.clockwise = clockwise % 360
        self.angle = angle
        turned = size if self.clockwise in (0, 180) else (size[1], size[0])
        self._middle = (turned[0] / 2, turned[1] / 2)
        radians = -math.radians(angle)
        self._cos, self._sin = math.cos(radians), math.sin(radians)

    def apply(self, page: Image.Image) -> Image.Image:
        """Return the page as it is read."""
        if self.clockwise:
            page = page.transpose(
                {
                    90: Image.Transpose.ROTATE_270,  # Pillow counts the other way round
                    180: Image.Transpose.ROTATE_180,
                    270: Image.Transpose.ROTATE_90,
                }[self.clockwise]
            )
        return page.rotate(self.angle, Image.Resampling.BICUBIC, fillcolor=255) if self.angle else page

    def back(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Return the box around a box of the page as read, on the page as shown."""
        if not self.angle and not self.clockwise:
            return left, top, right, bottom
        middle = (top + bottom) / 2
        if self.angle:
            # Of a long word that lies askew, the box would be far too high: its ends are turned, its height is kept.
            ends = [self._point(left, middle), self._point(right, middle)]
            half = (bottom - top) / 2
            sideways = self.clockwise in (90, 270)
            across, down = (half, 0.0) if sideways else (0.0, half)
            return (
                min(x for x, _y in ends) - across,
                min(y for _x, y in ends) - down,
                max(x for x, _y in ends) + across,
                max(y for _x, y in ends) + down,
            )
        one, other = self._point(left, top), self._point(right, bottom)
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    def _point(self, x: float, y: float) -> tuple[float, float]:
        if self.angle:
            across, down = x - self._middle[0], y - self._middle[1]
            x = self._cos * across + self._sin * down + self._middle[0]
            y = -self._sin * across + self._cos * down + self._middle[1]
        if self.clockwise == 90:
            return y, self.height - x
        if self.clockwise == 180:
            return self.width - x, self.height - y
        if self.clockwise == 270:
            return self.width - y, x
        return x, y
