"""Bytes into letters: by the encoding that is named, if it is true, or else by the likeliest one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Only these: Python also has codecs that are slow on hostile bytes (punycode) or are no encodings of letters at all.
_KNOWN: Final = {
    codec.replace("-", "").replace("_", ""): codec
    for codec in (  # noqa: SIM905 - a list of words reads better than eighty strings
        "ascii utf-8 utf-7 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be "
        "cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 "
        "cp932 cp949 cp950 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 "
        "iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-11 iso8859-13 "
        "iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u koi8-t mac-roman mac-cyrillic mac-greek mac-turkish mac-latin2 "
        "big5 big5hkscs gb18030 gbk hz euc-jp euc-kr shift-jis shift-jisx0213 iso2022-jp iso2022-jp-1 iso2022-jp-2 "
        "iso2022-jp-3 iso2022-kr johab tis-620 ptcp154 hp-roman8"
    ).split()
}
# What senders call them. Latin 1 is read as Windows 1252, as every mail reader does; GB 2312 as what contains it.
_ALIASES: Final = {
    "usascii": "ascii", "ansix3.41968": "ascii", "ansix3.41986": "ascii", "iso646us": "ascii", "us": "ascii",
    "646": "ascii", "cp367": "ascii", "ibm367": "ascii", "ansi": "cp1252", "ansix3.1101983": "cp1252",
    "iso88591": "cp1252", "88591": "cp1252", "latin1": "cp1252", "l1": "cp1252", "ibm819": "cp1252",
    "iso8859": "cp1252",
    "cp819": "cp1252", "isolatin1": "cp1252", "iso885911987": "cp1252", "xansi": "cp1252",
    "latin2": "iso8859-2", "latin3": "iso8859-3", "latin4": "iso8859-4", "latin5": "cp1254", "iso88599": "cp1254",
    "latin9": "iso8859-15", "latin0": "iso8859-15", "cyrillic": "iso8859-5", "greek": "iso8859-7",
    "hebrew": "iso8859-8", "iso88598i": "iso8859-8", "iso88598e": "iso8859-8", "arabic": "iso8859-6",
    "utf": "utf-8", "utf8mb4": "utf-8", "u8": "utf-8", "cp65001": "utf-8", "65001": "utf-8", "unicode11utf8": "utf-8",
    "unicode11utf7": "utf-7", "xunicode20utf7": "utf-7", "csunicode11utf7": "utf-7", "cp65000": "utf-7",
    "unicode": "utf-16", "ucs2": "utf-16", "iso10646ucs2": "utf-16", "xunicode20utf8": "utf-8",
    "ksc56011987": "cp949", "ksc5601": "cp949", "euckr": "cp949", "uhc": "cp949", "korean": "cp949",
    "gb2312": "gb18030", "gb231280": "gb18030", "euccn": "gb18030", "xgbk": "gb18030", "chinese": "gb18030",
    "cp936": "gb18030", "hzgb2312": "hz", "xsjis": "cp932", "sjis": "cp932", "mskanji": "cp932", "shiftjis": "cp932",
    "windows31j": "cp932", "xeucjp": "euc-jp", "ujis": "euc-jp", "xxbig5": "big5", "big5eten": "big5",
    "macintosh": "mac-roman", "xmacroman": "mac-roman", "mac": "mac-roman", "koi8": "koi8-r", "koi": "koi8-r",
    "tis620": "cp874", "iso885911": "cp874", "dos874": "cp874",
}  # fmt: skip
# Words that name no encoding at all.
_NOTHING: Final = frozenset(
    ("", "unknown", "unknown8bit", "xunknown", "8bit", "7bit", "binary", "default", "none", "charset")
)
_GARBLED: Final = re.compile("â€[\x80-\xbf™œžšŸ“”‘’¢¦¹º]|Ã[\xa0-\xbf]|Â[\xa0-\xbf]|ï»¿")
_UNSHOWABLE: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Blanks, and what a line must not hold: controls and line separators.
_BLANKS: Final = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_LINE_ENDS: Final = re.compile("\r\n?|\x0c|\x85|\u2028|\u2029")


@dataclass(frozen=True, slots=True)
class Letters:
    """Text, the encoding it was read by, and what was wrong: `trouble` is the code of a note, or ""."""

    text: str
    used: str
    trouble: str = ""
    damaged: int = 0


def known_codec(declared: str) -> str | None:
    """Return Python's name of an encoding as senders name it; None when we do not know it."""
    return _codec(declared[:60].lower())


