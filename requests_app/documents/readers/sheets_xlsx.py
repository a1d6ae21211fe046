"""XLSX and XLSM (ECMA-376 part 1, 18): read as a stream, with what is hidden, commented, computed and merged.

Numbers are taken as they stand in the file, not through binary fractions, so that long ones stay exact.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from requests_app.documents.cells import ERROR, LONGEST, Row, area_of, column_of, letters
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_formats import BUILT_IN, Format, format_of, iso_cell, number_cell
from requests_app.documents.readers.sheets_parts import (
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
    ranges,
    tree,
    xml_parser,
)

GENERAL: Final = format_of("General")
MOST_NOTES: Final = 100_000  # comments and merged areas of a sheet
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
# A cell's name in a formula, but no function (LOG10( ) and no part of a longer name; texts in quotes are left alone.
_REFERENCE: Final = re.compile(
    r"\"[^\"]*\"|'[^']*'|(?<![A-Za-z0-9_.$])(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})(?![A-Za-z0-9_(.])"
)

# Rows in the form that all programs write, of plain cells: name, style, kind, then at most a formula and a value. They
# are most of a large sheet and are taken here, in a fifth of the time; the parser gets all else, and checks it.
_CELL: Final = (
    r'<c(?: r="([A-Z]{1,3})[0-9]+")?(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    r"(?:/>|>(?:<f>([^<&\x80-\xff]*)</f>)?(?:<v>([^<&\x80-\xff]*)</v>|<v/>)?</c>)"
)
_PLAIN_ROW: Final = re.compile(
    (r"<row((?: [a-zA-Z0-9:]+=\"[^\"<>&]*\")*)>((?:" + re.sub(r"\((?!\?)", "(?:", _CELL) + r")*)</row>").encode()
)
_cells_of: Final = re.compile(_CELL).findall
_ROW_NUMBER: Final = re.compile(rb' r="([0-9]{1,9})"')
_ROW_HIDDEN: Final = re.compile(rb' hidden="(?:1|true)"')
LONGEST_ROW: Final = 16 * 1024 * 1024  # bytes of a row that are held back until its end is there


def open_xlsx(package: Package, order: SheetsOrder) -> Book:
    """Return the book. Its sheets are read one after another, in order."""
    book_part = _workbook(package)
    related = _related(package, book_part)
    book = tree(package, book_part)
    from_1904 = any(
        element.attributes.get("date1904", "") in ("1", "true", "on") for element in book.every("workbookPr")
    )
    formats = _formats(package, next((part for kind, part in related.values() if kind == "styles"), ""))
    shared: list[str] = []
    strings = next((part for kind, part in related.values() if kind == "sharedStrings"), "")
    if strings and package.has(strings):
        shared = list(_shared_strings(package, strings, order))
    counter = Counter(order)
    sheets = []
    elements = list(book.every("sheet"))
    if len(elements) > order.sheets:
        raise Refused("too_many", f"{len(elements)} sheets")
    for element in elements:
        kind, part = related.get(element.attributes.get("id", ""), ("", ""))
        sheets.append(
            _Sheet(package, part if kind == "worksheet" else "", shared, formats, from_1904, counter).source(
                element.attributes.get("name", ""), element.attributes.get("state", "")
            )
        )
    return Book("xlsx", sheets, _facts(package, from_1904, [part for _kind, part in related.values()]))


def _workbook(package: Package) -> str:
    for kind, part in _related(package, "").values():
        if kind == "officeDocument" and package.has(part):
            return part
    if package.has("xl/workbook.xml"):
        return "xl/workbook.xml"
    raise Refused("damaged", "no workbook in it")


def _related(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to: by its id, the last word of its kind, and where it is in the package."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    if not package.has(listed):
        return {}
    found = {}
    for element in tree(package, listed).every("Relationship"):
        target = element.attributes.get("Target", "")
        if element.attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[element.attributes.get("Id", "")] = (element.attributes.get("Type", "").rpartition("/")[2], target)
    return found


def _facts(package: Package, from_1904: bool, parts: list[str]) -> dict[str, Any]:
    """Return what a reader should know about the file as a whole."""
    names = package.names
    outside = []
    for name in names:
        if name.startswith("xl/externallinks/_rels/"):
            outside += [
                part for _kind, part in _related(package, name.replace("_rels/", "").removesuffix(".rels")).values()
            ]
    facts: dict[str, Any] = {
        "from_1904": from_1904,
        "macros": any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names),
        "active_content": any(name.startswith(("xl/activex/", "xl/ctrlprops/")) for name in names),
        "embedded": sum(name.startswith("xl/embeddings/") for name in names),
        "outside_links": sorted({link[:500] for link in outside})[:50],
        "connections": package.has("xl/connections.xml"),
        "tracked_changes": any(name.startswith("xl/revisions/") for name in names),
        "pivot_caches": sum(name.startswith("xl/pivotcache/pivotcacherecords") for name in names),
    }
    return {name: value for name, value in facts.items() if value}


def _formats(package: Package, part: str) -> list[Format]:
    """Return the number format of each cell style, by its number."""
    if not part or not package.has(part):
        return [GENERAL]
    own = dict(BUILT_IN)
    styles = tree(package, part)
    for element in styles.every("numFmt"):
        if element.attributes.get("numFmtId", "").isdigit():
            own[int(element.attributes["numFmtId"])] = element.attributes.get("formatCode", "General")
    found = []
    for group in styles.every("cellXfs"):
        for element in group.every("xf"):
            number = element.attributes.get("numFmtId", "0")
            found.append(format_of(own.get(int(number), "General") if number.isdigit() else "General"))
    return found or [GENERAL]


def _shared_strings(package: Package, part: str, order: SheetsOrder) -> Iterator[str]:
    """Give the texts that cells share; the spoken form of East Asian words is left out."""
    gathered: list[str] = []
    words: list[str] = []
    state = {"in_text": False, "phonetic": 0, "count": 0, "characters": 0}

    def start(tag: str, _attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "si":
            words.clear()
        elif name == "t":
            state["in_text"] = not state["phonetic"]
        elif name == "rPh":
            state["phonetic"] += 1

    def end(tag: str) -> None:
        name = local(tag)
        if name == "t":
            state["in_text"] = False
        elif name == "rPh":
            state["phonetic"] -= 1
        elif name == "si":
            text = _plain("".join(words))
            gathered.append(text[:LONGEST])
            state["count"] += 1
            state["characters"] += len(text)
            if state["count"] > order.strings or state["characters"] > order.characters:
                raise Refused("too_large", "too many texts")

    def text(said: str) -> None:
        if state["in_text"]:
            words.append(said)

    parser = xml_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text

    def taken() -> list[str]:
        some = gathered[:]
        gathered.clear()
        return some

    yield from feed(parser, package.chunks(part), taken)


def _plain(text: str) -> str:
    """Return a text with its signs that XML cannot hold (ST_Xstring: _x000D_ and the like)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if not 0xD800 <= int(match[1], 16) < 0xE000 else "", text)


