"""Finds words in the cells of a sheet, or of all sheets of a file, and says where they stand."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from requests_app.documents.cells import BLOCK, area_of, letters, lines_of, row_of, shown_of, value_of
from requests_app.documents.models import Sheet, SheetBlock, SheetComment

MOST: Final = 200  # places listed
CUT: Final = 120  # characters shown of a cell


@dataclass(frozen=True)
class Place:
    """Where the words stand. `how`: cell, formula or comment."""

    sheet: Sheet
    row: int
    column: int
    before: str
    words: str
    after: str
    how: str = "cell"

    @property
    def cell(self) -> str:
        """Such as B7."""
        return f"{letters(self.column)}{self.row}"


def find(words: str, sheets: list[Sheet], most: int = MOST) -> tuple[list[Place], bool]:
    """Return the places of the words in these sheets, in order, and whether there are more. Case does not matter.

    Three queries, however many sheets. Unpacks block after block, and takes apart only rows that hold the words.
    """
    found: list[Place] = []
    for place in _places(words, sheets):
        if len(found) == most:
            return found, True
        found.append(place)
    return found, False


def _places(words: str, sheets: list[Sheet]) -> Iterator[Place]:
    needle = words.casefold()
    if not needle:
        return
    by_pk = {sheet.pk: sheet for sheet in sheets}
    # As the words stand in a line of JSON. Whatever folds in another way than its bytes is looked for in every row.
    plain = msgspec.json.encode(needle)[1:-1] if needle.isascii() else b""
    blocks = (
        SheetBlock.objects.filter(sheet__in=by_pk)
        .order_by("sheet__number", "number")
        .values_list("sheet", "number", "rows", "formulas")
    )
    for pk, number, rows, formulas in blocks.iterator(chunk_size=50):
        sheet = by_pk[pk]
        for row, line in enumerate(lines_of(rows), number * BLOCK + 1):
            if plain and plain not in line.lower() and line.isascii():
                continue
            for column, cell in enumerate(row_of(line), 1):
                if cell is None:
                    continue
                text = shown_of(cell)
                if needle in text.casefold():
                    yield _place(sheet, row, column, text, needle)
                elif isinstance(cell, list) and needle in value_of(cell).casefold():
                    yield _place(sheet, row, column, value_of(cell), needle)
        for name, formula in formulas_of(formulas).items():
            if needle in formula.casefold():
                yield _at(sheet, name, formula, needle)
    comments = SheetComment.objects.filter(sheet__in=by_pk).order_by("sheet__number", "row", "column")
    for comment in comments.iterator(chunk_size=1000):
        for said in (comment.text, comment.author):
            if needle in said.casefold():
                yield _place(by_pk[comment.sheet_id], comment.row, comment.column, said, needle, "comment")
                break


def formulas_of(packed: bytes | memoryview) -> dict[str, str]:
    """Return the formulas of a block, by their cells."""
    if not packed:
        return {}
    found: Any = msgspec.json.decode(zlib.decompress(bytes(packed)))
    return found  # type: ignore[no-any-return]


def _at(sheet: Sheet, name: str, formula: str, needle: str) -> Place:
    area = area_of(name)
    return _place(sheet, area.top if area else 1, area.left if area else 1, formula, needle, "formula")


def _place(sheet: Sheet, row: int, column: int, text: str, needle: str, how: str = "cell") -> Place:
    start = max(0, text.casefold().find(needle))
    end = start + len(needle)
    before, after = text[:start], text[end:]
    if len(before) > CUT // 2:
        before = "…" + before[-CUT // 2 :]
    if len(after) > CUT:
        after = after[:CUT] + "…"
    return Place(sheet, row, column, before, text[start:end], after, how)
