"""Rows of a sheet as HTML. Drawn here and not by a template: a window of it has thousands of cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from requests_app.documents.cells import Area, Cell, kind_of, letters, shown_of, value_of
from requests_app.documents.models import Sheet
from requests_app.documents.sheets.choices import Choices
from requests_app.documents.sheets.queries import SeenRow, is_within

SHOWN: Final = 160  # characters of a cell in the table; the whole stands above it when the cell is chosen
WHOLE: Final = 2000  # characters that travel with the table for that
SIDE: Final = {"n": "n", "u": "n", "d": "n", "t": "n", "e": "e", "b": "b"}  # class by kind; numbers stand to the right


@dataclass(frozen=True)
class Look:
    """What all rows of one window share."""

    columns: Sequence[int]
    hidden: frozenset[int]
    to_the_right: frozenset[int]  # columns of numbers in files without types
    chosen: Area | None
    formulas: bool
    hidden_rows: Sequence[Sequence[int]]


def look_of(sheet: Sheet, choices: Choices, columns: Sequence[int]) -> Look:
    """Return the look of a window of that sheet."""
    right = {
        number for number, told in enumerate(sheet.profile, 1) if told.get("reads") == "number" and number in columns
    }
    hidden = {number for number in columns if is_within(sheet.hidden_columns, number)}
    return Look(columns, frozenset(hidden), frozenset(right), choices.area, choices.formulas, sheet.hidden_rows)


def rows_html(rows: Iterable[SeenRow], look: Look, first: int) -> SafeString:
    """Return the rows as table rows. `first`: the place of the first of them in the table, its headings not counted."""
    words = {"hidden": _("hidden row"), "comment": _("has a comment"), "formula": _("has a formula")}
    drawn = [_row(row, look, place, words) for place, row in enumerate(rows, first)]
    return mark_safe("".join(drawn))  # noqa: S308  every text from the file is escaped in _cell


def header_html(row: SeenRow | None, look: Look) -> dict[int, str]:
    """Return the words of the header row, by column; blank ones left out."""
    if row is None:
        return {}
    found = {}
    for column in look.columns:
        cell = row.cells[column - 1] if column <= len(row.cells) else None
        if cell is not None:
            found[column] = shown_of(cell)[:SHOWN]
    return found


def _row(row: SeenRow, look: Look, place: int, words: dict[str, str]) -> str:
    is_hidden = is_within(look.hidden_rows, row.number)
    mark = f'<span class="usa-sr-only"> {escape(words["hidden"])}</span>' if is_hidden else ""
    opening = f'<tr data-row="{row.number}" aria-rowindex="{place + 1}"{" class=is-hidden" if is_hidden else ""}>'
    cells, count = row.cells, len(row.cells)
    drawn = [_cell(row, column, cells[column - 1] if column <= count else None, look, words) for column in look.columns]
    return f'{opening}<th scope="row">{row.number}{mark}</th>{"".join(drawn)}</tr>'


def _cell(row: SeenRow, column: int, cell: Cell, look: Look, words: dict[str, str]) -> str:
    name = f"{letters(column)}{row.number}"
    formula = row.formulas.get(name, "") if row.formulas else ""
    comments = row.comments.get(column) if row.comments else None
    chosen = look.chosen is not None and look.chosen.holds(row.number, column)
    hidden = column in look.hidden
    if cell is None and not (formula or comments or chosen or hidden):
        return f'<td id="{name}"></td>'
    text = shown_of(cell)
    side = SIDE.get(kind_of(cell), "n" if column in look.to_the_right else "")
    more = ""
    if isinstance(cell, list) and len(cell) > 2:
        more = f' data-value="{escape(value_of(cell)[:WHOLE])}"'
    elif len(text) > SHOWN:
        more = f' data-value="{escape(text[:WHOLE])}"'
    inner = escape(text[:SHOWN]) + ("…" if len(text) > SHOWN else "")
    if formula:
        side += " f"
        more += f' data-formula="{escape(formula[:WHOLE])}"'
        if look.formulas or cell is None:  # no value was kept with it
            inner = f"<code>{escape(formula[:SHOWN])}</code>"
        inner += f'<span class="usa-sr-only"> {escape(words["formula"])}</span>'
    if comments:
        side += " c"
        said = "\n".join(f"{one.author}: {one.text}" if one.author else one.text for one in comments)
        more += f' data-comment="{escape(said[:WHOLE])}"'
        inner += f'<span class="usa-sr-only"> {escape(words["comment"])}</span>'
    side += " h" if hidden else ""
    side += " is-chosen" if chosen else ""
    look_class = f' class="{side.strip()}"' if side else ""
    return f'<td id="{name}"{look_class}{more}>{inner}</td>'
