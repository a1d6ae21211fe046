"""A small Outlook mailbox made by hand: a PST of Unicode form, as [MS-PST] describes it, without encryption.

Three layers: blocks of bytes and two trees that find them (the node database), heaps with property lists and tables in
them, and folders and messages made of those. There are as few parts as a reader needs: no allocation maps, no search
folders, no names of named properties.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

PAGE: Final = 512
STORE, ROOT = 0x21, 0x122  # the nodes that every mailbox has
FOLDER, MESSAGE, ATTACHMENT = 0x02, 0x04, 0x05  # kinds of nodes, in the lowest five bits of their numbers
SUBFOLDERS, CONTENTS, ASSOCIATED = 0x0D, 0x0E, 0x0F
ATTACHMENTS: Final = 0x671
INTEGER, BOOLEAN, OBJECT, TEXT, TIME, BINARY = 0x0003, 0x000B, 0x000D, 0x001F, 0x0040, 0x0102
FOLDERS_FIRST, MESSAGES_FIRST = 0x400, 0x10000


@dataclass
class Letter:
    """One message."""

    subject: str
    body: str
    sender: str = "Clerk Records"
    headers: str = ""
    html: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    forwarded: Sequence[Letter] = ()
    to: str = ""


def pst(folders: dict[str, Sequence[Letter]]) -> bytes:
    """Return a mailbox with these folders of messages."""
    made = _Mailbox()
    made.node(STORE, _properties([(0x35E0, BINARY, bytes(20) + struct.pack("<I", ROOT))]), parent=0)
    numbers = [(FOLDERS_FIRST + at) << 5 | FOLDER for at in range(len(folders))]
    made.folder(ROOT, "Root", below=numbers, messages=[], parent=ROOT)
    at = MESSAGES_FIRST
    for number, (name, letters) in zip(numbers, folders.items(), strict=True):
        inside = []
        for letter in letters:
            inside.append(at << 5 | MESSAGE)
            made.message(inside[-1], letter, parent=number)
            at += 1
        made.folder(number, name, below=[], messages=inside, parent=ROOT)
    return made.written()


class _Mailbox:
    """Blocks and nodes, and at the end the two trees that find them."""

    def __init__(self) -> None:
        self._out = bytearray(0x4600)  # where the first block of a real mailbox may stand
        self._blocks: list[tuple[int, int, int]] = []  # number, place, length
        self._nodes: list[tuple[int, int, int, int]] = []  # number, its data, its own nodes, parent
        self._next = 4

    def folder(self, number: int, name: str, *, below: list[int], messages: list[int], parent: int) -> None:
        """Add a folder and its three tables."""
        facts = [
            (0x3001, TEXT, name), (0x3602, INTEGER, len(messages)), (0x3603, INTEGER, 0),
            (0x360A, BOOLEAN, bool(below)),
        ]  # fmt: skip
        self.node(number, _properties(facts), parent=parent)
        for kind, rows in ((SUBFOLDERS, below), (CONTENTS, messages), (ASSOCIATED, [])):
            self.node(number & ~0x1F | kind, _table(rows), parent=0)

    def message(self, number: int, letter: Letter, *, parent: int) -> None:
        """Add a message with its attachments."""
        facts, own = self._content(letter)
        self.node(number, _properties(facts), own=own, parent=parent)

    def _content(self, letter: Letter) -> tuple[list[tuple[int, int, object]], list[tuple[int, int, int]]]:
        """Return the properties of a message and the nodes of what is attached to it."""
        facts: list[tuple[int, int, object]] = [
            (0x001A, TEXT, "IPM.Note"), (0x0037, TEXT, letter.subject), (0x0039, TIME, 133_500_000_000_000_000),
            (0x0C1A, TEXT, letter.sender), (0x0E07, INTEGER, 1), (0x0E1B, BOOLEAN, bool(letter.files)),
            (0x1000, TEXT, letter.body),
        ]  # fmt: skip
        facts += [(0x007D, TEXT, letter.headers)] if letter.headers else []
        facts += [(0x0E04, TEXT, letter.to)] if letter.to else []
        facts += [(0x1013, BINARY, letter.html)] if letter.html else []
        own: list[tuple[int, int, int]] = []
        for at, (name, content) in enumerate(letter.files.items()):
            inside: list[tuple[int, int, int]] = [(0x41, self.block(content), 0)]
            about = [
                (0x0E20, INTEGER, len(content)), (0x3701, BINARY, 0x41), (0x3704, TEXT, name), (0x3705, INTEGER, 1),
                (0x3707, TEXT, name),
            ]  # fmt: skip
            own.append(((1 + at) << 5 | ATTACHMENT, self.block(_properties(about)), self._nodes_within(inside)))
        for inner in letter.forwarded:
            inner_facts, inner_own = self._content(inner)
            whole = (MESSAGE | 1 << 5, self.block(_properties(inner_facts)), self._nodes_within(inner_own))
            forwarded: list[tuple[int, int, object]] = [
                (0x3001, TEXT, inner.subject), (0x3701, OBJECT, struct.pack("<II", whole[0], 0)), (0x3705, INTEGER, 5),
            ]  # fmt: skip
            place = (1 + len(own)) << 5 | ATTACHMENT
            own.append((place, self.block(_properties(forwarded)), self._nodes_within([whole])))
        if own:
            own.insert(0, (ATTACHMENTS, self.block(_table([node for node, _data, _own in own])), 0))
        return sorted(facts, key=lambda fact: fact[0]), own

    def node(self, number: int, data: bytes, *, parent: int, own: Sequence[tuple[int, int, int]] = ()) -> None:
        """Add a node with its data and the nodes within it."""
        self._nodes.append((number, self.block(data), self._nodes_within(own), parent))

    def block(self, data: bytes, *, internal: bool = False) -> int:
        """Write a block: its data, and a trailer at the end of its last 64 bytes. Returns its number."""
        assert len(data) <= 8176, "larger data would be a tree of blocks"
        number = self._next | (2 if internal else 0)
        self._next += 4
        place = len(self._out)
        whole = -(-(len(data) + 16) // 64) * 64
        self._out += data.ljust(whole - 16, b"\0")
        self._out += struct.pack("<HHIQ", len(data), _signature(place, number), _sum(data), number)
        self._blocks.append((number, place, len(data)))
        return number

    def _nodes_within(self, nodes: Sequence[tuple[int, int, int]]) -> int:
        if not nodes:
            return 0
        entries = b"".join(struct.pack("<QQQ", *node) for node in sorted(nodes))
        return self.block(struct.pack("<BBHI", 2, 0, len(nodes), 0) + entries, internal=True)

    def written(self) -> bytes:
        """Return the whole file."""
        blocks = [
            (number, struct.pack("<QQHHI", number, place, length, 2, 0)) for number, place, length in self._blocks
        ]
        nodes = [
            (number, struct.pack("<QQQII", number, data, own, parent, 0)) for number, data, own, parent in self._nodes
        ]
        by_block, by_node = self._tree(0x80, blocks, 24), self._tree(0x81, nodes, 32)
        root = struct.pack("<IQQQQ", 0, len(self._out), 0x4400, 0, 0) + struct.pack("<QQQQ", *by_node, *by_block)
        client = struct.pack("<HHHBB", 0x4D53, 23, 19, 1, 1) + bytes(8) + struct.pack("<QQI", 0, self._next, 1)
        client += bytes(128) + bytes(8) + (root + bytes(4)).ljust(72, b"\0") + bytes(4) + b"\xff" * 256
        client += struct.pack("<BBHQ", 0x80, 0, 0, self._next)
        header = b"!BDN" + struct.pack("<I", _sum(client[:471])) + client + struct.pack("<I", _sum(client[:516]))
        self._out[: len(header)] = header
        return bytes(self._out)

    def _tree(self, kind: int, entries: list[tuple[int, bytes]], length: int) -> tuple[int, int]:
        """Write a tree of pages, its leaves first. Returns the number and the place of its root."""
        entries.sort()
        level, most = 0, 488 // length
        while True:
            above = []
            for at in range(0, len(entries), most):
                some = entries[at : at + most]
                number, place = self._page(kind, level, b"".join(entry for _key, entry in some), len(some), length)
                above.append((some[0][0], struct.pack("<QQQ", some[0][0], number, place)))
            if len(above) == 1:
                return number, place
            entries, level, length, most = above, level + 1, 24, 488 // 24

    def _page(self, kind: int, level: int, entries: bytes, count: int, length: int) -> tuple[int, int]:
        self._out += bytes(-len(self._out) % PAGE)
        number, place = self._next, len(self._out)
        self._next += 4
        body = entries.ljust(488, b"\0") + struct.pack("<BBBBI", count, 488 // length, length, level, 0)
        self._out += body + struct.pack("<BBHIQ", kind, kind, _signature(place, number), _sum(body), number)
        return number, place


def _properties(facts: Sequence[tuple[int, int, object]]) -> bytes:
    """Return a heap with a list of properties: number, type and value, by rising numbers."""
    heap = _Heap(0xBC)
    rows = b""
    for name, kind, value in facts:
        if kind in (INTEGER, BOOLEAN) or (kind == BINARY and isinstance(value, int)):  # a number: the node within
            said = int(value)  # type: ignore[call-overload]
        elif kind == TIME:
            said = heap.add(struct.pack("<Q", value))
        else:
            said = heap.add(value.encode("utf-16-le") if isinstance(value, str) else bytes(value))  # type: ignore[arg-type]
        rows += struct.pack("<HHI", name, kind, said)
    return heap.whole(heap.add(struct.pack("<BBBBI", 0xB5, 2, 6, 0, heap.add(rows))))


def _table(rows: Sequence[int]) -> bytes:
    """Return a heap with a table that says of each row which node it stands for, and no more."""
    heap = _Heap(0x7C)
    columns = struct.pack("<IHBB", 0x67F20003, 0, 4, 0) + struct.pack("<IHBB", 0x67F30003, 4, 4, 1)
    index = heap.add(b"".join(struct.pack("<II", row, at) for at, row in enumerate(sorted(rows)))) if rows else 0
    by_row = heap.add(struct.pack("<BBBBI", 0xB5, 4, 4, 0, index))
    matrix = heap.add(b"".join(struct.pack("<IIB", row, 1, 0xC0) for row in sorted(rows))) if rows else 0
    about = struct.pack("<BBHHHH", 0x7C, 2, 8, 8, 8, 9) + struct.pack("<III", by_row, matrix, 0) + columns
    return heap.whole(heap.add(about))


class _Heap:
    """A heap on a node, of one block."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self._items: list[bytes] = []

    def add(self, item: bytes) -> int:
        """Keep an item. Returns its number in the heap; nothing is number 0."""
        if not item:
            return 0
        self._items.append(item)
        return len(self._items) << 5

    def whole(self, root: int) -> bytes:
        """Return the heap whose root is that item."""
        places, at = [12], 12
        for item in self._items:
            at += len(item)
            places.append(at)
        body = b"".join(self._items) + bytes(at % 2)
        head = struct.pack("<HBBII", 12 + len(body), 0xEC, self._kind, root, 0)
        return head + body + struct.pack(f"<HH{len(places)}H", len(self._items), 0, *places)


def _signature(place: int, number: int) -> int:
    mixed = place ^ number
    return (mixed >> 16 ^ mixed) & 0xFFFF


def _sum(data: bytes) -> int:
    """CRC-32 as [MS-PST] 5.3 wants it: it begins with nothing and is not turned at the end."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
