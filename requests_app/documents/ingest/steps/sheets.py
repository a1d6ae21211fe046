"""Spreadsheets stay spreadsheets: their rows in blocks, what stands in each column, and their words for the search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from requests_app.documents import passwords, sandbox
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
KEPT = (
    "rows", "columns", "cells", "formulas", "header", "frozen_rows", "frozen_columns", "hidden_rows", "hidden_columns",
    "merged", "is_cut", "profile",
)  # fmt: skip
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
    writing: _Writing | None = None
    for found in _found(work, after):
        if isinstance(found, SheetBegun):
            writing = _Writing(work, found)
        elif isinstance(found, BookEnded):
            return _whole(work, found)
        elif writing is None:
            break
        elif isinstance(found, BlockFound):
            writing.add(found)
        else:
            writing.end(found)
            if work.time_is_up:
                return Outcome.more(sheets_done=found.number)
    raise sandbox.NotRead("nonsense")  # a reader begins each sheet, and always ends with the whole


def _found(work: Work, after: int) -> Iterator[Found]:
    kind = cast(type[Found], Found)
    order = SheetsOrder(after=after, passwords=passwords.known_for(work.blob))
    return sandbox.run(READER, work.original(), order=order, kind=kind, limits=LIMITS, output=work.folder)


class _Writing:
    """Writes one sheet."""

    def __init__(self, work: Work, begun: SheetBegun) -> None:
        self._work = work
        told = {"name": storable(begun.name)[:255], "hidden": begun.hidden, "is_typed": begun.typed}
        with work.writing():
            self._sheet, _made = Sheet.objects.update_or_create(blob=work.blob, number=begun.number, defaults=told)
        self._left = set(SheetBlock.objects.filter(sheet=self._sheet).values_list("number", flat=True))
        self._blocks: list[BlockFound] = []

    def add(self, block: BlockFound) -> None:
        """Take a block, and write when there are enough."""
        self._blocks.append(block)
        self._left.discard(block.block)
        if len(self._blocks) >= TOGETHER:
            with self._work.writing():
                self._write()
            done = int(block.share * 1000)
            self._work.progress(done, 1000)

    def end(self, found: SheetEnded) -> None:
        """Write what is left, and what is known of the whole sheet."""
        sheet = self._sheet
        with self._work.writing():
            self._write()
            SheetBlock.objects.filter(sheet=sheet, number__in=self._left).delete()
            _passages(sheet).filter(part__in=self._left).delete()
            SheetComment.objects.filter(sheet=sheet).delete()
            SheetComment.objects.bulk_create(
                [
                    SheetComment(sheet=sheet, row=row, column=column, author=storable(author), text=storable(text))
                    for row, column, author, text in found.comments
                ],
                batch_size=1000,
            )
            for name in KEPT:
                setattr(sheet, name, getattr(found, name))
            sheet.is_read = True
            sheet.save()
        self._work.progress(int(found.share * 1000), 1000)

    def _write(self) -> None:
        blocks, self._blocks = self._blocks, []
        if not blocks:
            return
        sheet = self._sheet
        SheetBlock.objects.bulk_create(
            [SheetBlock(sheet=sheet, number=one.block, rows=one.rows, formulas=one.formulas) for one in blocks],
            update_conflicts=True,
            unique_fields=["sheet", "number"],
            update_fields=["rows", "formulas"],
        )
        _passages(sheet).filter(part__in=[one.block for one in blocks]).delete()
        told: dict[str, Any] = {"blob_id": sheet.blob_id, "kind": Passage.Kind.SHEET, "place": sheet.number}
        texts = [(one.block, storable(one.text)) for one in blocks if one.text]
        Passage.objects.bulk_create(Passage(part=block, text=text, **told) for block, text in texts)


def _whole(work: Work, found: BookEnded) -> Outcome:
    with work.writing():
        Sheet.objects.filter(blob=work.blob, number__gt=found.sheets).delete()
        Passage.objects.filter(blob=work.blob, kind=Passage.Kind.SHEET, place__gt=found.sheets).delete()
    work.derived.remove("sheets")  # orders of rows that people chose before
    work.progress(1000, 1000)
    return Outcome.done(
        kind=found.kind, sheets=found.sheets, facts=found.facts, untold=found.untold, **_hidden_in(work.blob)
    )


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
