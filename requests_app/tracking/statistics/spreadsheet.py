"""Tables to take away, as CSV and as an Excel workbook, written while they are read: any length, the same memory.

An .xlsx file is a ZIP of a few XML parts (ECMA-376, Office Open XML, part 1: SpreadsheetML). One sheet of text and
numbers needs so little of it that it is written here, and a stream needs no library that keeps the whole sheet.

A text never becomes a formula: in CSV by the mark that `agencies.importing.export_cell` puts before it; in Excel, where
an inline string is text, and its cells are formatted as text, so that they stay text when somebody edits them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Final
from xml.sax.saxutils import escape

from zipstream import ZIP_DEFLATED, ZipStream

from requests_app.agencies.importing import export_cell

Value = str | int | float | date | None
CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL: Final = 32_767  # characters that Excel takes in one cell
LONGEST_SHEET_NAME: Final = 31
_AT_ONCE: Final = 200  # rows in one piece
# Characters that no XML may hold, whatever an agency put into its name.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def stream_csv(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """Walk a CSV file in pieces. UTF-8 with a mark at the start, by which Excel knows it."""
    yield b"\xef\xbb\xbf"
    lines = chain([list(header)], ([_csv_cell(value) for value in row] for row in rows))
    for some in _batches(lines):
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(some)
        yield out.getvalue().encode()


def stream_xlsx(name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """Walk an Excel workbook of one sheet in pieces. Its first row is the header, which stays in sight."""
    packed = ZipStream(compress_type=ZIP_DEFLATED)
    for path, part in _PARTS.items():
        packed.add(part.encode(), path)
    packed.add(_workbook(name).encode(), "xl/workbook.xml")
    packed.add(_sheet(header, rows), "xl/worksheets/sheet1.xml")
    yield from packed


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return export_cell(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _sheet(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
    ).encode()
    yield _row(header, style=2).encode()
    for some in _batches(rows):
        yield "".join(_row(row, style=1) for row in some).encode()
    yield b"</sheetData></worksheet>"


def _row(values: Sequence[Value], *, style: int) -> str:
    return f"<row>{''.join(_cell(value, style) for value in values)}</row>"


def _cell(value: Value, style: int) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    text = value.isoformat() if isinstance(value, date) else str(value)
    text = escape(_FORBIDDEN.sub("", text)[:LONGEST_CELL])
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'


def _workbook(name: str) -> str:
    safe = re.sub(r"[\[\]:*?/\\]", " ", _FORBIDDEN.sub("", name))[:LONGEST_SHEET_NAME].strip(" '") or "Sheet1"
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>'
        f'<sheet name="{escape(safe, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _batches(rows: Iterable[Sequence[Value]]) -> Iterator[list[Sequence[Value]]]:
    some: list[Sequence[Value]] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEET_ML: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_ML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_ML}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_ML}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/relationships/styles" Target="styles.xml"/></Relationships>'
    ),
    # Cell formats: 0 plain, 1 text (number format 49, "@"), 2 text in bold for the header.
    "xl/styles.xml": (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}
