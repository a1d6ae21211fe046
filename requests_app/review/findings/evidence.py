"""What stands where something was marked: the words of a page, of a mail, or the cells of a sheet."""

from __future__ import annotations

from typing import Final

from requests_app.documents.cells import shown_of
from requests_app.documents.models import Sheet
from requests_app.documents.sheets import queries as sheets
from requests_app.review.models import Annotation
from requests_app.review.targets import Cells, MailText, PageText

MOST_CELLS: Final = 400  # read of what was marked; beyond that, a sheet is mapped and not typed


def words_of(annotation: Annotation) -> str:
    """Return the words in a mark; "" where it marks a region, a whole page or a document, or too many cells."""
    match annotation.where:
        case PageText(quote=quote) | MailText(quote=quote):
            return quote.exact
        case Cells() as cells:
            return "\n".join(" ".join(cell for cell in row if cell) for _number, row in cells_of(annotation, cells))
    return ""


def cells_of(annotation: Annotation, cells: Cells) -> list[tuple[int, list[str]]]:
    """Return the rows of marked cells as they are shown, with their numbers. Up to three queries."""
    columns = range(cells.first_column, cells.last_column + 1)
    if (cells.last_row - cells.first_row + 1) * len(columns) > MOST_CELLS:
        return []
    sheet = Sheet.objects.filter(blob=annotation.document.blob_id, number=cells.sheet).first()
    if sheet is None:
        return []
    found = sheets.seen(sheet, range(cells.first_row, cells.last_row + 1))
    return [
        (row.number, [shown_of(row.cells[column - 1]) if column <= len(row.cells) else "" for column in columns])
        for row in found
    ]
