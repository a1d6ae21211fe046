"""What a file is, told by its content. Its name is only a hint, and a name that lies is remarked upon.

Reads bytes and decides; opens nothing that the bytes name, and unpacks nothing.
"""

from __future__ import annotations

import os
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import puremagic
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HEAD = 8192  # bytes looked at
NAMES_LOOKED_AT = 2000  # entries of a ZIP's own list
LONGEST_LIST = 2 * 1024 * 1024  # bytes of that list; a longer one would cost memory and is no office document


class NotKept(Exception):
    """A kind of file that Daylight does not take: a program, by its content or by the `ending` of its name.

    The text says why and what to do.
    """

    def __init__(self, ending: str = "") -> None:
        self.ending = ending
        if ending:
            text = _(
                "A name that ends in %(ending)s makes a computer run the file as a program, so it was not kept. "
                "If it is a record, give it its true ending, such as .pdf, and add it again."
            )
            super().__init__(text % {"ending": ending})
        else:
            super().__init__(
                _(
                    "This file is a program, not a record, so it was not kept. "
                    "Ask the agency for a PDF, a spreadsheet, an image or a text file instead."
                )
            )


@dataclass(frozen=True)
class Identity:
    """What a file is: a plain kind for lists, its media type, and what a reader should know about it."""

    kind: str
    media_type: str
    remarks: tuple[str, ...] = ()


