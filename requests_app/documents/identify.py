"""What a file is, told by its content. Its name is only a hint, and a name that lies is remarked upon.

Reads bytes and decides; opens nothing that the bytes name, and unpacks nothing.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import puremagic
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HEAD = 8192  # bytes looked at
NAMES_LOOKED_AT = 2000  # entries of a ZIP's own list
DIRECTORY_SECTORS = 200  # of a compound file: 800 streams and more
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


# kind, media type where there is only one, and the name endings that fit it
KINDS: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "pdf": ("application/pdf", frozenset({".pdf"})),
    "spreadsheet": ("", frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".tab"})),
    "text document": ("", frozenset({".docx", ".docm", ".doc", ".odt", ".rtf", ".wpd"})),
    "slides": ("", frozenset({".pptx", ".pptm", ".ppsx", ".ppt", ".pps", ".odp"})),
    "e-mail": ("", frozenset({".eml", ".msg", ".mbox", ".pst", ".ost"})),
    "web page": ("text/html", frozenset({".html", ".htm", ".xhtml", ".mht"})),
    "text": ("text/plain", frozenset({".txt", ".log", ".md", ".json", ".xml", ".ics", ".vcf"})),
    "image": (
        "",
        frozenset({".png", ".jpg", ".jpeg", ".jfif", ".gif", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif",
                   ".bmp", ".jp2"}),
    ),
    "archive": (
        "", frozenset({".zip", ".7z", ".tar", ".gz", ".tgz", ".rar", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".cab"})
    ),
    "recording": (
        "",
        frozenset({".mp3", ".mp4", ".m4a", ".m4v", ".wav", ".mov", ".avi", ".ogg", ".oga", ".opus", ".webm", ".mkv",
                   ".wma", ".wmv", ".flac", ".aif", ".aiff", ".amr", ".3gp", ".mpg", ".mpeg", ".asf", ".flv", ".aac"}),
    ),
    "program": ("application/octet-stream", frozenset()),
    "other": ("application/octet-stream", frozenset()),
}  # fmt: skip

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
    "program": gettext_lazy("Program"),
    "other": gettext_lazy("Unrecognised kind"),
}

WINDOWS_PROGRAM = b"MZ"  # two letters that a text may also begin with
SCRIPT = b"#!"
NO_SCRIPT = b"#!AMR"  # a telephone's recording
PROGRAMS: Final = (
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",  # macOS
    b"\xca\xfe\xba\xbe",  # Java, macOS universal
    b"\x00asm",  # WebAssembly
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut, which starts a program
)
PROGRAM_ENDINGS: Final = frozenset(
    {".exe", ".dll", ".scr", ".com", ".pif", ".cpl", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse",
     ".wsf", ".jar", ".apk", ".sh", ".lnk", ".hta", ".reg"}
)  # fmt: skip

ZIP = "application/zip"
_OOXML = "application/vnd.openxmlformats-officedocument."


class Signature(NamedTuple):
    """Bytes at a place of a file that tell its kind."""

    kind: str
    media_type: str
    magic: bytes
    at: int = 0
    also: tuple[bytes, int] = (b"", 0)


SIGNATURES: Final = (
    Signature("archive", "application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c"),
    Signature("archive", "application/vnd.rar", b"Rar!\x1a\x07"),
    Signature("archive", "application/gzip", b"\x1f\x8b\x08"),
    Signature("archive", "application/x-bzip2", b"BZh", also=(b"1AY&SY", 4)),
    Signature("archive", "application/x-xz", b"\xfd7zXZ\x00"),
    Signature("archive", "application/zstd", b"\x28\xb5\x2f\xfd"),
    Signature("archive", "application/vnd.ms-cab-compressed", b"MSCF\x00\x00\x00\x00"),
    Signature("archive", "application/x-tar", b"ustar", 257),
    Signature("e-mail", "application/vnd.ms-outlook-pst", b"!BDN"),
    Signature("image", "image/png", b"\x89PNG\r\n\x1a\n"),
    Signature("image", "image/jpeg", b"\xff\xd8\xff"),
    Signature("image", "image/gif", b"GIF87a"),
    Signature("image", "image/gif", b"GIF89a"),
    Signature("image", "image/tiff", b"II*\x00"),
    Signature("image", "image/tiff", b"MM\x00*"),
    Signature("image", "image/tiff", b"II+\x00"),
    Signature("image", "image/tiff", b"MM\x00+"),
    Signature("image", "image/webp", b"RIFF", also=(b"WEBP", 8)),
    Signature("image", "image/bmp", b"BM", also=(b"\x00\x00\x00\x00", 6)),
    Signature("image", "image/jp2", b"\x00\x00\x00\x0cjP  \r\n\x87\n"),
    Signature("recording", "audio/wav", b"RIFF", also=(b"WAVE", 8)),
    Signature("recording", "video/x-msvideo", b"RIFF", also=(b"AVI ", 8)),
    Signature("recording", "audio/aiff", b"FORM", also=(b"AIF", 8)),
    Signature("recording", "audio/mpeg", b"ID3"),
    Signature("recording", "audio/mpeg", b"\xff\xfb"),
    Signature("recording", "audio/mpeg", b"\xff\xf3"),
    Signature("recording", "audio/mpeg", b"\xff\xf2"),
    Signature("recording", "audio/aac", b"\xff\xf1"),
    Signature("recording", "audio/flac", b"fLaC"),
    Signature("recording", "audio/ogg", b"OggS"),
    Signature("recording", "audio/amr", b"#!AMR"),
    Signature("recording", "video/x-ms-asf", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    Signature("recording", "video/x-flv", b"FLV\x01"),
    Signature("recording", "video/mpeg", b"\x00\x00\x01\xba"),
    Signature("recording", "video/webm", b"\x1a\x45\xdf\xa3"),  # Matroska looks alike
    Signature("text document", "application/vnd.wordperfect", b"\xffWPC"),
    Signature("other", "application/vnd.ms-access", b"Standard Jet DB", 4),
    Signature("other", "application/vnd.ms-access", b"Standard ACE DB", 4),
    Signature("other", "application/vnd.sqlite3", b"SQLite format 3\x00"),
)

# What stands after "ftyp" in the family of MP4: ISO/IEC 14496-12, section 4.3
BRANDS: Final = (
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "image", "image/heic"),
    ((b"avif", b"avis"), "image", "image/avif"),
    ((b"M4A ", b"M4B "), "recording", "audio/mp4"),
    ((b"qt  ",), "recording", "video/quicktime"),
    ((b"3gp", b"3g2"), "recording", "video/3gpp"),
    ((b"",), "recording", "video/mp4"),
)

# Office Open XML is a ZIP with this list and a folder for its program: kind, media type plain and with macros
OOXML_LIST = "[Content_Types].xml"
OOXML: Final = (
    ("xl/", "spreadsheet", _OOXML + "spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroEnabled.12"),
    (
        "word/",
        "text document",
        _OOXML + "wordprocessingml.document",
        "application/vnd.ms-word.document.macroEnabled.12",
    ),
    (
        "ppt/",
        "slides",
        _OOXML + "presentationml.presentation",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ),
)
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # files of Office before 2007, and locked ones of later years
# The names of streams by which compound files differ: [MS-DOC] 2.1, [MS-XLS] 2.1.2, [MS-PPT] 2.1.1, [MS-OXMSG] 2.2.3
STREAMS: Final = (
    ("WordDocument", "text document", "application/msword"),
    ("Workbook", "spreadsheet", "application/vnd.ms-excel"),
    ("Book", "spreadsheet", "application/vnd.ms-excel"),
    ("PowerPoint Document", "slides", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "e-mail", "application/vnd.ms-outlook"),
)
LOCKED_OFFICE = "EncryptedPackage"  # [MS-OFFCRYPTO] 2.3.4.4
LOCKED_TYPE = "application/vnd.ms-office-encrypted"
INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # the class of Windows installation packages
OLE: Final = {
    ".xls": ("spreadsheet", "application/vnd.ms-excel"),
    ".doc": ("text document", "application/msword"),
    ".ppt": ("slides", "application/vnd.ms-powerpoint"),
    ".msg": ("e-mail", "application/vnd.ms-outlook"),
}
TEXT_ENDINGS: Final = {
    ".csv": ("spreadsheet", "text/csv"),
    ".tsv": ("spreadsheet", "text/tab-separated-values"),
    ".tab": ("spreadsheet", "text/tab-separated-values"),
    ".eml": ("e-mail", "message/rfc822"),
    ".mbox": ("e-mail", "application/mbox"),
    ".html": ("web page", "text/html"),
    ".htm": ("web page", "text/html"),
}
MAIL_HEADERS: Final = (
    b"received:", b"return-path:", b"from:", b"to:", b"subject:", b"date:", b"delivered-to:", b"mime-version:",
    b"message-id:",
)  # fmt: skip
_MBOX: Final = re.compile(rb"From [^\r\n]{0,300}\d{2}:\d{2}[^\r\n]{0,60}\r?\n(?:>?[!-9;-~]+:|From )")
_HEADER: Final = re.compile(rb"[!-9;-~]{1,60}:[ \t]?\S")
_PLAIN_ENDINGS: Final = frozenset({".md", ".json", ".xml", ".html", ".htm", ".ics", ".vcf", ".eml", ".log"})


def identify(path: Path, name: str) -> Identity:
    """Return what the file at `path`, named `name` by its sender, is. Raises NotKept for programs."""
    identity = recognise(path, name)
    if identity.kind == "program":
        ending = _ending(name)
        raise NotKept(ending if ending in PROGRAM_ENDINGS and not _is_program(_head(path)) else "")
    return identity


def recognise(path: Path, name: str) -> Identity:
    """Return what a file is, programs too: inside an archive they are kept, and locked."""
    head, ending = _head(path), _ending(name)
    if _is_program(head) or ending in PROGRAM_ENDINGS:
        return Identity("program", "application/octet-stream")
    kind, media_type = _by_content(path, head, ending)
    return Identity(kind, media_type, tuple(_remarks(kind, media_type, ending)))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _ending(name: str) -> str:
    return PurePosixPath(name.lower().rstrip(". ")).suffix


def _is_program(head: bytes) -> bool:
    if head.startswith(SCRIPT):
        return not head.startswith(NO_SCRIPT)
    return head.startswith(PROGRAMS) or (head.startswith(WINDOWS_PROGRAM) and not _is_text(head))


def _by_content(path: Path, head: bytes, ending: str) -> tuple[str, str]:
    if head.startswith(b"%PDF-"):
        return "pdf", "application/pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip_kind(path)
    if head.startswith(COMPOUND):
        return _compound_kind(path, ending)
    if head.startswith(b"{\\rtf"):
        return "text document", "application/rtf"
    for sign in SIGNATURES:
        if head.startswith(sign.magic, sign.at) and head.startswith(*sign.also):
            return sign.kind, sign.media_type
    if head[4:8] == b"ftyp":
        return next((kind, media) for brands, kind, media in BRANDS if head.startswith(brands, 8))
    # Readers accept leading rubbish (ISO 32000-1, annex H, note 13); a ZIP whose first file is a PDF is no PDF.
    if b"%PDF-" in head[:1024]:
        return "pdf", "application/pdf"
    if _is_text(head):
        return _text_kind(head, ending)
    return _by_signature(head)


def _zip_kind(path: Path) -> tuple[str, str]:
    try:
        if _length_of_list(path) > LONGEST_LIST:
            return "archive", ZIP
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()[:NAMES_LOOKED_AT]
            for entry in entries:
                # OpenDocument stores it uncompressed (part 2, section 3.3); a packed one might unpack without end.
                if entry.filename == "mimetype" and entry.compress_type == zipfile.ZIP_STORED and entry.file_size < 100:
                    return _open_document(archive.read(entry).decode("ascii", "replace").strip())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, struct.error):
        return "archive", ZIP
    return _office_open_xml({entry.filename for entry in entries})


def _office_open_xml(names: set[str]) -> tuple[str, str]:
    if OOXML_LIST not in names:
        return "archive", ZIP
    for folder, kind, plain, with_macros in OOXML:
        if any(name.startswith(folder) for name in names):
            if folder + "workbook.bin" in names:
                return kind, XLSB
            return kind, with_macros if folder + "vbaProject.bin" in names else plain
    return "archive", ZIP


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


def _compound_kind(path: Path, ending: str) -> tuple[str, str]:
    names, installer = _streams(path)
    if installer:
        return "program", "application/x-msi"
    if LOCKED_OFFICE in names:
        return next((kind for kind, (_m, fits) in KINDS.items() if ending in fits), "other"), LOCKED_TYPE
    for name, kind, media_type in STREAMS:
        if name in names:
            return kind, media_type
    return OLE.get(ending, ("other", "application/x-ole-storage"))


def _streams(path: Path) -> tuple[set[str], bool]:
    """Return the names in the directory of a compound file, and whether it installs programs.

    Reads some hundred sectors at most ([MS-CFB] 2.2, 2.5 and 2.6); what is damaged has no names.
    """
    names: set[str] = set()
    with path.open("rb") as file, suppress(struct.error, OSError, OverflowError):
        header = file.read(512)
        shift, sector = *struct.unpack_from("<H", header, 30), *struct.unpack_from("<I", header, 48)
        if shift not in (9, 12):
            return names, False
        size = 1 << shift
        tables = struct.unpack_from("<109I", header, 76)
        for turn in range(DIRECTORY_SECTORS):
            file.seek((sector + 1) * size)
            page = file.read(size)
            if turn == 0 and page[80:96] == INSTALLER:
                return names, True
            for place in range(0, len(page) - 127, 128):
                (length,) = struct.unpack_from("<H", page, place + 64)
                names.add(page[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"))
            in_a_table = size // 4
            if sector // in_a_table >= len(tables):
                break
            file.seek((tables[sector // in_a_table] + 1) * size + sector % in_a_table * 4)
            (sector,) = struct.unpack("<I", file.read(4))
            if sector >= 0xFFFFFFFA:
                break
    return names, False


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    if _is_wide(head):
        return True
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return bool(head) and b"\x00" not in head and controls * 100 <= len(head)


def _is_wide(head: bytes) -> bool:
    """Return whether this is UTF-16 without its mark: every other byte is zero, and the rest is plain text."""
    for zeros, letters in ((head[1::2], head[0::2]), (head[0::2], head[1::2])):
        if len(letters) > 8 and zeros.count(0) * 10 >= len(zeros) * 9 and all(9 <= byte < 127 for byte in letters):
            return True
    return False


def _text_kind(head: bytes, ending: str) -> tuple[str, str]:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    small = start[:2000].lower()
    if small.startswith((b"<!doctype html", b"<html")) or (ending in {".html", ".htm"} and b"<" in small):
        return "web page", "text/html"
    if _MBOX.match(start):
        return "e-mail", "application/mbox"
    if ending == ".mbox" or _looks_like_mail(small, enough=1 if ending == ".eml" else 3):
        return "e-mail", "message/rfc822" if ending != ".mbox" else "application/mbox"
    if ending in TEXT_ENDINGS and ending != ".eml":
        return TEXT_ENDINGS[ending]
    if ending not in _PLAIN_ENDINGS and (delimiter := _delimiter(start)):
        return "spreadsheet", "text/tab-separated-values" if delimiter == b"\t" else "text/csv"
    return "text", "text/plain"


def _looks_like_mail(small: bytes, enough: int) -> bool:
    lines = small.split(b"\n")
    if not _HEADER.match(lines[0]):
        return False
    known = sum(any(line.startswith(header) for line in lines) for header in MAIL_HEADERS)
    return known >= enough


def _delimiter(start: bytes) -> bytes:
    """Return what stands between the columns of a table in a text without a telling name; empty where it is none.

    Five whole lines or more, each with the same number of the same sign: a letter has not.
    """
    if b"\x00" in start:
        return b""
    lines = [line for line in start.split(b"\n")[:-1] if line.strip()][:50]
    if len(lines) < 5:
        return b""
    for sign in (b"\t", b";", b"|", b","):
        counts = {line.count(sign) for line in lines}
        is_prose = sign == b"," and all(line.count(b", ") == line.count(b",") for line in lines)
        if len(counts) == 1 and counts != {0} and not is_prose:
            return sign
    return b""


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


def _remarks(kind: str, media_type: str, ending: str) -> list[str]:
    said = []
    if media_type == LOCKED_TYPE:
        said.append(_("It is locked with a password."))
    if "macroEnabled" in media_type and media_type != XLSB:
        said.append(_("It holds macros: small programs that Daylight never runs. Do not open a copy with macros on."))
    if not ending:
        return [*said, _("Its name has no ending.")]
    if kind == "other":
        return [*said, _("Its kind was not recognised. It is kept as it came.")]
    if ending not in KINDS[kind][1]:
        text = _("Its name ends in %(ending)s, but its content is of another kind: %(kind)s.")
        said.append(text % {"ending": ending[:20], "kind": str(KIND_LABELS[kind]).lower()})
    return said
