"""XLS and XLSB, by calamine: values, dates, hidden sheets and merged cells. More it does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import python_calamine as calamine

from requests_app.documents.cells import DATE, ERROR, LENGTH, NUMBER, TIME, Area, Cell
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_formats import length_of, plainly, tidy
from requests_app.documents.readers.sheets_parts import Book, Counter, ReadRow, SheetsOrder, SheetSource, cut

UNTOLD: Final = ("comments", "formulas", "hidden_rows", "number_formats", "frozen")
ERRORS: Final = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"})
MACROS: Final = ("_VBA_PROJECT".encode("utf-16-le"), b"xl/vbaProject.bin")  # names in the list of the file's own parts


def open_old(path: Path, order: SheetsOrder, kind: str) -> Book:
    """Return the book."""
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = book.sheets_metadata
    except calamine.PasswordError as trouble:
        raise Refused("password", "the file is locked") from trouble
    except BaseException as trouble:  # a defect of the library reaches us as a panic, which is no Exception
        raise _refusal(trouble) from trouble
    if len(sheets) > order.sheets:
        raise Refused("too_many", f"{len(sheets)} sheets")
    counter = Counter(order)
    sources = []
    for place, sheet in enumerate(sheets):
        source = SheetSource(sheet.name, list, _hidden(sheet.visible))  # type: ignore[arg-type]
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            source.rows = partial(_rows, book, place, source, counter)
        sources.append(source)
    return Book(kind, sources, {"macros": True} if _has_macros(path) else {}, list(UNTOLD))


def _hidden(visible: object) -> str:
    if visible == calamine.SheetVisibleEnum.Hidden:
        return "hidden"
    return "very" if visible == calamine.SheetVisibleEnum.VeryHidden else ""


def _rows(book: Any, place: int, source: SheetSource, counter: Counter) -> Iterator[ReadRow]:
    try:
        sheet = book.get_sheet_by_index(place)
        merged = sheet.merged_cell_ranges or []
    except BaseException as trouble:
        raise _refusal(trouble) from trouble
    for (top, left), (bottom, right) in merged[:100_000]:
        source.merged.append(Area(top + 1, left + 1, bottom + 1, right + 1).name)
    if sheet.start is None or sheet.end is None:
        return
    counter.check(sheet.end[0] + 1, sheet.end[1] + 1)
    before: list[Cell] = [None] * sheet.start[1]  # its rows begin with the first of the sheet, its columns do not
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [*before, *(_cell(value, source) for value in values)]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            counter.add(len(cells) - cells.count(None))
            yield number, cells, None


def _cell(value: Any, source: SheetSource) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return [ERROR, value] if value in ERRORS else cut(value, source)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        exact = value.isoformat(timespec="seconds")
        return [DATE, exact.removesuffix("T00:00:00"), _american(value, value)]
    if isinstance(value, date):
        return [DATE, value.isoformat(), _american(value, None)]
    if isinstance(value, time):
        return [TIME, value.isoformat(timespec="seconds")]
    if isinstance(value, timedelta):
        return [LENGTH, length_of(round(value.total_seconds() * 1000))]
    return str(value)


def _number(value: float) -> Cell:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, int):
        return value if abs(value) < 10**15 else [NUMBER, str(value)]
    try:
        exact = tidy(repr(value))
    except ValueError:
        return [ERROR, "#NUM!"]
    shown = plainly(exact)
    return [NUMBER, exact] if shown == exact else [NUMBER, exact, shown]


def _american(day: date, moment: datetime | None) -> str:
    shown = f"{day.month}/{day.day}/{day.year}"
    return f"{shown} {moment:%H:%M:%S}" if moment and (moment.hour or moment.minute or moment.second) else shown


def _has_macros(path: Path) -> bool:
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(1024 * 1024):
            if any(mark in rest + chunk for mark in MACROS):
                return True
            rest = chunk[-64:]
    return False


def _refusal(trouble: BaseException) -> Refused | BaseException:
    if isinstance(trouble, (MemoryError, KeyboardInterrupt, SystemExit, Refused)):
        return trouble
    words = f"{type(trouble).__name__}: {trouble}"
    return Refused("password" if "password" in words.lower() else "damaged", words)
