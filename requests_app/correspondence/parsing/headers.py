"""The header block of a mail: lines into fields, fields into words, parameters and dates."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.charsets import clean_line, read_letters
from requests_app.correspondence.parsing.notes import Note, note

# RFC 5322 allows any printable ASCII but the colon in a name; senders also put blanks before the colon.
_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD: Final = re.compile(r"=\?([^?\s]{0,60})\?([bBqQ])\?")
_PARAMETER: Final = re.compile(r';\s*([^=;\s"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_SECTION: Final = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?", re.DOTALL)
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")
_EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name as written, and its value as bytes, unfolded to one line."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order, and what was wrong with its lines."""

    fields: tuple[Field, ...]
    notes: tuple[Note, ...] = ()

    def all(self, name: str) -> list[bytes]:
        """Return every value of the field of this name, topmost first."""
        wanted = name.lower()
        return [field.value for field in self.fields if field.name.lower() == wanted]

    def first(self, name: str) -> bytes:
        """Return the topmost value of the field of this name, b"" when there is none."""
        wanted = name.lower()
        return next((field.value for field in self.fields if field.name.lower() == wanted), b"")

    def text(self, name: str) -> str:
        """Return the topmost value as text on one line, encoded words decoded; "" when there is none."""
        return decode_words(self.first(name)).text

    def has(self, name: str) -> bool:
        """True when there is such a field, even an empty one."""
        wanted = name.lower()
        return any(field.name.lower() == wanted for field in self.fields)


def read_headers(buffer: bytes, start: int, end: int) -> tuple[Headers, int]:
    """Return the header block that begins at `start`, and where the body begins.

    The block ends at an empty line. A line that is neither a field nor a continuation ends it too, and is body,
    unless fields follow within three lines: then it is the rest of a field that was folded wrongly.
    """
    fields: list[tuple[str, list[bytes]]] = []
    notes: list[Note] = []
    position, last = start, min(end, start + limits.HEADER_BLOCK_BYTES)
    lines = 0
    while position < last:
        line, following = _line(buffer, position, end)
        if not line.strip(b" \t\x00"):
            return _headers(fields, notes), following
        lines += 1
        if lines > limits.HEADER_LINES:
            notes.append(note("headers_cut"))
            return _headers(fields, notes), _after_empty_line(buffer, position, end)
        field = _FIELD.match(line)
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line)
        elif field:
            fields.append((field[1].decode("ascii"), [line[field.end() :]]))
        elif line.startswith((b"From ", b">From ")) and not fields:
            pass  # the separator line of a mailbox file
        elif fields and _fields_follow(buffer, following, end):
            notes.append(note("header_damaged", line=read_letters(line[:200]).text))
            fields[-1][1].append(b" " + line)
        else:
            return _headers(fields, notes), position
        position = following
    if position < end:
        notes.append(note("headers_cut"))
        position = _after_empty_line(buffer, position, end)
    return _headers(fields, notes), position


@dataclass(frozen=True, slots=True)
class Words:
    """A header's text, and the code of a note on how it was written, "" when nothing was wrong."""

    text: str
    trouble: str = ""


def decode_words(value: bytes) -> Words:
    """Return a header's value as text: encoded words (RFC 2047) decoded wherever they stand, bare bytes guessed.

    Neighbours of one encoding are joined as bytes first, for senders that split a letter between two words.
    """
    plain = read_letters(value[: limits.HEADER_VALUE_BYTES])
    text, trouble = plain.text, "" if value.isascii() else "header_not_encoded"
    if "=?" not in text:
        return Words(clean_line(text), trouble)
    pieces: list[str] = []
    pending: list[tuple[str, str]] = []
    charset = ""
    position = 0
    while word := _WORD.search(text, position):
        end = text.find("?=", word.end())
        if end < 0:
            trouble = "encoded_word_damaged"
            break
        between = text[position : word.start()]
        named = word[1].split("*")[0].lower()
        if pending and (between.strip() or named != charset):
            pieces.append(_read_words(pending, charset))
            pending = []
        # Blanks between two encoded words are not part of the text; between a word and anything else they are.
        if between.strip() or not position:
            pieces.append(between)
        pending.append((word[2].lower(), text[word.end() : end]))
        charset, position = named, end + 2
    pieces.append(_read_words(pending, charset))
    pieces.append(text[position:])
    return Words(clean_line("".join(pieces)), trouble)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A value with parameters, as of Content-Type: the value in lower case, parameters by name in lower case."""

    value: str
    named: dict[str, str]

    def get(self, name: str) -> str:
        """Return the parameter, "" when there is none."""
        return self.named.get(name, "")


def read_parameters(value: bytes) -> Parameters:
    """Return a structured header's value and parameters; parameters in the ways of RFC 2231 and, wrongly, RFC 2047."""
    if not value:
        return Parameters("", {})
    text = value[: limits.HEADER_VALUE_BYTES].decode("utf-8", "surrogateescape")
    head, _, _ = text.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for number, found in enumerate(_PARAMETER.finditer(text)):
        if number >= limits.REFERENCES:
            break
        name, written = found[1].lower(), _unquoted(found[2].strip())
        parts = _SECTION.fullmatch(name)
        if parts and (parts[2] or parts[3]):
            sections.setdefault(parts[1], {}).setdefault(int(parts[2] or 0), (written, bool(parts[3])))
        else:
            plain.setdefault(name, written)
    named = {name: decode_words(_octets(written)).text for name, written in plain.items()}
    named |= {name: _joined(found) for name, found in sections.items()}
    return Parameters(clean_line(read_letters(_octets(head)).text).lower(), named)


