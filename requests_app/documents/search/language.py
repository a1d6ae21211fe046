"""The language of the search: what a person types, read into what is asked for. Pure, and never an error.

    nlets "monthly totals" quer* fee OR cost -draft agency:mdsp state:MD type:spreadsheet before:2026-03 in:sheet

Every word must stand on the same page (or block of rows, or mail). OR binds its two neighbours. A minus leaves out.
Fields narrow down; the same field twice means either. What cannot be understood is searched for as words, or left out,
and a remark says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from requests_app.documents.search.folding import fold, words_in
from requests_app.people.states import JURISDICTIONS

LONGEST: Final = 1000  # characters of a query that are read
MOST: Final = 24  # words and phrases, and as many fields
WORDS_IN_A_PHRASE: Final = 24
BEGINNING: Final = 3  # letters before a star: the words that begin with two are nearly all words

# What a person may call each kind of file (identify.KINDS).
TYPES: Final = {
    "pdf": "pdf", "image": "image", "images": "image", "picture": "image", "photo": "image",
    "document": "text document", "text document": "text document", "word": "text document", "doc": "text document",
    "docx": "text document", "slides": "slides", "presentation": "slides", "web page": "web page", "web": "web page",
    "html": "web page", "text": "text", "txt": "text", "spreadsheet": "spreadsheet", "sheet": "spreadsheet",
    "excel": "spreadsheet", "xlsx": "spreadsheet", "csv": "spreadsheet", "e-mail": "e-mail", "email": "e-mail",
    "mail": "e-mail", "archive": "archive", "zip": "archive", "recording": "recording", "audio": "recording",
    "video": "recording", "other": "other",
}  # fmt: skip
# What `in:` may be given, and the kinds of passages (Passage.Kind) that it stands for.
PLACES: Final = {
    "page": "page", "pages": "page", "sheet": "sheet", "sheets": "sheet", "cells": "sheet", "cell": "sheet",
    "mail": "mail", "mails": "mail", "e-mail": "mail", "email": "mail", "text": "text", "note": "note",
    "notes": "note", "about": "about", "name": "about",
}  # fmt: skip
_STATES: Final = {**{fold(name): code for code, name in JURISDICTIONS.items()}, **{c.lower(): c for c in JURISDICTIONS}}


@dataclass(frozen=True)
class Term:
    """One word, or several that stand side by side. `begins`: the last word is only the beginning of one."""

    words: tuple[str, ...]
    begins: bool = False


Clause = tuple[Term, ...]
"""Terms of which one is enough."""


@dataclass(frozen=True)
class Narrowing:
    """One field. `value` as the rows hold it: a state's code, a kind of file, a day as YYYY-MM-DD."""

    field: str
    value: str
    excluded: bool = False


@dataclass(frozen=True)
class Remark:
    """What the reader should know about their query. `code`: see `wording`; `about`: the part it is about."""

    code: str
    about: str = ""


@dataclass(frozen=True)
class Asked:
    """A query as it was understood."""

    every: tuple[Clause, ...] = ()
    without: tuple[Term, ...] = ()
    narrowed: tuple[Narrowing, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.every or self.narrowed)

    @property
    def terms(self) -> tuple[Term, ...]:
        """All that may be found, for marking it in a text."""
        return tuple(term for clause in self.every for term in clause)

    def values(self, field: str, *, excluded: bool = False) -> list[str]:
        """Return what one field was narrowed to."""
        return [each.value for each in self.narrowed if each.field == field and each.excluded == excluded]


@dataclass(frozen=True)
class _Piece:
    """A stretch of the query between blanks: -field:"value"*"""

    minus: bool
    field: str
    text: str
    quoted: bool
    star: bool
    is_or: bool = False


_QUOTES: Final = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"'})
_PIECE: Final = re.compile(
    r'(?P<minus>[-\u2212]?)(?:(?P<field>[^\W\d_]+):(?=\S))?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))'
)
_NUMBER: Final = re.compile(r"[$#]?(?P<whole>\d{1,3}(?:,\d{3})+|\d{4,12})(?P<rest>\.\d+)?")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


def parse(query: str) -> Asked:
    """Return what a query asks for. Any text is a query."""
    return _Reading().read(query)


