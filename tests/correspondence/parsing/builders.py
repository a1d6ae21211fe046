"""Mails that the tests write themselves: builders of bytes for MIME, winmail.dat, .msg and compressed rich text."""

from __future__ import annotations

import base64
import quopri
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CRLF = b"\r\n"
IMESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def headers(*lines: str | bytes) -> bytes:
    """A header block with its empty line."""
    return b"".join((line.encode() if isinstance(line, str) else line) + CRLF for line in lines) + CRLF


def mail(*extra: str | bytes, body: bytes = b"Hello.\r\n", sender: str = "Records <records@agency.example>") -> bytes:
    """The dullest mail, with further header lines (a Content-Type among them)."""
    return (
        headers(
            f"From: {sender}",
            "To: replies@people.example",
            "Subject: Your request",
            "Date: Mon, 1 Jun 2026 10:00:00 -0400",
            "Message-ID: <one@agency.example>",
            "MIME-Version: 1.0",
            *extra,
        )
        + body
    )


def part(content_type: str, body: bytes, *extra: str | bytes, encoding: str = "") -> bytes:
    """One part, its body encoded as it says."""
    lines = [f"Content-Type: {content_type}"] if content_type else []
    if encoding:
        lines.append(f"Content-Transfer-Encoding: {encoding}")
    encoded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(body)
    return headers(*lines, *extra) + encoded


def file(name: str, content: bytes, content_type: str = "application/pdf") -> bytes:
    """A file as mail programs attach it."""
    return part(content_type, content, f'Content-Disposition: attachment; filename="{name}"', encoding="base64")


def parts(*children: bytes, boundary: str = "=-limit", closed: bool = True) -> bytes:
    """Parts with their boundaries."""
    mark = b"--" + boundary.encode()
    body = b"".join(mark + CRLF + child + CRLF for child in children)
    return body + (mark + b"--" + CRLF if closed else b"")


def multipart(kind: str, *children: bytes, boundary: str = "=-limit", closed: bool = True, more: str = "") -> bytes:
    """A multipart as a part of its own."""
    return headers(f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}') + parts(
        *children, boundary=boundary, closed=closed
    )


def whole(kind: str, *children: bytes, boundary: str = "=-limit", closed: bool = True, more: str = "") -> bytes:
    """A mail that is a multipart."""
    return mail(
        f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}',
        body=parts(*children, boundary=boundary, closed=closed),
    )


# winmail.dat


def attribute(level: int, number: int, value: bytes) -> bytes:
    """One attribute of a TNEF stream, with its checksum."""
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def mapi(*properties: tuple[int, int, bytes]) -> bytes:
    """A list of properties: (type, number, bytes)."""
    out = struct.pack("<I", len(properties))
    for kind, number, value in properties:
        out += struct.pack("<HH", kind, number)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
        else:
            out += value
    return out


def unicode(text: str) -> bytes:
    """A text as Outlook stores it."""
    return (text + "\0").encode("utf-16-le")


def tnef(*attributes: bytes) -> bytes:
    """A winmail.dat."""
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def tnef_file(name: str, content: bytes, long_name: str = "", inner: bytes | None = None) -> list[bytes]:
    """The attributes of one file in a winmail.dat; `inner` is a TNEF stream for a message as a file."""
    properties: list[tuple[int, int, bytes]] = [(0x1F, 0x3707, unicode(long_name or name))]
    if inner is not None:
        properties.append((0x0D, 0x3701, IMESSAGE + inner))
    return [
        attribute(2, 0x69002, b"\0" * 14),
        attribute(2, 0x18010, name.encode("cp1252", "replace") + b"\0"),
        attribute(2, 0x6800F, content),
        attribute(2, 0x69005, mapi(*properties)),
    ]


def winmail() -> bytes:
    """A winmail.dat with a body, a page, a file, and a message that has a file of its own."""
    inner = tnef(
        attribute(1, 0x69003, mapi((0x1F, 0x0037, unicode("Inner")), (0x1F, 0x1000, unicode("Inner text")))),
        *tnef_file("deep.txt", b"deep"),
    )
    return tnef(
        attribute(1, 0x89006, struct.pack("<I", 0x10000)),
        attribute(1, 0x69007, struct.pack("<II", 1252, 0)),
        attribute(1, 0x78008, b"IPM.Note\0"),
        attribute(1, 0x18004, b"Packed\0"),
        attribute(
            1,
            0x69003,
            mapi(
                (0x1F, 0x1000, unicode("Packed text")),
                (0x102, 0x1013, "<p>Packed p\u00e4ge</p>".encode()),
                (0x03, 0x3FDE, struct.pack("<I", 65001)),
            ),
        ),
        *tnef_file("LETTER~1.PDF", b"%PDF-letter", "Letter to requester \u2013 final.pdf"),
        *tnef_file("inner", b"", inner=inner),
    )


