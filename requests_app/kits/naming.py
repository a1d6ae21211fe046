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

_NO_OFFICE: Final = frozenset({"request", "requests", "records", "foia", "foipa", "portal"})

_SMALL_WORDS: Final = frozenset({"of", "and", "for", "the", "that", "at", "or"})

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


def says_again(line: str, said: str, state: str) -> bool:
    """True when every part of an address line was said above it: the agency's name, its office, both in one line."""
    parts = re.split(r", | - ", line.casefold())
    heard = said.casefold()
    return all(part.strip().removeprefix(f"{state.casefold()} ") in heard for part in parts)


def office_line(office: str | None, agency: str) -> str | None:
    """Return the office as the first line of an address, or None where the record names no office.

    "Open records" and "FOIA request" are what one asks, not who answers; what the agency's own name says again goes.
    """
    for choice in _choices(office):
        first = choice.split(", ")[0].lower()
        if first.split()[-1] in _NO_OFFICE and not first.startswith("office of") and not first.endswith(" of records"):
            continue
        kept = [part for part in choice.split(", ") if part not in plain_name(agency)]
        if kept:
            return _capitalized(", ".join(kept).removeprefix("or "))
    return None


def addressable_title(office: str | None) -> str | None:
    """Return the office as a title one can write "Dear" to, or None: "Legal Affairs Unit" is not a person."""
    for choice in _choices(office):
        title = choice.split(", ")[0].strip()
        if title.split()[-1].rstrip(".").capitalize() in _TITLE_WORDS and not title.startswith("Office of"):
            return _capitalized(title)
    return None


def _choices(office: str | None) -> list[str]:
    """Return what a record that says "one / the other" offers, without what it adds in parentheses."""
    return [choice.strip() for choice in plain_name(office or "").split(" / ") if choice.strip()]


def _capitalized(title: str) -> str:
    return " ".join(word if word in _SMALL_WORDS else word[:1].upper() + word[1:] for word in title.split())
