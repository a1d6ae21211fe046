"""Files for the tests, made here: ordinary ones, broken ones and ones that mean harm."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from email.message import EmailMessage
from typing import Any

import docx
import msoffcrypto
import py7zr
import pyzipper
from msoffcrypto.format.ooxml import OOXMLFile

PASSWORD = "Zulu-4-records"
PE = b"MZ\x90\x00" + bytes(range(256))  # begins as a Windows program does


def zipped(members: dict[str, bytes], *, packed: bool = True) -> bytes:
    """Return a ZIP of these members, under names exactly as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
    return out.getvalue()


def zipped_twice(name: str, first: bytes, second: bytes) -> bytes:
    """Return a ZIP in which two members have one name."""
    return zipped({name: first, "x" * len(name): second}).replace(b"x" * len(name), name.encode())


def zip_with_link() -> bytes:
    """Return a ZIP with a symbolic link to a file of this machine, and a plain member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("passwd")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("plain.txt", "a record")
    return out.getvalue()


def locked_zip(members: dict[str, bytes], password: str = PASSWORD) -> bytes:
    """Return a ZIP whose members are locked with AES."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def seven(members: dict[str, bytes], password: str | None = None, *, list_locked: bool = False) -> bytes:
    """Return a 7z of these members."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=list_locked) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return out.getvalue()


def seven_that_climbs() -> bytes:
    """Return a 7z with a member named ../../passwd, which the packer would not write: its list is changed by hand."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(b"up", "aa/bb/passwd")
        archive.writestr(b"plain", "plain.txt")
    raw = bytearray(out.getvalue())
    offset, size = struct.unpack_from("<QQ", raw, 12)
    place = slice(32 + offset, 32 + offset + size)
    raw[place] = bytes(raw[place]).replace("aa/bb".encode("utf-16-le"), "../..".encode("utf-16-le"))
    struct.pack_into("<I", raw, 28, zlib.crc32(raw[place]))
    struct.pack_into("<I", raw, 8, zlib.crc32(raw[12:32]))
    return bytes(raw)


def tarred(members: dict[str, bytes], *, mode: str = "w", links: dict[str, str] | None = None) -> bytes:
    """Return a TAR; `links` are symbolic ones, and a pipe called "pipe" comes with them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
        if links:
            entry = tarfile.TarInfo("pipe")
            entry.type = tarfile.FIFOTYPE
            archive.addfile(entry)
    return out.getvalue()


def flat_bomb(megabytes: int = 300) -> bytes:
    """Return a ZIP a thousandth of what it unpacks to."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.bin", "w") as member:
        for _ in range(megabytes):
            member.write(bytes(1024 * 1024))
    return out.getvalue()


def nested_bomb(levels: int, copies: int) -> bytes:
    """Return a ZIP of ZIPs of ZIPs, as 42.zip is: each level holds so many of the level below."""
    inner = zipped({"zeros.txt": bytes(1024 * 1024)})
    for _ in range(levels):
        inner = zipped({f"{copy}.zip": inner for copy in range(copies)})
    return inner


def deep_zip(depth: int) -> bytes:
    """Return a text in so many ZIPs, each in the next."""
    inner = b"the bottom"
    for level in range(depth):
        inner = zipped({f"level-{level}.zip" if level else "bottom.txt": inner})
    return inner


def overlapping_zip(entries: int = 200) -> bytes:
    """Return a ZIP whose list names the same packed bytes many times over."""
    whole = zipped({"a.txt": bytes(500_000)})
    start = whole.rindex(b"PK\x01\x02")
    end = whole.rindex(b"PK\x05\x06")
    entry = whole[start:end]
    directory = entry * entries
    closing = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, entries, entries, len(directory), start, 0)
    return whole[:start] + directory + closing


