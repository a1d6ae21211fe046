"""When somebody is reminded of a deadline. Pure: a deadline's dates, a policy and a calendar in, moments out.

A moment is named by its key: `before:3` (three business days before the date we go by), `on`, `after`. The key is
part of the unique row that makes a reminder happen once.

The date we go by is conservative in both directions: for our own duty the earliest date, for the agency's the latest.
Before the agency's latest date nothing here calls it late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LOOK_BACK = timedelta(days=30)  # an `after` moment older than this is history, not a reminder


@dataclass(frozen=True)
class Policy:
    """How many business days before the date a reminder goes out, largest first."""

    agency_lead_days: tuple[int, ...]
    own_lead_days: tuple[int, ...]


@dataclass(frozen=True)
class Watched:
    """What the policy needs to know of a deadline."""

    duty_of: str  # agency | requester
    earliest: date
    latest: date


@dataclass(frozen=True)
class Moment:
    """A day on which somebody is told, and why."""

    key: str
    on: date


BusinessDaysBefore = Callable[[date, int], date]


def compose_moments(watched: Watched, policy: Policy, business_days_before: BusinessDaysBefore) -> tuple[Moment, ...]:
    """Return every moment of one deadline, in order of time.

    `business_days_before(day, n)` gives the n-th open day before `day` in the jurisdiction's calendar.
    """
    ours = watched.duty_of == "requester"
    leads = policy.own_lead_days if ours else policy.agency_lead_days
    goes_by = watched.earliest if ours else watched.latest
    before = [Moment(f"before:{lead}", business_days_before(goes_by, lead)) for lead in sorted(leads, reverse=True)]
    return (*before, Moment("on", goes_by), Moment("after", goes_by + timedelta(days=1)))


def moment_due(moments: Sequence[Moment], today: date) -> Moment | None:
    """Return the newest moment that has come, or None.

    Only the newest: somebody who was away, or a deadline projected late, gets one reminder and not the whole series.
    """
    come = [moment for moment in moments if moment.on <= today]
    if not come or come[-1].on < today - LOOK_BACK:
        return None
    return come[-1]


def next_look(watched: Watched, moments: Sequence[Moment], today: date) -> date | None:
    """Return the day on which the sweep must look at this deadline again; None when its story is told.

    Besides the moments, that is the day after each of its dates: after the earliest, silence may have become a denial;
    after the latest, what ran is missed.
    """
    turns = (watched.earliest + timedelta(days=1), watched.latest + timedelta(days=1))
    days = [moment.on for moment in moments] + list(turns)
    return min((day for day in days if day > today), default=None)
