"""The parts of a mail: where each begins and ends. Nothing is copied, so that a large mail costs little.

Python's own parser is not used here: for ten megabytes of short lines it needs 445 MB and five seconds, and for 300
nested parts eighteen seconds. This one looks for each boundary once at each level, and nesting has a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.headers import Headers, Parameters, read_headers, read_parameters
from requests_app.correspondence.parsing.notes import Note, note

_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,120}")
# A boundary that nobody named: a first line of two dashes and a word, as mail programs make them.
_GUESS: Final = re.compile(rb"\s*--([0-9A-Za-z'()+_,./:=?-]{5,70})[ \t]*\r?\n")


@dataclass(slots=True)
class Part:
    """One part: its headers, and its body as a stretch of `buffer`. Parts of a multipart are `children`."""

    buffer: bytes
    start: int
    end: int
    headers: Headers
    content: Parameters
    disposition: Parameters
    depth: int = 0
    children: list[Part] = field(default_factory=list)

    @property
    def content_type(self) -> str:
        return self.content.value

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    @property
    def encoding(self) -> str:
        """The name of the transfer encoding in lower case, without what some senders write around it."""
        return self.headers.text("Content-Transfer-Encoding").lower().partition(";")[0].strip(" '\"")

    @property
    def name(self) -> str:
        """The file name that the sender gave, "" when none."""
        return self.disposition.get("filename") or self.content.get("name") or self.disposition.get("name")

    @property
    def raw(self) -> bytes:
        """A copy of the body as it stands in the mail."""
        return self.buffer[self.start : self.end]


@dataclass(slots=True)
class Count:
    """How many parts of the mail were found so far, and what was odd. One for a mail and all messages inside it."""

    parts: int = 0
    notes: list[Note] = field(default_factory=list)


def read_part(
    buffer: bytes, start: int, end: int, count: Count, *, depth: int = 0, default: str = "text/plain"
) -> Part:
    """Return the part that stands between `start` and `end`, with the parts inside it; never raises."""
    headers, body = read_headers(buffer, start, end)
    count.parts += 1
    count.notes.extend(headers.notes)
    content = read_parameters(headers.first("Content-Type"))
    if not _TYPE.fullmatch(content.value):
        content = Parameters(_nearest_type(content.value, default), content.named)
    part = Part(buffer, body, end, headers, content, read_parameters(headers.first("Content-Disposition")), depth)
    if content.value.startswith("multipart/"):
        _read_children(part, count)
    return part


def _nearest_type(written: str, default: str) -> str:
    """Return a type for one that is missing or misspelt: old mail says just "text", some servers "pdf"."""
    if not written:
        return default
    if written in ("text", "plain", "text/"):
        return "text/plain"
    return "text/html" if written == "html" else "application/octet-stream"


def _read_children(part: Part, count: Count) -> None:
    """Find the parts of a multipart; where none can be found, make it a text, or a file when nested too deep."""
    if part.depth >= limits.DEPTH:
        count.notes.append(note("too_deep"))
        part.content = Parameters("application/octet-stream", part.content.named)
        return
    boundary = part.content.get("boundary").encode("utf-8", "replace").rstrip(b" ")[:200]
    if not boundary or not _delimiters_exist(part, boundary):
        guess = _GUESS.match(part.buffer, part.start, part.end)
        if guess is None:
            if part.end > part.start:
                count.notes.append(note("boundary_missing"))
            part.content = Parameters("text/plain", part.content.named)
            return
        count.notes.append(note("boundary_guessed"))
        boundary = guess[1]
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    stretches, closing = _stretches(part, boundary, count)
    for begin, end in stretches:
        part.children.append(read_part(part.buffer, begin, end, count, depth=part.depth + 1, default=default))
    if closing is None:
        count.notes.append(note("unfinished"))
    else:
        _note_text_after(part, closing, count)


def _delimiters_exist(part: Part, boundary: bytes) -> bool:
    return next(_delimiters(part, boundary), None) is not None


def _delimiters(part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield (where the line begins, where the next begins, is it the last) for each boundary line of the part."""
    mark = re.escape(b"--" + boundary)
    # The look back stands after the mark, so that the search goes by the mark itself, which is much quicker.
    line = re.compile(mark + rb"(?<=[\r\n]" + mark + rb")(--)?[ \t]*(?:\r?\n|\r|\Z)")
    first = re.compile(mark + rb"(--)?[ \t]*(?:\r?\n|\r|\Z)").match(part.buffer, part.start, part.end)
    start = part.start
    if first:
        yield first.start(), first.end(), bool(first[1])
        start = first.end()
    for found in line.finditer(part.buffer, start, part.end):
        yield found.start(), found.end(), bool(found[1])


def _stretches(part: Part, boundary: bytes, count: Count) -> tuple[list[tuple[int, int]], int | None]:
    """Return where each child stands, and where the text after the last begins; None when the end is missing."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for place, following, last in _delimiters(part, boundary):
        if begin is not None:
            found.append((begin, _without_line_end(part.buffer, begin, place)))
        begin = following
        if last:
            return found, following
        if count.parts + len(found) >= limits.PARTS:
            count.notes.append(note("too_many_parts", count=limits.PARTS))
            return found, part.end
    if begin is not None and begin < part.end:
        found.append((begin, part.end))
    return found, None


def _without_line_end(buffer: bytes, begin: int, place: int) -> int:
    """Return where a part ends: the line end before a boundary belongs to the boundary."""
    if place > begin and buffer[place - 1 : place] == b"\n":
        place -= 1
    if place > begin and buffer[place - 1 : place] == b"\r":
        place -= 1
    return place


def _note_text_after(part: Part, start: int, count: Count) -> None:
    rest = part.buffer[start : min(part.end, start + 400)].strip()
    if rest and part.depth == 0 and not rest.startswith(b"--"):
        count.notes.append(note("text_after_end", text=rest.decode("utf-8", "replace")))
