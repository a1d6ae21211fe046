"""What stands in each column of a sheet, and which row names the columns. Pure.

Everything is counted as the rows go by; only the number of different values is an estimate, where they are many.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from itertools import zip_longest
from typing import Any, Final

from requests_app.documents.cells import BLANK, BOOLEAN, DATE, NUMBER, TEXT, Cell, Row, kind_of, shown_of, value_of
from requests_app.documents.readers.sheets_formats import tidy

LOOKED_AT: Final = 30  # rows among which the header is looked for
EXACT: Final = 5000  # different values counted one by one
EXAMPLES: Final = 3
TOGETHER: Final = 500  # rows counted at once
MOST_OF: Final = 0.95  # a column is of a kind when so many of its values are
_EXACTLY: Final = Context(prec=60)

_NUMBER: Final = re.compile(r"\(?-?\$? ?-?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)?(?:\.\d+)? ?%?\)?")
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?Z?")
_SLASHES: Final = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def number_in(text: str) -> Decimal | None:
    """Return the number that a text writes, with its commas, sign, dollars, percent or brackets; None for none.

    A text with leading zeros is a name, such as an identifier, and no number.
    """
    text = text.strip()
    if not text or text[0] not in "0123456789-($." or not _NUMBER.fullmatch(text):
        return None
    in_brackets = text[0] == "("
    if in_brackets != (text[-1] == ")"):
        return None
    plain = text.strip("()").replace("$", "").replace(",", "").replace(" ", "")
    is_percent = plain.endswith("%")
    plain = plain.rstrip("%")
    if not plain.strip("-.") or plain.count("-") > 1:
        return None
    number = Decimal(plain)
    if is_percent:
        number = _EXACTLY.divide(number, Decimal(100))
    return -number if in_brackets else number


def day_in(text: str, reading: str) -> str:
    """Return the moment that a text writes, by ISO 8601, so that moments sort as texts; "" for none.

    `reading`: iso, mdy (month first, as in the United States) or dmy.
    """
    text = text.strip()
    if reading == "iso":
        match = _ISO.fullmatch(text)
        if not match:
            return ""
        year, month, day, hour = int(match[1]), int(match[2]), int(match[3]), int(match[4] or 0)
        minute, second = int(match[5] or 0), int(match[6] or 0)
    else:
        match = _SLASHES.fullmatch(text)
        if not match:
            return ""
        first, other = int(match[1]), int(match[2])
        month, day = (first, other) if reading == "mdy" else (other, first)
        year = int(match[3])
        if len(match[3]) == 2:
            year += 2000 if year < 30 else 1900  # as spreadsheets read two digits
        hour, minute, second = int(match[4] or 0), int(match[5] or 0), int(match[6] or 0)
        if match[7]:
            hour = hour % 12 + (12 if match[7] in "Pp" else 0)
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month - 1] and hour < 24 and minute < 60 and second < 60):
        return ""
    moment = f"{year:04d}-{month:02d}-{day:02d}"
    return f"{moment}T{hour:02d}:{minute:02d}:{second:02d}" if hour or minute or second else moment


class Different:
    """Counts different values: exactly while they are few, then from a fixed share of them."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._hashes: set[int] = set()
        self._mask = 0
        self._is_exact = True

    def add(self, values: Sequence[str]) -> None:
        """Count some more."""
        if not self._is_exact:
            self._keep(values)
            return
        self._values.update(values)
        if len(self._values) > EXACT:
            self._is_exact = False
            self._keep(self._values)
            self._values = set()

    def _keep(self, values: Iterable[str]) -> None:
        mask = self._mask
        for value in values:
            # The same on every machine and in every run; mixed, so that its low bits are as good as any.
            mark = zlib.crc32(value.encode("utf-8", "surrogatepass")) * 0x9E3779B1 >> 7 & 0xFFFFFFFF
            if not mark & mask:
                self._hashes.add(mark)
        while len(self._hashes) > EXACT:
            self._mask = self._mask * 2 + 1
            self._hashes = {known for known in self._hashes if not known & self._mask}

    @property
    def count(self) -> int:
        """How many different values there were."""
        return len(self._values) if self._is_exact else len(self._hashes) * (self._mask + 1)

    @property
    def is_exact(self) -> bool:
        """Whether `count` is no estimate."""
        return self._is_exact


