"""Rich text: its words, and what it holds beside them."""

from __future__ import annotations

import codecs
import re
from typing import Final

from requests_app.documents.readers.refusals import Refused

LARGEST: Final = 64 * 1024 * 1024  # bytes; pictures stand in it as digits
DEEPEST: Final = 500
_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_UNSEEN: Final = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"objdata", b"themedata", b"datastore",
     b"listtable", b"listoverridetable", b"rsidtbl", b"generator", b"xmlnstbl", b"latentstyles", b"colorschememapping",
     b"fldinst", b"bkmkstart", b"bkmkend", b"annotation", b"atnid", b"atnauthor"}
)  # fmt: skip
_SIGNS: Final = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"tab": "\t", b"cell": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•",
}  # fmt: skip


def words_of(raw: bytes) -> str:
    """Return the text that a reader of the page would see. Raises Refused: too_large."""
    if len(raw) > LARGEST:
        raise Refused("too_large", "rich text")
    found: list[str] = []
    codepage, skip, unicode_skip = "cp1252", 0, 1
    unseen, stack = False, [(False, 1)]
    for match in _TOKEN.finditer(raw):
        word, number, code, sign, brace, plain = match.groups()
        if brace == b"{":
            if len(stack) > DEEPEST:
                raise Refused("hostile", "nested too deeply")
            stack.append((unseen, unicode_skip))
        elif brace == b"}":
            unseen, unicode_skip = stack.pop() if len(stack) > 1 else stack[0]
        elif word:
            if word == b"ansicpg" and number:
                codepage = _known(f"cp{int(number)}")
            elif word == b"uc" and number:
                unicode_skip = min(int(number), 16)
            elif word == b"u" and number:
                if not unseen:
                    found.append(chr(int(number) % 65536))
                skip = unicode_skip
            elif word in _UNSEEN:
                unseen = True
            elif word == b"bin" and number:
                raise Refused("unsupported", "rich text with bytes in it")
            elif not unseen and word in _SIGNS:
                found.append(_SIGNS[word])
        elif sign == b"*":
            unseen = True
        elif skip and (code or plain):
            skip, plain = (skip - 1, None) if code else (max(0, skip - len(plain)), plain[skip:])
            if plain and not unseen:
                found.append(plain.decode(codepage, "replace"))
        elif not unseen:
            found.append(_said(code, sign, plain, codepage))
    return "".join(found).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _said(code: bytes | None, sign: bytes | None, plain: bytes | None, codepage: str) -> str:
    if code:
        return bytes([int(code, 16)]).decode(codepage, "replace")
    if sign:
        return {b"~": "\u00a0", b"_": "-", b"-": ""}.get(sign, sign.decode("latin-1") if sign in b"\\{}" else "")
    return plain.decode(codepage, "replace") if plain else ""


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"
