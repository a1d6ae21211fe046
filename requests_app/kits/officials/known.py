"""What a letter to an official may say is known: reports of others, and our own released findings. Pure; English.

A report is told with its office, door, date and reporter, or not at all. Silence is told as silence. No sentence here
can say that anybody's data is safe, and none says "blocked" without saying who, where, when and by whose report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from requests_app.kits import naming

Door = Literal["nlets", "direct"]
Component = Literal["ICE", "HSI", "CBP", "USBP", "DHS"]
Position = Literal["block", "partial", "in_progress", "no_action", "supports", "access", "ended"]

NAMES: Final[dict[str, str]] = {
    "ICE": "ICE",
    "HSI": "HSI",
    "CBP": "CBP",
    "USBP": "the Border Patrol",
    "DHS": "the Department of Homeland Security",
}
ASKED_ABOUT: Final = ("ICE", "HSI", "CBP", "USBP")

PHRASES: Final[dict[tuple[str, str], str]] = {
    ("nlets", "block"): "a block on {who} over Nlets",
    ("nlets", "partial"): "a partial block on {who} over Nlets",
    ("nlets", "in_progress"): "a block on {who} over Nlets that was still in progress",
    ("nlets", "supports"): "support of {state} for access of {who} over Nlets",
    ("nlets", "access"): "access of {who} over Nlets",
    ("direct", "access"): "a direct account or portal for {who}, apart from Nlets",
    ("direct", "ended"): "the end of a direct account of {who}",
}
"""What each report says, to stand after "Reported by ... as of ...:"."""

NO_ACTION: Final = (
    "{executive} was named among those sent the letter of members of Congress of November 12, 2025, about {who} and "
    "Nlets; as of {day} I know of no public action (background reported by {by})."
)

_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


@dataclass(frozen=True, kw_only=True)
class ReportedLine:
    """One report that stands now. `as_of`: YYYY, YYYY-MM or YYYY-MM-DD. `by`: who reported it, as people say it."""

    door: Door
    component: Component
    position: Position
    as_of: str
    by: str
    url: str
    uncertain: bool = False


@dataclass(frozen=True, kw_only=True)
class ReleasedFinding:
    """One number that our own requests brought out, checked by two readers and released.

    A number without its unit, scope and producer cannot be made: counts of unlike things must never stand side by side.
    `count_unit`: what was counted ("queries", "logins"). `requester_scope`: whose ("ICE", "all federal agencies").
    `producer`: the agency whose record it is.
    """

    jurisdiction: str
    count: int
    count_unit: str
    requester_scope: str
    producer: str
    period_start: date
    period_end: date
    released_on: date
    url: str

    def __post_init__(self) -> None:
        if not all(text.strip() for text in (self.count_unit, self.requester_scope, self.producer, self.url)):
            raise ValueError("A released finding needs its unit, its scope, its producer and its address.")


@dataclass(frozen=True, kw_only=True)
class KnownStatus:
    """Everything that a letter may say of one state. `looked_on`: as of when nothing was found, where that is known."""

    lines: tuple[ReportedLine, ...] = ()
    looked_on: str = ""
    released: tuple[ReleasedFinding, ...] = ()


def day_in_words(written: str) -> str:
    """Return "2026-02" as "February 2026", "2025-11-12" as "November 12, 2025", a year as it is."""
    found = _PARTIAL.fullmatch(written)
    if found is None:
        return written
    year, month, day = found.groups()
    if day:
        return naming.long_date(date(int(year), int(month), int(day)))
    return naming.long_date(date(int(year), int(month), 1)).replace(" 1,", "") if month else year


def report_sentences(lines: Sequence[ReportedLine], state: str, executive: str) -> list[str]:
    """Return reports as sentences, one for each reporter and date. `executive`: "the governor" or "the mayor"."""
    told: list[str] = []
    groups: dict[tuple[str, str, bool], dict[tuple[str, str], list[str]]] = {}
    for line in lines:
        if line.position == "no_action":
            text = NO_ACTION.format(
                executive=executive, who=NAMES[line.component], day=day_in_words(line.as_of), by=line.by
            )
            told.append(text[:1].upper() + text[1:])
            continue
        said = groups.setdefault((line.by, line.as_of, line.uncertain), {})
        said.setdefault((line.door, line.position), []).append(NAMES[line.component])
    for (by, as_of, uncertain), said in groups.items():
        phrases = [PHRASES[key].format(who=naming.and_list(who), state=state) for key, who in said.items()]
        told.append(f"Reported by {by} as of {day_in_words(as_of)}: {naming.and_list(phrases)}.")
        if uncertain:
            told.append("That report is uncertain.")
    return told


def nlets_sentences(known: KnownStatus, state: str, executive: str) -> list[str]:
    """Return what is reported of the Nlets door, and about which offices nothing is."""
    lines = [line for line in known.lines if line.door == "nlets"]
    named = {line.component for line in lines}
    if not lines:
        when = f"As of {day_in_words(known.looked_on)}, I" if known.looked_on else "I"
        return [f"{when} know of no public report of a block in {state} over Nlets, which proves nothing either way."]
    told = report_sentences(lines, state, executive)
    silent = [NAMES[one] for one in ASKED_ABOUT if one not in named]
    if silent and "DHS" not in named:
        told.append(f"About {naming.and_list(silent)} I know of no public report.")
    return told


def direct_sentences(known: KnownStatus, state: str, executive: str) -> list[str]:
    """Return what is reported of direct accounts, or that nothing is."""
    told = report_sentences([line for line in known.lines if line.door == "direct"], state, executive)
    return told or [f"About direct accounts of federal offices on {state} systems I know of no public report."]


def blocked_over_nlets(known: KnownStatus) -> list[str]:
    """Return the offices of which a block, whole or partial, is reported over Nlets."""
    return [line.component for line in known.lines if line.door == "nlets" and line.position in ("block", "partial")]


def follow_on(known: KnownStatus) -> str:
    """Return what to ask where a block is reported: extend it, publish its history. Nothing elsewhere."""
    blocked = blocked_over_nlets(known)
    if not blocked:
        return ""
    others = [NAMES[one] for one in ASKED_ABOUT if one not in blocked]
    since = f"Since a block on {naming.and_list([NAMES[one] for one in blocked])} is reported, two more questions."
    whole = f"Does it cover {naming.and_list(others)}, and any direct account, and if not, will you extend it?"
    if not others:
        whole = "Does it cover every direct account as well, and if not, will you extend it?"
    history = (
        "Will you publish its history: the monthly numbers of queries by each office from before the block, and of "
        "those refused since?"
    )
    return f"{since} {whole} {history}"


def finding_sentence(finding: ReleasedFinding) -> str:
    """Return one released finding with everything that its number means."""
    return (
        f"{finding.producer} released this number: {finding.count:,} {finding.count_unit} by {finding.requester_scope} "
        f"from {naming.long_date(finding.period_start)} to {naming.long_date(finding.period_end)} "
        f"(published {naming.long_date(finding.released_on)}, {finding.url})."
    )


def released_for(released: Iterable[ReleasedFinding], jurisdiction: str) -> tuple[ReleasedFinding, ...]:
    """Return the findings of one state."""
    return tuple(finding for finding in released if finding.jurisdiction == jurisdiction)


def sources(lines: Sequence[ReportedLine]) -> tuple[str, ...]:
    """Return the address of each report once, in the order of the sentences."""
    return tuple(dict.fromkeys(line.url for line in lines))
