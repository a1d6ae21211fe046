"""Rich text as plain text, and the compressed form in which Outlook stores it. One pass over the bytes, always."""

from __future__ import annotations

import re
from typing import Final

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.charsets import clean_text, known_codec, read_letters

# What compression starts from (MS-OXRTFCP 2.1.3.1.1): both sides know these words before the first byte.
_START: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbol"
    rb"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW: Final = 4096
_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+"
)
# Groups that hold no text of the letter.
_UNSEEN: Final = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr headerf footerl footerr footerf "
    b"footnote fldinst listtable listoverridetable rsidtbl generator themedata colorschememapping datastore "
    b"latentstyles xmlnstbl filetbl revtbl bkmkstart bkmkend nonshppict mmathPr pntext".split()
)
_SIGNS: Final = {
    b"par": "\n", b"line": "\n", b"sect": "\n\n", b"page": "\n\n", b"row": "\n", b"tab": "\t", b"cell": "\t",
    b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_SYMBOLS: Final = {b"\\": "\\", b"{": "{", b"}": "}", b"~": "\xa0", b"_": "-", b"\n": "\n", b"\r": "\n"}


def decompress_rtf(packed: bytes, limit: int = limits.RTF_BYTES) -> bytes:
    """Return the RTF of a compressed RTF property, at most `limit` bytes; b"" when it is none.

    Damage ends the text early: a checksum is not compared, for half a letter is better than none.
    """
    if len(packed) < 16:
        return b""
    size = min(int.from_bytes(packed[4:8], "little"), limit)
    if packed[8:12] == b"MELA":
        return packed[16 : 16 + size]
    if packed[8:12] != b"LZFu":
        return b""
    window = bytearray(_START.ljust(_WINDOW, b"\x00"))
    write = len(_START)
    out = bytearray()
    position = 16
    while position < len(packed) and len(out) < size:
        control = packed[position]
        position += 1
        for bit in range(8):
            if position >= len(packed) or len(out) >= size:
                break
            if not control >> bit & 1:
                letters = packed[position : position + 1]
                position += 1
            else:
                reference = int.from_bytes(packed[position : position + 2], "big")
                position += 2
                read, length = reference >> 4, (reference & 15) + 2
                if read == write:
                    return bytes(out[:size])
                letters = _copied(window, read, length, write)
            for letter in letters:
                window[write] = letter
                write = (write + 1) % _WINDOW
            out += letters
    return bytes(out[:size])


def rtf_to_text(rtf: bytes) -> str:
    """Return the text of rich text; never raises. Reads 1 MB at most.

    Outlook wraps a formatted page in RTF (`\\fromhtml1`): its tags stand in groups of their own and are left out like
    every group that a reader may ignore, as is what stands between `\\htmlrtf` and `\\htmlrtf0`.
    """
    text: list[str] = []
    letters = bytearray()
    codec = "cp1252"
    # What a group inherits and gives back: is it unseen, is it the RTF-only side of a page, letters after a \u.
    unseen, only_rtf, skipped = False, False, 1
    stack: list[tuple[bool, bool, int]] = []
    to_skip = 0
    for token in _TOKEN.finditer(rtf[: limits.RTF_BYTES]):
        word, number, code, symbol, brace, plain = token.groups()
        if letters and code is None:
            text.append(read_letters(bytes(letters), codec).text)
            letters.clear()
        if brace == b"{":
            stack.append((unseen, only_rtf, skipped))
            to_skip = 0
        elif brace == b"}":
            if stack:
                unseen, only_rtf, skipped = stack.pop()
            to_skip = 0
        elif word is not None:
            value = int(number) if number else None
            if word == b"ansicpg":
                codec = known_codec(f"cp{value}") or codec
            elif word == b"uc":
                skipped = min(value or 0, 8) if value is None or value >= 0 else 0
            elif word == b"htmlrtf":
                only_rtf = value != 0
            elif word in _UNSEEN:
                unseen = True
            elif not (unseen or only_rtf):
                if word == b"u" and value is not None:
                    text.append(chr(value % 0x10000))
                    to_skip = skipped
                else:
                    text.append(_SIGNS.get(word, ""))
        elif symbol == b"*":
            unseen = True
        elif not (unseen or only_rtf):
            if code is not None:
                if to_skip:
                    to_skip -= 1
                else:
                    letters.append(int(code, 16))
            elif symbol is not None:
                text.append(_SYMBOLS.get(symbol, ""))
            elif plain is not None:
                text.append(read_letters(plain[to_skip:], codec).text)
                to_skip = max(0, to_skip - len(plain))
    if letters:
        text.append(read_letters(bytes(letters), codec).text)
    return clean_text(_paired("".join(text)))[0].strip()


def _copied(window: bytearray, read: int, length: int, write: int) -> bytes:
    """Return `length` bytes of the window from `read`; a copy may run into what it is itself writing."""
    distance = (write - read) % _WINDOW
    run = bytes(window[(read + step) % _WINDOW] for step in range(min(length, distance)))
    return (run * (length // len(run) + 1))[:length]


def _paired(text: str) -> str:
    """Join the halves of letters beyond the first 65,536, which RTF writes as two."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
