"""Takes out of a photograph the place where it was taken. Pure: bytes in, bytes out; no pixel and no length changes.

A phone writes it as GPS tags into the EXIF part, which stands in JPEG, HEIC, WebP and TIFF alike as a small TIFF file,
and some write it into XMP, too. Both are overwritten where they stand.
"""

from __future__ import annotations

import re
import struct
from typing import Final

GPS: Final = 0x8825  # the tag of the main directory that leads to the GPS directory (Exif 2.32, 4.6.3)
MOST_TAGS: Final = 500
# Bytes of one value of each type (TIFF 6.0, section 2).
SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_HEADS: Final = re.compile(rb"II\x2a\x00|MM\x00\x2a")
_XMP: Final = re.compile(rb"<x:xmpmeta.{0,1000000}?</x:xmpmeta>", re.DOTALL)
_XMP_VALUES: Final = (
    re.compile(rb"""(exif:GPS\w{1,40}\s{0,9}=\s{0,9}["'])([^"'<>]{0,400})"""),
    re.compile(rb"(<exif:GPS\w{1,40}[^<>]{0,200}>)([^<>]{0,400})"),
)


def without_place(photograph: bytes) -> tuple[bytes, bool]:
    """Return the photograph with its place overwritten, and whether it had one."""
    found = bytearray(photograph)
    had = False
    for head in _HEADS.finditer(photograph):
        had = _blank_gps(found, head.start()) or had
    for packet in _XMP.finditer(photograph):
        for values in _XMP_VALUES:
            for value in values.finditer(photograph, packet.start(), packet.end()):
                if value.group(2).strip():
                    found[value.start(2) : value.end(2)] = b" " * len(value.group(2))
                    had = True
    return bytes(found), had


def _blank_gps(data: bytearray, base: int) -> bool:
    """Overwrite the GPS directory of the TIFF file that begins at `base`. Returns whether it had one."""
    order = "<" if data[base : base + 2] == b"II" else ">"
    main = _directory(data, base, order, _number(data, base + 4, order))
    blanked = False
    for tag, _kind, _count, place in main:
        if tag != GPS:
            continue
        offset = _number(data, place, order)
        for _tag, kind, count, value in _directory(data, base, order, offset):
            length = SIZES.get(kind, 0) * count
            if length > 4:
                _zero(data, base + _number(data, value, order), length)
        entries = len(_directory(data, base, order, offset))
        _zero(data, base + offset, 2 + 12 * entries)
        blanked = blanked or entries > 0
    return blanked


def _directory(data: bytearray, base: int, order: str, offset: int) -> list[tuple[int, int, int, int]]:
    """Return tag, type, count and place of the value for each entry; nothing where there is no sound directory."""
    at = base + offset
    if offset < 8 or at + 2 > len(data):
        return []
    number = struct.unpack_from(order + "H", data, at)[0]
    if not 0 < number <= MOST_TAGS or at + 2 + 12 * number > len(data):
        return []
    found = []
    for entry in range(at + 2, at + 2 + 12 * number, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
        if kind not in SIZES:
            return []  # compressed pixels that look like a head by chance
        found.append((tag, kind, count, entry + 8))
    return found


def _number(data: bytearray, at: int, order: str) -> int:
    return int(struct.unpack_from(order + "I", data, at)[0]) if at + 4 <= len(data) else 0


def _zero(data: bytearray, at: int, length: int) -> None:
    end = min(at + length, len(data))
    if at < end:
        data[at:end] = bytes(end - at)
