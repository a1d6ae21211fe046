"""A sender's file name as data: shown safely, never used as a path."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

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


LONGEST_PATH = 900  # of the 1000 that a row has: a number may be added where two are the same
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)", re.IGNORECASE)  # names that Windows opens


def clean_inner_path(given: str) -> tuple[str, bool]:
    """Return the path of a member of an archive, fit to show and to name a copy by, and whether something was wrong.

    Each part is cleaned like a name; what climbs (`..`), begins at a root or names a drive or a device is left out or
    marked. The result is relative, has `/` between its parts and is never empty.
    """
    parts, odd = [], bool(re.match(r"[\\/]|[A-Za-z]:", given))
    for part in re.split(r"[\\/]", re.sub(r"^[A-Za-z]:", "", given)):
        if part in {"", ".", ".."}:
            odd = odd or part == ".."
            continue
        clean = clean_name(part)
        if _DEVICES.match(clean):
            clean = "_" + clean
        odd = odd or clean != unicodedata.normalize("NFC", part)
        parts.append(clean.replace(":", "_"))
    path = "/".join(parts) or "unnamed file"
    if len(path) > LONGEST_PATH:
        ending = PurePosixPath(path).suffix[:20]
        path, odd = path[: LONGEST_PATH - len(ending)] + ending, True
    return path, odd