class _Reading:
    """Gathers what one query says."""

    def __init__(self) -> None:
        self.every: list[list[Term]] = []
        self.without: list[Term] = []
        self.narrowed: list[Narrowing] = []
        self.remarks: list[Remark] = []

    def read(self, query: str) -> Asked:
        text = query.replace("\x00", " ").translate(_QUOTES)
        if len(text) > LONGEST:
            self.remark("too_long")
            text = text[:LONGEST].rsplit(None, 1)[0] if " " in text[:LONGEST] else text[:LONGEST]
        if text.count('"') % 2:
            self.remark("open_quote")
        joins, word_before = False, False  # an OR waits for its second part; its first part was a word
        for piece in _pieces(text):
            if piece.is_or:
                joins = word_before
                continue
            if piece.field and self.narrow(piece):
                word_before = joins = False
                continue
            made = self.terms_of(piece)
            if not made:
                continue
            if piece.minus:
                self.add_without(made)
                joins = word_before = False
                continue
            self.add(made, joins=joins)
            joins, word_before = False, True
        if self.without and not self.every:
            self.remark("only_without")
            self.without = []
        if query.strip() and not (self.every or self.narrowed or self.remarks):
            self.remark("only_signs")
        return Asked(
            tuple(tuple(dict.fromkeys(clause)) for clause in self.every),
            tuple(dict.fromkeys(self.without)),
            tuple(dict.fromkeys(self.narrowed)),
            tuple(dict.fromkeys(self.remarks)),
        )

    def remark(self, code: str, about: str = "") -> None:
        self.remarks.append(Remark(code, about[:60]))

    def add(self, made: list[Term], *, joins: bool) -> None:
        if joins and self.every:
            self.every[-1] += made
        elif len(self.every) < MOST:
            self.every.append(made)
            return
        if len(self.every) >= MOST or len(self.every[-1]) > MOST:
            self.every[-1] = self.every[-1][:MOST]
            self.remark("too_many")

    def add_without(self, made: list[Term]) -> None:
        if len(self.without) >= MOST:
            self.remark("too_many")
            return
        self.without += made

    def terms_of(self, piece: _Piece) -> list[Term]:
        """Return the ways in which a piece may be written; one is enough."""
        whole = f"{piece.field}:{piece.text}" if piece.field else piece.text
        words = tuple(word[:64] for word in words_in(whole))
        if len(words) > WORDS_IN_A_PHRASE:
            self.remark("too_many")
            words = words[:WORDS_IN_A_PHRASE]
        if not words:
            return []
        begins = piece.star and not piece.quoted
        if begins and len(words[-1]) < BEGINNING:
            self.remark("short_beginning", piece.text)
            begins = False
        if begins or piece.quoted:
            return [Term(words, begins)]
        return [Term(words), *(Term(other) for other in _number_otherwise(piece.text) if other != words)]

    def narrow(self, piece: _Piece) -> bool:
        """Take a piece as a field. Returns False when its words are to be searched for."""
        field = fold(piece.field)
        read = _FIELDS.get(field)
        if read is None:
            self.remark("unknown_field", piece.field)
            return False
        value = read(piece.text.strip())
        if value is None:
            self.remark(f"not_a_{field}", piece.text.strip())
        elif len(self.narrowed) >= MOST:
            self.remark("too_many")
        else:
            self.narrowed.append(Narrowing(field, value, bool(piece.minus)))
        return True


def _pieces(text: str) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text):
        quoted = found["quoted"]
        plain = found["plain"] or ""
        if quoted is None and not found["minus"] and not found["field"] and plain in ("OR", "|", "||"):
            yield _Piece(False, "", "", False, False, is_or=True)
        else:
            yield _Piece(
                bool(found["minus"]), found["field"] or "", plain if quoted is None else quoted, quoted is not None,
                plain.rstrip(".,;!?)").endswith("*"),
            )  # fmt: skip


def _number_otherwise(text: str) -> list[tuple[str, ...]]:
    """Return the words of 1,234 for 1234, and of 1234 for 1,234: tables write both. A year stays a year."""
    found = _NUMBER.fullmatch(text)
    if found is None or (_YEAR.fullmatch(found["whole"]) and not found["rest"]):
        return []
    digits, rest = found["whole"].replace(",", ""), tuple(words_in(found["rest"] or ""))
    grouped = tuple(f"{int(digits):,}".split(",")) if not digits.startswith("0") else (digits,)
    return [(digits, *rest), (*grouped, *rest)]


def _day(text: str) -> str | None:
    """Return the first day of a year, a month or a day, as YYYY-MM-DD; March 4 is 2026-03-04 or 3/4/2026."""
    american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    plain = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text)
    if american:
        month, day, year = american.groups()
    elif plain:
        year, month, day = plain[1], plain[2] or "1", plain[3] or "1"
    else:
        return None
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _words(text: str) -> str | None:
    return " ".join(text.split())[:100] or None


def _code(text: str) -> str | None:
    return fold(text).upper()[:40] if words_in(text) else None


_FIELDS: Final[dict[str, Callable[[str], str | None]]] = {
    "agency": lambda text: _words(text) if words_in(text) else None,
    "state": lambda text: _STATES.get(fold(text)),
    "kit": _code,
    "type": lambda text: TYPES.get(fold(text)),
    "before": _day,
    "after": _day,
    "tag": lambda text: " ".join(words_in(text))[:100] or None,
    "request": _code,
    "in": lambda text: PLACES.get(fold(text)),
}
FIELDS: Final = tuple(_FIELDS)


def field_with(field: str, value: str) -> str:
    """Return a field as it is typed, such as agency:"state police"."""
    harmless = value.replace('"', " ")
    return f'{field}:"{harmless}"' if re.search(r"\s", harmless) or not harmless else f"{field}:{harmless}"


def narrower(query: str, field: str, value: str) -> str:
    """Return the query with one more field."""
    closed = f'{query}"' if query.translate(_QUOTES).count('"') % 2 else query
    return f"{closed.strip()} {field_with(field, value)}".strip()


def wider(query: str, dropped: Narrowing) -> str:
    """Return the query without one of its fields, however that was written."""

    def keep(found: re.Match[str]) -> str:
        if not found["field"]:
            return found[0]
        read = _FIELDS.get(fold(found["field"]))
        text = found["plain"] if found["quoted"] is None else found["quoted"]
        same = read is not None and fold(found["field"]) == dropped.field and read(text.strip()) == dropped.value
        return "" if same and bool(found["minus"]) == dropped.excluded else found[0]

    return " ".join(_PIECE.sub(keep, query.translate(_QUOTES)).split())


def last_day_before(day: str) -> date:
    """Return the day before a day written YYYY-MM-DD; the first day there is stays."""
    first = date.fromisoformat(day)
    return first - timedelta(days=1) if first > date.min else first
