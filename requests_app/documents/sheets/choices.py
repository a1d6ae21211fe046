"""What a person chose to see of a sheet: order, conditions, columns. It lives in the address. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

from requests_app.documents.cells import MOST_ROWS, Area, Cell, area_of, column_of, kind_of, letters, shown_of, value_of
from requests_app.documents.readers.sheets_profile import day_in, number_in

MOST_CONDITIONS: Final = 10
VERBS: Final = (
    "contains", "lacks", "is", "is-not", "from", "to", "between", "blank", "filled",
)  # fmt: skip
WITHOUT_VALUE: Final = frozenset({"blank", "filled"})

# A key by which cells sort: numbers, then moments and times, then texts, booleans and errors.
Key = tuple[int, float | str]


@dataclass(frozen=True)
class Condition:
    """A column (from 1), a verb, and what it is compared with. Between two values stands `..`."""

    column: int
    verb: str
    value: str = ""

    @property
    def said(self) -> str:
        """As it stands in the address."""
        return f"{letters(self.column)}:{self.verb}:{self.value}"


@dataclass(frozen=True)
class Choices:
    """What to show. `sort`: a column from 1, 0 for the file's own order; `left`: the first column shown."""

    sort: int = 0
    down: bool = False
    conditions: tuple[Condition, ...] = ()
    hide: bool = False  # leave out what the sender hid
    formulas: bool = False  # show formulas in place of values
    left: int = 1
    start: int = 1  # the first row shown, counted in this order from 1
    area: Area | None = None  # cells to go to
    find: str = ""
    refused: tuple[str, ...] = field(default=(), compare=False)  # conditions that could not be understood

    @property
    def is_natural(self) -> bool:
        """Whether the rows stand in the file's own order, all of them but hidden ones perhaps."""
        return not self.sort and not self.conditions

    def key(self, header: int) -> str:
        """Return a name for this order of rows."""
        said = repr((self.sort, self.down, [one.said for one in self.conditions], self.hide, header))
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def address(self, **changes: object) -> str:
        """Return the query of an address with these changes, from its question mark; where one stands is left out."""
        chosen = replace(self, **{"start": 1, "area": None, "find": "", **changes})  # type: ignore[arg-type]
        said: list[tuple[str, str]] = []
        if chosen.sort:
            said.append(("sort", ("-" if chosen.down else "") + letters(chosen.sort)))
        said += [("where", condition.said) for condition in chosen.conditions]
        for name, value in (
            ("hide", "1" if chosen.hide else ""), ("show", "formulas" if chosen.formulas else ""),
            ("left", letters(chosen.left) if chosen.left > 1 else ""),
            ("from", str(chosen.start) if chosen.start > 1 else ""),
            ("cell", chosen.area.name if chosen.area else ""), ("find", chosen.find),
        ):  # fmt: skip
            if value:
                said.append((name, value))
        return "?" + urlencode(said)

    def fields(self) -> list[tuple[str, str]]:
        """Return what a form must carry along so that nothing chosen is lost."""
        return parse_qsl(self.address()[1:])


def choices_in(query: QueryDict, columns: int) -> Choices:
    """Return what the query of an address chooses; what cannot be understood is left out, and named in `refused`."""
    sort = query.get("sort", "")
    refused: list[str] = []
    conditions: list[Condition] = []
    for said in query.getlist("where")[:MOST_CONDITIONS]:
        condition = condition_in(said, columns)
        if condition is None:
            refused.append(said[:100])
        elif condition not in conditions:
            conditions.append(condition)
    if query.get("column") and len(conditions) < MOST_CONDITIONS:  # the form that adds one
        said = f"{query['column']}:{query.get('is', '')}:{query.get('value', '')}"
        condition = condition_in(said, columns)
        if condition is None:
            refused.append(said[:100])
        elif condition not in conditions:
            conditions.append(condition)
    column = column_of(sort.lstrip("-"))
    return Choices(
        sort=column if column <= columns else 0,
        down=sort.startswith("-"),
        conditions=tuple(conditions),
        hide=query.get("hide") == "1",
        formulas=query.get("show") == "formulas",
        left=min(max(1, column_of(query.get("left", ""))), max(1, columns)),
        start=_whole(query.get("from", "")),
        area=area_of(query.get("cell", "")[:40]),
        find=query.get("find", "")[:200].strip(),
        refused=tuple(refused),
    )


