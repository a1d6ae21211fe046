"""Charts as geometry: where each mark lies, for a template that draws it as SVG. Pure.

Each chart shows what its table shows, and no more; the table is the truth, the chart its picture. No colour alone says
anything: bars of one row differ in pattern and carry their number, curves differ in their dashes and carry their name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from requests_app.tracking.statistics.counting import Line, Point
from requests_app.tracking.statistics.definitions import FEW, median_words

SHOWN: Final = 20  # rows of a chart: more cannot be read; the table has them all
LEFT, RIGHT, ROW, TOP, WIDTH = 200, 84, 24, 8, 720  # in the units of the picture
LONGEST_NAME: Final = 27
AXIS: Final = 30


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of a bar. `kind` names its class: how it is filled."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """A median as a dot, and its interval as a line; `open`: the interval has no end on the right."""

    dot: float
    low: float
    high: float
    open: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart."""

    name: str
    y: float
    marks: tuple[Mark, ...]
    value: str
    whisker: Whisker | None = None

    @property
    def middle(self) -> float:
        """Where its words stand."""
        return self.y + ROW / 2 - 2


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the scale."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows of bars with a scale. `left_out`: rows that the table has and the chart has not."""

    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    key: tuple[tuple[str, str], ...]
    left_out: int

    @property
    def height(self) -> int:
        """The height of the picture."""
        return TOP + ROW * len(self.bars) + AXIS

    @property
    def floor(self) -> int:
        """Where the rows end."""
        return TOP + ROW * len(self.bars)

    width: int = WIDTH
    left: int = LEFT


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve, as the points of a line in steps, with where its name stands."""

    kind: str
    name: str
    points: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves over days, with both scales."""

    title: str
    curves: tuple[Curve, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = 300


def medians(title: str, lines: Iterable[Line], measure: str) -> Bars | None:
    """Return a dot for each median, with its interval as a line, those with most requests first."""
    kept = [line for line in lines if line.times[measure].known >= FEW and line.times[measure].days is not None]
    rows, left_out = _largest(kept)
    if not rows:
        return None
    longest = max(max(line.times[measure].days or 0, line.times[measure].high or 0) for line in rows)
    scale, ticks = _scale(longest)
    bars = []
    for number, line in enumerate(rows):
        time = line.times[measure]
        dot = LEFT + (time.days or 0) * scale
        low = LEFT + (time.low if time.low is not None else time.days or 0) * scale
        high = WIDTH - RIGHT if time.high is None else LEFT + time.high * scale
        whisker = Whisker(round(dot, 1), round(low, 1), round(high, 1), time.high is None)
        value = median_words(time)
        bars.append(Bar(_short(line.short or line.name), TOP + ROW * number, (), value, whisker))
    return Bars(title, tuple(bars), ticks, (), left_out)


def duties(title: str, lines: Iterable[Line], kind: str) -> Bars | None:
    """Return how many dates were kept, let pass, and not due yet, those with most requests first."""
    kept = [line for line in lines if line.duties[kind].judged + line.duties[kind].waiting]
    parts = (("met", _("on time")), ("late", _("late")), ("waiting", _("not due yet")))
    return _stacked(
        title,
        [
            (line.short or line.name, [(key, getattr(line.duties[kind], key)) for key, _name in parts])
            for line in _by_size(kept)
        ],
        [(key, str(name)) for key, name in parts],
    )


def sums(title: str, lines: Iterable[Line]) -> Bars | None:
    """Return the fees asked by each row, the largest first, in whole dollars."""
    kept = sorted((line for line in lines if line.fee_cents), key=lambda line: (-line.fee_cents, line.name))
    rows = [(line.short or line.name, [("met", round(line.fee_cents / 100))]) for line in kept]
    return _stacked(title, rows, [("met", _("fees asked, in dollars"))], money=True)


def counts(title: str, rows: Sequence[tuple[str, int]]) -> Bars | None:
    """Return plain counts."""
    return _stacked(title, [(name, [("met", n)]) for name, n in rows], [])


def _stacked(
    title: str,
    rows: Sequence[tuple[str, list[tuple[str, int]]]],
    key: Sequence[tuple[str, str]],
    *,
    money: bool = False,
) -> Bars | None:
    shown, left_out = rows[:SHOWN], max(0, len(rows) - SHOWN)
    if not shown:
        return None
    scale, ticks = _scale(max(sum(n for _kind, n in parts) for _name, parts in shown))
    bars = []
    for number, (name, parts) in enumerate(shown):
        x, marks = float(LEFT), []
        for kind, n in parts:
            if n:
                marks.append(Mark(kind, round(x, 1), round(n * scale, 1)))
                x += n * scale
        words = f"${parts[0][1]:,}" if money else " / ".join(f"{n:,}" for _kind, n in parts)
        bars.append(Bar(_short(name), TOP + ROW * number, tuple(marks), words))
    return Bars(title, tuple(bars), ticks, tuple(key), left_out)


def curves(title: str, found: Sequence[tuple[str, str | Promise, Sequence[Point]]]) -> Curves | None:
    """Return which share had what by which day. `found`: measure, its name, its points."""
    drawn = [(kind, str(name), points) for kind, name, points in found if points]
    if not drawn:
        return None
    longest = max(point.days for _kind, _name, points in drawn for point in points)
    left, right, top, floor = 48, 130, 12, 258
    scale, ticks = _scale(longest, left=left, right=right)
    lines = []
    for kind, name, points in drawn:
        steps, x, y = [f"{left},{floor}"], float(left), float(floor)
        for point in points:
            x = left + point.days * scale
            steps.append(f"{x:.1f},{y:.1f}")
            y = floor - point.share * (floor - top)
            steps.append(f"{x:.1f},{y:.1f}")
        lines.append(Curve(kind, name, " ".join(steps), round(x + 6, 1), round(y + 4, 1)))
    up = tuple(Tick(floor - part * (floor - top) / 4, f"{part * 25}%") for part in range(5))
    return Curves(title, tuple(_apart(lines)), ticks, up)


def _apart(lines: Sequence[Curve]) -> list[Curve]:
    """Move the names of curves that end at nearly the same height away from each other."""
    placed: list[Curve] = []
    for line in sorted(lines, key=lambda one: one.y):
        y = line.y if not placed else max(line.y, placed[-1].y + 15)
        placed.append(Curve(line.kind, line.name, line.points, line.x, y))
    over = placed[-1].y - 290 if placed else 0
    return [Curve(one.kind, one.name, one.points, one.x, one.y - max(0, over)) for one in placed]


def _by_size(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.sent, line.name))


def _largest(lines: Iterable[Line]) -> tuple[list[Line], int]:
    rows = _by_size(lines)
    return rows[:SHOWN], max(0, len(rows) - SHOWN)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _scale(largest: int, *, left: int = LEFT, right: int = RIGHT) -> tuple[float, tuple[Tick, ...]]:
    """Return units of the picture for one of what is shown, and a scale with four to seven lines at round numbers."""
    largest = max(1, largest)
    step = next(
        base * 10**power for power in range(12) for base in (1, 2, 5) if base * 10**power * 6 >= largest
    )  # fmt: skip
    scale = (WIDTH - left - right) / largest
    return scale, tuple(Tick(round(left + n * scale, 1), f"{n:,}") for n in range(0, largest + 1, step))
