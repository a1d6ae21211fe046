"""What if: the dates of a request as they would be with one fact changed. Pure; nothing is stored.

How a trial is made:

1. Change the timeline (receipt, extension notice, payment) or the calendar (one more closed day) as asked.
2. Project both, the facts as recorded and as tried, on the same day.
3. Put the rows of each duty side by side.

Refused with a sentence: what cannot have happened, and what this law or calendar knows nothing of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from requests_app.law.calendars import CalendarEnds, Closure, HolidayCalendar
from requests_app.law.deadlines import Deadline, project
from requests_app.law.phrases import long_date
from requests_app.law.receipt import find_receipt
from requests_app.law.schema import Statute
from requests_app.law.timeline import Event, Timeline, TimelineError

MOST_DAYS: Final = 365  # a receipt moved by more than a year is a typing error


class TrialRefused(ValueError):
    """What was to be tried cannot be. The message says why, and what can be done."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is changed; empty fields change nothing. `received_later`: calendar days, less than none for earlier."""

    received_later: int | None = None
    extension_on: date | None = None
    closed_on: date | None = None
    fee_paid_on: date | None = None

    def __bool__(self) -> bool:
        return any((self.received_later, self.extension_on, self.closed_on, self.fee_paid_on))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a projection is made from."""

    statute: Statute
    timeline: Timeline
    calendar: HolidayCalendar
    as_of: date | datetime
    conditions: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Pair:
    """One duty before and after. None: there is no such row on that side."""

    before: Deadline | None
    after: Deadline | None

    @property
    def row(self) -> Deadline:
        """One of the two, for what both share."""
        found = self.after or self.before
        if found is None:
            raise ValueError("A pair has at least one row.")
        return found

    @property
    def moved(self) -> bool:
        """Return whether a date or its standing differs."""
        if self.before is None or self.after is None:
            return True
        return _standing(self.before) != _standing(self.after)

    @property
    def days(self) -> int | None:
        """By how many calendar days the date that we go by moves; None where there is none on one side."""
        if self.before is None or self.after is None:
            return None
        before, after = goes_by(self.before), goes_by(self.after)
        return None if before is None or after is None else (after - before).days


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trial worked out: what was changed, in sentences, and every duty before and after."""

    changes: tuple[str, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]


def _standing(row: Deadline) -> tuple[object, ...]:
    return row.earliest, row.latest, row.state, row.certainty


def goes_by(row: Deadline) -> date | None:
    """Return the date we go by: the earliest for our own duty, the latest for the agency's."""
    return row.earliest if row.duty_of == "requester" else row.latest


def try_out(facts: Facts, trial: Trial) -> Outcome:
    """Return what would follow from a trial beside what follows from the facts. Raises TrialRefused."""
    changes: list[str] = []
    calendar = _calendar(facts, trial, changes)
    events = _received(facts, trial, changes)
    events += _extension(facts, trial, changes)
    events += _payment(facts, trial, changes)
    try:
        before = project(facts.statute, facts.timeline, facts.calendar, as_of=facts.as_of, conditions=facts.conditions)
        tried = Timeline(events)
        after = project(facts.statute, tried, calendar, as_of=facts.as_of, conditions=facts.conditions)
    except TimelineError as trouble:
        raise TrialRefused(_("This cannot have happened: %(why)s") % {"why": trouble}) from trouble
    except CalendarEnds as end:
        raise TrialRefused(_beyond(end)) from end
    new_notes = tuple(note for note in after.notes if note not in before.notes)
    return Outcome(tuple(changes), _pairs(before.deadlines, after.deadlines), new_notes)


def _beyond(end: CalendarEnds) -> str:
    return _(
        "The holidays of %(code)s were reviewed from %(first)s through %(last)s. %(day)s lies outside, and no date is "
        "better than a guessed one. Choose a day inside."
    ) % {"code": end.code, "first": long_date(end.first), "last": long_date(end.last), "day": long_date(end.day)}


def _calendar(facts: Facts, trial: Trial, changes: list[str]) -> HolidayCalendar:
    day = trial.closed_on
    if day is None:
        return facts.calendar
    try:
        status = facts.calendar.status(day)
        added = facts.calendar.with_closures([Closure(day, _("closed day on trial"))])
    except CalendarEnds as end:
        raise TrialRefused(_beyond(end)) from end
    if status.kind == "closed":
        changes.append(
            _("%(day)s is closed already (%(name)s), so nothing changes by that.")
            % {"day": long_date(day), "name": status.name}
        )
    else:
        changes.append(_("%(day)s is a closed day.") % {"day": long_date(day)})
    return added


def _received(facts: Facts, trial: Trial, changes: list[str]) -> list[Event]:
    """Return the events with the receipt moved."""
    events, days = list(facts.timeline.events), trial.received_later
    if not days:
        return events
    if abs(days) > MOST_DAYS:
        raise TrialRefused(
            _("A receipt %(days)s days away is no trial that helps. Move it by a year at most.") % {"days": abs(days)}
        )
    try:
        receipt = find_receipt(facts.timeline, facts.statute.receipt, facts.calendar)
    except CalendarEnds as end:
        raise TrialRefused(_beyond(end)) from end
    recorded = facts.timeline.the("received")
    from_day = recorded.on if recorded is not None else receipt.latest
    on = from_day + timedelta(days=days)
    sent = facts.timeline.the("sent")
    if sent is not None and on < sent.on:
        raise TrialRefused(
            _("The request was sent on %(sent)s, so it cannot have been received on %(on)s. Choose fewer days.")
            % {"sent": long_date(sent.on), "on": long_date(on)}
        )
    told = _("The request was received on %(on)s instead of %(from)s.")
    if recorded is None:
        told = _("The request was received on %(on)s; without a recorded receipt we presume %(from)s at the latest.")
    changes.append(told % {"on": long_date(on), "from": long_date(from_day)})
    moved = Event("received", on, recorded.at if recorded is not None else None, recorded.method if recorded else None)
    return [event for event in events if event.kind != "received"] + [moved]


def _extension(facts: Facts, trial: Trial, changes: list[str]) -> list[Event]:
    on = trial.extension_on
    if on is None:
        return []
    if not any(rule.extends is not None for rule in facts.statute.rules):
        raise TrialRefused(
            _("The law of %(state)s knows no extension, so no notice moves a date. Take this out of the trial.")
            % {"state": facts.statute.name}
        )
    changes.append(_("The agency's extension notice comes on %(on)s.") % {"on": long_date(on)})
    return [Event("extension", on)]


def _payment(facts: Facts, trial: Trial, changes: list[str]) -> list[Event]:
    on = trial.fee_paid_on
    if on is None:
        return []
    if len(facts.timeline.all("fee_estimated")) <= len(facts.timeline.all("fee_paid")):
        raise TrialRefused(
            _("No fee is open on this request, so that a payment moves no date. Record the agency's estimate first.")
        )
    changes.append(_("The fee is paid on %(on)s.") % {"on": long_date(on)})
    return [Event("fee_paid", on)]


def _pairs(before: Sequence[Deadline], after: Sequence[Deadline]) -> tuple[Pair, ...]:
    """Return each duty once, in the order of the law book: those of before, then what is new."""
    rest = list(after)
    pairs: list[Pair] = []
    for row in before:
        same = next((one for one in rest if (one.rule_id, one.trigger) == (row.rule_id, row.trigger)), None)
        if same is not None:
            rest.remove(same)
        pairs.append(Pair(row, same))
    return (*pairs, *(Pair(None, row) for row in rest))
