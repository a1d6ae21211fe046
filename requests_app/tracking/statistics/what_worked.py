"""Which letters were followed by records. Pure. It says what came after what, never that one caused the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WINDOW: Final = timedelta(days=30)  # house choice: long enough for most laws' time to decide, short enough to connect


@dataclass(frozen=True, slots=True)
class Written:
    """One later letter that left."""

    request_id: int
    key: str
    on: date


@dataclass(frozen=True, slots=True)
class Followed:
    """One kind of letter: how often records came within the window, and how often the window is still open."""

    key: str
    sent: int
    followed: int
    still_open: int

    @property
    def judged(self) -> int:
        """How many letters can be judged: records came, or the window has passed without any."""
        return self.sent - self.still_open


def what_followed(
    letters: Iterable[Written], records_came: Mapping[int, Sequence[date]], today: date
) -> list[Followed]:
    """Return for each kind of letter how often records came within WINDOW after it, the most often followed first.

    Records that came on the very day of the letter do not count: they were under way. Where two letters left within one
    window, the records count for both: nobody knows which one helped.
    """
    counts: dict[str, list[int]] = {}
    for letter in letters:
        found = counts.setdefault(letter.key, [0, 0, 0])
        found[0] += 1
        last = letter.on + WINDOW
        if any(letter.on < day <= last for day in records_came.get(letter.request_id, ())):
            found[1] += 1
        elif today <= last:
            found[2] += 1
    rows = [Followed(key, *found) for key, found in counts.items()]
    return sorted(rows, key=lambda row: (-row.followed, -row.sent, row.key))
