"""What every reader of spreadsheets gives, and the safe way into a file that is a ZIP of XML."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from xml.parsers import expat

import msgspec

from requests_app.documents.cells import LONGEST, MOST_COLUMNS, MOST_ROWS, Row
from requests_app.documents.readers.refusals import Refused

MEGABYTE: Final = 1024 * 1024
CHUNK: Final = 256 * 1024
DEEPEST: Final = 200  # elements within elements; a sheet needs about ten


class SheetsOrder(msgspec.Struct, frozen=True):
    """Which sheets to read, and how much of a file there may be."""

    after: int = 0  # begin behind this sheet, counted from 1
    sheets: int = 1000
    rows: int = MOST_ROWS
    columns: int = MOST_COLUMNS
    cells: int = 20_000_000  # with something in them, over all sheets
    unpacked: int = 2048 * MEGABYTE  # bytes of all parts together
    strings: int = 3_000_000  # texts that cells share
    characters: int = 200_000_000  # of those texts
    passwords: tuple[str, ...] = ()  # tried where the file is locked


# row, its cells, and its formulas by column
ReadRow: TypeAlias = tuple[int, Row, dict[int, str] | None]


@dataclass
class Comment:
    """What somebody wrote beside a cell."""

    row: int
    column: int
    author: str
    text: str


@dataclass
class SheetSource:
    """One sheet that can be read: what is known before its rows, and, once they are all taken, what came after.

    `hidden`: "" for none, "hidden", or "very" for one that its program offers no way to show.
    """

    name: str
    rows: Callable[[], Iterator[ReadRow]]
    hidden: str = ""
    typed: bool = True  # the file says what is a number and what is text
    frozen_rows: int = 0
    frozen_columns: int = 0
    header_hint: int = 0  # the row that a table or a filter of the file names as its header
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    share: Callable[[], float] = lambda: 0.0  # how much of the file is read
    is_cut: bool = False  # a text longer than a cell may hold was cut


@dataclass
class Book:
    """A file of sheets. `facts` are codes that `sheets.wording` says; `untold`: what its kind does not tell us."""

    kind: str
    sheets: Iterable[SheetSource]
    facts: dict[str, Any] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)


def cut(text: str, source: SheetSource) -> str:
    """Return a text no longer than a cell may hold."""
    if len(text) <= LONGEST:
        return text
    source.is_cut = True
    return text[:LONGEST]


class Counter:
    """Counts cells over all sheets, and refuses one too many."""

    def __init__(self, order: SheetsOrder) -> None:
        self.order = order
        self.cells = 0

    def add(self, cells: int) -> None:
        """Count the cells of one more row."""
        self.cells += cells
        if self.cells > self.order.cells:
            raise Refused("too_many", f"more than {self.order.cells} cells")

    def check(self, row: int, column: int) -> None:
        """Refuse a cell outside of every sheet."""
        if row > self.order.rows or column > self.order.columns:
            raise Refused("too_many", f"row {row}, column {column}")


class Package:
    """A ZIP of XML parts, read in pieces and within bounds: what it says of its own sizes is not believed."""

    def __init__(self, path: Path, most: int) -> None:
        self._file = path.open("rb")  # ours to close, whatever part of it is being read
        try:
            self._archive = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as trouble:
            self.close()
            raise Refused("damaged", f"no whole ZIP: {trouble}") from trouble
        self._left = self._most = most
        self._said = max(1, sum(entry.file_size for entry in self._archive.infolist()))
        self.names: dict[str, str] = {}
        for entry in self._archive.infolist():
            if entry.flag_bits & 1:
                self.close()
                raise Refused("password", "parts of the ZIP are locked")
            self.names[entry.filename.lstrip("/").lower()] = entry.filename

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def has(self, name: str) -> bool:
        """Whether there is such a part; names do not differ by their case."""
        return name.lstrip("/").lower() in self.names

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the bytes of one part. Raises Refused where it is missing, broken, or unpacks to too much."""
        real = self.names.get(name.lstrip("/").lower())
        if real is None:
            raise Refused("damaged", f"{name} is missing")
        try:
            with self._archive.open(real) as part:
                while chunk := part.read(CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise Refused("too_large", f"{name} unpacks to too much")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as trouble:
            raise Refused("damaged", f"{name}: {type(trouble).__name__}") from trouble

    def share(self) -> float:
        """Return how much of the parts has been read, 0 to 1, by what the package says of their sizes."""
        return min(1.0, (self._most - self._left) / self._said)

    def refuse_bombs(self) -> None:
        """Refuse a package whose parts unpack to too much, before a library that keeps no bounds reads them."""
        for name in self.names:
            for _chunk in self.chunks(name):
                pass

    def whole(self, name: str, most: int = 64 * MEGABYTE) -> bytes:
        """Return a small part."""
        found = bytearray()
        for chunk in self.chunks(name):
            found += chunk
            if len(found) > most:
                raise Refused("too_large", f"{name} unpacks to too much")
        return bytes(found)


def xml_parser() -> Any:
    """Return a parser that takes no document type: in these files none may stand, and its entities could be bombs."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def no_document_type(*_said: Any) -> None:
        raise Refused("hostile", "it declares a document type")

    parser.StartDoctypeDeclHandler = no_document_type
    return parser


def feed(parser: Any, chunks: Iterator[bytes], taken: Callable[[], list[Any]]) -> Iterator[Any]:
    """Parse the chunks and give what `taken` has gathered after each. Raises Refused for what is no XML."""
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from taken()
        parser.Parse(b"", True)
    except expat.ExpatError as trouble:
        raise Refused("damaged", f"not XML: {trouble}") from trouble
    yield from taken()


@dataclass
class Element:
    """A small XML element, with the names as they are without their prefixes."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def every(self, *names: str) -> Iterator[Element]:
        """Give the elements within this one that have one of these names, however deep, in order."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.every(*names)

    def words(self) -> str:
        """Return all text within."""
        return self.text + "".join(child.words() for child in self.children)


def tree(package: Package, name: str, most: int = 64 * MEGABYTE) -> Element:
    """Return a small part as elements. Raises Refused."""
    root = Element("", {})
    open_ones = [root]
    parser = xml_parser()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_ones) > DEEPEST:
            raise Refused("hostile", "elements within elements without end")
        inner = Element(local(tag), {local(key): value for key, value in attributes.items()})
        open_ones[-1].children.append(inner)
        open_ones.append(inner)

    def text(words: str) -> None:
        open_ones[-1].children.append(Element("", {}, text=words))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: open_ones.pop()
    parser.CharacterDataHandler = text
    for _nothing in feed(parser, iter([package.whole(name, most)]), list):
        pass
    return root


def local(tag: str) -> str:
    """Return a name without its prefix: files may choose their own."""
    return tag.rpartition(":")[2]


def ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """Return rising numbers as first and last of each unbroken run."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        elif not found or number > found[-1][1]:
            found.append((number, number))
    return found