class _Sheet:
    """Reads one sheet's part."""

    def __init__(
        self, package: Package, part: str, shared: list[str], formats: list[Format], from_1904: bool, counter: Counter
    ) -> None:
        self._package, self._part, self._shared = package, part, shared
        self._formats, self._from_1904, self._counter = formats, from_1904, counter

    def source(self, name: str, state: str) -> SheetSource:
        """Return the sheet that can be read. A sheet of charts has no rows."""
        hidden = {"hidden": "hidden", "veryHidden": "very"}.get(state, "")
        self._source = SheetSource(name, self._rows, hidden, share=self._package.share)
        return self._source

    def _rows(self) -> Iterator[ReadRow]:
        if not self._part or not self._package.has(self._part):
            return
        source = self._source
        related = _related(self._package, self._part)
        for kind, part in related.values():
            if kind == "table" and self._package.has(part) and not source.header_hint:
                source.header_hint = _header_of_table(self._package, part)
        yield from self._stream()
        source.comments += _comments(self._package, related)

    def _stream(self) -> Iterator[ReadRow]:
        source, counter = self._source, self._counter
        shared, formats, from_1904 = self._shared, self._formats, self._from_1904
        gathered: list[ReadRow] = []
        hidden_rows: list[int] = []
        row_number, column = 0, 0
        cells: Row = []
        formulas: dict[int, str] = {}
        masters: dict[str, tuple[int, int, str]] = {}  # shared formulas: where each was written first, and its words
        kind = style = ""
        value: str | None = None
        words: list[str] = []
        formula: dict[str, str] | None = None
        phonetic = 0
        columns: dict[str, int] = {}
        hidden_by_default = False
        last_row = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row_number, column, cells, formulas, kind, style, value, formula, phonetic, hidden_by_default
            name = tag if ":" not in tag else local(tag)
            if name == "c":
                place = attributes.get("r")
                if place:
                    name_of_column = place.rstrip("0123456789")
                    column = columns.get(name_of_column) or columns.setdefault(
                        name_of_column, column_of(name_of_column)
                    )
                    if not column:
                        raise Refused("too_many", f"cell {place[:20]}")
                else:
                    column += 1
                kind, style, value, formula = attributes.get("t", "n"), attributes.get("s", ""), None, None
            elif name in ("v", "t"):
                words.clear()
            elif name == "f":
                words.clear()
                formula = attributes
            elif name == "row":
                number = attributes.get("r", "")
                row_number = int(number) if number.isdigit() else row_number + 1
                column, cells, formulas = 0, [], {}
                counter.check(row_number, 1)
                if attributes.get("hidden") in ("1", "true"):
                    hidden_rows.append(row_number)
            elif name == "rPh":
                phonetic += 1
            elif name == "col" and attributes.get("hidden") in ("1", "true"):
                first, last = _number(attributes.get("min")), _number(attributes.get("max"))
                if 0 < first <= last:
                    source.hidden_columns.append((first, min(last, counter.order.columns)))
            elif name == "sheetFormatPr":
                hidden_by_default = attributes.get("zeroHeight") in ("1", "true")
            elif name == "pane" and attributes.get("state") in ("frozen", "frozenSplit"):
                source.frozen_rows = _number(attributes.get("ySplit"))
                source.frozen_columns = _number(attributes.get("xSplit"))
            elif name == "mergeCell" and len(source.merged) < MOST_NOTES:
                area = area_of(attributes.get("ref", ""))
                if area:
                    source.merged.append(area.name)
            elif name == "autoFilter" and not source.header_hint:
                area = area_of(attributes.get("ref", ""))
                source.header_hint = area.top if area else 0

        def end(tag: str) -> None:
            nonlocal value, phonetic, formula, last_row
            name = tag if ":" not in tag else local(tag)
            if name == "v":
                value = words[0] if len(words) == 1 else "".join(words)
            elif name == "t":
                if not phonetic:
                    value = (value or "") + "".join(words)
            elif name == "c":
                if value is None and formula is None:
                    return
                cell = None if value is None else _cell(kind, value, style)
                if cell is not None or formula is not None:
                    counter.check(row_number, column)
                    while len(cells) < column - 1:
                        cells.append(None)
                    if len(cells) >= column:
                        raise Refused("damaged", f"{letters(column)}{row_number} stands there twice")
                    cells.append(cell)
            elif name == "f" and formula is not None:
                said = _formula("".join(words), formula, row_number, column, masters)
                if said:
                    formulas[column] = said[:8192]
                else:
                    formula = None
            elif name == "row":
                if cells:
                    if row_number <= last_row:
                        raise Refused("damaged", f"row {row_number} after row {last_row}")
                    last_row = row_number
                    counter.add(len(cells) - cells.count(None))
                    gathered.append((row_number, cells, formulas or None))
            elif name == "rPh":
                phonetic -= 1

        def _cell(kind: str, value: str, style: str) -> Any:
            if kind == "s":
                try:
                    text = shared[int(value)]
                except (ValueError, IndexError) as trouble:
                    raise Refused("damaged", "a text is missing") from trouble
                if len(text) >= LONGEST:
                    source.is_cut = True
                return text or None
            if kind in ("str", "inlineStr"):
                return cut(_plain(value), source) or None
            if kind == "b":
                return value.strip() in ("1", "true")
            if kind == "e":
                return [ERROR, value]
            if not value.strip():
                return None
            form = formats[int(style)] if style.isdigit() and int(style) < len(formats) else GENERAL
            try:
                return iso_cell(value, form) if kind == "d" else number_cell(value, form, from_1904=from_1904)
            except (ValueError, OverflowError):
                return value  # what stands there is not what it says: shown as it stands

        def taken() -> list[ReadRow]:
            some = gathered[:]
            gathered.clear()
            return some

        def plain_row(match: re.Match[bytes]) -> None:
            """Take a row of plain cells as `start` and `end` would."""
            nonlocal row_number, cells, formulas, column
            number = _ROW_NUMBER.search(match[1])
            row_number = int(number[1]) if number else row_number + 1
            counter.check(row_number, 1)
            if match[1] and _ROW_HIDDEN.search(match[1]):
                hidden_rows.append(row_number)
            column, cells, formulas = 0, [], {}
            for name, style, kind, said, value in _cells_of(match[2].decode("ascii")):
                if name:
                    column = columns.get(name) or columns.setdefault(name, column_of(name))
                    if not column:
                        raise Refused("too_many", f"cell {name}{row_number}")
                else:
                    column += 1
                cell = _cell(kind or "n", value, style) if value else None
                if cell is None and not said:
                    continue
                missing = column - 1 - len(cells)
                if missing < 0:
                    raise Refused("damaged", f"{name}{row_number} stands there twice")
                if missing:
                    cells.extend([None] * missing)
                cells.append(cell)
                if said:
                    formulas[column] = f"={said}"[:8192]
            counter.check(row_number, len(cells))
            end("row")

        parser = xml_parser()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = words.append
        yield from feed(parser, _but_plain_rows(self._package.chunks(self._part), plain_row), taken)
        source.hidden_rows = ranges(sorted(set(hidden_rows)))
        if hidden_by_default:
            source.hidden_rows = [(1, counter.order.rows)] if not last_row else [(1, last_row)]


