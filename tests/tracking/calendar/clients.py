"""A calendar program as the tests need one: it reads a feed with the library and keeps entries by their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from icalendar import Calendar


@dataclass
class Kept:
    """One entry as a program keeps it."""

    day: date
    sequence: int
    cancelled: bool
    summary: str


@dataclass
class CalendarProgram:
    """Applies feeds by UID and SEQUENCE, as RFC 5546 wants of PUBLISH: an older word never overwrites a newer one.

    It merges and never empties: the hardest client there is. `broken`: entries that changed without a higher number.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def apply(self, feed: bytes) -> None:
        """Take in one reading of a feed."""
        for event in Calendar.from_ical(feed).walk("VEVENT"):
            uid, new = str(event["uid"]), _kept(event)
            old = self.kept.get(uid)
            if old is None or new.sequence > old.sequence:
                self.kept[uid] = new
            elif (new.day, new.cancelled) != (old.day, old.cancelled):
                self.broken.append(f"{uid}: {old} became {new}")

    def shown(self) -> set[tuple[str, date]]:
        """Return what a person sees: the name and the day of each entry that was not called off."""
        return {(uid, one.day) for uid, one in self.kept.items() if not one.cancelled}

    def days(self) -> list[date]:
        """Return the days that a person sees, in order."""
        return sorted(day for _uid, day in self.shown())


def _kept(event: Any) -> Kept:
    return Kept(
        event.decoded("dtstart"), int(event["sequence"]), str(event["status"]) == "CANCELLED", str(event["summary"])
    )
