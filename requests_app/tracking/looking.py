"""What the sweep sees when it looks at one request: which moments call for a word, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache, partial

from requests_app.filing.lifecycle import Phase, Status
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.filing.next_action import overdue_since
from requests_app.law.calendars import HolidayCalendar
from requests_app.tracking.reminding import Moment, Policy, Watched, compose_moments, moment_due, next_look

WATCHED_STATES = (Deadline.State.RUNNING, Deadline.State.MISSED)
_SATURDAY = 5


@dataclass(slots=True)
class Seen:
    """What was seen of one request.

    `words`: deadlines with the moment that has come and of which somebody is told. `look_again`: the deadlines whose
    day to be looked at changes, by that day; under None those whose story is told.
    """

    words: list[tuple[Deadline, Moment]] = field(default_factory=list)
    look_again: dict[date | None, list[int]] = field(default_factory=dict)


def look_at(
    records_request: RecordsRequest,
    current: Sequence[Deadline],
    *,
    today: date,
    calendar: HolidayCalendar,
    policy: Policy,
) -> Seen:
    """Return what there is to say of a request with these current deadlines, on the jurisdiction's `today`."""
    seen = Seen()
    for deadline in current:
        look_again = None
        if deadline.earliest and deadline.latest and deadline.state in WATCHED_STATES:
            watched = Watched(deadline.duty_of, deadline.earliest, deadline.latest)
            moments = compose_moments(watched, policy, partial(open_days_before, calendar=calendar))
            come = moment_due(moments, today)
            if come is not None and _calls_for_a_word(records_request, deadline, come, current):
                seen.words.append((deadline, come))
            look_again = next_look(watched, moments, today)
        if deadline.watch_on != look_again:
            seen.look_again.setdefault(look_again, []).append(deadline.pk)
    return seen


@lru_cache(maxsize=5000)  # requests of one batch fall due on the same few days
def open_days_before(day: date, days: int, calendar: HolidayCalendar) -> date:
    """Return the `days`-th surely open day before `day` in the jurisdiction's own calendar.

    Outside the reviewed years every weekday counts as open: a moment may then be a day late, never lost.
    """
    left = days
    while left:
        day -= timedelta(days=1)
        reviewed = calendar.first <= day <= calendar.last
        left -= calendar.surely_open(day) if reviewed else day.weekday() < _SATURDAY
    return day


def _calls_for_a_word(
    records_request: RecordsRequest, deadline: Deadline, moment: Moment, current: Sequence[Deadline]
) -> bool:
    """Decide whether anybody is told of a moment that has come.

    Of our own duty: while it runs, and when it is missed and still ours. Of the agency's: while it runs, and late only
    where the desk says so too. A duty that hangs on a fact we do not know is mentioned only where nothing surer runs.
    """
    if records_request.phase == Phase.DONE:
        return False
    running = deadline.state == Deadline.State.RUNNING
    status = Status(records_request.status)
    if deadline.duty_of == Deadline.Duty.REQUESTER:
        return running or _still_ours(deadline, status)
    if moment.key == "after":
        return overdue_since(status, [deadline]) is not None
    if deadline.certainty == "conditional":
        surer = [
            other
            for other in current
            if other.duty_of == Deadline.Duty.AGENCY
            and other.certainty != "conditional"
            and other.state == Deadline.State.RUNNING
        ]
        return running and not surer
    return running


def _still_ours(deadline: Deadline, status: Status) -> bool:
    """Return whether a missed duty of ours is still undone: the law calls one missed that was done too late."""
    if deadline.kind == "appeal":
        return status is not Status.APPEAL
    if deadline.kind == "reply":
        return status in (Status.CLARIFICATION, Status.FEE)
    return True