def _but_plain_rows(chunks: Iterator[bytes], take: Callable[[re.Match[bytes]], None]) -> Iterator[bytes]:
    """Give what a parser must see, in order; plain rows are taken instead, each when all before it has been parsed.

    Behind a `<!` nothing is taken: it could begin a comment, in which a row is none.
    """
    held = b""
    plain = True
    for chunk in chunks:
        held += chunk
        plain = plain and b"<!" not in held
        if not plain:
            yield held
            held = b""
            continue
        place = 0
        for match in _PLAIN_ROW.finditer(held):
            before = held[place : match.start()]
            if before.strip():
                yield before
            take(match)
            place = match.end()
        begun = held.rfind(b"<row", place)
        if begun < 0 or len(held) - begun > LONGEST_ROW or held.find(b"</row>", begun) >= 0:
            begun = len(held)
        if begun > place:
            yield held[place:begun]
        held = held[begun:]
    if held:
        yield held


def _formula(
    said: str, attributes: dict[str, str], row: int, column: int, masters: dict[str, tuple[int, int, str]]
) -> str:
    """Return the formula of a cell; one that several cells share is written out for each of them."""
    if attributes.get("t") != "shared":
        return f"{{={said}}}" if said and attributes.get("t") == "array" else (f"={said}" if said else "")
    group = attributes.get("si", "")
    if said:
        masters[group] = (row, column, said)
        return f"={said}"
    if group not in masters:
        return ""
    first_row, first_column, written = masters[group]
    return "=" + moved(written, row - first_row, column - first_column)