@lru_cache(maxsize=512)
def _codec(declared: str) -> str | None:
    key = re.sub(r"[^a-z0-9.]", "", declared)
    key = re.sub(r"^(?:x?windows|xcp|ibm|win)(?=\d{3,4})", "cp", key)
    key = re.sub(r"^(?:iso|xiso)?8859(?=\d)", "iso8859", key)
    key = re.sub(r"^(?:cs|3d)(?=[a-z])", "", key)
    return _ALIASES.get(key) or _KNOWN.get(key)


def read_letters(octets: bytes, declared: str = "") -> Letters:
    """Return the text of bytes; never raises.

    1. By the declared encoding, where we know it and every letter can be read by it. One exception: bytes said to be
       Latin 1, Windows 1252 or ASCII that are true UTF-8 are UTF-8; that Latin letters form it by chance is rare.
    2. Else by what the bytes themselves say: a byte order mark, true UTF-8.
    3. Else by the declared encoding with "�" for what cannot be read, or by Windows 1252 when there is none.
    """
    codec = known_codec(declared)
    plain = octets.isascii()
    if not octets:
        return Letters("", "ascii")
    if plain and codec in (None, "ascii", "utf-8", "cp1252") and not _is_shifted(octets):
        trouble = "charset_unknown" if codec is None and not _names_nothing(declared) else ""
        return Letters(octets.decode("ascii"), "ascii", trouble)
    if codec in ("ascii", "cp1252") and not plain:
        corrected = _strict(octets, "utf-8")
        if corrected is not None:
            return Letters(corrected, "utf-8", "charset_corrected")
    if codec is not None:
        exact = _strict(octets, codec)
        if exact is not None:
            return Letters(exact.removeprefix("\ufeff"), codec)
    # ASCII that is not what a shifting encoding wants (UTF-7, ISO 2022) is still of that encoding, and damaged.
    used, text = _by_the_bytes(octets) if codec is None or not plain else ("", None)
    if text is not None:
        return Letters(text, used, _why_guessed(declared, codec))
    if codec is None or codec == "ascii":
        text = _windows(octets)
        return Letters(text, "cp1252", _why_guessed(declared, codec), text.count("\ufffd"))
    text = _windows(octets) if codec == "cp1252" else octets.decode(codec, "replace")
    text = _SURROGATES.sub("\ufffd", text)
    return Letters(text, codec, "text_damaged", max(1, text.count("\ufffd")))


def clean_text(text: str) -> tuple[str, bool]:
    """Return text that a database and a screen can take, with LF line ends, and whether anything was left out."""
    text = _LINE_ENDS.sub("\n", text)
    if _SURROGATES.search(text):
        text = _SURROGATES.sub("\ufffd", text)
    cleaned = _UNSHOWABLE.sub("", text)
    return cleaned, len(cleaned) != len(text)


def clean_line(text: str) -> str:
    """Return a header's text on one line, without control characters and lone surrogates."""
    text = _SURROGATES.sub("\ufffd", text)
    return _BLANKS.sub(" ", text).strip(" ")


def looks_garbled(text: str) -> bool:
    """True when a system before us seems to have read UTF-8 as Windows 1252: “donâ€™t”. Looks at the beginning only."""
    return len(_GARBLED.findall(text[:100_000])) >= 2 or "â€™" in text[:100_000]


def _strict(octets: bytes, codec: str) -> str | None:
    try:
        text = octets.decode(codec)
    except (UnicodeError, ValueError):
        return None
    return None if _SURROGATES.search(text) else text


def _by_the_bytes(octets: bytes) -> tuple[str, str | None]:
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = _strict(octets[: len(octets) // 2 * 2], "utf-16")
        if text is not None:
            return "utf-16", text
    if b"\x1b$" in octets or b"\x1b(" in octets:
        text = _strict(octets, "iso2022-jp-2")
        if text is not None:
            return "iso2022-jp", text
    text = _strict(octets, "utf-8")
    return "utf-8", None if text is None else text.removeprefix("\ufeff")


def _windows(octets: bytes) -> str:
    """Return the bytes by Windows 1252; its five empty places become "�"."""
    return octets.decode("cp1252", "replace")


def _is_shifted(octets: bytes) -> bool:
    """True for bytes that are ASCII by number but Japanese by their escapes."""
    return b"\x1b$" in octets


def _names_nothing(declared: str) -> bool:
    return not declared or re.sub(r"[^a-z0-9]", "", declared.lower()[:60]) in _NOTHING


def _why_guessed(declared: str, codec: str | None) -> str:
    if codec is not None:
        return "charset_corrected"
    return "charset_missing" if _names_nothing(declared) else "charset_unknown"
