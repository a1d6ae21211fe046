"""The two doors to a state's driver records, and what has been reported of each. Facts with source and date; pure.

Nlets is one door: federal and out-of-state offices ask over it. A direct account on a state's own police system or
photo portal is another. A block of the first says nothing about the second, so no page may read a block as "safe".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.law.phrases import sentence

Words = str | Promise


@dataclass(frozen=True)
class Report:
    """Who reported something, where, and when: `by` is the site's name, `when` the date in words (or nothing)."""

    url: str
    by: str
    when: str


@dataclass(frozen=True)
class Reported:
    """What has been reported of a state's Nlets door, in words and as the tone of a tile."""

    key: str
    words: Words
    meaning: Words
    tone: str


# "action", not "good": a green tick would read as "safe", and a block closes one door of two.
REPORTED: Final = {
    one.key: one
    for one in (
        Reported(
            "blocked",
            _("block reported"),
            _("The state is reported to refuse ICE's queries over Nlets. Other federal offices may still be served."),
            "action",
        ),
        Reported(
            "partially_restricted",
            _("partial block reported"),
            _("Some federal offices are reported to be refused over Nlets, others still served."),
            "soon",
        ),
        Reported(
            "in_progress",
            _("block said to be in progress"),
            _("The state has said that it is working on a block. None is reported to be in place."),
            "soon",
        ),
        Reported(
            "no_block_reported",
            _("no block reported"),
            _("We found no report of a block. That is not proof that there is none."),
            "neutral",
        ),
        Reported("", _("not a state"), _("Federal offices ask; they are not asked over this network."), "neutral"),
    )
}

KNOWN: Final[dict[str, Words]] = {
    "ice_block_reported": _("A block on ICE is reported."),
    "partial_block_reported": _("A partial block is reported."),
    "block_in_progress_reported": _("A block is reported to be in progress."),
    "letter_recipient_no_action_found": _("The governor was sent the letter of Congress members; no action was found."),
    "supports_dhs_access_reported": _("The state is reported to support federal access."),
    "no_public_information": _("No public report was found."),
}
"""The codes of a state's known status, in words."""


@dataclass(frozen=True)
class Known:
    """The known status of a state in words, as of when, how sure, and whose report it rests on (None: on no report)."""

    words: Words
    when: str
    confidence: str
    note: str
    report: Report | None


LETTER: Final = Report(
    "https://pubt.io/view/4D7AD966B0207EEEDAF24C9918948AA95580375E",
    "release of Senator Wyden and others",
    "November 12, 2025",
)
"""The letter of members of Congress to governors: the totals, the five states, and the ground of "no block"."""

ROLLING_YEAR: Final = Report("https://service.nlets.org/support/solutions/articles/21003096191", "Nlets", "")
"""Nlets' own documentation (undated): one rolling year of message traffic can be retrieved."""

_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def read_report(url: str, as_of: str | None) -> Report:
    """Return a source as who reported it and when."""
    return Report(url, urlsplit(url).netloc.removeprefix("www."), day_in_words(as_of or ""))


def reports_of(sources: list[dict[str, Any]]) -> list[Report]:
    """Return the sources of a note, as they are stored, as reports."""
    return [read_report(source["url"], source.get("as_of")) for source in sources]


def known_status(stored: dict[str, Any]) -> Known:
    """Return a state's known status, as it is stored, in words."""
    source = stored.get("source")
    return Known(
        words=KNOWN.get(stored["code"], stored["code"]),
        when=day_in_words(stored.get("as_of") or ""),
        confidence=stored.get("confidence") or "",
        note=sentence(stored.get("note") or ""),
        report=read_report(source, None) if source else None,
    )


def day_in_words(written: str) -> str:
    """Return "2026-01-08" as "January 8, 2026", "2026-01" as "January 2026"; other text as it is."""
    found = _PARTIAL.fullmatch(written)
    if not found:
        return written
    year, month, day = found.groups()
    if day:
        return date_format(date(int(year), int(month), int(day)), "F j, Y")
    return f"{MONTHS[int(month)]} {year}" if month else year


def oldest_kept(today: date) -> date:
    """Return the day one year before: messages before it have probably rolled off Nlets' year."""
    try:
        return today.replace(year=today.year - 1)
    except ValueError:  # February 29
        return today.replace(year=today.year - 1, day=28)
