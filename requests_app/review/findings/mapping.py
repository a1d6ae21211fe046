"""A sheet of numbers, read once its reader has said what its columns mean: every value with its cell, and what is odd.

The reader maps columns to what findings know (component, message key, door, period) and words of the sheet to their
names. Then each row is read the same way. Nothing is guessed and nothing is filled in: a blank is no zero, a number
hidden as "<10" is no number, and the sheet's own totals are added up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from requests_app.review.findings.periods import Hints, NoPeriod, Period, as_month, period_of

DIMENSIONS: Final = ("component", "message_key", "door", "period")
MOST_PROBLEMS: Final = 500  # told one by one; a sheet that is mapped wrongly has one in every cell
_TOTAL: Final = re.compile(r"(?:grand |sub[- ]?|over ?all )?totals?\b.*|sum|subtotals?\b.*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,30})(?:\.\d{1,30})?", re.ASCII)
_HIDDEN: Final = re.compile(r"(?:<|under|less than|fewer than) ?\d+|\*+|x+|suppressed|redacted|withheld", re.IGNORECASE)
_BLANK: Final = frozenset({"", "-", "--", "n/a", "na", "none", "null", ".", "\u2013", "\u2014"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class ValueColumn:
    """A column of counts, by its number from 1. `sets`: what its header says of all of them, such as the component.

    `is_total`: it holds the sum of the other value columns of its row, and is checked, not taken.
    """

    column: int
    sets: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    is_total: bool = False


@dataclass(frozen=True)
class SheetMap:
    """What the columns of one sheet mean. Rows and columns are numbered from 1, as the sheet shows them."""

    values: tuple[ValueColumn, ...]
    reads: Mapping[str, int] = field(default_factory=dict)  # dimension -> the column it stands in
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # dimension -> folded word -> its name
    constants: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    carried: frozenset[str] = frozenset()  # dimensions whose blank cell means what stood above
    hints: Hints = field(default_factory=Hints)
    days_are_months: bool = False

    def problems(self) -> list[str]:
        """Return what is wrong with the map itself, as codes; [] when a sheet can be read with it."""
        found = []
        if not any(not value.is_total for value in self.values):
            found.append("no_values")
        columns = [value.column for value in self.values] + list(self.reads.values())
        if len(columns) != len(set(columns)) or any(column < 1 for column in columns):
            found.append("columns")
        named = {*self.reads, *self.constants, *(name for value in self.values for name in value.sets)}
        if named - set(DIMENSIONS):
            found.append("unknown_dimension")
        for value in self.values:
            if not value.is_total and "period" not in {*self.reads, *self.constants, *value.sets}:
                found.append("no_period")
                break
        return found


@dataclass(frozen=True)
class Proposal:
    """One number of the sheet, what it is said to count and its cell. It is not kept until a person says so."""

    row: int
    column: int
    value: int
    period: Period
    means: tuple[tuple[str, str], ...]  # dimension and name, in the order of DIMENSIONS


@dataclass(frozen=True)
class Problem:
    """A cell that was not taken, and why: see `PROBLEMS`. `said`: what stands in it."""

    code: str
    row: int
    column: int
    said: str = ""


PROBLEMS: Final = frozenset({
    "blank",  # no number; not the same as zero
    "hidden",  # "<10", "***": the agency holds it back
    "no_number",
    "not_whole",
    "negative",
    "no_period", "needs_year", "needs_fiscal_year", "unreadable", "ends_before_it_starts",  # of the period's cell
    "unknown_word",  # a component, key or door that the map does not name
    "twice",  # the same slice of the same time stands in another cell, too
})  # fmt: skip


@dataclass(frozen=True)
class TotalCheck:
    """A total that the sheet states, and what its parts add up to."""

    row: int
    column: int
    stated: int
    counted: int

    @property
    def holds(self) -> bool:
        """Whether the sheet adds up."""
        return self.stated == self.counted


@dataclass(frozen=True)
class Reading:
    """Everything a map finds in a sheet. `left_out`: problems beyond those that are told."""

    proposals: tuple[Proposal, ...]
    problems: tuple[Problem, ...]
    totals: tuple[TotalCheck, ...]
    left_out: int = 0

    @property
    def sum(self) -> int:
        """All values together."""
        return sum(proposal.value for proposal in self.proposals)


Row = tuple[int, Sequence[object]]


def read(sheet_map: SheetMap, rows: Iterable[Row]) -> Reading:
    """Read the rows (number from 1, cells from the first column) with the map. Raises ValueError when the map is wrong.

    1. A row that names itself a total is checked against what stood above it.
    2. Otherwise each value cell becomes a proposal, or a problem.
    3. A total column is checked against its row.
    """
    if wrong := sheet_map.problems():
        raise ValueError(", ".join(wrong))
    reader = _Reader(sheet_map)
    for number, cells in rows:
        reader.take(number, cells)
    return reader.done()


def fold(word: object) -> str:
    """Return a word of a sheet as the map's `words` have it: no capitals, one space."""
    return re.sub(r"\s+", " ", str(word if word is not None else "")).strip().casefold()