def many_members(count: int) -> bytes:
    """Return a ZIP of so many small texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            archive.writestr(f"folder/{number:05d}.txt", f"record {number}")
    return out.getvalue()


def mail(subject: str = "Counts for May", text: str = "Attached.", files: dict[str, bytes] | None = None) -> bytes:
    """Return a mail of a clerk, with these files."""
    message = EmailMessage()
    message["From"] = "Clerk Records <clerk@agency.example>"
    message["To"] = "requests@people.example"
    message["Date"] = "Mon, 11 May 2026 09:00:00 -0400"
    message["Message-ID"] = f"<{zlib.crc32(subject.encode())}@agency.example>"
    message["Subject"] = subject
    message.set_content(text)
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = message.as_bytes()
    boundary = message.get_boundary()
    return raw.replace(boundary.encode(), b"a-boundary-of-ours") if boundary else raw


def mbox(*mails: bytes) -> bytes:
    """Return a dump of mails as Unix programs write it."""
    return b"".join(
        b"From clerk@agency.example Mon May 11 09:00:00 2026\n" + each.rstrip(b"\n") + b"\n\n" for each in mails
    )


def word(*paragraphs: str, author: str = "") -> bytes:
    """Return a Word document."""
    document = docx.Document()
    document.core_properties.author = author
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_parts(whole: bytes, changes: dict[str, Any]) -> bytes:
    """Return an office file with parts added, or changed by a function of what they were."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            change = changes.get(name)
            after.writestr(name, change(content) if callable(change) else content if change is None else change)
        for name in changes.keys() - set(before.namelist()):
            after.writestr(name, changes[name])
    return out.getvalue()


def locked_word(password: str = PASSWORD, text: str = "Locked words") -> bytes:
    """Return a Word document that opens with a password."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(word(text))).encrypt(password, out)
    assert msoffcrypto.OfficeFile(io.BytesIO(out.getvalue())).is_encrypted()
    return out.getvalue()


def billion_laughs() -> bytes:
    """Return a Word document whose text is one entity, which is ten of another, and so on."""
    entities = '<!ENTITY l0 "laugh">' + "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10)
    )
    text = (
        f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><w:document xmlns:w="w"><w:p><w:t>&l9;</w:t></w:p></w:document>'
    )
    return with_parts(word("harmless"), {"word/document.xml": text})


def open_document(body: str, *, styles: str = "", mimetype: str = "text", extra: dict[str, str] | None = None) -> bytes:
    """Return an OpenDocument file around this content."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "style", "script", "presentation")
    )
    spaces += ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    spaces += ' xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    meta = (
        f"<office:document-meta {spaces}><office:meta><meta:initial-creator>P. Dorsey</meta:initial-creator>"
        "</office:meta></office:document-meta>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{mimetype}")
        archive.writestr("content.xml", content)
        archive.writestr("meta.xml", meta)
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return out.getvalue()


def slides() -> bytes:
    """Return slides: the second hidden, the first with notes and a shape that is not shown."""
    space = 'xmlns:p="p" xmlns:a="a"'

    def shape(text: str, hidden: str = "") -> str:
        named = f"<p:nvSpPr><p:cNvPr id='1' name='x' {hidden}/></p:nvSpPr>"
        return f"<p:sp>{named}<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"

    unseen = shape("Not shown", "hidden='1'")
    notes = "<a:p><a:r><a:t>Say less</a:t></a:r><a:fld><a:t>1</a:t></a:fld></a:p>"
    return zipped({
        "[Content_Types].xml": b"<Types/>",
        "ppt/presentation.xml": f"<p:presentation {space}/>".encode(),
        "ppt/slides/slide1.xml": f"<p:sld {space}>{shape('Shown')}{unseen}</p:sld>".encode(),
        "ppt/slides/slide2.xml": f"<p:sld {space} show='0'>{shape('Kept back')}</p:sld>".encode(),
        "ppt/notesSlides/notesSlide1.xml": f"<p:notes {space}>{notes}</p:notes>".encode(),
    })  # fmt: skip
