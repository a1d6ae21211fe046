"""What a calendar program is told of a duty: entries with lasting names, and numbers that only rise. Pure.

A **duty** is one rule of one request from one trigger, however often its date moves: a corrected receipt or another
edition of the law replaces the stored row, and the entry moves. A duty has one entry, named for its latest date, and a
second one, for the earliest, while law or calendar leave two.

How the entries of a duty are made from its rows, past and present:

1. Rows that stand beside each other (two appeals under one rule) are numbered by the day they run from.
2. A row that runs gives a live entry for its latest date, and one for the earliest where that is another day.
3. What was given out before and holds no longer is called off, for sixty days after the last change.
4. The sequence counts every row stored, every turn of a row and every row replaced. Nothing ever takes one of these
   back, so that it rises with each change and needs no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

Side = Literal["earliest", "latest", "both"]
CALLED_OFF_FOR: Final = timedelta(days=60)


class DutyRow(NamedTuple):
    """What is read of a stored deadline, of the present or replaced."""

    pk: int
    request_id: int
    rule_id: str
    trigger: str
    trigger_date: date
    earliest: date | None
    latest: date | None
    state: str
    revision: int
    stored_at: datetime | None
    projected_at: datetime
    superseded_at: datetime | None

    @property
    def changed_at(self) -> datetime:
        """When the row last changed."""
        return self.projected_at if self.superseded_at is None else max(self.projected_at, self.superseded_at)

    @property
    def runs(self) -> bool:
        """Return whether the date holds: it has not come, and nothing has met or moved it."""
        return self.state == "running" and self.superseded_at is None and self.latest is not None

    @property
    def is_pair(self) -> bool:
        """Return whether there are two dates."""
        return self.earliest is not None and self.earliest != self.latest


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. `slot` names it for ever within its request: md-determination.receipt.1.latest.

    `side` says which date the day is: one of two, or the only one. `live` is False for an entry that is called off;
    `state` then says why. `row` is the deadline whose words it bears.
    """

    request_id: int
    slot: str
    side: Side
    day: date
    live: bool
    state: str
    sequence: int
    changed_at: datetime
    row: int


def fold_entries(rows: Iterable[DutyRow], within: Collection[int], now: datetime) -> list[Entry]:
    """Return the entries of requests from all their rows, in the order of days.

    `within`: the numbers of the running rows that are told. Nothing is said of a running row beyond them.
    """
    duties: dict[tuple[int, str, str], list[DutyRow]] = {}
    for row in rows:
        duties.setdefault((row.request_id, row.rule_id, row.trigger), []).append(row)
    entries = [entry for duty in duties.values() for entry in _of_duty(duty, within, now - CALLED_OFF_FOR)]
    return sorted(entries, key=lambda entry: (entry.day, entry.request_id, entry.slot))


def _of_duty(rows: list[DutyRow], within: Collection[int], since: datetime) -> Iterable[Entry]:
    current = sorted(
        (row for row in rows if row.superseded_at is None),
        key=lambda row: (row.trigger_date, row.latest or date.max, row.pk),
    )
    past = sorted(
        (row for row in rows if row.superseded_at is not None), key=lambda row: (row.changed_at, row.pk), reverse=True
    )
    sequence = sum(1 + row.revision for row in rows) + len(past) - 1
    changed_at = max(row.changed_at for row in rows)
    told = [row for row in rows if _was_told(row)]
    for place in range(max(len(current), _most_at_once(past, current))):
        row = current[place] if place < len(current) else None
        if row is not None and row.runs and row.pk not in within:
            continue
        live = _live_days(row)
        for side in ("latest", "earliest"):
            slot = f"{rows[0].rule_id}.{rows[0].trigger}.{place + 1}.{side}"
            if row is not None and side in live:
                shown: Side = "earliest" if side == "earliest" else "latest" if row.is_pair else "both"
                yield Entry(row.request_id, slot, shown, live[side], True, row.state, sequence, changed_at, row.pk)
            elif changed_at >= since:
                last = _last_of(side, [*([row] if row is not None else []), *past, *current], told)
                if last is not None:
                    day = last.earliest if side == "earliest" else last.latest
                    shown = "both" if side == "latest" and not last.is_pair else side
                    state = row.state if row is not None else last.state
                    if day is not None:
                        yield Entry(last.request_id, slot, shown, day, False, state, sequence, changed_at, last.pk)


def _live_days(row: DutyRow | None) -> dict[str, date]:
    """Return the days that hold, by side."""
    if row is None or not row.runs or row.latest is None:
        return {}
    days = {"latest": row.latest}
    if row.is_pair and row.earliest is not None:
        days["earliest"] = row.earliest
    return days


def _was_told(row: DutyRow) -> bool:
    """Return whether a feed may have given the row out as a date that holds.

    A row that was met, or its day past, when it was first stored never ran.
    """
    return row.latest is not None and (row.superseded_at is not None or row.revision > 0 or row.runs)


def _last_of(side: str, candidates: Sequence[DutyRow], told: Collection[DutyRow]) -> DutyRow | None:
    """Return the newest row whose date on this side may have been given out."""
    return next((row for row in candidates if row in told and (side == "latest" or row.is_pair)), None)


def _most_at_once(past: Sequence[DutyRow], current: Sequence[DutyRow]) -> int:
    """Return how many rows of a duty stood beside each other at most: as many entries may have been given out.

    The number only falls when rows are replaced, so that it is enough to look at these moments.
    """
    rows = (*past, *current)
    moments = {row.superseded_at for row in past if row.superseded_at is not None}
    return max((sum(_stood(row, moment) for row in rows) for moment in moments), default=0)


def _stood(row: DutyRow, until: datetime) -> bool:
    """Return whether a row was there until a moment; what was added at the moment itself came after."""
    if row.superseded_at is not None and row.superseded_at < until:
        return False
    return row.superseded_at == until or (row.stored_at or row.projected_at) < until
