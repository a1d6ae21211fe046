"""What the sweep sees when it looks at one request: which moments call for a word, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache, partial

from requests_app.filing.lifecycle import Phase, Status
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.filing.next_action import overdue_since
from requests_app.law.calendars import HolidayCalendar
from requests_app.tracking.reminders.policy import (
    ESCALATION,
    Moment,
    Policy,
    Reactions,
    Rule,
    Watched,
    asks_for_action,
    compose_moments,
    escalates_on,
    has_reacted,
    moment_due,
    next_look,
)

WATCHED_STATES = (Deadline.State.RUNNING, Deadline.State.MISSED)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one request besides its dates: reminders that asked for an action, and what people did.

    `asked`: by deadline's number, when the first such reminder went out (its day where the agency is, and its moment)
    and when a responsible person first read one.
    """

    asked: Mapping[int, tuple[date, datetime, datetime | None]] = field(default_factory=dict)
    recorded_at: datetime | None = None
    stepped_at: datetime | None = None


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
    past: Past | None = None,
) -> Seen:
    """Return what there is to say of a request with these current deadlines, on the jurisdiction's `today`."""
    seen, past = Seen(), past or Past()
    for deadline in current:
        look_again = None
        if deadline.earliest and deadline.latest and deadline.state in WATCHED_STATES:
            watched = Watched(deadline.duty_of, deadline.earliest, deadline.latest)
            rule = policy.rule(deadline.duty_of, deadline.kind)
            moments = compose_moments(watched, rule, partial(open_days_before, calendar=calendar))
            come = moment_due(watched, moments, today)
            spoken = come is not None and _calls_for_a_word(records_request, deadline, come, current)
            if come is not None and spoken:
                seen.words.append((deadline, come))
            escalation_on = _escalation(deadline, rule, come if spoken else None, past, today, calendar)
            if escalation_on is not None and escalation_on <= today:
                moment = Moment(ESCALATION, escalation_on)
                if _calls_for_a_word(records_request, deadline, moment, current):
                    seen.words.append((deadline, moment))
            look_again = next_look(watched, moments, today, escalation_on=escalation_on)
        if deadline.watch_on != look_again:
            seen.look_again.setdefault(look_again, []).append(deadline.pk)
    return seen


@lru_cache(maxsize=5000)  # requests of one batch fall due on the same few days
def open_days_before(day: date, days: int, calendar: HolidayCalendar) -> date:
    """Return the `days`-th surely open day before `day` in the jurisdiction's own calendar; after it where negative.

    Outside the reviewed years every weekday counts as open: a moment may then be a day late, never lost.
    """
    step = timedelta(days=-1 if days > 0 else 1)
    left = abs(days)
    while left:
        day += step
        reviewed = calendar.first <= day <= calendar.last
        left -= calendar.surely_open(day) if reviewed else day.weekday() < _SATURDAY
    return day


def _escalation(
    deadline: Deadline, rule: Rule, come: Moment | None, past: Past, today: date, calendar: HolidayCalendar
) -> date | None:
    """Return the day on which the coordinators are told that nobody reacts; None where none is to be.

    It is counted from the first reminder that asked for an action: one of the past, or the one that goes out today.
    """
    first = past.asked.get(deadline.pk)
    open_days = partial(open_days_before, calendar=calendar)
    if first is None:
        asks = come is not None and asks_for_action(deadline.duty_of, come.key)
        return escalates_on(rule, today, open_days) if asks else None
    told_on, told_at, read_at = first
    if has_reacted(told_at, Reactions(past.recorded_at, read_at, past.stepped_at)):
        return None
    return escalates_on(rule, told_on, open_days)


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
    if moment.key.startswith("after") or moment.key == ESCALATION:
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