# Compressed rich text

_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def compress_rtf(rtf: bytes) -> bytes:
    """Rich text compressed as Outlook does, with references into what came before (a slow search, for tests)."""
    window = bytearray(_START.ljust(4096, b"\0"))
    write, out, position = len(_START), b"", 0
    done = False
    while not done:
        control, tokens = 0, b""
        for bit in range(8):
            if position >= len(rtf):
                control |= 1 << bit
                tokens += struct.pack(">H", write << 4)
                done = True
                break
            length = next(
                (
                    size
                    for size in range(min(17, len(rtf) - position), 1, -1)
                    if rtf[position : position + size] in window
                ),
                0,
            )
            place = window.find(rtf[position : position + length]) if length else -1
            # A copy must not run over what it is writing: keep clear of the write position.
            if length and not (place <= write <= place + length):
                control |= 1 << bit
                tokens += struct.pack(">H", place << 4 | (length - 2))
            else:
                length = 1
                tokens += rtf[position : position + 1]
            for letter in rtf[position : position + length]:
                window[write] = letter
                write = (write + 1) % 4096
            position += length
        out += bytes([control]) + tokens
    return struct.pack("<II", len(out) + 12, len(rtf)) + b"LZFu" + struct.pack("<I", 0) + out


# .msg


class Folder:
    """A folder of a compound file to be written."""

    def __init__(self, **streams: bytes) -> None:
        self.streams: dict[str, bytes] = dict(streams)
        self.folders: dict[str, Folder] = {}


def message_folder(
    values: dict[int, tuple[int, bytes]], header: int, files: Sequence[Folder] = (), recipients: Iterable[Folder] = ()
) -> Folder:
    """A folder as .msg files have it: `values` are properties by number, each a type and bytes."""
    folder = Folder()
    rows = b""
    for number, (kind, value) in values.items():
        if kind in (0x1E, 0x1F, 0x102):
            rows += struct.pack("<HHII", kind, number, 6, len(value)) + b"\0\0\0\0"
            folder.streams[f"__substg1.0_{number:04X}{kind:04X}"] = value
        else:
            rows += struct.pack("<HHI", kind, number, 6) + value.ljust(8, b"\0")[:8]
    folder.streams["__properties_version1.0"] = b"\0" * header + rows
    for number, one in enumerate(files):
        folder.folders[f"__attach_version1.0_#{number:08X}"] = one
    for number, one in enumerate(recipients):
        folder.folders[f"__recip_version1.0_#{number:08X}"] = one
    return folder


def text_value(text: str) -> tuple[int, bytes]:
    """A text property of a .msg file: without the closing zero that TNEF has."""
    return 0x1F, text.encode("utf-16-le")


def msg_file(name: str, content: bytes) -> Folder:
    """A file in a .msg."""
    return message_folder({0x3707: text_value(name), 0x3701: (0x102, content), 0x3705: (0x03, struct.pack("<I", 1))}, 8)


def msg_enclosed(name: str, inner: Folder) -> Folder:
    """A message as a file in a .msg."""
    folder = message_folder({0x3001: text_value(name), 0x3705: (0x03, struct.pack("<I", 5))}, 8)
    folder.folders["__substg1.0_3701000D"] = inner
    return folder


@dataclass
class _Entry:
    """A row of the directory of a compound file."""

    name: str
    kind: int
    number: int
    right: int = 0xFFFFFFFF
    child: int = 0xFFFFFFFF
    start: int = 0xFFFFFFFE
    size: int = 0