def moved(formula: str, rows: int, columns: int) -> str:
    """Return a formula as it reads so many rows and columns further: names of cells without a $ go along."""

    def one(match: re.Match[str]) -> str:
        if match[2] is None:
            return match[0]
        column, row = column_of(match[2]), int(match[4])
        if not column:
            return match[0]
        column = column if match[1] else column + columns
        row = row if match[3] else row + rows
        return f"{match[1]}{letters(column)}{match[3]}{row}" if column > 0 and row > 0 else "#REF!"

    return _REFERENCE.sub(one, formula)


def _header_of_table(package: Package, part: str) -> int:
    for element in tree(package, part).every("table"):
        area = area_of(element.attributes.get("ref", ""))
        if area and element.attributes.get("headerRowCount", "1") != "0":
            return area.top
    return 0


def _comments(package: Package, related: dict[str, tuple[str, str]]) -> list[Comment]:
    """Return the comments. Newer programs keep whole talks, and beside each an older form that points to them."""
    talks: dict[tuple[int, int], list[Comment]] = {}
    plain: list[Comment] = []
    for kind, part in related.values():
        if not package.has(part):
            continue
        if kind == "threadedComment":
            for comment in _threaded(package, part):
                talks.setdefault((comment.row, comment.column), []).append(comment)
        elif kind == "comments":
            plain += _plain_comments(package, part)
    found = [comment for comment in plain if (comment.row, comment.column) not in talks]
    found += [comment for talk in talks.values() for comment in talk]
    return sorted(found, key=lambda comment: (comment.row, comment.column))[:MOST_NOTES]


def _plain_comments(package: Package, part: str) -> Iterator[Comment]:
    root = tree(package, part)
    authors = [element.words() for element in root.every("author")]
    for element in root.every("comment"):
        area = area_of(element.attributes.get("ref", ""))
        if area is None:
            continue
        number = _number(element.attributes.get("authorId"))
        author = authors[number] if number < len(authors) else ""
        text = _plain("".join(words.words() for words in element.every("t")))
        yield Comment(area.top, area.left, author[:200], text[:10_000])


def _threaded(package: Package, part: str) -> Iterator[Comment]:
    people: dict[str, str] = {}
    for name in package.names:
        if name.startswith("xl/persons/") and name.endswith(".xml"):
            for person in tree(package, name).every("person"):
                people[person.attributes.get("id", "")] = person.attributes.get("displayName", "")
    for element in tree(package, part).every("threadedComment"):
        area = area_of(element.attributes.get("ref", ""))
        if area:
            text = "".join(words.words() for words in element.every("text"))
            author = people.get(element.attributes.get("personId", ""), "")
            yield Comment(area.top, area.left, author[:200], text[:10_000])


def _number(text: str | None) -> int:
    try:
        return max(0, int(float(text or 0)))
    except (ValueError, OverflowError):
        return 0
