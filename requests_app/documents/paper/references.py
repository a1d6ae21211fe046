"""Which request a scanned file names: in its name, or on a cover sheet. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_GAP: Final = r"[\s_.\-\u2010-\u2015]"
# The number has four digits or more: MD-2026-03-15 is a day, and no request.
_REFERENCE: Final = re.compile(
    rf"(?<![A-Z0-9])([A-Z]{{2}})(?:{_GAP}{{1,3}}((?:19|20)\d\d){_GAP}{{1,3}}(\d{{4,6}})|((?:19|20)\d\d)(\d{{4}}))(?!\d)"
)
COVER: Final = "DAYLIGHT COVER SHEET"


def references_in(name: str) -> list[str]:
    """Return the references that a file name holds, each once, written as we write them: MD-2026-0001.

    Any case; hyphens, underscores, dots, spaces or nothing between the parts.
    """
    plain = unicodedata.normalize("NFKC", name[:500]).upper()
    found = (f"{m[1]}-{m[2] or m[4]}-{m[3] or m[5]}" for m in _REFERENCE.finditer(plain))
    return list(dict.fromkeys(found))


def on_cover(reference: str) -> str:
    """Return what the square on a cover sheet says."""
    return f"{COVER} {reference}"


def read_cover(said: str) -> str:
    """Return the reference of a cover sheet, by what its square says; empty when it is another square."""
    if not said.startswith(COVER + " ") or len(said) > 60:
        return ""
    found = references_in(said.removeprefix(COVER + " "))
    return found[0] if len(found) == 1 and said == on_cover(found[0]) else ""
