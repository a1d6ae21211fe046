"""Photographs of a sheet on a table, and scans with cover sheets, made for the tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

TABLE = (70, 55, 40)
SHEET = (236, 233, 226)
# Where the corners of the sheet are on a photograph of 600 x 800.
QUAD = ((84, 102), (520, 76), (550, 700), (60, 724))
# A small sheet of EXIF tags: Orientation 1 and a GPS directory with a latitude, in the order of Intel.
_PLACE = b"N\x00"


def a_photograph(
    *, quad: Sequence[tuple[int, int]] = QUAD, size: tuple[int, int] = (600, 800), form: str = "JPEG", **more: Any
) -> bytes:
    """Return a photograph of a sheet with lines on a darker table. `shade`: of its lines, so that two differ."""
    picture = Image.new("RGB", size, TABLE)
    drawing = ImageDraw.Draw(picture)
    drawing.polygon(list(quad), fill=SHEET)
    shade = int(more.pop("shade", 30))
    for row in range(8):
        drawing.line((160, 200 + row * 55, 440, 195 + row * 55), fill=(shade, 30, 30), width=10)
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def exif(*, orientation: int = 1, place: bool = True) -> bytes:
    """Return what a phone notes: which way up, which phone, and where."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Phone of the tests"
    if place:
        gps = tags.get_ifd(0x8825)
        gps[1], gps[2] = "N", (38.0, 58.0, 12.34)
        gps[3], gps[4] = "W", (76.0, 29.0, 56.78)
    return tags.tobytes()
