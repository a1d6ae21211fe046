"""Whose mails of which requests are held back, and where that would leave nobody. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

LONGEST: Final = timedelta(days=90)  # a longer silence is no pause: give the request to somebody else


@dataclass(frozen=True)
class HeldBack:
    """What nobody is mailed about now. The notices are written all the same.

    `theirs`, `ours`: (request's number, person's number) of mutes in force, of the agency's and of our own duties.
    `asleep`: requests that sleep on the desk; that holds back the agency's duties, for everybody, and never our own.
    """

    theirs: frozenset[tuple[int, int]] = frozenset()
    ours: frozenset[tuple[int, int]] = frozenset()
    asleep: frozenset[int] = frozenset()

    def among(self, request_id: int, people: Collection[int], *, ours: bool) -> frozenset[int]:
        """Return which of these people get no mail about a duty of this request.

        Of our own duty somebody is always mailed: where all of them muted it, the mutes hold back nobody.
        """
        if not ours:
            if request_id in self.asleep:
                return frozenset(people)
            return frozenset(person for person in people if (request_id, person) in self.theirs)
        quiet = frozenset(person for person in people if (request_id, person) in self.ours)
        return quiet if len(quiet) < len(set(people)) else frozenset()


def wrong_with_end(until: date, today: date) -> str:
    """Return what is wrong with the last day of a mute: `over`, `too-long`; empty when nothing is."""
    if until < today:
        return "over"
    return "too-long" if until - today > LONGEST else ""
