"""Spreadsheets that the tests make, and what reading them gives."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from openpyxl import Workbook

from requests_app.documents.cells import BLOCK, Cell, area_of, unpack
from requests_app.documents.readers.sheets import BlockFound, BookEnded, SheetBegun, SheetEnded, SheetsOrder, read
from requests_app.documents.sheets.finding import formulas_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass
class ReadSheet:
    """One sheet as the reader gave it."""

    begun: SheetBegun
    cells: dict[str, Cell] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    ended: SheetEnded | None = None
    texts: list[str] = field(default_factory=list)
    grid: dict[int, list[Cell]] = field(default_factory=dict)

    @property
    def end(self) -> SheetEnded:
        assert self.ended is not None
        return self.ended

    def __getitem__(self, name: str) -> Cell:
        area = area_of(name)
        assert area is not None
        row = self.grid.get(area.top, [])
        return row[area.left - 1] if area.left <= len(row) else None


@dataclass
class ReadBook:
    """A file as the reader gave it."""

    sheets: list[ReadSheet]
    end: BookEnded


def read_book(path: Path, **order: Any) -> ReadBook:
    """Read a file in this process."""
    sheets: list[ReadSheet] = []
    for found in read(path, SheetsOrder(**order), path.parent):
        found = msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=type(found))
        if isinstance(found, SheetBegun):
            sheets.append(ReadSheet(found))
        elif isinstance(found, BlockFound):
            for row, cells in enumerate(unpack(found.rows), found.block * BLOCK + 1):
                sheets[-1].grid[row] = cells
            sheets[-1].formulas |= formulas_of(found.formulas)
            sheets[-1].texts.append(found.text)
        elif isinstance(found, SheetEnded):
            sheets[-1].ended = found
        else:
            return ReadBook(sheets, found)
    raise AssertionError("The reader did not say that it had ended.")


def read_sheet(path: Path, **order: Any) -> ReadSheet:
    """Read the first sheet of a file."""
    return read_book(path, **order).sheets[0]


def saved(book: Workbook, path: Path) -> Path:
    """Save a workbook of openpyxl."""
    book.save(path)
    return path


def xlsx(path: Path, sheet: str, *, parts: dict[str, str] | None = None, prologue: str = "") -> Path:
    """Write a workbook by hand: `sheet` is what stands in its one worksheet, `parts` what else is in the package."""
    written = {
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/worksheets/sheet1.xml": f'{prologue}<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in written.items():
            package.writestr(name, content)
    return path


def relations(*named: tuple[str, str]) -> str:
    """Return the part that lists what another part refers to, as r1, r2, and so on."""
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{KINDS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(named, 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{inner}</Relationships>'


def styles(*codes: str) -> str:
    """Return the part of styles: style 0 is general, 1 the first of these codes, and so on."""
    formats = "".join(
        f'<numFmt numFmtId="{200 + number}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for number, code in enumerate(codes)
    )
    uses = "".join(f'<xf numFmtId="{200 + number}"/>' for number in range(len(codes)))
    cells = f'<cellXfs><xf numFmtId="0"/>{uses}</cellXfs>'
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>{cells}</styleSheet>'


ODS_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)


def ods(path: Path, body: str, *, styles: str = "", parts: dict[str, str] | None = None, prologue: str = "") -> Path:
    """Write an OpenDocument spreadsheet by hand: `body` holds its tables."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr(
            "content.xml",
            f"{prologue}<office:document-content {ODS_SPACES}>"
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>",
        )
        for name, content in (parts or {}).items():
            package.writestr(name, content)
    return path
