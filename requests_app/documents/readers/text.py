"""Plain text of any charset, in blocks that a search can show."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from requests_app.documents.readers.refusals import Refused

BLOCK: Final = 8_000  # characters: three pages, so that a hit can be found again by eye
MOST: Final = 100_000_000  # characters of one file
_CHUNK: Final = 1024 * 1024
_SAMPLE: Final = 256 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(
    rb"""<(?:meta\s[^>]{0,200}?charset|\?xml\s[^>]{0,100}?encoding)\s*=\s*["']?([\w.:-]{2,40})""", re.I
)


class TextOrder(msgspec.Struct, frozen=True):
    """Whether the text may name its own charset, as web pages do."""

    declares: bool = False


class TextFound(msgspec.Struct, frozen=True):
    """One block of text. `charset` and how it is known (`mark`, `bytes`, `declared`, `guessed`) stand with each."""

    number: int
    text: str
    charset: str = ""
    known_by: str = ""


def text(path: Path, order: TextOrder, output: Path) -> Iterator[TextFound]:
    """Give the text block by block."""
    charset, known_by = charset_of(path, declares=order.declares)
    for number, block in enumerate(blocks(decoded(path, charset))):
        yield TextFound(number, block, charset, known_by)


def charset_of(path: Path, *, declares: bool = False) -> tuple[str, str]:
    """Return the name of a text's charset and how it is known."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name, "mark"
    if (declared := _declared(sample)) and declares:
        return declared, "declared"
    if wide := _wide(sample):
        return wide, "bytes"
    if _is_utf8(path):
        return ("ascii" if sample.isascii() else "utf-8"), "bytes"
    return _guessed(sample), "guessed"


def decoded(path: Path, charset: str) -> Iterator[str]:
    """Give the text in pieces; what is no sign of its charset becomes U+FFFD. Ends at `MOST` characters."""
    decoder = codecs.getincrementaldecoder(charset)("replace")
    given = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            piece = decoder.decode(chunk)
            given += len(piece)
            if given > MOST:
                raise Refused("too_large", f"more than {MOST} characters")
            yield piece
        yield decoder.decode(b"", True)


def blocks(pieces: Iterable[str], size: int = BLOCK) -> Iterator[str]:
    """Cut a text into blocks of about this many characters, at ends of lines or between words where there are any.

    Signs that no database takes are left out; line ends become LF.
    """
    waiting = ""
    for piece in pieces:
        waiting += piece.replace("\x00", "")
        while len(waiting) > size * 2:
            cut = _cut(waiting, size)
            yield _clean(waiting[:cut])
            waiting = waiting[cut:]
    while len(waiting) > size + size // 2:
        cut = _cut(waiting, size)
        yield _clean(waiting[:cut])
        waiting = waiting[cut:]
    if waiting.strip():
        yield _clean(waiting)


def _cut(text: str, size: int) -> int:
    for sign in ("\n", " "):
        at = text.rfind(sign, size // 2, size)
        if at > 0:
            return at + 1
    return size


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.encode("utf-8", "replace").decode("utf-8")


def _declared(sample: bytes) -> str:
    match = _DECLARED.search(sample[:4096])
    if not match:
        return ""
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except (LookupError, UnicodeError):
        return ""
    return {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(name, name)  # as browsers read it: Encoding Standard, 4.2


def _wide(sample: bytes) -> str:
    even, odd = sample[0::2], sample[1::2]
    if len(odd) < 8:
        return ""
    if odd.count(0) * 3 > len(odd) and even.count(0) * 20 < len(even):
        return "utf-16-le"
    if even.count(0) * 3 > len(even) and odd.count(0) * 20 < len(odd):
        return "utf-16-be"
    return ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(sample: bytes) -> str:
    """Return the likeliest charset: what a table of letters makes of the sample, else that of Windows in the US."""
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample[:32_768], steps=5, chunk_size=2048).best()
    if best is None or best.encoding in ("ascii", "latin_1", "cp1252"):
        return "cp1252"
    try:
        plain = sample.decode("cp1252")
    except UnicodeDecodeError:
        return codecs.lookup(best.encoding).name
    # US agencies write English on Windows: a few typographic quotes are no reason to think of another alphabet.
    foreign = sum(char > "\x7f" for char in plain)
    if foreign * 20 < len(plain):
        return "cp1252"
    return codecs.lookup(best.encoding).name