class _Reader:
    def __init__(self, sheet_map: SheetMap) -> None:
        self.map = sheet_map
        self.proposals: list[Proposal] = []
        self.problems: list[Problem] = []
        self.totals: list[TotalCheck] = []
        self.left_out = 0
        self._above: dict[str, object] = {}
        self._seen: dict[object, Proposal] = {}
        self._since: dict[int, int] = {}  # value column -> its sum since the last total row
        self._all: dict[int, int] = {}

    def done(self) -> Reading:
        return Reading(tuple(self.proposals), tuple(self.problems), tuple(self.totals), self.left_out)

    def take(self, number: int, cells: Sequence[object]) -> None:
        said = {name: _cell(cells, column) for name, column in self.map.reads.items()}
        if any(isinstance(word, str) and _TOTAL.fullmatch(word.strip()) for word in said.values()):
            self._check_totals(number, cells)
            return
        if all(fold(_cell(cells, value.column)) in _BLANK for value in self.map.values):
            if not any(fold(word) not in _BLANK for word in said.values()):
                return  # an empty row
            if self._carry(said):
                return  # a heading of the rows below
        for name in self.map.carried:
            if fold(said.get(name)) in _BLANK:
                said[name] = self._above.get(name)
            else:
                self._above[name] = said[name]
        taken = sum(value for value in (self._value(number, cells, one, said) for one in self._parts()) if value)
        for total in (one for one in self.map.values if one.is_total):
            stated = _count(_cell(cells, total.column))
            if isinstance(stated, int):
                self.totals.append(TotalCheck(number, total.column, stated, taken))

    def _parts(self) -> Iterator[ValueColumn]:
        return (one for one in self.map.values if not one.is_total)

    def _carry(self, said: Mapping[str, object]) -> bool:
        """Take notice of a row that only names what follows. Returns whether it was one."""
        named = {name: word for name, word in said.items() if fold(word) not in _BLANK}
        if not set(named) <= self.map.carried:
            return False
        self._above.update(named)
        return True

    def _value(self, number: int, cells: Sequence[object], one: ValueColumn, said: Mapping[str, object]) -> int | None:
        cell = _cell(cells, one.column)
        count = _count(cell)
        if isinstance(count, str):
            self._tell(count, number, one.column, cell)
            return None
        means: dict[str, str] = {}
        period: Period | None = None
        for name in DIMENSIONS:
            column = self.map.reads.get(name)
            fixed = one.sets.get(name, self.map.constants.get(name, ""))
            word = fixed if column is None or (name in one.sets) else said.get(name)
            if name == "period":
                try:
                    period = period_of(word, self.map.hints)
                except NoPeriod as trouble:
                    blank = "no_period" if fold(word) in _BLANK else trouble.code
                    self._tell(blank, number, column or one.column, word)
                    return None
                if self.map.days_are_months:
                    period = as_month(period)
            elif word == fixed:
                if fixed:
                    means[name] = fixed
            elif (known := self.map.words.get(name, {}).get(fold(word))) is not None:
                means[name] = known
            else:
                self._tell("unknown_word", number, column or one.column, word)
                return None
        if period is None:  # DIMENSIONS names it; this keeps the type checker company
            return None
        proposal = Proposal(number, one.column, count, period, tuple(means.items()))
        first = self._seen.setdefault((period, proposal.means), proposal)
        if first is not proposal:
            self._tell("twice", number, one.column, cell)
            return None
        self.proposals.append(proposal)
        for sums in (self._since, self._all):
            sums[one.column] = sums.get(one.column, 0) + count
        return count

    def _check_totals(self, number: int, cells: Sequence[object]) -> None:
        stated_all = 0
        for one in self.map.values:
            stated = _count(_cell(cells, one.column))
            if not isinstance(stated, int):
                continue
            if one.is_total:
                self.totals.append(TotalCheck(number, one.column, stated, stated_all))
                continue
            stated_all += stated
            since, everything = self._since.get(one.column, 0), self._all.get(one.column, 0)
            self.totals.append(TotalCheck(number, one.column, stated, since if stated == since else everything))
        self._since = {}

    def _tell(self, code: str, row: int, column: int, said: object) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            self.left_out += 1
            return
        self.problems.append(Problem(code, row, column, "" if said is None else str(said)[:80]))


def _cell(cells: Sequence[object], column: int) -> object:
    return cells[column - 1] if column <= len(cells) else None


def _count(cell: object) -> int | str:
    """Return the count in a cell, or the code of what is wrong with it."""
    if cell is None or fold(cell) in _BLANK:
        return "blank"
    if isinstance(cell, bool):
        return "no_number"
    if isinstance(cell, str):
        text = cell.strip().replace("\u00a0", " ")
        if _HIDDEN.fullmatch(text):
            return "hidden"
        if not _NUMBER.fullmatch(text):
            return "no_number"
        cell = Decimal(re.sub(r"[ ,]", "", text))
    if not isinstance(cell, int | float | Decimal):
        return "no_number"
    value = Decimal(str(cell))
    if not value.is_finite():
        return "no_number"
    if value < 0:
        return "negative"
    return int(value) if value == value.to_integral_value() and value < 10**15 else "not_whole"
