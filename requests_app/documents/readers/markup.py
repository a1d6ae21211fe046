"""XML from inside office files, read piece by piece and bounded: never as a tree, never with entities of its own."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final
from xml.parsers import expat

import msgspec

from requests_app.documents.readers.refusals import Refused

_CHUNK: Final = 65_536
PART: Final = 256 * 1024 * 1024  # bytes of one part, unpacked: a text of 50,000 pages
ALL: Final = 1024 * 1024 * 1024  # bytes of all parts together
RATIO: Final = 400  # of one part: XML of an empty table packs some 100 times
RATIO_FROM: Final = 20 * 1024 * 1024
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class Event(msgspec.Struct, frozen=True):
    """A piece of XML: `kind` is "start", "end" or "text". `name` is the local name, without its prefix."""

    kind: str
    name: str = ""
    text: str = ""
    attributes: dict[str, str] = {}  # by local name


class Parts:
    """The parts of an office file, which is a ZIP. Raises Refused: damaged, too_large, too_many."""

    def __init__(self, path: IO[bytes] | str) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except _BROKEN as trouble:
            raise Refused("damaged", str(trouble)) from trouble
        entries = self.archive.infolist()
        if len(entries) > 50_000:
            raise Refused("too_many", f"{len(entries)} parts")
        self.names = [entry.filename for entry in entries]
        if sum(entry.file_size for entry in entries) > 8 * ALL:
            raise Refused("too_large", "by its own list")
        for entry in entries:
            if entry.file_size > RATIO_FROM and entry.file_size > entry.compress_size * RATIO:
                raise Refused("too_large", f"{entry.filename} unpacks to more than {RATIO} times its size")
        self._left = ALL

    def has(self, name: str) -> bool:
        """Return whether there is such a part."""
        return name in self.names

    def size(self, name: str) -> int:
        """Return how large a part is, by the list of the file."""
        return self.archive.getinfo(name).file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack one part, bounded by what really comes out."""
        try:
            with self.archive.open(name) as source:
                taken = 0
                while chunk := source.read(_CHUNK):
                    taken += len(chunk)
                    self._left -= len(chunk)
                    if taken > PART or self._left < 0:
                        raise Refused("too_large", name)
                    yield chunk
        except (*_BROKEN, KeyError) as trouble:
            raise Refused("damaged", f"{name}: {trouble}") from trouble

    def events(self, name: str) -> Iterator[Event]:
        """Read one part as XML. Raises Refused: hostile where it declares entities."""
        reading = _Reading()
        for chunk in self.chunks(name):
            yield from reading.feed(chunk)
        yield from reading.feed(b"", last=True)


class _Reading:
    """One XML text while it is read."""

    def __init__(self) -> None:
        self.waiting: list[Event] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Event]:
        try:
            self.parser.Parse(chunk, last)
        except expat.ExpatError as trouble:
            raise Refused("damaged", str(trouble)) from trouble
        found, self.waiting = self.waiting, []
        return found

    def _entity(self, *_: object) -> None:
        # No office program writes one. Ten that hold each other ten times are a text of a billion words.
        raise Refused("hostile", "it declares entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.waiting.append(Event("start", local(name), "", {local(key): said for key, said in attributes.items()}))

    def _end(self, name: str) -> None:
        self.waiting.append(Event("end", local(name)))

    def _text(self, text: str) -> None:
        self.waiting.append(Event("text", "", text))


def local(name: str) -> str:
    """Return a name without its prefix. Office programs always write the same prefixes, and nobody else's matter."""
    return name.rpartition(":")[2]
