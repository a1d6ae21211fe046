"""File names from strangers, made fit for a screen and for a file on any system."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from typing import Final

# 255 bytes is the limit of common file systems; some room is left for what a store puts around a name.
LONGEST_BYTES: Final = 180
_LONGEST_ENDING: Final = 16
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)
# What `mimetypes` would answer depends on the machine; these are what agencies send.
_ENDINGS: Final = {
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "application/zip": ".zip",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-outlook": ".msg",
    "application/ms-tnef": ".dat",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
}

# Without the machine's own tables, so that a name means the same everywhere.
_PYTHONS_TABLE: Final = mimetypes.MimeTypes()


def clean_name(name: str, content_type: str = "") -> str:
    """Return a safe name for the name that a sender wrote; never empty.

    1. Only what follows the last slash or backslash: no folder, no drive.
    2. Without control, formatting (right-to-left and the like) and private characters; composed letters (NFC).
    3. With "_" for what Windows forbids in names, and before a device's name (CON, LPT1.txt).
    4. Without dots and spaces at either end, so that no name is hidden or changed by Windows.
    5. At most 180 bytes, the ending kept.
    6. Where nothing remains, "attachment" with the ending of its type.
    """
    shown = unicodedata.normalize("NFC", name[:4_000].encode("utf-8", "replace").decode("utf-8"))
    shown = re.split(r"[/\\\u2044\u2215\u29f5\uff0f\uff3c]", shown.rstrip("/\\"))[-1]
    shown = "".join(
        " " if unicodedata.category(character) in ("Zl", "Zp", "Zs") or character in "\t\n" else character
        for character in shown
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn") or character in "\t\n"
    )
    shown = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", shown)).strip(" .")
    if not shown.strip("_"):
        return "attachment" + ending_of(content_type)
    if _DEVICE.match(shown):
        shown = f"_{shown}"
    return _shortened(shown)


def ending_of(content_type: str) -> str:
    """Return the usual ending of files of this type with its dot, "" when we know none."""
    return _ENDINGS.get(content_type.lower(), "")


def type_by_name(name: str) -> str:
    """Return the content type that a name suggests, `application/octet-stream` when it suggests none."""
    ending = clean_name(name).lower()
    for content_type, usual in _ENDINGS.items():
        if ending.endswith(usual):
            return content_type
    return _PYTHONS_TABLE.guess_type(ending, strict=True)[0] or "application/octet-stream"


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or not 0 < len(ending.encode()) <= _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = LONGEST_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + dot + ending
