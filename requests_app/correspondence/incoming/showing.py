"""A stranger's words, made fit for a screen. Pure.

Left to itself, a subject can turn the words after it around (U+202E), hide letters between others, or draw outside its
line. Letters of every language stay; what only moves or hides letters goes.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from requests_app.correspondence.parsing import fold_text

# Joiners: without them the words of some languages, and many emoji, fall apart.
_JOINERS: Final = frozenset("\u200c\u200d")
_MOST_MARKS: Final = 4  # on one letter; more of them climb over the lines above


def harmless(text: str, *, lines: bool = False) -> str:
    """Return a text in which no sign moves, hides or overprints another; in one line unless `lines`."""
    if text.isascii() and (text.replace("\n", "").replace("\t", "") if lines else text).isprintable():
        return text if lines else " ".join(text.split())  # almost all of most mail
    kept: list[str] = []
    marks = 0
    for sign in text.replace("\r\n", "\n").replace("\r", "\n"):
        kind = unicodedata.category(sign)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks > _MOST_MARKS:
            continue
        if sign in "\n\t" and lines:
            kept.append(sign)
        elif kind in ("Cc", "Zs", "Zl", "Zp"):
            kept.append(" ")
        elif kind == "Cf":
            kept.append(sign if sign in _JOINERS else "")
        elif kind in ("Cs", "Co", "Cn"):
            kept.append("�")
        else:
            kept.append(sign)
    found = "".join(kept)
    return found if lines else " ".join(found.split())


def pieces_of(text: str) -> list[tuple[str, str]]:
    """Return the text of a message in order as (new | quoted | signature, words), without empty stretches."""
    spans = ((span.kind, harmless(text[span.start : span.end], lines=True).strip("\n")) for span in fold_text(text))
    return [(kind, words) for kind, words in spans if words.strip()]
