"""The rows in sight as CSV, given while they are read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

from requests_app.agencies.importing import export_cell
from requests_app.documents.cells import Cell, kind_of, shown_of, value_of
from requests_app.documents.models import Sheet
from requests_app.documents.sheets.ordering import Rows
from requests_app.documents.sheets.queries import SeenRow, is_within, seen

TOGETHER: Final = 1000  # rows fetched at once


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_of(sheet: Sheet, rows: Rows, *, hide: bool) -> Iterator[str]:
    """Give the lines of a CSV: the header, then the rows in their order, with the sender's own row numbers before them.

    Numbers are exact, moments ISO 8601. A text that a spreadsheet program would run as a formula is disarmed.
    """
    writer = csv.writer(_Line())
    columns = [
        number for number in range(1, sheet.columns + 1) if not (hide and is_within(sheet.hidden_columns, number))
    ]
    yield "\ufeff"  # without it, Excel takes UTF-8 for the charset of the machine
    if sheet.header:
        yield from _lines(writer, seen(sheet, [sheet.header]), columns)
    for start in range(0, len(rows), TOGETHER):
        yield from _lines(writer, seen(sheet, rows.part(start, min(start + TOGETHER, len(rows)))), columns)


def _lines(writer: object, rows: list[SeenRow], columns: list[int]) -> Iterator[str]:
    for row in rows:
        cells = [_said(row.cells[column - 1] if column <= len(row.cells) else None) for column in columns]
        yield writer.writerow([row.number, *cells])  # type: ignore[attr-defined]


def _said(cell: Cell) -> str:
    kind = kind_of(cell)
    if kind in ("n", "d", "t", "u", "b"):
        return value_of(cell)
    return export_cell(shown_of(cell))
