"""Cells of a spreadsheet: how one is kept, what it is called, and how rows are packed into blocks. Pure.

A cell is kept as plainly as JSON allows:

- `None`: blank
- a string: text, exactly as it stands
- a whole number, True or False
- a list `[kind, value]` or `[kind, value, shown]`: `value` is exact and sorts or converts, `shown` is what the sender's
  program shows, and is left out where it is the same.

Kinds: n number (plain decimal), d date or moment (ISO 8601), t time of day, u length of time (hours:minutes:seconds),
e error, s text that is shown in another way.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

MOST_ROWS: Final = 1_048_576  # of Excel since 2007, and of LibreOffice
MOST_COLUMNS: Final = 16_384
BLOCK: Final = 200  # rows packed together
LONGEST: Final = 32_767  # characters in a cell, as in Excel
LARGEST_BLOCK: Final = 256 * 1024 * 1024  # bytes of an unpacked block; a larger one was not packed by us

Cell: TypeAlias = str | int | bool | list[str] | None
Row: TypeAlias = list[Cell]

NUMBER, DATE, TIME, LENGTH, ERROR, TEXT, BOOLEAN, BLANK = "n", "d", "t", "u", "e", "s", "b", ""

_ADDRESS: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Area(NamedTuple):
    """A rectangle of cells, from 1, both corners in it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """Such as B7 or B7:C9."""
        first = f"{letters(self.left)}{self.top}"
        last = f"{letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def holds(self, row: int, column: int) -> bool:
        """Whether that cell is in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


def letters(column: int) -> str:
    """Return the name of a column from 1: A, Z, AA, XFD."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_of(name: str) -> int:
    """Return the number of a column by its name, from 1; 0 where there is none of that name."""
    number = 0
    for letter in name.upper():
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - 64
        if number > MOST_COLUMNS:
            return 0
    return number


def area_of(text: str) -> Area | None:
    """Return the area that `B7`, `$B$7` or `b7:c9` names, or None where the text names none."""
    corners = [_ADDRESS.fullmatch(corner.strip()) for corner in text.strip().split(":")]
    if not 1 <= len(corners) <= 2:
        return None
    places = [(int(corner[2]), column_of(corner[1])) for corner in corners if corner]
    if len(places) != len(corners) or any(row > MOST_ROWS or not column for row, column in places):
        return None
    rows, columns = [row for row, _column in places], [column for _row, column in places]
    return Area(min(rows), min(columns), max(rows), max(columns))


def kind_of(cell: Cell) -> str:
    """Return the kind of a cell by its letter; BLANK for an empty one."""
    if cell is None:
        return BLANK
    if isinstance(cell, str):
        return TEXT
    if isinstance(cell, bool):
        return BOOLEAN
    return NUMBER if isinstance(cell, int) else cell[0]


def value_of(cell: Cell) -> str:
    """Return the exact value, as text."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return str(cell) if isinstance(cell, int) else cell[1]


def shown_of(cell: Cell) -> str:
    """Return the cell as the sender's program shows it."""
    return cell[-1] if isinstance(cell, list) else value_of(cell)


def pack(rows: Sequence[Row]) -> bytes:
    """Pack the rows of a block, each a line of JSON, so that one of them can be read without the others."""
    return zlib.compress(b"\n".join([_encode(row) for row in rows]), 3)  # quickly: it is read often and made once


def lines_of(packed: bytes | memoryview) -> list[bytes]:
    """Return the lines of a block, still JSON. Raises ValueError for what `pack` did not make."""
    try:
        inflater = zlib.decompressobj()
        lines = inflater.decompress(bytes(packed), LARGEST_BLOCK)
    except zlib.error as trouble:
        raise ValueError("This is no block of rows.") from trouble
    if not inflater.eof:
        raise ValueError("This is no block of rows.")
    return lines.split(b"\n")


def row_of(line: bytes) -> Row:
    """Return the cells of one line."""
    found: Any = _decode(line)
    return found  # type: ignore[no-any-return]


def unpack(packed: bytes | memoryview) -> list[Row]:
    """Return all rows of a block."""
    return [row_of(line) for line in lines_of(packed)]
