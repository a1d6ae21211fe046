"""Which rows of a sheet a person sees, and in which order.

The file's own order is counted from ranges, so that no list of a million numbers is made for it. Any other order is
made once, from all blocks, and kept as a file of row numbers: a derivative that can be made again.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final, Protocol

from requests_app.documents.cells import BLOCK, Row, lines_of, row_of
from requests_app.documents.derived import Derived
from requests_app.documents.models import Sheet
from requests_app.documents.sheets.choices import Choices, Key, key_of, test_of

KEPT: Final = 40  # orders of one sheet; the oldest are made again when they are asked for
NUMBER: Final = 4  # bytes of a row's number in the file


class Rows(Protocol):
    """Row numbers in some order."""

    def __len__(self) -> int: ...

    def part(self, start: int, stop: int) -> list[int]:
        """Return the row numbers at these places, from 0."""
        ...

    def place_of(self, row: int) -> int | None:
        """Return at which place a row stands, from 0; None where it is left out."""
        ...


@dataclass(frozen=True)
class Ranges:
    """Rows in the file's own order: unbroken runs, both ends in them."""

    runs: tuple[tuple[int, int], ...]

    def _ends(self) -> list[int]:
        return list(accumulate(last - first + 1 for first, last in self.runs))

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.runs)

    def part(self, start: int, stop: int) -> list[int]:
        """Return the row numbers at these places."""
        found: list[int] = []
        ends = self._ends()
        run = bisect_right(ends, start)
        while run < len(self.runs) and start < stop:
            first, last = self.runs[run]
            begin = first + start - (ends[run] - (last - first + 1))
            some = range(begin, min(last, begin + stop - start - 1) + 1)
            found += some
            start += len(some)
            run += 1
        return found

    def place_of(self, row: int) -> int | None:
        """Return the place of a row."""
        run = bisect_right([first for first, _last in self.runs], row) - 1
        if run < 0 or row > self.runs[run][1]:
            return None
        first, last = self.runs[run]
        return self._ends()[run] - (last - first + 1) + row - first


@dataclass(frozen=True)
class Listed:
    """Rows in an order that was chosen, in a file."""

    path: Path
    count: int

    def __len__(self) -> int:
        return self.count

    def part(self, start: int, stop: int) -> list[int]:
        """Return the row numbers at these places."""
        with self.path.open("rb") as file:
            file.seek(start * NUMBER)
            return list(_numbers(file.read(max(0, stop - start) * NUMBER)))

    def place_of(self, row: int) -> int | None:
        """Return the place of a row."""
        try:
            return _numbers(self.path.read_bytes()).index(row)
        except ValueError:
            return None


def rows_of(sheet: Sheet, choices: Choices) -> Rows:
    """Return the rows that are shown under the header, in the order chosen. Makes an order at its first use."""
    natural = without(1, sheet.rows, [sheet.header] if sheet.header else [], sheet.hidden_rows if choices.hide else [])
    if choices.is_natural:
        return natural
    derived = Derived(sheet.blob_id)
    name = f"sheets/{sheet.number}/{choices.key(sheet.header)}.rows"
    path = derived.path(name)
    if not path.exists():
        numbers = array("I", ordered(sheet, choices, natural))
        if sys.byteorder == "big":
            numbers.byteswap()
        _forget_the_oldest(path.parent)
        with derived.making(name) as making:
            making.write_bytes(numbers.tobytes())
    return Listed(path, path.stat().st_size // NUMBER)


def without(first: int, last: int, rows: Sequence[int], ranges: Sequence[Sequence[int]]) -> Ranges:
    """Return the rows from first to last, but for some."""
    runs: list[tuple[int, int]] = []
    start = first
    for begin, end in sorted([*((row, row) for row in rows), *((one[0], one[1]) for one in ranges)]):
        if begin > start:
            runs.append((start, min(begin - 1, last)))
        start = max(start, end + 1)
    if start <= last:
        runs.append((start, last))
    return Ranges(tuple((begin, end) for begin, end in runs if begin <= end))


def ordered(sheet: Sheet, choices: Choices, natural: Ranges) -> list[int]:
    """Return the rows that meet all conditions, below the header and in the order chosen; blanks come last.

    Takes every row of the sheet in hand once: about half a second for 100,000 rows of ten columns.
    """
    reads = {number: column.get("reads", "") for number, column in enumerate(sheet.profile, 1)}
    tests = [(one.column - 1, test_of(one, reads.get(one.column, ""))) for one in choices.conditions]
    column, reading = choices.sort - 1, reads.get(choices.sort, "")
    keyed: list[tuple[Key, int]] = []
    blank: list[int] = []
    shown = iter(natural.runs)
    run = next(shown, (0, -1))
    for number, row in every_row(sheet):
        while run[1] < number and run[1] >= 0:
            run = next(shown, (0, -1))
        if run[1] < 0:
            break
        if number < run[0] or number <= sheet.header:
            continue
        if not all(test(row[place] if place < len(row) else None) for place, test in tests):
            continue
        key = key_of(row[column], reading) if 0 <= column < len(row) else None
        if key is None:
            blank.append(number)
        else:
            keyed.append((key, number))
    if choices.sort:
        keyed.sort(key=lambda one: one[0], reverse=choices.down)  # equal ones stay in the order of the file
    return [number for _key, number in keyed] + blank


def every_row(sheet: Sheet) -> Iterator[tuple[int, Row]]:
    """Give every row of the sheet with its number, blank ones too."""
    number = 0
    for block, packed in sheet.blocks.order_by("number").values_list("number", "rows").iterator(chunk_size=50):
        while number < block * BLOCK:
            number += 1
            yield number, []
        for line in lines_of(packed):
            number += 1
            yield number, row_of(line)


def _numbers(content: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _forget_the_oldest(folder: Path) -> None:
    known = sorted(folder.glob("*.rows"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    for path in known[: max(0, len(known) - KEPT + 1)]:
        path.unlink(missing_ok=True)
