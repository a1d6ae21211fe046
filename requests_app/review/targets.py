"""What an annotation is about: words or a region of a page, a whole page, cells of a sheet, words of a mail, all of it.

Plain values that know no database. Places on a page are shares of its width and height, so that they hold whatever
size it is drawn in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from requests_app.review.anchoring import TextQuote

LEAST_SIDE: Final = 0.001  # a thousandth of a page; what is smaller was drawn by a slip
MOST_ROWS: Final = 1_048_576  # of a sheet, in the largest files that exist (ECMA-376)
MOST_COLUMNS: Final = 16_384
_CELL: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class NoTarget(ValueError):
    """Nothing can be annotated there. `code`: outside, empty or unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class WholeDocument:
    """All of it."""


@dataclass(frozen=True)
class WholePage:
    """One page, numbered from 1."""

    page: int

    def __post_init__(self) -> None:
        if self.page < 1:
            raise NoTarget("outside")


@dataclass(frozen=True)
class PageText:
    """Words of one page, with their place in its text when they were marked."""

    page: int
    quote: TextQuote
    start: int | None = None

    def __post_init__(self) -> None:
        if self.page < 1 or (self.start is not None and self.start < 0):
            raise NoTarget("outside")
        if not self.quote.exact.strip():
            raise NoTarget("empty")


@dataclass(frozen=True)
class PageRegion:
    """A rectangle of one page: shares of its width and height from the top left."""

    page: int
    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if self.page < 1:
            raise NoTarget("outside")
        if not (self.width >= LEAST_SIDE and self.height >= LEAST_SIDE):  # also what is no number
            raise NoTarget("empty")
        if not (
            self.left >= 0 and self.top >= 0 and self.left + self.width <= 1.0001 and self.top + self.height <= 1.0001
        ):
            raise NoTarget("outside")


@dataclass(frozen=True)
class Cells:
    """A rectangle of cells on one sheet, by numbers from 1, both corners included."""

    sheet: int
    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __post_init__(self) -> None:
        if self.sheet < 1 or self.first_row < 1 or self.first_column < 1:
            raise NoTarget("outside")
        if self.last_row < self.first_row or self.last_column < self.first_column:
            raise NoTarget("empty")
        if self.last_row > MOST_ROWS or self.last_column > MOST_COLUMNS:
            raise NoTarget("outside")

    @property
    def address(self) -> str:
        """As a spreadsheet writes it: B7, or B7:D9."""
        first = f"{column_letters(self.first_column)}{self.first_row}"
        last = f"{column_letters(self.last_column)}{self.last_row}"
        return first if first == last else f"{first}:{last}"

    @classmethod
    def of(cls, sheet: int, address: str) -> Cells:
        """Read B7, B7:D9, $B$7 or d9:b7. Raises NoTarget."""
        corners = [_CELL.fullmatch(part) for part in address.replace("$", "").strip().upper().split(":")]
        if not 1 <= len(corners) <= 2 or None in corners:
            raise NoTarget("unreadable")
        places = [(int(found[2]), column_number(found[1])) for found in corners if found]
        rows, columns = sorted(row for row, _column in places), sorted(column for _row, column in places)
        return cls(sheet, rows[0], columns[0], rows[-1], columns[-1])


@dataclass(frozen=True)
class MailText:
    """Words of a mail or of a plain text."""

    quote: TextQuote
    start: int | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.start < 0:
            raise NoTarget("outside")
        if not self.quote.exact.strip():
            raise NoTarget("empty")


Target = WholeDocument | WholePage | PageText | PageRegion | Cells | MailText


def column_letters(number: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
