"""Transfer encodings undone, and files that were written into a text the old way (uuencode)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

_BEGIN: Final = re.compile(rb"begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n")
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
# Lines that look as if a file began.
_MOST_TRIES: Final = 1_000
# Files that a sender encoded one after the other into one part; more are damage.
_MOST_PIECES: Final = 10_000
PLAIN: Final = frozenset(
    ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "utf-8", "us-ascii", "8bits", "7bits")
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The bytes of a part, and the code of a note when its encoding was unknown or damaged."""

    octets: bytes
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that stood in a text: its name as written, its bytes, whether it was whole."""

    name: str
    octets: bytes
    whole: bool


def decode_transfer(buffer: bytes, start: int, end: int, encoding: str) -> Decoded:
    """Return the bytes of a stretch with their transfer encoding undone as far as possible; never raises."""
    if encoding in ("base64", "base-64", "b64"):
        return _decode_base64(buffer, start, end)
    octets = buffer[start:end]
    if encoding in PLAIN:
        return Decoded(octets)
    if encoding in ("quoted-printable", "quotedprintable", "quoted-printeable", "qp"):
        return Decoded(binascii.a2b_qp(octets))
    if encoding in ("x-uuencode", "x-uue", "uuencode", "uue"):
        taken, _rest = take_uuencoded(octets)
        return Decoded(taken[0].octets, "" if taken[0].whole else "encoding_damaged") if taken else Decoded(octets)
    return Decoded(octets, "encoding_unknown")


def take_uuencoded(octets: bytes, limit: int = 100) -> tuple[list[Taken], bytes]:
    """Return the files written into a text, at most `limit`, and the text without them.

    What begins like a file but holds no line of one ("begin 644 work") is text and stays.
    """
    found: list[Taken] = []
    rest: list[bytes] = []
    position = kept = tries = 0
    while len(found) < limit and tries < _MOST_TRIES and (begin := _BEGIN.search(octets, position)):
        tries += 1
        if begin.start() and octets[begin.start() - 1 : begin.start()] != b"\n":
            position = begin.end()
            continue
        content, after, whole = _uuencoded_lines(octets, begin.end())
        position = begin.end()
        if content:
            found.append(Taken(begin[1].decode("utf-8", "replace").strip(), content, whole))
            rest.append(octets[kept : begin.start()])
            kept = position = after
    if not found:
        return [], octets
    rest.append(octets[kept:])
    return found, b"".join(rest)


def _uuencoded_lines(octets: bytes, position: int) -> tuple[bytes, int, bool]:
    """Return the bytes of the lines from `position`, where they end, and whether their end was marked."""
    content = bytearray()
    while position < len(octets):
        stop = octets.find(b"\n", position)
        stop = len(octets) if stop < 0 else stop
        line = octets[position : min(stop, position + 200)].rstrip(b"\r")
        if line.strip() == b"end":
            return bytes(content), min(stop + 1, len(octets)), True
        if line.strip() not in (b"`", b""):
            decoded = _uuencoded_line(line)
            if decoded is None:
                return bytes(content), position, False
            content += decoded
        position = stop + 1
    return bytes(content), len(octets), False


def _uuencoded_line(line: bytes) -> bytes | None:
    """Return the bytes of one line; None when it is no such line. Trailing blanks may have been lost on the way."""
    size = (line[0] - 32) & 63
    if not 33 <= line[0] <= 96 or len(line) > (size + 2) // 3 * 4 + 2:
        return None
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return None


def _decode_base64(buffer: bytes, start: int, end: int) -> Decoded:
    """Undo base64. The quick way copies nothing; what it does not account for to the byte is read the lenient way."""
    blanks = sum(buffer.count(blank, start, end) for blank in (b"\n", b"\r", b" ", b"\t"))
    padding = buffer.count(b"=", start, end)
    try:
        quick = binascii.a2b_base64(memoryview(buffer)[start:end])
        if padding <= 2 and len(quick) * 4 == (end - start - blanks - padding) * 3 // 4 * 4:
            return Decoded(quick)
    except binascii.Error:
        pass
    return _decode_damaged_base64(buffer[start:end])


def _decode_damaged_base64(octets: bytes) -> Decoded:
    """Undo base64 leniently: foreign characters are skipped, missing padding is added, joined pieces are all read."""
    letters = octets.translate(None, _NOT_BASE64)
    foreign = len(letters) + sum(octets.count(blank) for blank in (b"\n", b"\r", b" ", b"\t")) != len(octets)
    if letters.count(b"=") > _MOST_PIECES:
        letters, foreign = letters.replace(b"=", b""), True
    pieces = [piece for piece in re.split(rb"=+", letters) if piece]
    damaged = foreign or any(len(piece) % 4 == 1 for piece in pieces)
    whole = bytearray()
    for piece in pieces:
        usable = piece[: len(piece) - 1] if len(piece) % 4 == 1 else piece
        whole += binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
    return Decoded(bytes(whole), "encoding_damaged" if damaged else "")
