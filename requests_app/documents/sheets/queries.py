"""Sheets of a document, and the rows of one that are in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from requests_app.documents.cells import BLOCK, Area, Row, lines_of, row_of
from requests_app.documents.models import Document, Sheet, SheetBlock, SheetComment, Step
from requests_app.documents.sheets.finding import formulas_of


@dataclass(frozen=True)
class SeenRow:
    """One row in sight."""

    number: int
    cells: Row
    formulas: dict[str, str] = field(default_factory=dict)  # of its block, by cell
    comments: dict[int, list[SheetComment]] = field(default_factory=dict)  # by column


def sheets_of(document: Document) -> list[Sheet]:
    """Return the sheets of a document in the order of the file, without their profiles. One query."""
    return list(Sheet.objects.filter(blob=document.blob_id).defer("profile", "merged").order_by("number"))


def step_of(document: Document) -> Step | None:
    """Return how far the reading of its sheets has come, None where it was never asked for. One query."""
    return Step.objects.filter(blob=document.blob_id, name="sheets").first()


def seen(sheet: Sheet, numbers: Sequence[int]) -> list[SeenRow]:
    """Return these rows, in this order. Two queries, however many rows."""
    wanted = sorted({(number - 1) // BLOCK for number in numbers})
    blocks = {
        number: (lines_of(rows), formulas_of(formulas))
        for number, rows, formulas in SheetBlock.objects.filter(sheet=sheet, number__in=wanted).values_list(
            "number", "rows", "formulas"
        )
    }
    comments: dict[int, dict[int, list[SheetComment]]] = {}
    for comment in SheetComment.objects.filter(sheet=sheet, row__in=list(numbers)).order_by("pk"):
        comments.setdefault(comment.row, {}).setdefault(comment.column, []).append(comment)
    found = []
    for number in numbers:
        block, place = divmod(number - 1, BLOCK)
        lines, formulas = blocks.get(block, ([], {}))
        cells = row_of(lines[place]) if place < len(lines) else []
        found.append(SeenRow(number, cells, formulas, comments.get(number, {})))
    return found


def comments_of(sheet: Sheet, most: int) -> list[SheetComment]:
    """Return the first comments of a sheet, by their places."""
    return list(SheetComment.objects.filter(sheet=sheet).order_by("row", "column", "pk")[:most])


def is_within(ranges: Sequence[Sequence[int]], number: int) -> bool:
    """Whether a row or column lies in one of these ranges."""
    return any(first <= number <= last for first, last in ranges)


def rows_in(area: Area, sheet: Sheet, most: int) -> list[int]:
    """Return the numbers of the rows of an area that the sheet has, at most so many."""
    return list(range(area.top, min(area.bottom, sheet.rows, area.top + most - 1) + 1))