# kind, media type, and the name endings that fit it
KINDS: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "pdf": ("application/pdf", frozenset({".pdf"})),
    "spreadsheet": ("", frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv"})),
    "text document": ("", frozenset({".docx", ".doc", ".odt", ".rtf"})),
    "slides": ("", frozenset({".pptx", ".ppt", ".odp"})),
    "e-mail": ("", frozenset({".eml", ".msg", ".mbox"})),
    "web page": ("text/html", frozenset({".html", ".htm"})),
    "text": ("text/plain", frozenset({".txt", ".log", ".md", ".json", ".xml"})),
    "image": ("", frozenset({".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".webp", ".heic", ".bmp"})),
    "archive": ("", frozenset({".zip", ".7z", ".tar", ".gz", ".tgz", ".rar", ".bz2", ".xz"})),
    "recording": ("", frozenset({".mp3", ".mp4", ".m4a", ".wav", ".mov", ".avi", ".ogg", ".webm"})),
    "other": ("application/octet-stream", frozenset()),
}

KIND_LABELS: Final[dict[str, Promise]] = {
    "pdf": gettext_lazy("PDF"),
    "spreadsheet": gettext_lazy("Spreadsheet"),
    "text document": gettext_lazy("Text document"),
    "slides": gettext_lazy("Slides"),
    "e-mail": gettext_lazy("E-mail"),
    "web page": gettext_lazy("Web page"),
    "text": gettext_lazy("Plain text"),
    "image": gettext_lazy("Image"),
    "archive": gettext_lazy("Archive of files"),
    "recording": gettext_lazy("Recording"),
    "other": gettext_lazy("Unrecognised kind"),
}

WINDOWS_PROGRAM = b"MZ"  # two letters that a text may also begin with
PROGRAMS: Final = (
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",  # macOS
    b"\xca\xfe\xba\xbe",  # Java, macOS universal
    b"#!",  # scripts
)
PROGRAM_ENDINGS: Final = frozenset(
    {
        ".exe",
        ".dll",
        ".scr",
        ".com",
        ".msi",
        ".bat",
        ".cmd",
        ".ps1",
        ".vbs",
        ".js",
        ".jar",
        ".apk",
        ".sh",
        ".lnk",
        ".hta",
    }
)

# What a ZIP is when it holds a part of this name: Office Open XML and OpenDocument are ZIPs.
OFFICE_PARTS: Final = (
    ("xl/", "spreadsheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("word/", "text document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("ppt/", "slides", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
OLE: Final = {
    ".xls": ("spreadsheet", "application/vnd.ms-excel"),
    ".doc": ("text document", "application/msword"),
    ".ppt": ("slides", "application/vnd.ms-powerpoint"),
    ".msg": ("e-mail", "application/vnd.ms-outlook"),
}
TEXT_ENDINGS: Final = {
    ".csv": ("spreadsheet", "text/csv"),
    ".tsv": ("spreadsheet", "text/tab-separated-values"),
    ".eml": ("e-mail", "message/rfc822"),
    ".mbox": ("e-mail", "application/mbox"),
    ".html": ("web page", "text/html"),
    ".htm": ("web page", "text/html"),
}
MAIL_HEADERS: Final = (b"received:", b"return-path:", b"from:", b"delivered-to:", b"mime-version:", b"message-id:")


def identify(path: Path, name: str) -> Identity:
    """Return what the file at `path`, named `name` by its sender, is. Raises NotKept for programs."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    ending = PurePosixPath(name.lower()).suffix
    if head.startswith(PROGRAMS) or (head.startswith(WINDOWS_PROGRAM) and not _is_text(head)):
        raise NotKept
    if ending in PROGRAM_ENDINGS:
        raise NotKept(ending)
    kind, media_type = _by_content(path, head, ending)
    return Identity(kind, media_type, tuple(_remarks(kind, ending)))


def _by_content(path: Path, head: bytes, ending: str) -> tuple[str, str]:
    if b"%PDF-" in head[:1024]:  # readers accept leading rubbish: ISO 32000-1, annex H, note 13
        return "pdf", "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLE.get(ending, ("other", "application/x-ole-storage"))
    if head.startswith(b"{\\rtf"):
        return "text document", "application/rtf"
    if _is_text(head):
        return _text_kind(head, ending)
    return _by_signature(head)


def _zip_kind(path: Path) -> tuple[str, str]:
    try:
        if _length_of_list(path) > LONGEST_LIST:
            return "archive", "application/zip"
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()[:NAMES_LOOKED_AT]
            for entry in entries:
                # OpenDocument stores it uncompressed (part 2, section 3.3); a packed one might unpack without end.
                if entry.filename == "mimetype" and entry.compress_type == zipfile.ZIP_STORED and entry.file_size < 100:
                    return _open_document(archive.read(entry).decode("ascii", "replace").strip())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, struct.error):
        return "archive", "application/zip"
    for prefix, kind, media_type in OFFICE_PARTS:
        if any(entry.filename.startswith(prefix) for entry in entries):
            return kind, media_type
    return "archive", "application/zip"


def _length_of_list(path: Path) -> int:
    """Return how many bytes a ZIP says its list of entries takes: Python would read all of them at once.

    Raises BadZipFile when there is no list, or one of the 64-bit kind, which no office document needs.
    """
    end = 22  # bytes of the closing record without its comment
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - end - 65535 - 20))
        tail = file.read()
    place = len(tail) - end
    if place < 0 or tail[place : place + 4] != b"PK\x05\x06" or tail[-2:] != b"\x00\x00":
        place = tail.rfind(b"PK\x05\x06")  # it has a comment
    if place < 0 or b"PK\x06\x07" in tail[max(0, place - 20) : place]:
        raise zipfile.BadZipFile
    (length,) = struct.unpack_from("<I", tail, place + 12)
    return int(length)


def _open_document(media_type: str) -> tuple[str, str]:
    kinds = {"text": "text document", "spreadsheet": "spreadsheet", "presentation": "slides"}
    prefix = "application/vnd.oasis.opendocument."
    kind = kinds.get(media_type.removeprefix(prefix)) if media_type.startswith(prefix) else None
    return (kind, media_type) if kind else ("archive", "application/zip")


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return bool(head) and b"\x00" not in head and controls * 100 <= len(head)


def _text_kind(head: bytes, ending: str) -> tuple[str, str]:
    if ending in TEXT_ENDINGS:
        return TEXT_ENDINGS[ending]
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "web page", "text/html"
    if start.startswith(b"from ") or sum(header in start[:2000] for header in MAIL_HEADERS) >= 3:
        return "e-mail", "message/rfc822"
    return "text", "text/plain"


def _by_signature(head: bytes) -> tuple[str, str]:
    try:
        media_type = puremagic.from_string(head, mime=True) or ""
    except (puremagic.PureError, ValueError):
        return "other", "application/octet-stream"
    family = media_type.partition("/")[0]
    if family == "image":
        return "image", media_type
    if family in {"audio", "video"}:
        return "recording", media_type
    if any(word in media_type for word in ("zip", "compressed", "tar", "7z", "rar", "bzip", "x-xz")):
        return "archive", media_type
    return "other", media_type or "application/octet-stream"


def _remarks(kind: str, ending: str) -> list[str]:
    if not ending:
        return [_("Its name has no ending.")]
    if kind == "other":
        return [_("Its kind was not recognised. It is kept as it came.")]
    if ending not in KINDS[kind][1]:
        text = _("Its name ends in %(ending)s, but its content is of another kind: %(kind)s.")
        return [text % {"ending": ending[:20], "kind": str(KIND_LABELS[kind]).lower()}]
    return []
