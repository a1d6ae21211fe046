"""CSV, TSV and their like: rows of text between signs that nobody declared. What was assumed is said."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter as Counts
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_parts import Book, Counter, ReadRow, SheetsOrder, SheetSource, cut

CHUNK: Final = 1024 * 1024
SAMPLE: Final = 128 * 1024  # characters looked at to find the delimiter
LONGEST_FIELD: Final = 131_072  # a longer one is a quote that nobody closed
DELIMITERS: Final = (",", "\t", ";", "|", "~", "^", "\x1f", "\x01")
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
ONE_BYTE: Final = ("cp1252", "mac_roman", "cp437")  # Windows, old Macintosh, DOS and some mainframes' exports


@dataclass(frozen=True)
class Charset:
    """The signs of a text: by what we know it (mark, bytes or guess), and how many bytes were no sign of it."""

    name: str
    known_by: str
    broken: int = 0


@dataclass(frozen=True)
class Dialect:
    """How the fields of a row are kept apart."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    first_line_says_so: bool = False  # sep=; in the first line

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Read the records of these lines."""
        return csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote or None, escapechar=self.escape,
            doublequote=self.escape is None, quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
        )  # fmt: skip


def open_text(path: Path, order: SheetsOrder) -> Book:
    """Return a book of one sheet without a name."""
    charset = charset_of(path)
    with _lines(path, charset) as lines:
        sample = lines.read(SAMPLE)
    if not sample.strip():
        raise Refused("damaged", "no text in it")
    dialect = dialect_of(sample)
    facts: dict[str, Any] = {"charset": charset.name.removesuffix("-sig"), "charset_by": charset.known_by}
    if charset.broken:
        facts["broken_signs"] = charset.broken
    if _has_open_quote(path, charset, dialect):
        dialect = replace(dialect, quote="", escape=None)
        facts["open_quote"] = True
    facts["delimiter"] = dialect.delimiter
    if dialect.quote == "'":
        facts["quote"] = "'"
    source = SheetSource("", lambda: _rows(path, charset, dialect, source, Counter(order), facts), typed=False)
    return Book("text", [source], facts)


def charset_of(path: Path) -> Charset:
    """Return the charset: by its mark, by its bytes where only one fits, else the likeliest of a few."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Charset(name, "mark", 0 if name == "utf-8-sig" and not _bad_utf8(path)[1] else _broken(path, name))
    if wide := _wide_without_mark(head):
        return Charset(wide, "bytes", _broken(path, wide))
    good, bad = _bad_utf8(path)
    if not bad:
        return Charset("utf-8", "bytes")
    if good >= 5 * bad:  # a few broken signs in a text that is otherwise plainly this
        return Charset("utf-8", "bytes", bad)
    return Charset(_likeliest(path), "guess")


def _wide_without_mark(head: bytes) -> str:
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _bad_utf8(path: Path) -> tuple[int, int]:
    """Return how many signs beyond ASCII are good UTF-8 and how many bytes are not."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            if not chunk.isascii():
                beyond = sum(1 for sign in text if sign > "\x7f")
                wrong = text.count("\ufffd")
                good, bad = good + beyond - wrong, bad + wrong
        bad += decoder.decode(b"", True).count("\ufffd")
    return good, bad


def _broken(path: Path, name: str) -> int:
    decoder = codecs.getincrementaldecoder(name)("replace")
    broken = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            broken += decoder.decode(chunk).count("\ufffd")
        return broken + decoder.decode(b"", True).count("\ufffd")


def _likeliest(path: Path) -> str:
    """Return the charset of one byte a sign in which the signs beyond ASCII look most like words and prices."""
    beyond: Counts[bytes] = Counts()
    with path.open("rb") as file:
        while (chunk := file.read(CHUNK)) and sum(beyond.values()) < 20_000:
            for place, byte in enumerate(chunk):
                if byte > 127:
                    beyond[chunk[max(0, place - 1) : place + 2]] += 1
    scores = {}
    for name in ONE_BYTE:
        scores[name] = sum(_looks(bytes_, name) * count for bytes_, count in beyond.items())
    return max(ONE_BYTE, key=lambda name: scores[name])  # the first of equals


def _looks(around: bytes, name: str) -> int:
    """Return how likely a sign beyond ASCII stands between its two neighbours, if these are the charset's signs."""
    text = around.decode(name, "replace")
    score = 0
    for place, sign in enumerate(text):
        if sign > "\x7f":
            score += _fits(text[place - 1 : place] if place else "", sign, text[place + 1 : place + 2])
    return score


