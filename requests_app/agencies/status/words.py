"""What is reported of each door, in words that never claim more than the report. Pure.

A sentence always names the office and the door; where it is shown, its date and "reported by" stand beside it. Nothing
here can say "safe": a door about which nothing is reported is a door about which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from requests_app.agencies.status.models import Component, Door, Position, StatusLine
from requests_app.agencies.templatetags.partial_dates import partial_date

Words = str | Promise

SAID: Final[dict[tuple[str, str], Words]] = {
    ("nlets", "block"): _lazy("A block on %(who)s over Nlets is reported."),
    ("nlets", "partial"): _lazy("A partial block on %(who)s over Nlets is reported."),
    ("nlets", "in_progress"): _lazy("A block on %(who)s over Nlets is reported to be in progress."),
    ("nlets", "no_action"): _lazy(
        "The governor was named among those sent the letter of members of Congress about %(who)s and Nlets; no action "
        "was found."
    ),
    ("nlets", "supports"): _lazy("The state is reported to support access of %(who)s over Nlets."),
    ("nlets", "access"): _lazy("%(who)s is reported to be served over Nlets."),
    ("direct", "access"): _lazy("A direct account or portal of the state's own is reported for %(who)s."),
    ("direct", "ended"): _lazy("A direct account of %(who)s is reported to have ended."),
}
"""One sentence for each thing that can be reported at each door."""

SHOWN: Final = (Component.ICE, Component.HSI, Component.CBP, Component.USBP)
"""Each gets its own row, report or none."""


def said(line: StatusLine) -> str:
    """Return what a line reports: office and door in one sentence. Its date and source stand beside it."""
    who = str(Component(line.component).label)
    sentence = str(SAID[line.door, line.position]) % {"who": who}
    return sentence[:1].upper() + sentence[1:]


@dataclass(frozen=True)
class Row:
    """One office at one door: the line that stands now, or None where nothing is reported."""

    component: str
    name: str
    line: StatusLine | None

    @property
    def words(self) -> str:
        """What is reported, or that nothing is."""
        if self.line is not None:
            return said(self.line)
        return _("We found no public report. That is not proof of anything.")

    @property
    def when(self) -> str:
        """The date of the report in words."""
        return partial_date(self.line.as_of) if self.line else ""


@dataclass(frozen=True)
class History:
    """One line as it was added, with its words."""

    line: StatusLine
    words: str
    when: str


@dataclass(frozen=True)
class Standing:
    """What is known of one state: a row for each office at each door, and every line ever added, newest first."""

    nlets: tuple[Row, ...]
    direct: tuple[Row, ...]
    history: tuple[History, ...]

    @property
    def lines(self) -> tuple[StatusLine, ...]:
        """The lines that stand now, the Nlets door first."""
        return tuple(row.line for row in (*self.nlets, *self.direct) if row.line is not None)

    @property
    def older(self) -> int:
        """How many lines stand no more."""
        return len(self.history) - len(self.lines)


def standing_of(lines: Iterable[StatusLine]) -> Standing:
    """Return how things stand from all the lines of one state, in any order. Withdrawn lines are history only."""
    ordered = sorted(lines, key=_age, reverse=True)
    current: dict[tuple[str, str], StatusLine] = {}
    for line in ordered:
        if line.withdrawn_at is None:
            current.setdefault((line.door, line.component), line)
    return Standing(
        nlets=tuple(_rows(Door.NLETS, current, SHOWN)),
        direct=tuple(_rows(Door.DIRECT, current, ())),
        history=tuple(History(line, said(line), partial_date(line.as_of)) for line in ordered),
    )


def _rows(door: Door, current: dict[tuple[str, str], StatusLine], always: Sequence[Component]) -> Iterable[Row]:
    for component in Component:
        line = current.get((door.value, component.value))
        if line is not None or component in always:
            yield Row(component.value, str(component.label), line)


def _age(line: StatusLine) -> tuple[str, object, int]:
    """Return what orders lines by the date of the report; a bare year or month counts as its beginning."""
    return (line.as_of + "-00-00")[:10], line.added_at, line.pk or 0


_BLOCKS: Final = {Position.BLOCK.value, Position.PARTIAL.value}
_OPEN: Final = {Position.ACCESS.value, Position.SUPPORTS.value}


def summary_key(standing: Standing) -> str:
    """Return the Nlets door in one word for the map: blocked, partially_restricted, in_progress, no_block_reported.

    "blocked" speaks of ICE alone, as the map's legend says; any office that is reported as served makes it partial.
    """
    positions = {row.component: row.line.position for row in standing.nlets if row.line is not None}
    blocked = {component for component, position in positions.items() if position in _BLOCKS}
    if blocked:
        whole = positions.get(Component.ICE) == Position.BLOCK and not _OPEN & set(positions.values())
        return "blocked" if whole else "partially_restricted"
    return "in_progress" if Position.IN_PROGRESS.value in positions.values() else "no_block_reported"
