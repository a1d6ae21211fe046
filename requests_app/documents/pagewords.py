"""Words of a page with the places they stand at: how they are kept, and the text they make. Knows no Django.

The text of a page is made of its words alone, each pair with a space, a new line or an empty line between. So
`text_of(words).split()` gives the words again, in the same order, and a hit in the text leads to its boxes by counting.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from math import floor, isfinite
from typing import Final

import msgspec

LEVEL: Final = 6  # of zlib: a page of 500 words takes 8 KB
LARGEST: Final = 32 * 1024 * 1024  # bytes that a page's words may unpack to; a page of 5,000 words takes 200 KB
LONGEST: Final = 400  # letters of one word; what is longer is cut into words of that length
NEXT_LINE: Final = 0.5  # of the smaller height: words that share less of it stand on two lines
NEXT_PARAGRAPH: Final = 0.9  # of the line's height: a wider gap between two lines is a paragraph's


class Word(msgspec.Struct, frozen=True, array_like=True):
    """A word without white space and its box, in points (1/72 inch) from the top left of the page as shown."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def pack(words: Iterable[Word]) -> bytes:
    """Return the words as `Page.words` keeps them. Their boxes are rounded to a tenth of a point."""
    words = list(words)
    try:
        rounded = _rounded(words)
    except (ValueError, OverflowError):  # a font gave a sign a place that is infinite, or no number
        rounded = _rounded([Word(word.text, *map(_finite, msgspec.structs.astuple(word)[1:])) for word in words])
    return zlib.compress(msgspec.json.encode(rounded), LEVEL) if rounded else b""


def _rounded(words: list[Word]) -> list[tuple[str, float, float, float, float]]:
    # Not round(), which takes four times as long and goes by how the number would be written.
    return [
        (word.text, floor(word.left * 10 + 0.5) / 10, floor(word.top * 10 + 0.5) / 10,
         floor(word.right * 10 + 0.5) / 10, floor(word.bottom * 10 + 0.5) / 10)
        for word in words
    ]  # fmt: skip


def _finite(place: float) -> float:
    return place if isfinite(place) else 0.0


def unpack(kept: bytes | memoryview) -> list[Word]:
    """Return the words that `pack` packed, in reading order. Raises ValueError when they are not whole."""
    if not kept:
        return []
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(bytes(kept), LARGEST)
        if not unpacking.eof:
            raise ValueError("The words of a page are cut off or too many.")
        return msgspec.json.decode(plain, type=list[Word])
    except (zlib.error, msgspec.DecodeError) as trouble:
        raise ValueError("The words of a page are damaged.") from trouble


def clean(text: str) -> list[str]:
    """Return the words of a stretch of text as they may be kept: no white space, no sign that no database takes.

    Signs are composed (NFC), so that an é of one sign and one of two are found alike.
    """
    plain = "".join(" " if _is_no_sign(sign) else sign for sign in unicodedata.normalize("NFC", text))
    return [word[at : at + LONGEST] for word in plain.split() for at in range(0, len(word), LONGEST)]


def text_of(words: Sequence[Word]) -> str:
    """Return the text the words make: a new line where the next one begins, an empty line before a paragraph."""
    parts: list[str] = []
    before: Word | None = None
    for word in words:
        if before is not None:
            parts.append(" " if _follows(before, word) else _between(before, word))
        parts.append(word.text)
        before = word
    return "".join(parts)


def _follows(before: Word, after: Word) -> bool:
    """Whether it is the next word of the line, as nearly all are: what `_between` would find out in more steps."""
    top, bottom = before.top, before.bottom
    return (
        top == after.top and bottom == after.bottom and top < bottom and before.left <= after.left
        and before.right - before.left > bottom - top
    )  # fmt: skip


def _between(before: Word, after: Word) -> str:
    if _runs_down(before) and _runs_down(after):  # lines of a page that lies on its side
        width = min(before.right - before.left, after.right - after.left)
        shared = min(before.right, after.right) - max(before.left, after.left)
        return " " if shared > NEXT_LINE * width else "\n"
    height = min(before.bottom - before.top, after.bottom - after.top)
    shared = min(before.bottom, after.bottom) - max(before.top, after.top)
    if shared > NEXT_LINE * height:
        return " " if after.left >= before.left else "\n\n"  # back on the same height: another column begins
    return "\n\n" if after.top - before.bottom > NEXT_PARAGRAPH * max(height, 1) else "\n"


def _runs_down(word: Word) -> bool:
    return word.bottom - word.top > (word.right - word.left) * (1.5 if len(word.text) < 3 else 1)


def _is_no_sign(sign: str) -> bool:
    """Whether it is a control sign or half a sign. A zero byte is one that PostgreSQL refuses."""
    return unicodedata.category(sign) in ("Cc", "Cs")