def _fits(before: str, sign: str, after: str) -> int:
    kind = unicodedata.category(sign)
    if sign == "\ufffd" or kind == "Cc" or "\u2500" <= sign <= "\u25ff":
        return -3
    if kind in ("Ll", "Lu"):
        if before.isalpha() and before.islower() and sign.isupper():
            return -2
        return 2 if sign in "áéíóúñüçèàêâôîäößÁÉÍÓÚÑÜÇ" else 1
    within_a_word = before.isalpha() and after.isalpha()
    if sign == "\u2019":
        return 3
    if sign in "\u201c\u2018":
        return -2 if before.isalpha() else 3
    if sign == "\u201d":
        return -2 if within_a_word else 3
    if sign in "\u2013\u2014\u2026\u00a0\u2022§°©®½¼£¢€":
        return -2 if within_a_word else 2
    return -1


def _lines(path: Path, charset: Charset) -> io.TextIOWrapper:
    return path.open(encoding=charset.name, errors="replace", newline="")


def dialect_of(sample: str) -> Dialect:
    """Return how the fields are kept apart: the delimiter that gives the most rows of the same length above one."""
    first = sample.split("\n", 1)[0].strip("\r\ufeff")
    if first[:4].lower() == "sep=" and len(first) == 5:
        return Dialect(first[4], first_line_says_so=True)
    quote = "'" if sample.count("','") + sample.count("';'") > sample.count('"') + 5 else '"'
    escape = "\\" if '\\"' in sample and '""' not in sample else None
    whole = sample if len(sample) < SAMPLE else sample.rpartition("\n")[0] or sample
    between_quotes = max(DELIMITERS, key=lambda delimiter: whole.count(quote + delimiter + quote))
    if whole.count(quote + between_quotes + quote) * 2 > whole.count("\n"):
        return Dialect(between_quotes, quote, escape)
    best, chosen = (0.0, 0), Dialect(",", quote, escape)
    for delimiter in DELIMITERS:
        if delimiter not in whole:
            continue
        dialect = Dialect(delimiter, quote, escape)
        try:
            lengths = [len(row) for row in dialect.reader(iter(io.StringIO(whole, newline=""))) if row]
        except csv.Error:
            continue
        # Titles and sums above and below a table have other lengths, so we look for the usual one above a single field.
        usual = Counts(length for length in lengths if length > 1).most_common(1)
        if usual:
            score = (usual[0][1] / len(lengths), min(usual[0][0], 10))
            # A delimiter inside prices or dates makes rows of two; one that makes many columns is surer.
            score = (round(score[0], 1), score[1])
            if score > best:
                best, chosen = score, dialect
    return chosen


def _has_open_quote(path: Path, charset: Charset, dialect: Dialect) -> bool:
    """Whether a quote is opened and never closed, so that it would swallow the rest of the file."""
    with _lines(path, charset) as lines:
        quotes = 0
        while text := lines.read(CHUNK):
            quotes += text.count(dialect.quote)
    if not quotes:
        return False
    csv.field_size_limit(LONGEST_FIELD)
    last: list[str] = []
    try:
        with _lines(path, charset) as lines:
            for last in dialect.reader(lines):  # noqa: B007  the last one counts
                pass
    except csv.Error:
        return True
    return quotes % 2 == 1 and bool(last) and "\n" in last[-1]


def _rows(
    path: Path, charset: Charset, dialect: Dialect, source: SheetSource, counter: Counter, facts: dict[str, Any]
) -> Iterator[ReadRow]:
    lengths: Counts[int] = Counts()
    fields: list[str] = []
    csv.field_size_limit(LONGEST_FIELD)
    size = max(1, path.stat().st_size)
    with _lines(path, charset) as lines:
        source.share = lambda: min(1.0, lines.buffer.raw.tell() / size)  # type: ignore[attr-defined]
        if dialect.first_line_says_so:
            lines.readline()
            facts["first_line_says_so"] = True
        number = 0
        try:
            for number, fields in enumerate(dialect.reader(lines), 1):
                if not fields:
                    continue
                lengths[len(fields)] += 1
                counter.check(number, len(fields))
                counter.add(len(fields))
                yield number, [cut(text, source) if text else None for text in fields], None
        except csv.Error as trouble:
            raise Refused("damaged", f"row {number + 1}: {trouble}") from trouble
    source.share = lambda: 1.0
    usual, count = (lengths.most_common(1) or [(0, 0)])[0]
    ragged = sum(lengths.values()) - count
    if ragged:
        facts["ragged"], facts["fields"] = ragged, usual
    if usual > 1 and len(fields) < usual and not _ends_with_a_line(path, charset):
        facts["maybe_cut_off"] = True


def _ends_with_a_line(path: Path, charset: Charset) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        return file.read().rstrip(b"\x00")[-1:] in (b"\n", b"\r")
