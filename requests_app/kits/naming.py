"""How names, dates and sums stand in running text. Pure functions on strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# Names that stand without "the": they begin like a person's or a brand's name.
_NO_ARTICLE: Final = ("Service ", "U.S. Immigration", "U.S. Customs")

_GROUP_WORDS: Final = frozenset(
    {
        *("Alliance", "Archive", "Association", "Center", "Clinic", "Coalition", "Collective", "Committee", "Council"),
        *("Foundation", "Fund", "Group", "Initiative", "Institute", "Lab", "Laboratory", "League", "Library"),
        *("Network", "Observatory", "Office", "Organization", "Project", "School", "Society", "Team", "Trust", "Union"),
        *("University",),
    }
)

# A title to which one can say "Dear ...:". "Public records" and "Legal office" are not.
_TITLE_WORDS: Final = (
    *("Officer", "Coordinator", "Custodian", "Representative", "Manager", "Administrator", "Director", "Designee"),
    *("Official", "Commissioner", "Counsel", "Secretary", "Governor", "Mayor", "Authority", "Person", "Contact"),
)

_PARENTHESES: Final = re.compile(r"\s*\([^()]*\)")


def long_date(day: date) -> str:
    """Return a date as an American letter writes it: "November 23, 2026"."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def dollars(cents: int) -> str:
    """Return a sum as "$50" or "$12.50"."""
    whole, rest = divmod(cents, 100)
    return f"${whole:,}.{rest:02d}" if rest else f"${whole:,}"


def and_list(words: Sequence[str]) -> str:
    """Join words as a sentence does: "1", "1 and 7", "1, 2 and 7"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def plain_name(name: str) -> str:
    """Return an agency's name without what its record adds in parentheses."""
    return _PARENTHESES.sub("", name).strip().rstrip(",")


def agency_in_prose(name: str) -> str:
    """Return an agency's name as it stands in a sentence, division first, with its article.

    "Colorado Department of Revenue, Division of Motor Vehicles" becomes "the Division of Motor Vehicles of the Colorado
    Department of Revenue": a name with commas of its own would blur the sentence around it.
    """
    parts = [part.strip() for part in plain_name(name).split(", ")]
    return " of ".join(with_article(part) for part in reversed(parts))


def with_article(name: str) -> str:
    """Return a body's name with "the" where English wants it."""
    if name.lower().startswith("the ") or name.startswith(_NO_ARTICLE):
        return name
    return f"the {name}"


def group_in_prose(name: str) -> str:
    """Return an organization's name for "for ...": "the Harbor Records Group", but "OpenRecords"."""
    return with_article(name) if name.split()[-1].strip(".,") in _GROUP_WORDS else name


def addressable_title(office: str | None) -> str | None:
    """Return the office as a title one can write "Dear" to, or None: "Legal Affairs Unit" is not a person."""
    if office is None:
        return None
    title = plain_name(office).split(" / ")[0].split(", ")[0].strip()
    words = title.split()
    if not words or words[-1].rstrip(".").capitalize() not in _TITLE_WORDS:
        return None
    return " ".join(word if word[:1].isupper() or word in ("of", "and", "for") else word.capitalize() for word in words)
