"""Compound files (MS-CFB): the little file system in which Outlook saves a message as .msg.

A reader of our own so that a hostile file has bounds: each stream is read only when asked for, no chain of sectors is
followed further than the file has sectors, and no stream is read beyond a limit that the caller gives.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, field
from typing import Final

from requests_app.correspondence.parsing import limits

SIGNATURE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_STORAGE: Final = 1
_STREAM: Final = 2
_ROOT: Final = 5
_LAST_SECTOR: Final = 0xFFFFFFFA
_NONE: Final = 0xFFFFFFFF
_DEPTH: Final = 60


class BrokenFile(Exception):
    """The bytes are no compound file, or one that cannot be followed."""


@dataclass(slots=True)
class Entry:
    """A stream or a storage (a folder) in the file."""

    name: str
    kind: int
    sibling_before: int
    sibling_after: int
    child: int
    first: int
    size: int


@dataclass(slots=True)
class Storage:
    """A folder: streams and folders by name."""

    streams: dict[str, Entry] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)


class CompoundFile:
    """Opens the bytes of a compound file; raises BrokenFile when that is impossible."""

    def __init__(self, octets: bytes) -> None:
        if not octets.startswith(SIGNATURE) or len(octets) < 512:
            raise BrokenFile
        self.octets = octets
        (shift, small_shift) = struct.unpack_from("<HH", octets, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise BrokenFile
        self.sector = 1 << shift
        self.sectors = max(0, len(octets) // self.sector)
        first_directory, self.cutoff, first_small = (
            struct.unpack_from("<I", octets, 48)[0],
            struct.unpack_from("<I", octets, 56)[0],
            struct.unpack_from("<I", octets, 60)[0],
        )
        self.table = self._read_table()
        self.entries = self._read_directory(first_directory)
        root = self.entries[0]
        self.small_table = _numbers(self._chain(first_small, len(octets) // 16 + self.sector))
        self.small = self._chain(root.first, min(root.size, len(octets)))

    def tree(self) -> Storage:
        """Return the folders of the file. An entry that is named twice is taken once."""
        taken: set[int] = {0}
        root = Storage()
        waiting = [(root, self.entries[0].child, 0)]
        while waiting:
            folder, number, depth = waiting.pop()
            if number in taken or number >= len(self.entries):
                continue
            taken.add(number)
            entry = self.entries[number]
            waiting += [(folder, entry.sibling_before, depth), (folder, entry.sibling_after, depth)]
            if entry.kind == _STREAM:
                folder.streams.setdefault(entry.name, entry)
            elif entry.kind == _STORAGE and depth < _DEPTH:
                inner = folder.storages.setdefault(entry.name, Storage())
                waiting.append((inner, entry.child, depth + 1))
        return root

    def read(self, entry: Entry, limit: int) -> bytes:
        """Return the bytes of a stream, at most `limit`."""
        size = min(entry.size, limit, len(self.octets))
        if entry.size >= self.cutoff:
            return self._chain(entry.first, size)
        pieces, number, left = [], entry.first, size
        while left > 0 and number < len(self.small_table):
            pieces.append(self.small[number * 64 : number * 64 + min(64, left)])
            left -= 64
            number = self.small_table[number]
        return b"".join(pieces)

    def _read_table(self) -> array[int]:
        """Return which sector follows each. The header lists its sectors and, for large files, a chain."""
        listed = list(struct.unpack_from("<109I", self.octets, 76))
        following, seen = struct.unpack_from("<I", self.octets, 68)[0], 0
        while following < _LAST_SECTOR and seen <= self.sectors // 100:
            more = _numbers(self._sector(following))
            if not more:
                break
            listed += more[:-1]
            following, seen = more[-1], seen + 1
        table = array("I")
        most = self.sectors // (self.sector // 4) + 1
        for number in [number for number in listed if number < _LAST_SECTOR][:most]:
            table += _numbers(self._sector(number))
        return table

    def _read_directory(self, first: int) -> list[Entry]:
        listed = self._chain(first, limits.CONTAINER_ENTRIES * 128)
        entries = [_entry(listed, place, self.sector) for place in range(0, len(listed) - 127, 128)]
        if not entries or entries[0].kind != _ROOT:
            raise BrokenFile
        return entries

    def _sector(self, number: int) -> bytes:
        return self.octets[(number + 1) * self.sector : (number + 2) * self.sector]

    def _chain(self, number: int, size: int) -> bytes:
        """Return `size` bytes of the sectors that follow one another from `number`; fewer where the chain breaks."""
        pieces: list[bytes] = []
        left = min(size, len(self.octets))
        while left > 0 and number < len(self.table) and number < self.sectors:
            pieces.append(self._sector(number)[:left])
            left -= self.sector
            number = self.table[number]
        return b"".join(pieces)


def _numbers(octets: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(octets[: len(octets) // 4 * 4])
    if struct.pack("=I", 1) != struct.pack("<I", 1):
        numbers.byteswap()
    return numbers


def _entry(listed: bytes, place: int, sector: int) -> Entry:
    length, kind = struct.unpack_from("<HB", listed, place + 64)
    before, after, child = struct.unpack_from("<III", listed, place + 68)
    first, size = struct.unpack_from("<IQ", listed, place + 116)
    name = listed[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    # In files of 512-byte sectors the upper half of the size is not defined.
    return Entry(name, kind, before, after, child, first, size & 0xFFFFFFFF if sector == 512 else size)
