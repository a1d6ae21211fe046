"""What Outlook's two containers hold, winmail.dat and .msg: both are lists of the same numbered properties (MAPI)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from requests_app.correspondence.parsing.charsets import clean_line, clean_text, read_letters
from requests_app.correspondence.parsing.html import decode_html
from requests_app.correspondence.parsing.parsed import Address
from requests_app.correspondence.parsing.rtf import decompress_rtf, rtf_to_text

# MS-OXPROPS. The number of a property; its type stands apart.
MESSAGE_CLASS: Final = 0x001A
SUBJECT: Final = 0x0037
SUBMITTED: Final = 0x0039
REPRESENTED_NAME: Final = 0x0042
REPRESENTED_ADDRESS: Final = 0x0065
TRANSPORT_HEADERS: Final = 0x007D
RECIPIENT_TYPE: Final = 0x0C15
SENDER_NAME: Final = 0x0C1A
SENDER_ADDRESS: Final = 0x0C1F
DELIVERED: Final = 0x0E06
BODY: Final = 0x1000
RTF_COMPRESSED: Final = 0x1009
BODY_HTML: Final = 0x1013
MESSAGE_ID: Final = 0x1035
REFERENCES: Final = 0x1039
IN_REPLY_TO: Final = 0x1042
DISPLAY_NAME: Final = 0x3001
EMAIL_ADDRESS: Final = 0x3003
ATTACHED_BYTES: Final = 0x3701
ATTACHED_NAME: Final = 0x3704
ATTACH_METHOD: Final = 0x3705
ATTACHED_LONG_NAME: Final = 0x3707
ATTACHED_TYPE: Final = 0x370E
ATTACHED_ID: Final = 0x3712
SMTP_ADDRESS: Final = 0x39FE
INTERNET_CODEPAGE: Final = 0x3FDE
MESSAGE_CODEPAGE: Final = 0x3FFD
SENDER_SMTP: Final = 0x5D01

INTEGER: Final = 0x0003
STRING8: Final = 0x001E
UNICODE: Final = 0x001F
TIME: Final = 0x0040
BINARY: Final = 0x0102
OBJECT: Final = 0x000D

_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Properties:
    """Properties by number: each its type and its bytes as stored."""

    stored: Mapping[int, tuple[int, bytes]]
    codepage: str = "cp1252"

    def octets(self, number: int) -> bytes:
        """Return a property's bytes as stored, b"" when there is none."""
        return self.stored.get(number, (0, b""))[1]

    def number(self, number: int) -> int:
        """Return a whole number, 0 when there is none."""
        return int.from_bytes(self.octets(number)[:4], "little")

    def text(self, number: int) -> str:
        """Return a text, "" when there is none."""
        kind, octets = self.stored.get(number, (0, b""))
        if kind == UNICODE:
            return clean_text(octets[: len(octets) // 2 * 2].decode("utf-16-le", "replace").rstrip("\x00"))[0]
        return clean_text(read_letters(octets.rstrip(b"\x00"), self.codepage).text)[0]

    def line(self, number: int) -> str:
        """Return a text on one line."""
        return clean_line(self.text(number))

    def date(self, number: int) -> datetime | None:
        """Return a time, which is stored in tenths of microseconds since 1601; None when there is none."""
        ticks = int.from_bytes(self.octets(number)[:8], "little")
        try:
            return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        except OverflowError:
            return None


@dataclass(slots=True)
class UnpackedFile:
    """A file out of a container. `message` is set where it is itself a message."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    omitted: bool = False
    message: Unpacked | None = None


@dataclass(slots=True)
class Unpacked:
    """A message out of a container. `headers` are those it arrived with, b"" when it never went over the internet."""

    message_class: str = ""
    headers: bytes = b""
    subject: str = ""
    sender: Address = field(default_factory=lambda: Address(""))
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""
    text: str = ""
    html: str = ""
    from_rtf: bool = False
    files: list[UnpackedFile] = field(default_factory=list)
    damaged: bool = False


def read_message_properties(found: Properties, message: Unpacked) -> None:
    """Fill a message's own fields from its properties."""
    codepage = found.number(INTERNET_CODEPAGE) or found.number(MESSAGE_CODEPAGE)
    named = f"cp{codepage}" if codepage else found.codepage
    message.message_class = found.line(MESSAGE_CLASS) or message.message_class
    message.headers = found.text(TRANSPORT_HEADERS).encode("utf-8", "replace")
    message.subject = found.line(SUBJECT) or message.subject
    message.sender = Address(
        found.line(SENDER_SMTP) or _internet(found.line(SENDER_ADDRESS)) or _internet(found.line(REPRESENTED_ADDRESS)),
        found.line(SENDER_NAME) or found.line(REPRESENTED_NAME),
    )
    message.date = found.date(SUBMITTED) or found.date(DELIVERED) or message.date
    message.message_id = found.line(MESSAGE_ID)
    message.in_reply_to = found.line(IN_REPLY_TO)
    message.references = found.line(REFERENCES)
    message.text = found.text(BODY) or message.text
    kind, html = found.stored.get(BODY_HTML, (0, b""))
    message.html = found.text(BODY_HTML) if kind == UNICODE else decode_html(html, named).text
    if not message.text and not message.html and (packed := found.octets(RTF_COMPRESSED)):
        message.text, message.from_rtf = rtf_to_text(decompress_rtf(packed)), True


def read_file_properties(found: Properties) -> UnpackedFile:
    """Return an attachment by its properties."""
    name = found.line(ATTACHED_LONG_NAME) or found.line(ATTACHED_NAME) or found.line(DISPLAY_NAME)
    return UnpackedFile(
        name, found.line(ATTACHED_TYPE).lower(), found.octets(ATTACHED_BYTES), found.line(ATTACHED_ID).strip("<> ")
    )


def read_recipient(found: Properties) -> tuple[int, Address]:
    """Return a recipient and its kind: 1 to, 2 copy, 3 blind copy."""
    address = found.line(SMTP_ADDRESS) or _internet(found.line(EMAIL_ADDRESS))
    return found.number(RECIPIENT_TYPE) & 0xFF, Address(address, found.line(DISPLAY_NAME))


def _internet(address: str) -> str:
    """Return an address of the internet; Exchange's own kind ("/o=Agency/cn=...") is none."""
    return address if "@" in address else ""
