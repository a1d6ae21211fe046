"""Citations as they stand in a letter: found again so that people and tests can check each of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# "§ 4-203(b)(2)", "61.880(1)", "140/3(d)", "91-A:4", "25-19-105(a)(3)-(5)", "2.2-3704(B)", "236.6".
_NUMBER: Final = r"\d[\dA-Za-z]*(?:[.:/-]\d[\dA-Za-z]*|[.:/-][A-Z]+(?=[:\d(]))*(?:\([\dA-Za-z-]{1,6}\))*"
_AFTER_SIGN: Final = re.compile(rf"§§?[\s\N{{NO-BREAK SPACE}}]*({_NUMBER})")
_STANDING_ALONE: Final = re.compile(rf"(?<![\w@$.,/-])({_NUMBER})(?![\w@])")
_GROUP: Final = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)")
_DATE_OR_SUM: Final = re.compile(r"^(?:\d{1,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)|\d+(?:\.\d+)?)$")


def section_numbers(text: str, *, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the section numbers in a text, each once, in order. `known`: our own references, left out."""
    bare = text
    for reference in known:
        bare = bare.replace(reference, " ")
    marked = [(match.start(1), match[1]) for match in _AFTER_SIGN.finditer(bare)]
    alone = [(match.start(1), match[1]) for match in _STANDING_ALONE.finditer(bare) if _names_a_section(match[1])]
    return tuple(dict.fromkeys(number for _, number in sorted({*marked, *alone})))


def citations(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the citations that stand in parentheses, each once, in the order of the letter."""
    found = [group.strip() for paragraph in paragraphs for group in _GROUP.findall(paragraph)]
    return tuple(dict.fromkeys(group for group in found if "§" in group or section_numbers(group)))


def _names_a_section(number: str) -> bool:
    """True for a number that can only be a section's: more than a date, a year, a sum or a count."""
    if _DATE_OR_SUM.match(number):
        return bool(re.fullmatch(r"\d+\.\d{2,}|\d{3,}\.\d+", number))
    return bool(re.search(r"[.:/(-]", number))
