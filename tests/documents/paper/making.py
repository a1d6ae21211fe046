"""Photographs of a sheet on a table, and scans with cover sheets, made for the tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

from requests_app.documents.paper.cover_sheet import square
from requests_app.documents.paper.references import on_cover

TABLE = (70, 55, 40)
SHEET = (236, 233, 226)
# Where the corners of the sheet are on a photograph of 600 x 800.
QUAD = ((84, 102), (520, 76), (550, 700), (60, 724))


def a_photograph(
    *,
    quad: Sequence[tuple[int, int]] = QUAD,
    size: tuple[int, int] = (600, 800),
    shade: int = 30,
    form: str = "JPEG",
    **more: Any,
) -> bytes:
    """Return a photograph of a sheet with lines on a darker table. `shade`: of its lines, so that two differ."""
    picture = Image.new("RGB", size, TABLE)
    drawing = ImageDraw.Draw(picture)
    drawing.polygon(list(quad), fill=SHEET)
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


def a_page(words: str = "", cover: str = "") -> Image.Image:
    """Return a page of a scan; with `cover`, the cover sheet of that request."""
    page = Image.new("L", (850, 1100), 255)
    drawing = ImageDraw.Draw(page)
    drawing.text((100, 80), words or f"Cover sheet {cover}", fill=0, font_size=40)
    if cover:
        size, path = square(on_cover(cover))
        scale = 340 / size
        for module in path.split("M")[1:]:
            x, y = (float(each) for each in module.split("h")[0].split(","))
            drawing.rectangle(
                (250 + x * scale, 300 + y * scale, 250 + (x + 10) * scale - 1, 300 + (y + 10) * scale - 1), fill=0
            )
    return page


def a_scan(*pages: str, form: str = "PDF") -> bytes:
    """Return a scan of these pages: words, or a reference after a colon, which is its cover sheet (":MD-2026-0001")."""
    drawn = [a_page(cover=each[1:]) if each.startswith(":") else a_page(each) for each in pages]
    out = io.BytesIO()
    drawn[0].save(out, form, save_all=True, append_images=drawn[1:], resolution=100.0)
    return out.getvalue()
