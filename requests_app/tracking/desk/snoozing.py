"""Until when a request may sleep. Pure.

A snooze never hides a date of the law. Our own duty is acted on before its earliest day, so a request is back on the
desk on that day at the latest. An agency is late from the day after its latest day on: then at the latest it is back,
on the day on which there is something to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from requests_app.filing.next_action import DeadlineFact
from requests_app.tracking.wording import KIND_WORDS, in_words

# A quarter of a year. What may rest longer is not snoozed but forgotten: look at it once in between, or close it.
LONGEST: Final = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day until which a request may sleep, and the duty that sets it."""

    last: date
    kind: str
    ours: bool
    citation: str


def limit_of(deadlines: Iterable[DeadlineFact]) -> Limit | None:
    """Return what limits a snooze; None where no date of the law runs.

    An agency's duty that hangs on a fact we do not know limits only where nothing surer runs, by its last day: as on
    the desk itself (`next_action.next_due`).
    """
    running = [deadline for deadline in deadlines if deadline.state == "running"]
    ours = [Limit(d.earliest, d.kind, True, d.citation) for d in running if d.duty_of == "requester" and d.earliest]
    sure = [_theirs(d) for d in running if d.duty_of == "agency" and d.latest and d.certainty != "conditional"]
    if not sure:
        guesses = [_theirs(d) for d in running if d.duty_of == "agency" and d.latest]
        sure = [max(guesses, key=lambda limit: limit.last)] if guesses else []
    return min([*ours, *sure], key=lambda limit: limit.last, default=None)


def _theirs(deadline: DeadlineFact) -> Limit:
    return Limit((deadline.latest or date.max) + timedelta(days=1), deadline.kind, False, deadline.citation)


def last_day(today: date, limit: Limit | None) -> date:
    """Return the last day that may be chosen. It is not after today where a duty of ours is due already."""
    longest = today + LONGEST
    return longest if limit is None else min(longest, limit.last)


def why_not(until: date, today: date, limit: Limit | None) -> str:
    """Return why a request cannot sleep until a day, and what to do instead; empty where it can."""
    if until <= today:
        return _("Choose a day after today, or leave it on the desk.")
    if limit is not None and until > limit.last:
        facts = {
            "what": KIND_WORDS.get(limit.kind, limit.kind),
            "day": in_words(limit.last if limit.ours else limit.last - timedelta(days=1)),
            "last": in_words(limit.last),
            "citation": limit.citation,
        }
        if limit.ours and limit.last <= today:
            return (
                _("Our own %(what)s is due by %(day)s (%(citation)s), so this cannot wait. Do it, or record it.")
                % facts
            )
        if limit.ours:
            return (
                _(
                    "Our own %(what)s is due by %(day)s (%(citation)s). A snooze must not run past it: choose "
                    "%(last)s or an earlier day."
                )
                % facts
            )
        return (
            _(
                "The agency’s %(what)s is due by %(day)s at the latest (%(citation)s). On the day after we act, so "
                "choose %(last)s or an earlier day."
            )
            % facts
        )
    if until > today + LONGEST:
        return _(
            "That is longer than a quarter of a year. Choose %(last)s or an earlier day, or close the request."
        ) % {"last": in_words(today + LONGEST)}
    return ""
