"""When a letter of a campaign may leave, so that no receiving office and no mail server is flooded. Pure.

A limit holds for every hour, wherever it begins: in no stretch of sixty minutes leave more letters to one receiver than
`per_receiver`, or more in all than `in_all`. A receiver is a mail domain: an agency's mailboxes share a server, and
often so do a state's agencies.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many letters in any hour. Both are at least 1."""

    per_receiver: int
    in_all: int


def receiver_of(address: str) -> str:
    """Return what counts as one receiver: the domain of an e-mail address, in lower case."""
    return address.rpartition("@")[2].strip().lower()


def next_slot(earliest: datetime, taken: Sequence[datetime], limit: int) -> datetime:
    """Return the first moment from `earliest` on at which one letter more keeps the limit among those `taken`."""
    times = sorted(taken)
    for moment in (earliest, *(time + HOUR for time in times if time + HOUR > earliest)):
        if _keeps(times, moment, limit):
            return moment
    return max([earliest, *(time + HOUR for time in times)])  # an hour after the last: always free


def _keeps(times: Sequence[datetime], moment: datetime, limit: int) -> bool:
    """Return whether every hour that holds `moment` has room for it among the sorted `times`."""
    with_it = list(times)
    insort(with_it, moment)
    place = bisect_left(with_it, moment)
    starts = range(max(0, place - limit), place + 1)
    return all(start + limit >= len(with_it) or with_it[start + limit] - with_it[start] >= HOUR for start in starts)


class Timetable:
    """The moments at which letters leave, as far as they are known; each new letter gets the first free one."""

    def __init__(self, limits: Limits, taken: Iterable[tuple[str, datetime]] = ()) -> None:
        self._limits = limits
        self._all: list[datetime] = []
        self._of: dict[str, list[datetime]] = {}
        for address, moment in taken:
            self._take(address, moment)

    def take(self, address: str, earliest: datetime) -> datetime:
        """Return when a letter to this address leaves, and keep that moment for it."""
        own = self._of.get(receiver_of(address), [])
        moment = earliest
        while True:  # both limits only ever move it later, so it ends
            later = next_slot(moment, own, self._limits.per_receiver)
            later = next_slot(later, self._all, self._limits.in_all)
            if later == moment:
                break
            moment = later
        self._take(address, moment)
        return moment

    def has_room(self, address: str, moment: datetime) -> bool:
        """Return whether a letter to this address may leave at this very moment."""
        own = self._of.get(receiver_of(address), [])
        return _keeps(own, moment, self._limits.per_receiver) and _keeps(self._all, moment, self._limits.in_all)

    def _take(self, address: str, moment: datetime) -> None:
        insort(self._of.setdefault(receiver_of(address), []), moment)
        insort(self._all, moment)
