"""Mails in files that a person hands in: .eml, .msg, and .mbox with many. Pure: what is in a file, and where.

A file is judged by what is in it, not by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

Kind = Literal["eml", "msg", "mbox"]

MOST_MAILS: Final = 1_000  # of one file; each is flushed to the disk by itself
_CHUNK: Final = 64 * 1024
_OUTLOOK: Final = bytes.fromhex("d0cf11e0a1b11ae1")  # a compound file, which a .msg is
_LOOKED_AT: Final = 4_096
_FIELD: Final = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")  # RFC 5322, 3.6.8
# The line before each mail of an mbox ends with a moment; "From here on" in a letter does not.
_BEGINS: Final = re.compile(rb"From \S.{0,300}\d{1,2}:\d{2}(?::\d{2})?.{0,40}\b\d{4}\b|From \S+\s.{0,60}\d{4}\s*$")
_QUOTED_FROM: Final = re.compile(rb">+From ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one mail stands in a file, in bytes. `is_quoted`: lines that begin with "From " have a ">" before them."""

    start: int
    end: int
    is_quoted: bool = False


def kind_of(file: BinaryIO) -> Kind | None:
    """Return what a file holds; None for what is no mail."""
    file.seek(0)
    head = file.read(_LOOKED_AT)
    if head.startswith(_OUTLOOK):
        return "msg"
    lines = [line for line in head.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if not lines:
        return None
    if _BEGINS.match(lines[0]):
        return "mbox"
    # Some programs put a line of their own above the header.
    return "eml" if any(_FIELD.match(line) for line in lines[:3]) else None


def mails_in(file: BinaryIO, kind: Kind) -> Iterator[Place]:
    """Yield where each mail of a file stands; of an mbox at most MOST_MAILS and one more, which says that it has more.

    Reads an mbox once, line by line, whatever its size.
    """
    if kind != "mbox":
        yield Place(0, file.seek(0, 2))
        return
    file.seek(0)
    place, begun, count = 0, -1, 0
    blank_at, is_line_start, was_blank = 0, True, True
    while line := file.readline(_CHUNK):
        if is_line_start and was_blank and _BEGINS.match(line):
            if begun >= 0:
                yield Place(begun, max(begun, blank_at), is_quoted=True)
                count += 1
                if count > MOST_MAILS:
                    return
            begun = place + len(line)
        if is_line_start:
            was_blank = not line.strip(b"\r\n")
            blank_at = place if was_blank else place + len(line)
        is_line_start = line.endswith(b"\n")
        place += len(line)
    if begun >= 0:
        yield Place(begun, blank_at if was_blank and blank_at > begun else place, is_quoted=True)


def chunks_of(file: BinaryIO, place: Place) -> Iterator[bytes]:
    """Yield the bytes of one mail, in an mbox without the ">" that was put before "From "."""
    file.seek(place.start)
    left, is_line_start = place.end - place.start, True
    while left > 0 and (line := file.readline(min(_CHUNK, left)) if place.is_quoted else file.read(min(_CHUNK, left))):
        left -= len(line)
        yield line[1:] if place.is_quoted and is_line_start and _QUOTED_FROM.match(line) else line
        is_line_start = line.endswith(b"\n")