def compound(root: Folder) -> bytes:
    """A compound file of 512-byte sectors. Entries of one folder hang in a chain to the right: allowed, if slow."""
    entries: list[_Entry] = []
    small = bytearray()
    big: list[tuple[_Entry, bytes]] = []

    def add(name: str, kind: int) -> _Entry:
        entries.append(_Entry(name, kind, len(entries)))
        return entries[-1]

    small_chain: list[int] = []

    def fill(folder_entry: _Entry, folder: Folder) -> None:
        previous: _Entry | None = None
        contents: list[tuple[str, bytes | Folder]] = [*folder.streams.items(), *folder.folders.items()]
        for name, content in contents:
            child = add(name, 1 if isinstance(content, Folder) else 2)
            if previous is None:
                folder_entry.child = child.number
            else:
                previous.right = child.number
            previous = child
            if isinstance(content, Folder):
                fill(child, content)
                continue
            child.size = len(content)
            if len(content) >= 4096:
                big.append((child, content))
            elif content:
                first = len(small) // 64
                count = (len(content) + 63) // 64
                small_chain.extend([first + step + 1 for step in range(count - 1)] + [0xFFFFFFFE])
                child.start = first
                small.extend(content.ljust(count * 64, b"\0"))

    top = add("Root Entry", 5)
    fill(top, root)
    sectors: list[bytes] = []
    chain: list[int] = []

    def store(content: bytes) -> int:
        if not content:
            return 0xFFFFFFFE
        first, count = len(sectors), (len(content) + 511) // 512
        for step in range(count):
            sectors.append(content[step * 512 : step * 512 + 512].ljust(512, b"\0"))
            chain.append(first + step + 1 if step < count - 1 else 0xFFFFFFFE)
        return first

    for entry, content in big:
        entry.start = store(content)
    top.start, top.size = store(bytes(small)), len(small)
    first_small = store(struct.pack(f"<{len(small_chain)}I", *small_chain))
    listed = b""
    for entry in entries:
        encoded = entry.name.encode("utf-16-le") + b"\0\0"
        listed += encoded.ljust(64, b"\0")
        listed += struct.pack("<HBBIII", len(encoded), entry.kind, 1, 0xFFFFFFFF, entry.right, entry.child)
        listed += b"\0" * 36 + struct.pack("<IQ", entry.start, entry.size)
    first_directory = store(listed)
    # The header has room for the places of 109 tables; those of further ones stand in sectors of their own.
    tables, lists = 1, 0
    while tables * 128 < len(sectors) + tables + lists:
        tables += 1
        lists = -(-max(0, tables - 109) // 127)
    first_table = len(sectors)
    chain += [0xFFFFFFFD] * tables + [0xFFFFFFFC] * lists
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * 512, b"\xff")
    places = [first_table + step for step in range(tables)]
    for number in range(lists):
        more = places[109 + number * 127 : 109 + (number + 1) * 127]
        following = first_table + tables + number + 1 if number < lists - 1 else 0xFFFFFFFE
        table += struct.pack("<128I", *more, *[0xFFFFFFFF] * (127 - len(more)), following)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    first_list = first_table + tables if lists else 0xFFFFFFFE
    header += struct.pack("<IIIIIIIII", 0, tables, first_directory, 0, 4096, first_small, 1, first_list, lists)
    header += struct.pack("<109I", *(places[:109] + [0xFFFFFFFF] * (109 - len(places[:109]))))
    return header + b"".join(sectors) + table


def saved_message() -> bytes:
    """A .msg with a sender, recipients, a text, a small and a large file, and a message inside that has a file."""
    inner = message_folder(
        {0x0037: text_value("Inner"), 0x1000: text_value("Inner text")}, 24, files=[msg_file("deep.txt", b"deep")]
    )
    recipient = message_folder(
        {0x3001: text_value("Cora"), 0x39FE: text_value("cora@people.example"), 0x0C15: (0x03, struct.pack("<I", 1))}, 8
    )
    return compound(
        message_folder(
            {
                0x001A: text_value("IPM.Note"),
                0x0037: text_value("Saved by Outlook"),
                0x0C1A: text_value("Clerk, Records"),
                0x5D01: text_value("clerk@agency.example"),
                0x1000: text_value("Text of the saved message\r\n"),
                0x1035: text_value("<saved@agency.example>"),
                0x0039: (0x40, struct.pack("<Q", 134_000_000_000_000_000)),
            },
            32,
            files=[
                msg_file("letter.pdf", b"%PDF-small"),
                msg_file("scan.tif", b"II*\0" + b"x" * 9000),
                msg_enclosed("Inner", inner),
            ],
            recipients=[recipient],
        )
    )