@dataclass
class Range:
    """The least and the greatest of what was seen."""

    count: int = 0
    least: Any = None
    greatest: Any = None

    def add(self, value: Any, count: int = 1) -> None:
        """See one more, which stands for `count`."""
        if self.least is None:
            self.least = self.greatest = value
        elif value < self.least:
            self.least = value
        elif value > self.greatest:
            self.greatest = value
        self.count += count


@dataclass
class Column:
    """What stands in one column under its header."""

    typed: bool
    filled: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    numbers: Range = field(default_factory=Range)
    sum: Decimal = Decimal(0)
    days: Range = field(default_factory=Range)
    written: dict[str, Range] = field(default_factory=dict)  # moments in texts, by their reading
    written_numbers: Range = field(default_factory=Range)
    written_sum: Decimal = Decimal(0)
    longest: int = 0
    different: Different = field(default_factory=Different)
    examples: list[str] = field(default_factory=list)

    def add(self, cells: Sequence[Cell]) -> None:
        """Count some cells, none of them blank."""
        self.filled += len(cells)
        if len(self.examples) < EXAMPLES:
            self._add_examples(cells)
        texts = [cell for cell in cells if isinstance(cell, str)]
        self._count(TEXT, len(texts))
        self.different.add(texts)
        if texts:
            self.longest = max(self.longest, max(map(len, texts)))
            for text in texts:
                if text[0] in "0123456789-($. ":
                    self._add_text(text)
        if len(texts) == len(cells):
            return
        whole = [cell for cell in cells if type(cell) is int]
        lists = [cell for cell in cells if isinstance(cell, list)]
        numbers = [*map(Decimal, whole), *[Decimal(cell[1]) for cell in lists if cell[0] == NUMBER]]
        days = [cell[1] for cell in lists if cell[0] == DATE]
        booleans = [value_of(cell) for cell in cells if isinstance(cell, bool)]
        self._count(NUMBER, len(numbers))
        self._count(DATE, len(days))
        self._count(BOOLEAN, len(booleans))
        for cell in lists:
            if cell[0] not in (NUMBER, DATE):
                self._count(cell[0], 1)
        self.different.add([*map(str, whole), *[cell[1] for cell in lists], *booleans])
        if numbers:
            self.numbers.add(min(numbers), len(numbers))
            self.numbers.add(max(numbers), 0)
            with localcontext(_EXACTLY):
                self.sum = sum(numbers, self.sum)
        if days:
            self.days.add(min(days), len(days))
            self.days.add(max(days), 0)

    def _count(self, kind: str, count: int) -> None:
        if count:
            self.kinds[kind] = self.kinds.get(kind, 0) + count

    def _add_examples(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            shown = shown_of(cell)[:80].replace("\x00", "")  # which PostgreSQL does not keep
            if shown not in self.examples:
                self.examples.append(shown)
                if len(self.examples) == EXAMPLES:
                    return

    def _add_text(self, text: str) -> None:
        number = number_in(text)
        if number is not None:
            self.written_numbers.add(number)
            self.written_sum = _EXACTLY.add(self.written_sum, number)
            return
        for reading in ("iso", "mdy", "dmy"):
            day = day_in(text, reading)
            if day:
                self.written.setdefault(reading, Range()).add(day)

    def told(self, rows: int) -> dict[str, Any]:
        """Return the profile, in plain JSON. `rows`: how many rows there are under the header.

        type: number, date, time, length, boolean, text, mixed or blank. `reads`: how the texts of a file without types
        are to be read for sorting: number, iso, mdy, dmy or "".
        """
        told: dict[str, Any] = {
            "filled": self.filled, "blank": max(0, rows - self.filled), "different": self.different.count,
            "different_is_exact": self.different.is_exact, "examples": self.examples, "type": self._type(), "reads": "",
        }  # fmt: skip
        if self.kinds.get("e"):
            told["errors"] = self.kinds["e"]
        if self.numbers.count:
            told |= self._numbers(self.numbers, self.sum)
        if self.days.count:
            told |= {"first": self.days.least, "last": self.days.greatest}
        if self.kinds.get(TEXT):
            told["longest"] = self.longest
            if self.typed and self.written_numbers.count:
                told["numbers_as_text"] = self.written_numbers.count
        if not self.typed:
            told |= self._read_texts()
        return told

    def _type(self) -> str:
        names = {"n": "number", "d": "date", "t": "time", "u": "length", "b": "boolean", "s": "text"}
        kinds = {kind: count for kind, count in self.kinds.items() if kind != "e"}
        if not kinds:
            return "error" if self.kinds else "blank"
        kind, count = max(kinds.items(), key=lambda one: one[1])
        return names[kind] if count >= MOST_OF * sum(kinds.values()) else "mixed"

    def _read_texts(self) -> dict[str, Any]:
        enough = MOST_OF * self.filled
        if self.written_numbers.count and self.written_numbers.count >= enough:
            told: dict[str, Any] = {"type": "number", "reads": "number"}
            told |= self._numbers(self.written_numbers, self.written_sum)
            return self._with_others(told, self.written_numbers.count)
        fitting = [reading for reading, seen in self.written.items() if seen.count >= enough]
        if fitting:
            reading = next(reading for reading in ("iso", "mdy", "dmy") if reading in fitting)
            seen = self.written[reading]
            told = {"type": "date", "reads": reading, "first": seen.least, "last": seen.greatest}
            if {"mdy", "dmy"} <= set(fitting):
                told["month_first_is_assumed"] = True
            return self._with_others(told, seen.count)
        return {}

    def _with_others(self, told: dict[str, Any], fitting: int) -> dict[str, Any]:
        if fitting < self.filled:
            told["others"] = self.filled - fitting
        return told

    @staticmethod
    def _numbers(seen: Range, total: Decimal) -> dict[str, str]:
        return {"least": _short(seen.least), "greatest": _short(seen.greatest), "sum": _short(total)}


def _short(number: Decimal) -> str:
    """Return a number without the noise of binary fractions: 15 digits, unless it is a whole one."""
    if number == number.to_integral_value():
        return tidy(str(number))
    return tidy(str(Context(prec=15).plus(number)))


class Profile:
    """The columns of one sheet, counted as its rows go by."""

    def __init__(self, *, typed: bool) -> None:
        self._typed = typed
        self._columns: list[Column] = []
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Count one row under the header."""
        self._rows.append(row)
        if len(self._rows) == TOGETHER:
            self._count()

    def _count(self) -> None:
        rows, self._rows = self._rows, []
        for number, cells in enumerate(zip_longest(*rows)):
            if number == len(self._columns):
                self._columns.append(Column(self._typed))
            filled = [cell for cell in cells if cell is not None]
            if filled:
                self._columns[number].add(filled)

    def told(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return the profile of each column, from the first."""
        self._count()
        while len(self._columns) < columns:
            self._columns.append(Column(self._typed))
        return [column.told(rows) for column in self._columns]


def header_among(rows: Sequence[tuple[int, Row]], *, hint: int = 0, frozen: int = 0) -> int:
    """Return which row names the columns, 0 for none. `rows`: the first ones of the sheet, with their numbers.

    1. What the file itself says: the header of a table or a filter, or the last of the rows that stand still.
    2. Otherwise the first row about as wide as the widest, when all that it says are different plain words, and
       something stands below it.
    """
    numbers = {number for number, _row in rows}
    for said in (hint, frozen):
        if said in numbers:
            return said
    widths = [sum(cell is not None for cell in row) for _number, row in rows]
    widest = max(widths, default=0)
    for place, (number, row) in enumerate(rows[:-1]):
        if widths[place] < max(1, 0.6 * widest):
            continue
        names = [cell for cell in row if cell is not None]
        if all(_is_a_name(name) for name in names) and len({str(name) for name in names}) >= 0.9 * len(names):
            return number
        return 0
    return 0


def _is_a_name(cell: Cell) -> bool:
    """Whether a cell may be the name of a column. A year may, where other names stand beside it; here it is none."""
    if not isinstance(cell, str) or kind_of(cell) == BLANK or len(cell) > 200:
        return False
    return number_in(cell) is None and not any(day_in(cell, reading) for reading in ("iso", "mdy", "dmy"))
