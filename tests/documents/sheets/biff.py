"""A small XLS made by hand: a compound file (MS-CFB) with one stream of records (MS-XLS, BIFF8)."""

from __future__ import annotations

import struct
from datetime import date

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(sheets: dict[str, tuple[int, list[list[object]]]]) -> bytes:
    """Return an XLS with these sheets: by name, how hidden (0, 1 hidden, 2 very), and the rows."""
    texts = [value for _hidden, rows in sheets.values() for row in rows for value in row if isinstance(value, str)]
    bodies = [_sheet(rows, texts) for _hidden, rows in sheets.values()]
    heads = [(name.encode("latin-1"), hidden) for name, (hidden, _rows) in sheets.items()]
    before = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + _record(0x42, struct.pack("<H", 1200))
    # Two cell styles: as it is, and as a date (format 14).
    for form in (0, 14):
        before += _record(0xE0, struct.pack("<HHH", 0, form, 0) + bytes(14))
    shared = struct.pack("<II", len(texts), len(texts))
    shared += b"".join(struct.pack("<HB", len(text), 0) + text.encode("latin-1") for text in texts)
    after = _record(0xFC, shared) + _record(0x0A, b"")
    length = len(before) + len(after) + sum(4 + 8 + len(name) for name, _hidden in heads)
    bounds = b""
    for (name, hidden), body in zip(heads, bodies, strict=True):
        bounds += _record(0x85, struct.pack("<IBBBB", length, hidden, 0, len(name), 0) + name)
        length += len(body)
    return _compound(before + bounds + after + b"".join(bodies))


def _sheet(rows: list[list[object]], texts: list[str]) -> bytes:
    body = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                body += _record(0xFD, struct.pack("<HHHI", number, column, 0, texts.index(value)))
            elif isinstance(value, date):
                days = (value - date(1899, 12, 30)).days
                body += _record(0x203, struct.pack("<HHHd", number, column, 1, days))
            elif isinstance(value, bool):
                body += _record(0x205, struct.pack("<HHHBB", number, column, 0, value, 0))
            elif isinstance(value, int | float):
                body += _record(0x203, struct.pack("<HHHd", number, column, 0, value))
    return body + _record(0x0A, b"")


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(4096, b"\x00")  # shorter ones would live in another table
    stream += bytes(-len(stream) % SECTOR)
    count = len(stream) // SECTOR
    fat = [FAT, END, *range(3, count + 2), END]
    fat += [FREE] * (SECTOR // 4 - len(fat))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<I", 0)
    header += struct.pack("<I", FREE) * 108
    entries = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, 2, len(stream))
    entries += _entry("", 0, FREE, 0, 0) * 2
    return header + struct.pack(f"<{SECTOR // 4}I", *fat) + entries + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    head = written.ljust(64, b"\x00") + struct.pack("<HBB", len(written) + 2 if name else 0, kind, 1)
    return head + struct.pack("<III", FREE, FREE, child) + bytes(36) + struct.pack("<IQ", start, size)