def condition_in(said: str, columns: int) -> Condition | None:
    """Return the condition that stands in an address as `B:contains:words`; None where none does."""
    name, _colon, rest = said.partition(":")
    verb, _colon, value = rest.partition(":")
    column, value = column_of(name), value[:200].strip()
    if not 1 <= column <= columns or verb not in VERBS:
        return None
    if verb in WITHOUT_VALUE:
        return Condition(column, verb)
    if not value or (verb == "between" and not all(value.partition(".."))):
        return None
    return Condition(column, verb, value)


def key_of(cell: Cell, reads: str = "") -> Key | None:
    """Return the key by which a cell sorts, None for a blank one. `reads`: how texts of its column are to be read."""
    kind = kind_of(cell)
    if not kind:
        return None
    if kind == "n":
        value = value_of(cell)
        return 0, int(value) if value.lstrip("-").isdigit() else float(value)
    if kind == "s":
        return _key_of_text(value_of(cell), reads)
    if kind in ("d", "t"):
        return 1, value_of(cell)
    if kind == "u":
        return 0, _seconds(value_of(cell)) / 86_400
    return (3 if kind == "b" else 4), value_of(cell)


def _key_of_text(text: str, reads: str) -> Key:
    if reads == "number":
        number = number_in(text)
        if number is not None:
            return 0, float(number)
    elif reads and (day := day_in(text, reads)):
        return 1, day
    return 2, text.casefold()


def test_of(condition: Condition, reads: str = "") -> Callable[[Cell], bool]:
    """Return a function that says whether a cell meets the condition."""
    verb, words = condition.verb, condition.value.casefold()
    if verb == "blank":
        return lambda cell: cell is None
    if verb == "filled":
        return lambda cell: cell is not None
    if verb in ("contains", "lacks"):
        is_wanted = verb == "contains"
        return lambda cell: (words in shown_of(cell).casefold() or words in value_of(cell).casefold()) is is_wanted
    if verb in ("is", "is-not"):
        wanted = _bound(condition.value, reads)
        is_wanted = verb == "is"

        def equals(cell: Cell) -> bool:
            same = words in (shown_of(cell).casefold(), value_of(cell).casefold())
            return (same or (cell is not None and wanted[0] < 2 and key_of(cell, reads) == wanted)) is is_wanted

        return equals
    least, most = {
        "from": (condition.value, ""), "to": ("", condition.value),
        "between": (condition.value.partition("..")[0], condition.value.partition("..")[2]),
    }[verb]  # fmt: skip
    lower, upper = _bound(least, reads) if least else None, _bound(most, reads, is_upper=True) if most else None

    def within(cell: Cell) -> bool:
        key = key_of(cell, reads)
        if key is None:
            return False
        rank = (lower or upper or (0, 0))[0]
        return key[0] == rank and (lower is None or lower <= key) and (upper is None or key <= upper)

    return within


def _bound(text: str, reads: str, *, is_upper: bool = False) -> Key:
    """Return the key of what a person typed: a number, a day in either of the usual forms, else a text."""
    number = number_in(text)
    if number is not None:
        whole = number == number.to_integral_value()
        return 0, int(number) if whole else float(number)
    for reading in (reads or "mdy", "iso", "mdy"):
        if reading != "number" and (day := day_in(text, reading)):
            return 1, day + ("T~" if is_upper and "T" not in day else "")  # the whole of that day
    return 2, text.strip().casefold()


def _seconds(text: str) -> float:
    hours, minutes, seconds = text.lstrip("-").split(":")
    whole = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return -whole if text.startswith("-") else whole


def _whole(text: str) -> int:
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and text != "0" and len(text) < 9 else 1
