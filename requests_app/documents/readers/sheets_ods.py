"""OpenDocument spreadsheets (OASIS 1.3 part 3, 9): read as one stream, as all sheets stand in one part.

A cell of this kind carries its exact value and the words its program showed, so nothing needs to be formatted anew.
Rows and cells may be written once for a million: they are counted before they are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TypeAlias

from requests_app.documents.cells import DATE, ERROR, LENGTH, NUMBER, TIME, Area, Cell, Row
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_formats import length_of, plainly, tidy
from requests_app.documents.readers.sheets_parts import (
    DEEPEST,
    Book,
    Comment,
    Counter,
    Package,
    ReadRow,
    SheetsOrder,
    SheetSource,
    cut,
    feed,
    local,
    tree,
    xml_parser,
)

MOST_NOTES: Final = 100_000
_LENGTH: Final = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?")
_OUTSIDE: Final = re.compile(r"\[?'?(?:file|https?|ftp):[^'\]]+", re.IGNORECASE)
# What may hold words or tables of its own that are not the cell's.
_SKIPPED: Final = frozenset({"tracked-changes", "shapes", "frame", "g", "custom-shape", "object", "forms", "dde-links"})
Event: TypeAlias = SheetSource | ReadRow | None  # None ends a sheet


def open_ods(package: Package, order: SheetsOrder) -> Book:
    """Return the book. Its sheets must be taken in order."""
    _refuse_if_locked(package)
    book = Book("ods", [], {})
    if any(name.startswith(("basic/", "scripts/")) and name.endswith((".xml", ".py", ".js")) for name in package.names):
        book.facts["macros"] = True
    embedded = sum(name.startswith("object ") and name.endswith("/content.xml") for name in package.names)
    if embedded:
        book.facts["embedded"] = embedded
    book.sheets = _Stream(package, order, book).sheets()
    return book


def _refuse_if_locked(package: Package) -> None:
    if package.has("META-INF/manifest.xml") and any(tree(package, "META-INF/manifest.xml").every("encryption-data")):
        raise Refused("password", "the parts of the file are locked")


def _frozen(package: Package) -> dict[str, tuple[int, int]]:
    """Return how many rows and columns stand still on each sheet, by its name."""
    if not package.has("settings.xml"):
        return {}
    found = {}
    for entry in tree(package, "settings.xml").every("config-item-map-entry"):
        items = {item.attributes.get("name", ""): item.words().strip() for item in entry.children if item.name}
        # 2 is "frozen", 1 a bar that a person can move
        rows = items.get("VerticalSplitPosition", "0") if items.get("VerticalSplitMode") == "2" else "0"
        columns = items.get("HorizontalSplitPosition", "0") if items.get("HorizontalSplitMode") == "2" else "0"
        if rows.isdigit() and columns.isdigit() and (rows != "0" or columns != "0"):
            found[entry.attributes.get("name", "")] = (int(rows), int(columns))
    return found


class _Stream:
    """Turns the events of the parser into sheets and rows."""

    def __init__(self, package: Package, order: SheetsOrder, book: Book) -> None:
        self._package, self._order, self._book = package, order, book
        self._counter = Counter(order)
        self._frozen = _frozen(package)
        self._gathered: list[Event] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._path: list[str] = []
        self._skipping = 0
        self._source: SheetSource | None = None
        self._sheets = 0
        self._row, self._row_repeated = 0, 1
        self._column = 0
        self._cells: Row = []
        self._formulas: dict[int, str] = {}
        self._attributes: dict[str, str] | None = None  # of the cell that is open
        self._paragraphs: list[str] = []
        self._note: dict[str, str] | None = None
        self._note_words: list[str] = []
        self._columns_seen = 0

    def sheets(self) -> Iterator[SheetSource]:
        """Give the sheets; what a reader does not take of one is passed over."""
        parser = xml_parser()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        events = feed(parser, self._package.chunks("content.xml"), self._taken)
        for event in events:
            if isinstance(event, SheetSource):
                rows = _until_its_end(events)
                event.rows = partial(iter, rows)
                yield event
                for _row in rows:
                    pass

    def _taken(self) -> list[Event]:
        some, self._gathered = self._gathered, []
        return some

    def _start(self, tag: str, said: dict[str, str]) -> None:
        name = local(tag)
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise Refused("hostile", "elements within elements without end")
        if self._skipping or name in _SKIPPED:
            if name == "tracked-changes" and not self._skipping:
                self._book.facts["tracked_changes"] = True
            self._skipping += 1
            return
        if name in ("table-cell", "covered-table-cell"):
            self._attributes = {local(key): value for key, value in said.items() if not key.startswith("calcext:")}
            if said.get("calcext:value-type") == "error":
                self._attributes["value-type"] = "error"
            self._paragraphs = []
        elif name == "p":
            if self._note is not None:
                self._note_words.append("\n" if self._note_words else "")
            else:
                self._paragraphs.append("")
        elif name in ("s", "tab", "line-break"):
            self._text({"tab": "\t", "line-break": "\n"}.get(name, " " * min(_count(said.get("text:c", "1")), 1000)))
        elif name == "table-row":
            self._begin_row({local(key): value for key, value in said.items()})
        elif name == "table-column":
            self._note_columns({local(key): value for key, value in said.items()})
        elif name == "annotation":
            self._note, self._note_words = {"author": ""}, []
        elif name == "table" and self._source is None:
            self._begin_sheet({local(key): value for key, value in said.items()})
        elif name == "style":
            self._style = said.get("style:name", "")
        elif name == "table-properties" and said.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def _end(self, tag: str) -> None:
        name = local(tag)
        self._path.pop()
        if self._skipping:
            self._skipping -= 1
            return
        if name in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif name == "table-row":
            self._end_row()
        elif name == "annotation" and self._note is not None and self._source is not None:
            text = "".join(self._note_words).strip()[:10_000]
            if text and len(self._source.comments) < MOST_NOTES:
                comment = Comment(self._row + 1, self._column + 1, self._note["author"][:200], text)
                self._source.comments.append(comment)
            self._note = None
        elif name == "table" and self._source is not None:
            self._gathered.append(None)
            self._source = None

    def _text(self, said: str) -> None:
        if self._skipping or self._attributes is None:
            return
        if self._note is not None:
            if self._path[-1] == "creator":
                self._note["author"] += said
            elif "p" in self._path:
                self._note_words.append(said)
        elif self._paragraphs and "p" in self._path:
            self._paragraphs[-1] += said

    def _begin_sheet(self, said: dict[str, str]) -> None:
        self._sheets += 1
        if self._sheets > self._order.sheets:
            raise Refused("too_many", f"more than {self._order.sheets} sheets")
        name = said.get("name", "")
        rows, columns = self._frozen.get(name, (0, 0))
        hidden = "hidden" if said.get("style-name", "") in self._hidden_styles else ""
        self._source = SheetSource(name, list, hidden, frozen_rows=rows, frozen_columns=columns)  # type: ignore[arg-type]
        self._source.share = self._package.share
        self._gathered.append(self._source)
        self._row = self._columns_seen = 0

    def _note_columns(self, said: dict[str, str]) -> None:
        if self._source is None:
            return
        count = _count(said.get("number-columns-repeated", "1"))
        first, self._columns_seen = self._columns_seen + 1, self._columns_seen + count
        if said.get("visibility", "visible") != "visible":
            self._source.hidden_columns.append((first, min(self._columns_seen, self._order.columns)))

    def _begin_row(self, said: dict[str, str]) -> None:
        self._row_repeated = _count(said.get("number-rows-repeated", "1"))
        self._cells, self._formulas, self._column = [], {}, 0
        if self._source is not None and said.get("visibility", "visible") != "visible":
            hidden, first, last = self._source.hidden_rows, self._row + 1, self._row + self._row_repeated
            if hidden and hidden[-1][1] == first - 1:
                first = hidden.pop()[0]
            hidden.append((first, min(last, self._order.rows)))

    def _end_cell(self) -> None:
        said, self._attributes = self._attributes or {}, None
        if self._source is None:
            return
        repeated = _count(said.get("number-columns-repeated", "1"))
        cell = self._cell(said)
        formula = said.get("formula", "")
        first = self._column + 1
        self._column += repeated
        if cell is None and not formula:
            return
        self._counter.check(self._row + 1, self._column)
        self._cells += [None] * (first - 1 - len(self._cells))
        self._cells += [cell] * repeated
        if formula:
            self._formulas.update(dict.fromkeys(range(first, self._column + 1), _plain_formula(formula)))
            outside = {match.strip("['") for match in _OUTSIDE.findall(formula)}
            if outside:
                known = set(self._book.facts.get("outside_links", []))
                self._book.facts["outside_links"] = sorted(known | {link[:500] for link in outside})[:50]
        self._merge(said, first)

    def _merge(self, said: dict[str, str], first: int) -> None:
        wide, high = _count(said.get("number-columns-spanned", "1")), _count(said.get("number-rows-spanned", "1"))
        if (wide > 1 or high > 1) and self._source is not None and len(self._source.merged) < MOST_NOTES:
            top = self._row + 1
            self._source.merged.append(Area(top, first, top + high - 1, first + wide - 1).name)

    def _cell(self, said: dict[str, str]) -> Cell:
        shown = "\n".join(self._paragraphs)
        kind = said.get("value-type", "")
        try:
            if kind in ("float", "percentage", "currency"):
                return _number(tidy(said.get("value", "")), shown)
            if kind == "date":
                return _with(DATE, _moment(said.get("date-value", "")), shown)
            if kind == "time":
                exact = _length(said.get("time-value", ""))
                hours = int(exact.lstrip("-").partition(":")[0])
                is_clock = hours < 24 and not exact.startswith("-")
                return _with(TIME if is_clock else LENGTH, exact.zfill(8) if is_clock else exact, shown)
        except ValueError:
            return shown or None
        if kind == "boolean":
            return said.get("boolean-value") == "true"
        if kind == "error":
            return [ERROR, shown or "#ERR"]
        text = said.get("string-value") or shown
        assert self._source is not None  # noqa: S101  cells are only looked at within a sheet
        return cut(text, self._source) or None

    def _end_row(self) -> None:
        first, self._row = self._row + 1, self._row + self._row_repeated
        while self._cells and self._cells[-1] is None and len(self._cells) not in self._formulas:
            self._cells.pop()
        if self._source is None or not self._cells:
            return
        self._counter.check(self._row, 1)
        filled = len(self._cells) - self._cells.count(None)
        for row in range(first, self._row + 1):
            self._counter.add(filled)
            self._gathered.append((row, self._cells, self._formulas or None))


def _until_its_end(events: Iterator[Any]) -> Iterator[ReadRow]:
    for event in events:
        if event is None:
            return
        yield event


def _number(value: str, shown: str) -> Cell:
    words = shown or plainly(value)
    if words != value:
        return [NUMBER, value, words]
    return int(value) if len(value) <= 15 and value.lstrip("-").isdigit() else [NUMBER, value]


def _with(kind: str, exact: str, shown: str) -> Cell:
    return [kind, exact, shown] if shown and shown != exact else [kind, exact]


def _moment(text: str) -> str:
    if not re.fullmatch(r"-?\d{4,5}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.,]\d+)?)?)?Z?", text):
        raise ValueError(text[:50])
    return text.removesuffix("T00:00:00")


def _length(text: str) -> str:
    """Return PT26H30M0S as 26:30:00. Raises ValueError."""
    match = _LENGTH.fullmatch(text)
    if match is None or not text:
        raise ValueError(text[:50])
    sign, days, hours, minutes, seconds, fraction = match.groups()
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    thousandths = whole * 1000 + int((fraction or "")[:3].ljust(3, "0"))
    return length_of(-thousandths if sign else thousandths)


def _plain_formula(formula: str) -> str:
    """Return a formula without the name of its language: of:=SUM([.A1:.A3]) reads =SUM(A1:A3)."""
    formula = formula.partition("=")[2] if ":=" in formula[:10] else formula.lstrip("=")
    return "=" + re.sub(r"\[\.?([^\]]*)\]", lambda match: match[1].replace(":.", ":"), formula)[:8190]


def _count(text: str) -> int:
    return int(text) if text.isdigit() and 0 < int(text) < 2**31 else 1
