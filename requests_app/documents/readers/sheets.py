"""The sheets of a spreadsheet, in blocks of rows: XLSX and XLSM, ODS, XLS and XLSB, CSV and its like.

The kind is told by the bytes. What is given, in order: for each sheet `SheetBegun`, a `BlockFound` for every block that
is not blank, `SheetEnded`; at the end `BookEnded`.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from requests_app.documents.cells import BLOCK, Row, letters, pack, shown_of
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_parts import Book, Package, SheetsOrder, SheetSource
from requests_app.documents.readers.sheets_profile import LOOKED_AT, Profile, header_among
from requests_app.documents.readers.unlocking import opened_office

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
__all__ = ["BlockFound", "BookEnded", "Found", "SheetBegun", "SheetEnded", "SheetsOrder", "read"]


class SheetBegun(msgspec.Struct, frozen=True, tag=True):
    """A sheet, before its rows are read."""

    number: int
    name: str
    hidden: str  # "", hidden or very
    typed: bool


class BlockFound(msgspec.Struct, frozen=True, tag=True):
    """Some rows: `cells.pack` of all rows of the block, blank ones in between included. `block` counts from 0."""

    number: int
    block: int
    rows: bytes
    formulas: bytes  # zlib of JSON: {"B7": "=SUM(B1:B6)"}; empty for none
    text: str  # the words, for the search
    share: float  # how much of the file is read, 0 to 1


class SheetEnded(msgspec.Struct, frozen=True, tag=True):
    """What is known of a sheet when all its rows are read. Ranges of hidden rows and columns name both ends."""

    number: int
    rows: int  # the last one in which something stands
    columns: int
    cells: int
    formulas: int
    header: int  # the row that names the columns; 0 for none
    frozen_rows: int
    frozen_columns: int
    hidden_rows: list[tuple[int, int]]
    hidden_columns: list[tuple[int, int]]
    merged: list[str]
    comments: list[tuple[int, int, str, str]]  # row, column, author, text
    profile: list[dict[str, Any]]  # of each column: sheets_profile.Column.told
    is_cut: bool
    share: float


class BookEnded(msgspec.Struct, frozen=True, tag=True):
    """What is known of the file as a whole. `untold`: what a file of this kind does not tell us."""

    kind: str
    sheets: int
    facts: dict[str, Any]
    untold: list[str]


Found: TypeAlias = SheetBegun | BlockFound | SheetEnded | BookEnded


def read(path: Path, order: SheetsOrder, output: Path) -> Iterator[Found]:
    """Give the sheets of the file, in order. Raises Refused."""
    number = 0
    with contextlib.ExitStack() as stack:
        book = open_book(path, order, stack, output)
        for number, source in enumerate(book.sheets, 1):
            if number > order.after:
                yield from _sheet(number, source)
        yield BookEnded(book.kind, number, book.facts, book.untold)


def open_book(path: Path, order: SheetsOrder, stack: contextlib.ExitStack, output: Path) -> Book:
    """Return the file as a book, by what its bytes are; the stack closes it. Raises Refused.

    Of a locked one a copy without its lock is written into `output`.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return _open_zip(path, order, stack)
    if head == OLE:
        opened = opened_office(path, order.passwords, output)
        return _open_ole(path, order) if opened == path else open_book(opened, order, stack, output)
    if head[:2] in (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00"):  # XLS before 1995: no parts, only records
        return _open_old(path, order, "xls")
    from requests_app.documents.readers.sheets_text import open_text

    return open_text(path, order)


def _open_zip(path: Path, order: SheetsOrder, stack: contextlib.ExitStack) -> Book:
    package = Package(path, order.unpacked)
    stack.callback(package.close)
    if package.has("xl/workbook.bin"):
        package.refuse_bombs()
        return _open_old(path, order, "xlsb")
    if package.has("content.xml"):
        from requests_app.documents.readers.sheets_ods import open_ods

        return open_ods(package, order)
    from requests_app.documents.readers.sheets_xlsx import open_xlsx

    return open_xlsx(package, order)


def _open_ole(path: Path, order: SheetsOrder) -> Book:
    """An XLS, or the envelope of a newer file whose lock nothing here knows."""
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(1024 * 1024):
            if LOCKED in rest + chunk:
                raise Refused("password", "the file is locked")
            rest = chunk[-64:]
    return _open_old(path, order, "xls")


def _open_old(path: Path, order: SheetsOrder, kind: str) -> Book:
    from requests_app.documents.readers.sheets_old import open_old

    return open_old(path, order, kind)


def _sheet(number: int, source: SheetSource) -> Iterator[Found]:
    """Give one sheet: its first rows are held back until it is clear which of them names the columns."""
    yield SheetBegun(number, source.name, source.hidden, source.typed)
    gathering = _Gathering(number, source)
    profile = Profile(typed=source.typed)
    first_rows: list[tuple[int, Row]] = []
    header = -1  # not looked for yet
    rows = columns = cells = formulas = 0
    for row_number, row, said in source.rows():
        if header < 0 and len(first_rows) == LOOKED_AT:
            header = _profile_first(first_rows, source, profile)
        if header < 0:
            first_rows.append((row_number, row))
        else:
            profile.add(row)
        rows, columns = row_number, max(columns, len(row))
        cells += len(row) - row.count(None)
        formulas += len(said) if said else 0
        yield from gathering.add(row_number, row, said)
    if header < 0:
        header = _profile_first(first_rows, source, profile)
    yield from gathering.finish()
    yield SheetEnded(
        number=number, rows=rows, columns=columns, cells=cells, formulas=formulas, header=header,
        frozen_rows=source.frozen_rows, frozen_columns=source.frozen_columns, hidden_rows=source.hidden_rows,
        hidden_columns=[(first, min(last, columns)) for first, last in source.hidden_columns if first <= columns],
        merged=source.merged, profile=profile.told(rows - header, columns), is_cut=source.is_cut, share=source.share(),
        comments=[(said.row, said.column, said.author, said.text) for said in source.comments],
    )  # fmt: skip


def _profile_first(first_rows: list[tuple[int, Row]], source: SheetSource, profile: Profile) -> int:
    header = header_among(first_rows, hint=source.header_hint, frozen=source.frozen_rows)
    for number, row in first_rows:
        if number > header:
            profile.add(row)
    return header


class _Gathering:
    """Gathers rows until a block is full."""

    def __init__(self, number: int, source: SheetSource) -> None:
        self._number, self._source = number, source
        self._block = 0
        self._rows: list[Row] = []
        self._formulas: dict[str, str] = {}

    def add(self, row_number: int, row: Row, formulas: dict[int, str] | None) -> Iterator[BlockFound]:
        block, place = divmod(row_number - 1, BLOCK)
        if block != self._block:
            yield from self.finish()
            self._block = block
        self._rows += [[] for _blank in range(place - len(self._rows))]
        self._rows.append(row)
        if formulas:
            self._formulas.update({f"{letters(column)}{row_number}": said for column, said in formulas.items()})

    def finish(self) -> Iterator[BlockFound]:
        """Give what is gathered."""
        if not self._rows:
            return
        formulas = zlib.compress(msgspec.json.encode(self._formulas)) if self._formulas else b""
        text = "\n".join(
            [
                " ".join([cell if isinstance(cell, str) else shown_of(cell) for cell in row if cell is not None])
                for row in self._rows
                if row
            ]
        )
        yield BlockFound(self._number, self._block, pack(self._rows), formulas, text, self._source.share())
        self._rows, self._formulas = [], {}
