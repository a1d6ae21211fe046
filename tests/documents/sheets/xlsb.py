"""A small XLSB made by hand: the parts of an XLSX, each a stream of binary records ([MS-XLSB])."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KIND = "application/vnd.ms-excel"

Sheet = tuple[int, Sequence[Sequence[object]]]  # how hidden (0, 1 hidden, 2 very), and the rows


def xlsb(sheets: dict[str, Sheet]) -> bytes:
    """Return an XLSB with these sheets."""
    texts = [value for _hidden, rows in sheets.values() for row in rows for value in row if isinstance(value, str)]
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.bin")),
        "xl/workbook.bin": _workbook(sheets),
        "xl/_rels/workbook.bin.rels": _relations(
            *(("worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)),
            ("sharedStrings", "sharedStrings.bin"), ("styles", "styles.bin"),
        ),
        "xl/sharedStrings.bin": _shared(texts),
        "xl/styles.bin": _styles(),
    }  # fmt: skip
    for number, (_hidden, rows) in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{number}.bin"] = _sheet(rows, texts)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 3, 20, 12, 0, 0)), content)
    return out.getvalue()


def _workbook(sheets: dict[str, Sheet]) -> bytes:
    bundle = b"".join(
        _record(156, struct.pack("<II", hidden, number) + _text(f"rId{number}") + _text(name))
        for number, (name, (hidden, _rows)) in enumerate(sheets.items(), 1)
    )
    return _record(131) + _record(143) + bundle + _record(144) + _record(132)


def _sheet(rows: Sequence[Sequence[object]], texts: list[str]) -> bytes:
    widest = max((len(row) for row in rows), default=1)
    body = _record(129) + _record(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, max(widest - 1, 0)))
    body += _record(145)
    for number, row in enumerate(rows):
        body += _record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        for column, value in enumerate(row):
            style = struct.pack("<II", column, isinstance(value, date))
            if isinstance(value, str):
                body += _record(7, style + struct.pack("<I", texts.index(value)))
            elif isinstance(value, bool):
                body += _record(4, style + struct.pack("<B", value))
            elif isinstance(value, date):
                body += _record(5, style + struct.pack("<d", (value - date(1899, 12, 30)).days))
            elif isinstance(value, int | float):
                body += _record(5, style + struct.pack("<d", value))
    return body + _record(146) + _record(130)


def _shared(texts: list[str]) -> bytes:
    items = b"".join(_record(19, b"\0" + _text(text)) for text in texts)
    return _record(159, struct.pack("<II", len(texts), len(texts))) + items + _record(160)


def _styles() -> bytes:
    """Two styles of cells: as it is, and as a date (format 14)."""
    forms = b"".join(_record(47, struct.pack("<HHHHHHHH", 0, form, 0, 0, 0, 0, 0, 0)) for form in (0, 14))
    return _record(278) + _record(617, struct.pack("<I", 2)) + forms + _record(618) + _record(279)


def _record(kind: int, body: bytes = b"") -> bytes:
    """Return a record: its kind in one byte or two, its length in sevens of bits, and what it says."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, left = b"", len(body)
    while True:
        left, part = left >> 7, left & 0x7F
        length += bytes([part | 0x80 if left else part])
        if not left:
            return head + length + body


def _text(said: str) -> bytes:
    return struct.pack("<I", len(said)) + said.encode("utf-16-le")


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def _content_types(sheets: int) -> str:
    parts = {
        "xl/workbook": "sheet.binary.macroEnabled.main",
        "xl/sharedStrings": "sharedStrings",
        "xl/styles": "styles",
    }
    parts |= {f"xl/worksheets/sheet{number}": "worksheet" for number in range(1, sheets + 1)}
    said = "".join(f'<Override PartName="/{part}.bin" ContentType="{KIND}.{kind}"/>' for part, kind in parts.items())
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{rels}{said}</Types>'
