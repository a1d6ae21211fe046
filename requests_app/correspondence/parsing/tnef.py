"""winmail.dat: how Outlook and Exchange pack a message for their own kind (MS-OXTNEF).

A reader of our own because the libraries copy the rest of the stream at every record: a megabyte of empty records costs
them five seconds. This one walks over the bytes once and has a bound on how many records it takes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.charsets import clean_line, clean_text, known_codec, read_letters
from requests_app.correspondence.parsing.unpacked import (
    ATTACHED_BYTES,
    OBJECT,
    Properties,
    Unpacked,
    UnpackedFile,
    read_file_properties,
    read_message_properties,
    read_recipient,
)

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
# Attributes (MS-OXTNEF 2.1.3.2); the type of their values is in the upper half.
_SUBJECT: Final = 0x18004
_CLASS: Final = 0x78008
_BODY: Final = 0x2800C
_FILE_BYTES: Final = 0x6800F
_FILE_TITLE: Final = 0x18010
_FILE_BEGINS: Final = 0x69002
_MESSAGE_PROPERTIES: Final = 0x69003
_RECIPIENTS: Final = 0x69004
_FILE_PROPERTIES: Final = 0x69005
_CODEPAGE: Final = 0x69007
# What an enclosed message's bytes begin with: the name of the interface IMessage.
_MESSAGE_INTERFACE: Final = bytes.fromhex("0703020000000000c000000000000046")
# How many bytes a value of each type takes.
_FIXED: Final = {0x0000: 4, 0x0001: 4, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8,
                 0x0007: 8, 0x0014: 8, 0x0040: 8, 0x0048: 16}  # fmt: skip
_DEPTH: Final = 5
# A larger message inside a message is kept as a file: taking it apart would hold its bytes several times.
_LARGEST_INSIDE: Final = 8_388_608


def read_tnef(stream: bytes, depth: int = 0) -> Unpacked | None:
    """Return what a TNEF stream holds; None when the bytes are none. Damage ends the reading and sets `damaged`."""
    if not stream.startswith(SIGNATURE):
        return None
    message = Unpacked()
    codepage, seen = "cp1252", False
    try:
        for attribute, value in _attributes(stream):
            if attribute == _CODEPAGE:
                codepage = known_codec(f"cp{int.from_bytes(value[:4], 'little')}") or codepage
            elif attribute in (_SUBJECT, _CLASS, _BODY):
                _read_old(message, attribute, value, codepage)
            elif attribute == _MESSAGE_PROPERTIES and not seen:
                seen = True  # a message has them once; more would only cost time
                read_message_properties(_Reader(value, codepage).properties(), message)
            elif attribute == _RECIPIENTS:
                _read_recipients(message, value, codepage)
            elif attribute == _FILE_BEGINS:
                message.files.append(UnpackedFile("", "", b""))
            elif message.files:
                _read_file(message.files[-1], attribute, value, codepage, depth)
    except (struct.error, _Broken):
        message.damaged = True
    return message


class _Broken(Exception):
    """The bytes are not what their place calls for."""


def _attributes(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each attribute's number and value. A value that is longer than the stream is cut, and ends it."""
    position, count = 6, 0
    while position + 9 <= len(stream):
        _level, attribute, size = struct.unpack_from("<BII", stream, position)
        count += 1
        if count > limits.CONTAINER_ENTRIES:
            raise _Broken
        yield attribute, stream[position + 9 : position + 9 + size]
        position += 9 + size + 2
        if position > len(stream) + 2:
            raise _Broken


def _read_old(message: Unpacked, attribute: int, value: bytes, codepage: str) -> None:
    text = clean_text(read_letters(value.rstrip(b"\x00"), codepage).text)[0]
    if attribute == _SUBJECT:
        message.subject = clean_line(text)
    elif attribute == _CLASS:
        message.message_class = clean_line(text)
    else:
        message.text = text


def _read_file(file: UnpackedFile, attribute: int, value: bytes, codepage: str, depth: int) -> None:
    if attribute == _FILE_TITLE:
        file.name = file.name or clean_line(read_letters(value.rstrip(b"\x00"), codepage).text)
    elif attribute == _FILE_BYTES:
        file.content = value
    elif attribute == _FILE_PROPERTIES:
        found = _Reader(value, codepage).properties()
        better = read_file_properties(found)
        file.name = better.name or file.name
        file.content_type, file.content_id = better.content_type, better.content_id
        if ATTACHED_BYTES in found.stored:
            kind, octets = found.stored[ATTACHED_BYTES]
            if kind == OBJECT and _is_message(octets) and depth < _DEPTH:
                file.message = read_tnef(octets[16:], depth + 1)
            # Beside an enclosed message stands a picture of it; beside an embedded file, the file as it is on a disk.
            if file.message is not None or not file.content:
                file.content = octets[16:] if kind == OBJECT else octets


def _is_message(octets: bytes) -> bool:
    return octets.startswith(_MESSAGE_INTERFACE) and len(octets) <= _LARGEST_INSIDE


def _read_recipients(message: Unpacked, value: bytes, codepage: str) -> None:
    (rows,) = struct.unpack_from("<I", value)
    reader = _Reader(value[4:], codepage)
    for _row in range(min(rows, limits.ADDRESSES)):
        kind, address = read_recipient(reader.properties())
        if kind == 1:
            message.to += (address,)
        elif kind == 2:
            message.cc += (address,)


class _Reader:
    """Reads lists of properties from bytes, one after the other (MS-OXTNEF 2.1.3.4)."""

    def __init__(self, octets: bytes, codepage: str) -> None:
        self.octets, self.codepage, self.position = octets, codepage, 0

    def properties(self) -> Properties:
        """Return the next list; what stands before damage is kept, the damage is told by the caller's next step."""
        found: dict[int, tuple[int, bytes]] = {}
        count = self._number()
        if count > limits.CONTAINER_ENTRIES:
            raise _Broken
        for _property in range(count):
            try:
                kind, number = struct.unpack("<HH", self._take(4))
                if number >= 0x8000:
                    self._skip_name()
                for value in self._values(kind):
                    found.setdefault(number, (kind & 0x0FFF, value))
            except (struct.error, _Broken):
                if not found:
                    raise
                self.position = len(self.octets)
                break
        return Properties(found, self.codepage)

    def _values(self, kind: int) -> Iterator[bytes]:
        several, basic = kind & 0x1000, kind & 0x0FFF
        if basic in _FIXED:
            for _value in range(self._few() if several else 1):
                yield self._take(_FIXED[basic])
        elif basic in (0x001E, 0x001F, 0x0102, 0x000D):
            for _value in range(self._few()):
                size = self._number()
                yield self._take(size)
                self.position += -size % 4
        else:
            raise _Broken

    def _skip_name(self) -> None:
        self._take(16)
        if self._number() == 0:
            self._take(4)
        else:
            size = self._number()
            self._take(size)
            self.position += -size % 4

    def _few(self) -> int:
        count = self._number()
        if count > limits.CONTAINER_ENTRIES:
            raise _Broken
        return count

    def _number(self) -> int:
        return int(struct.unpack("<I", self._take(4))[0])

    def _take(self, size: int) -> bytes:
        if self.position + size > len(self.octets):
            raise _Broken
        taken = self.octets[self.position : self.position + size]
        self.position += size
        return taken
