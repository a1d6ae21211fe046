"""A sender's file name as data: shown safely, never used as a path."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 255


def clean_name(given: str) -> str:
    """Return a name fit to show and to download under.

    Keeps the last part of any path (either kind of slash), drops control and direction-changing characters (a name
    can be made to read backwards with U+202E), folds white space, keeps the ending when it must shorten. Never empty.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    visible = "".join(" " if char.isspace() else char for char in last if char.isspace() or _is_plain(char))
    name = re.sub(r" {2,}", " ", visible).strip(" .") or "unnamed file"
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:LONGEST]
    return stem[: LONGEST - len(ending) - 1] + "." + ending


def hides_something(given: str) -> bool:
    """Return whether a sender's name holds a path or signs that cannot be seen, which `clean_name` leaves out."""
    return any(char in "\\/" or not (char.isspace() or _is_plain(char)) for char in given)


def _is_plain(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