def read_date(value: bytes) -> datetime | None:
    """Return an aware date, None when there is none to read. A date without a zone is taken as UTC."""
    try:
        date = parsedate_to_datetime(value[:200].decode("ascii", "replace"))
        # Asking for UTC also finds dates that no calendar has with their zone: they would fail later, in a query.
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return aware if aware.astimezone(UTC) >= _EARLIEST else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def read_ids(value: bytes) -> tuple[str, ...]:
    """Return the message ids in a value, in angle brackets, in order, without repeats; the last 200 of more."""
    text = value[-limits.HEADER_VALUE_BYTES :].decode("ascii", "ignore")
    found = list(dict.fromkeys(_MESSAGE_ID.findall(text)))
    if not found and (bare := re.fullmatch(r"\s*([!-;=?A-~]{1,450}@[!-;=?A-~]{1,450})\s*", text)):
        found = [f"<{bare[1]}>"]
    return tuple(found[-limits.REFERENCES :])


def _headers(fields: list[tuple[str, list[bytes]]], notes: list[Note]) -> Headers:
    read = []
    for name, lines in fields:
        value = b"".join(lines).strip(b" \t\x00")
        if len(value) > limits.HEADER_VALUE_BYTES:
            notes.append(note("header_too_long", header=name))
            # References grow at their end, and the end names the message answered.
            value = (
                value[-limits.HEADER_VALUE_BYTES :]
                if name.lower() == "references"
                else value[: limits.HEADER_VALUE_BYTES]
            )
        read.append(Field(name, value))
    return Headers(tuple(read), tuple(notes))


def _line(buffer: bytes, position: int, end: int) -> tuple[bytes, int]:
    """Return the line at `position` without its end, and where the next begins."""
    found = buffer.find(b"\n", position, end)
    following = end if found < 0 else found + 1
    stop = end if found < 0 else found
    # No more than is read of a value: a line can be as long as the mail.
    return buffer[position : min(stop, position + limits.HEADER_VALUE_BYTES + 300)].rstrip(b"\r"), following


def _fields_follow(buffer: bytes, position: int, end: int) -> bool:
    for _attempt in range(3):
        if position >= end:
            return False
        # A line of the body with a colon looks like a field to the eye, too: only names of common shape count.
        line = buffer[position : position + 80]
        if line[:1] in b"\r\n":
            return False
        if re.match(rb"[A-Za-z][A-Za-z0-9-]{1,60}: ", line):
            return True
        position = _line(buffer, position, end)[1]
    return False


def _after_empty_line(buffer: bytes, position: int, end: int) -> int:
    found = [
        place + size
        for mark, size in ((b"\n\n", 2), (b"\n\r\n", 3))
        if (place := buffer.find(mark, position, end)) >= 0
    ]
    return min(found, default=end)


def _read_words(words: list[tuple[str, str]], charset: str) -> str:
    """Return the text of encoded words of one encoding, each its way (b or q) and its letters.

    Their bytes are joined first, for senders that part a letter between two words; and so are the letters of base64
    that is parted where no group of four ends.
    """
    octets, unfinished = b"", ""
    for way, letters in words:
        if way == "q":
            octets += _base64(unfinished) + binascii.a2b_qp(letters.encode("utf-8", "replace"), header=True)
            unfinished = ""
        elif len(letters.rstrip("=")) % 4 == 0 or "=" in letters:
            octets += _base64(unfinished + letters)
            unfinished = ""
        else:
            unfinished += letters
    return read_letters(octets + _base64(unfinished), charset).text


def _base64(written: str) -> bytes:
    letters = re.sub("[^A-Za-z0-9+/]", "", written)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def _unquoted(written: str) -> str:
    if written[:1] != '"':
        return written
    closed = len(written) > 1 and written[-1] == '"'
    # A backslash escapes a quote or itself; before anything else it is a path from a careless Windows program.
    return re.sub(r'\\(["\\])', r"\1", written[1:-1] if closed else written[1:])


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _joined(sections: dict[int, tuple[str, bool]]) -> str:
    """Return a parameter that came in sections (RFC 2231), its letters read once all bytes are together."""
    charset, octets = "", b""
    extended = False
    for number in sorted(sections):
        written, is_extended = sections[number]
        if is_extended and not extended and written.count("'") >= 2:
            charset, _, written = written.split("'", 2)
        extended = extended or is_extended
        octets += unquote_to_bytes(_octets(written)) if is_extended else _octets(written)
    if not extended:
        return decode_words(octets).text
    return clean_line(read_letters(octets, charset).text)
