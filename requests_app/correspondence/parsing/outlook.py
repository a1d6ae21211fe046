"""Messages that Outlook saved as files (.msg, MS-OXMSG)."""

from __future__ import annotations

import struct
from typing import Final

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.charsets import known_codec
from requests_app.correspondence.parsing.compound import SIGNATURE, BrokenFile, CompoundFile, Storage
from requests_app.correspondence.parsing.unpacked import (
    ATTACHED_BYTES,
    BINARY,
    MESSAGE_CODEPAGE,
    OBJECT,
    STRING8,
    UNICODE,
    Properties,
    Unpacked,
    read_file_properties,
    read_message_properties,
    read_recipient,
)

_PROPERTIES: Final = "__properties_version1.0"
_STREAM: Final = "__substg1.0_"
_FILE: Final = "__attach_version1.0_"
_RECIPIENT: Final = "__recip_version1.0_"
_DEPTH: Final = 10


def read_msg(octets: bytes, room: int) -> Unpacked | None:
    """Return the message in a .msg file; None when the bytes are none. Takes out at most `room` bytes of files."""
    if not octets.startswith(SIGNATURE):
        return None
    try:
        file = CompoundFile(octets)
        tree = file.tree()
    except (BrokenFile, struct.error, IndexError):
        return Unpacked(damaged=True)
    if _PROPERTIES not in tree.streams:
        return None  # a compound file of another kind: an old Word document, say
    return _Reading(file, room).message(tree, 32, 0)


def is_compound(octets: bytes) -> bool:
    """True for the bytes of any compound file: .msg, but also .doc and .xls of old."""
    return octets.startswith(SIGNATURE)


class _Reading:
    """One .msg file while it is read: what room for files is left."""

    def __init__(self, file: CompoundFile, room: int) -> None:
        self.file, self.room, self.text_room = file, room, limits.ALL_TEXT_BYTES

    def message(self, folder: Storage, header: int, depth: int) -> Unpacked:
        """Return the message in a folder. `header` is how many bytes stand before its properties."""
        message = Unpacked()
        read_message_properties(self._properties(folder, header), message)
        for name, inner in sorted(folder.storages.items()):
            if name.startswith(_RECIPIENT) and len(message.to) + len(message.cc) < limits.ADDRESSES:
                kind, address = read_recipient(self._properties(inner, 8))
                if kind == 2:
                    message.cc += (address,)
                elif kind != 3:
                    message.to += (address,)
            elif name.startswith(_FILE):
                self._file(inner, message, depth)
        return message

    def _file(self, folder: Storage, message: Unpacked, depth: int) -> None:
        file = read_file_properties(self._properties(folder, 8))
        enclosed = folder.storages.get(f"{_STREAM}{ATTACHED_BYTES:04X}{OBJECT:04X}")
        if enclosed is not None and _PROPERTIES in enclosed.streams and depth < _DEPTH:
            file.message = self.message(enclosed, 24, depth + 1)
        entry = folder.streams.get(f"{_STREAM}{ATTACHED_BYTES:04X}{BINARY:04X}")
        if entry is not None:
            if entry.size <= self.room:
                file.content = self.file.read(entry, self.room)
                self.room -= len(file.content)
            else:
                file.omitted = True
            message.damaged = message.damaged or (not file.omitted and len(file.content) < entry.size)
        message.files.append(file)

    def _properties(self, folder: Storage, header: int) -> Properties:
        """Return a folder's properties: small values stand in one stream, the rest in a stream each."""
        found: dict[int, tuple[int, bytes]] = {}
        listed = self._text(folder, _PROPERTIES)
        for place in range(header, min(len(listed) - 15, header + 16 * limits.CONTAINER_ENTRIES), 16):
            kind, number = struct.unpack_from("<HH", listed, place)
            if kind not in (STRING8, UNICODE, BINARY, OBJECT):  # of those, only the size stands here
                found.setdefault(number, (kind, listed[place + 8 : place + 16]))
        codepage = known_codec(f"cp{int.from_bytes(found.get(MESSAGE_CODEPAGE, (0, b''))[1][:4], 'little')}")
        for name in folder.streams:
            tail = name.removeprefix(_STREAM)
            if len(tail) == 8 and name.startswith(_STREAM) and not tail.startswith(f"{ATTACHED_BYTES:04X}"):
                try:
                    number, kind = int(tail[:4], 16), int(tail[4:], 16)
                except ValueError:
                    continue
                found[number] = (kind, self._text(folder, name))
        return Properties(found, codepage or "cp1252")

    def _text(self, folder: Storage, name: str) -> bytes:
        """Return a stream that is no file; all of them together have a bound."""
        entry = folder.streams.get(name)
        if entry is None:
            return b""
        octets = self.file.read(entry, min(limits.TEXT_BYTES, self.text_room))
        self.text_room -= len(octets)
        return octets
