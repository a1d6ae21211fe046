"""Spreadsheets stay spreadsheets: their rows in blocks, what stands in each column, and their words for the search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import transaction

from requests_app.documents import sandbox
from requests_app.documents.cells import BLOCK
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Blob, Passage, Sheet, SheetBlock, SheetComment
from requests_app.documents.readers.sheets import (
    BlockFound,
    BookEnded,
    Found,
    SheetBegun,
    SheetEnded,
    SheetsOrder,
)
from requests_app.documents.sandbox import Limits

READER = "requests_app.documents.readers.sheets:read"
TOGETHER = 20  # blocks written in one transaction
LIMITS = Limits(seconds=1800, cpu_seconds=1800, memory=1536 * 1024 * 1024)


def step(work: Work) -> Outcome:
    """Read the sheets of one file.

    1. Read from behind the last sheet that an earlier part of this step finished.
    2. Write each block over what an earlier run may have left in its place, some at a time.
    3. At the end of a sheet, drop what is left of an earlier run behind it, and say that it is whole.
    4. When the time is up, stop behind a sheet: the next part goes on there.
    5. At the end of the file, drop the sheets that it does not have.
    """
    after = int(work.earlier.get("sheets_done", 0))
    sheet: Sheet | None = None
    blocks: list[BlockFound] = []
    for found in _found(work, after):
        if isinstance(found, SheetBegun):
            sheet = _begin(work.blob, found)
        elif isinstance(found, BlockFound) and sheet:
            blocks.append(found)
            if len(blocks) >= TOGETHER:
                _write(sheet, blocks)
                work.progress(found.number, found.number + 1)
                blocks = []
        elif isinstance(found, SheetEnded) and sheet:
            _write(sheet, blocks)
            blocks = []
            _end(sheet, found)
            work.progress(found.number, found.number + 1)
            if work.time_is_up:
                return Outcome.more(sheets_done=found.number)
        elif isinstance(found, BookEnded):
            Sheet.objects.filter(blob=work.blob, number__gt=found.sheets).delete()
            Passage.objects.filter(blob=work.blob, kind=Passage.Kind.SHEET, place__gt=found.sheets).delete()
            work.derived.remove("sheets")  # orders of rows that were chosen before
            work.progress(found.sheets, found.sheets)
            return Outcome.done(
                kind=found.kind, sheets=found.sheets, facts=found.facts, untold=found.untold, **_hidden_in(work.blob)
            )
    raise sandbox.NotRead("nonsense")  # a reader always ends with the whole


def _found(work: Work, after: int) -> Iterator[Found]:
    kind = cast(type[Found], Found)
    return sandbox.run(READER, work.original(), order=SheetsOrder(after=after), kind=kind, limits=LIMITS)


def _begin(blob: Blob, found: SheetBegun) -> Sheet:
    told = {"name": found.name[:255], "hidden": found.hidden, "is_typed": found.typed}
    sheet, _made = Sheet.objects.update_or_create(blob=blob, number=found.number, defaults=told)
    return sheet


@transaction.atomic
def _write(sheet: Sheet, blocks: list[BlockFound]) -> None:
    if not blocks:
        return
    SheetBlock.objects.bulk_create(
        [SheetBlock(sheet=sheet, number=one.block, rows=one.rows, formulas=one.formulas) for one in blocks],
        update_conflicts=True,
        unique_fields=["sheet", "number"],
        update_fields=["rows", "formulas"],
    )
    _passages(sheet).filter(part__in=[one.block for one in blocks]).delete()
    Passage.objects.bulk_create(
        Passage(
            blob_id=sheet.blob_id, kind=Passage.Kind.SHEET, place=sheet.number, part=one.block, text=storable(one.text)
        )
        for one in blocks
        if one.text
    )


@transaction.atomic
def _end(sheet: Sheet, found: SheetEnded) -> None:
    here = SheetBlock.objects.filter(sheet=sheet)
    last = (found.rows - 1) // BLOCK
    here.filter(number__gt=last).delete()
    _passages(sheet).filter(part__gt=last).delete()
    SheetComment.objects.filter(sheet=sheet).delete()
    SheetComment.objects.bulk_create(
        [
            SheetComment(sheet=sheet, row=row, column=column, author=storable(author), text=storable(text))
            for row, column, author, text in found.comments
        ],
        batch_size=1000,
    )
    for name in (
        "rows", "columns", "cells", "formulas", "header", "frozen_rows", "frozen_columns", "hidden_rows",
        "hidden_columns", "merged", "is_cut",
    ):  # fmt: skip
        setattr(sheet, name, getattr(found, name))
    sheet.profile = found.columns_told
    sheet.is_read = True
    sheet.save()


def _passages(sheet: Sheet) -> Any:
    return Passage.objects.filter(blob_id=sheet.blob_id, kind=Passage.Kind.SHEET, place=sheet.number)


def _hidden_in(blob: Blob) -> dict[str, Any]:
    """Return what the file hides, in numbers: of interest to reviewers before they read a cell."""
    sheets = list(Sheet.objects.filter(blob=blob).only("hidden", "hidden_rows", "hidden_columns"))
    told = {
        "hidden_sheets": sum(bool(sheet.hidden) for sheet in sheets),
        "hidden_rows": sum(last - first + 1 for sheet in sheets for first, last in sheet.hidden_rows),
        "hidden_columns": sum(last - first + 1 for sheet in sheets for first, last in sheet.hidden_columns),
        "comments": SheetComment.objects.filter(sheet__blob=blob).count(),
    }
    return {name: count for name, count in told.items() if count}


def storable(text: str) -> str:
    """Return a text without NUL, which PostgreSQL does not keep."""
    return text.replace("\x00", "")
