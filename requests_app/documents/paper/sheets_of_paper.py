"""The sheet on a photograph: where its corners are, and the picture cut to it and laid flat. Pure; no Django.

Corners are fractions of the upright picture, from its top left: top left, top right, bottom right, bottom left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from PIL import Image, ImageFilter

Point = tuple[float, float]
Corners = tuple[float, float, float, float, float, float, float, float]

WHOLE: Final[Corners] = (0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)
ACROSS: Final = 256  # pixels of the longer side in which the sheet is looked for
CONTRAST: Final = 35  # levels of grey between sheet and table, below which nothing can be told
LEAST: Final = 0.15  # of the picture that a sheet covers
MOST: Final = 0.97  # more than that: the sheet fills the picture, and there is nothing to cut
FILLED: Final = (0.93, 1.07)  # area of what is bright to that of its four corners: else it is no sheet
SQUARE: Final = (55.0, 125.0)  # degrees of a corner, seen at a slant
DPI: Final = 300
LONG_SIDE: Final = 792.0  # points: 11 inches
# Width and height in points. A slanted look changes the ratio by a few hundredths; nearer to one of these, it is that.
PAPERS: Final = ((612.0, 792.0), (595.3, 841.9), (612.0, 1008.0))
NEAR: Final = 0.06


def find_sheet(picture: Image.Image) -> Corners | None:
    """Return the corners of a bright sheet on a darker table; None where none can be told."""
    scale = ACROSS / max(picture.size)
    size = (max(2, round(picture.width * scale)), max(2, round(picture.height * scale)))
    small = picture.convert("L").resize(size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    level = _parting(small.histogram())
    if level is None:
        return None
    rows = _largest_patch(small.point(lambda value: 255 if value > level else 0).tobytes(), size)
    if len(rows) < 4:
        return None
    outline = _hull([(x, y) for y, (left, right) in rows.items() for x in (left, right + 1)] + _undersides(rows))
    corners = _largest_quadrilateral(outline)
    if corners is None:
        return None
    area, filled = _area(corners), sum(right + 1 - left for left, right in rows.values())
    if not LEAST < area / (size[0] * size[1]) < MOST or not FILLED[0] < filled / area < FILLED[1]:
        return None
    found = _in_order([(x / size[0], y / size[1]) for x, y in corners])
    return found if are_plausible(found) and all(SQUARE[0] < angle < SQUARE[1] for angle in _angles(corners)) else None


def are_plausible(corners: Sequence[float]) -> bool:
    """Return whether these are four corners that can be cut out: in the picture, in order, no sliver between them."""
    if len(corners) != 8 or not all(math.isfinite(each) and -0.001 <= each <= 1.001 for each in corners):
        return False
    points = points_of(corners)
    turns = [
        _cross(points[i], points[(i + 1) % 4], points[(i + 2) % 4]) for i in range(4)
    ]  # all to the right: no side crosses another, no corner points inwards
    return all(turn > 0.002 for turn in turns) and _area(points) > 0.01


def points_of(corners: Sequence[float]) -> list[Point]:
    """Return the corners as points."""
    return [(corners[i], corners[i + 1]) for i in range(0, 8, 2)]


def turned(corners: Sequence[float], clockwise: int) -> Corners:
    """Return where the corners are once the whole picture is turned by 0, 90, 180 or 270 degrees."""
    points = points_of(corners)
    for _quarter in range(clockwise // 90 % 4):
        points = [(1 - y, x) for x, y in points]
    return _flat(points)


def page_size(width: float, height: float, *, is_cut: bool) -> tuple[float, float]:
    """Return the size of the page in points for a picture of this ratio: a usual paper where it is one, when cut."""
    short, long = sorted((width, height))
    points = (LONG_SIDE * short / long, LONG_SIDE)
    if is_cut:
        nearest = min(PAPERS, key=lambda paper: abs(paper[0] / paper[1] - short / long))
        if abs(nearest[0] / nearest[1] - short / long) <= NEAR * short / long:
            points = nearest
    across, down = points if width <= height else (points[1], points[0])
    return max(across, 3.0), max(down, 3.0)


def cut_size(size: tuple[int, int], corners: Sequence[float]) -> tuple[float, float]:
    """Return how wide and high a sheet is on the picture, in pixels: of two sides that face each other, the longer."""
    points = [(x * size[0], y * size[1]) for x, y in points_of(corners)]
    top, right, bottom, left = (math.dist(points[i], points[(i + 1) % 4]) for i in range(4))
    return max(top, bottom), max(left, right)


def laid_flat(picture: Image.Image, corners: Sequence[float], size: tuple[int, int]) -> Image.Image:
    """Return what lies between the corners as a rectangle of so many pixels, as if looked at from straight above."""
    quad = [(x * picture.width, y * picture.height) for x, y in points_of(corners)]
    return picture.transform(
        size, Image.Transform.PERSPECTIVE, _perspective(quad, size), Image.Resampling.BICUBIC, fillcolor="white"
    )


def _perspective(quad: Sequence[Point], size: tuple[int, int]) -> tuple[float, ...]:
    """Return the eight numbers by which Pillow finds, for each pixel of the rectangle, the place on the picture.

    From the unit square to four points: P. Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), 2.2.3.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    whole = dx1 * dy2 - dx2 * dy1
    g = (dx3 * dy2 - dx2 * dy3) / whole
    h = (dx1 * dy3 - dx3 * dy1) / whole
    width, height = size
    return (
        (x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0,
        (y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0,
        g / width, h / height,
    )  # fmt: skip


def _parting(histogram: Sequence[int]) -> int | None:
    """Return the grey that parts the dark from the bright best (N. Otsu, 1979); None where they are too much alike."""
    number, total = sum(histogram), sum(value * count for value, count in enumerate(histogram))
    below = sum_below = 0
    best, level, apart = 0.0, 0, 0.0
    for value, count in enumerate(histogram):
        below += count
        sum_below += value * count
        if not below or below == number:
            continue
        dark, bright = sum_below / below, (total - sum_below) / (number - below)
        between = below * (number - below) * (bright - dark) ** 2
        if between > best:
            best, level, apart = between, value, bright - dark
    return level if apart >= CONTRAST else None


def _largest_patch(bright: bytes, size: tuple[int, int]) -> dict[int, tuple[int, int]]:
    """Return the largest connected patch that is bright: its first and last pixel in each of its rows."""
    width, height = size
    seen = bytearray(bright)  # 255 where still to be visited
    best: dict[int, tuple[int, int]] = {}
    most = 0
    for start in range(width * height):
        if not seen[start]:
            continue
        seen[start] = 0
        rows: dict[int, tuple[int, int]] = {}
        stack, count = [start], 0
        while stack:
            at = stack.pop()
            count += 1
            y, x = divmod(at, width)
            left, right = rows.get(y, (x, x))
            rows[y] = (min(left, x), max(right, x))
            for near, is_there in (
                (at - 1, x > 0), (at + 1, x < width - 1), (at - width, y > 0), (at + width, y < height - 1),
            ):  # fmt: skip
                if is_there and seen[near]:
                    seen[near] = 0
                    stack.append(near)
        if count > most:
            best, most = rows, count
    return best


def _undersides(rows: dict[int, tuple[int, int]]) -> list[Point]:
    """Return the lower corners of the last row: pixels have a height, too."""
    last = max(rows)
    return [(rows[last][0], last + 1), (rows[last][1] + 1, last + 1)]


def _hull(points: Sequence[Point]) -> list[Point]:
    """Return the corners of the convex hull, clockwise on the screen (A. Andrew's monotone chain)."""
    ordered = sorted(set(points))

    def half(run: Sequence[Point]) -> list[Point]:
        found: list[Point] = []
        for point in run:
            while len(found) > 1 and _cross(found[-2], found[-1], point) <= 0:
                found.pop()
            found.append(point)
        return found[:-1]

    return half(ordered) + half(ordered[::-1])


def _largest_quadrilateral(outline: Sequence[Point]) -> list[Point] | None:
    """Return the four points of the outline that enclose most."""
    number = len(outline)
    if number < 4:
        return None
    best, found = 0.0, None
    for i in range(number - 2):
        for k in range(i + 2, number):
            if not (between := range(i + 1, k)) or not (beyond := [*range(k + 1, number), *range(i)]):
                continue
            j = max(between, key=lambda at: abs(_cross(outline[i], outline[k], outline[at])))
            m = max(beyond, key=lambda at: abs(_cross(outline[i], outline[k], outline[at])))
            points = [outline[i], outline[j], outline[k], outline[m]]
            if (area := _area(points)) > best:
                best, found = area, points
    return found


def _in_order(points: Sequence[Point]) -> Corners:
    """Return four points of a clockwise round so that it begins at the top left."""
    first = min(range(4), key=lambda at: points[at][0] + points[at][1])
    return _flat([points[(first + step) % 4] for step in range(4)])


def _flat(points: Sequence[Point]) -> Corners:
    (a, b), (c, d), (e, f), (g, h) = points
    return (a, b, c, d, e, f, g, h)


def _angles(points: Sequence[Point]) -> list[float]:
    found = []
    for i in range(4):
        before, at, after = points[i - 1], points[i], points[(i + 1) % 4]
        one = math.atan2(before[1] - at[1], before[0] - at[0])
        other = math.atan2(after[1] - at[1], after[0] - at[0])
        angle = abs(math.degrees(one - other)) % 360
        found.append(min(angle, 360 - angle))
    return found


def _cross(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _area(points: Sequence[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*points, points[0]]))) / 2
