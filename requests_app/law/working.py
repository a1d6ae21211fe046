"""How one date was worked out: what it started from, how each side counted, and what was remarked on the way.

A `Working` is cheap to make and holds only references; `traces.explain` turns it into sentences when somebody asks.
Nothing here can form a cycle, so these records stay out of the garbage collector's sight (`gc=False`).
"""

from __future__ import annotations

from datetime import date, time

import msgspec

from requests_app.law.calendars import HolidayCalendar
from requests_app.law.counting import Count, Pause, Rolling
from requests_app.law.receipt import Receipt
from requests_app.law.schema import Rule, Statute, Trigger
from requests_app.law.timeline import Event


class Start(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The day 0 of a period, as a pair, and where it comes from.

    `event`: what happened; None for a denial by silence. `receipt`: set when the period runs from the receipt.
    `presumed`: the day was not recorded. `uncertain`: it is not sure that this start has happened at all. `estimated`:
    by law the clock has perhaps not begun, so nobody can be late by it (WY without a logged acknowledgment).
    `remark`: a sentence for the trace when something stands in for what the law names.
    """

    trigger: Trigger
    earliest: date
    latest: date
    event: Event | None = None
    receipt: Receipt | None = None
    presumed: bool = False
    uncertain: bool = False
    estimated: bool = False
    remark: str | None = None

    @property
    def at(self) -> time | None:
        """The local time of the event, for periods in hours."""
        return self.event.at if self.event is not None else None

    @property
    def on(self) -> date:
        """The one day to show for this start: the recorded one, else the earliest."""
        if self.event is None or self.presumed:
            return self.earliest
        return self.event.on


class Working(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything a trace needs about one counted period.

    `extends`: the working of the date that this extension moved. `met_by`: the event that fulfilled the duty.
    """

    statute: Statute
    calendar: HolidayCalendar
    rule: Rule
    start: Start
    rolling: Rolling
    earliest: Count
    latest: Count
    pauses: tuple[Pause, ...] = ()
    extends: Working | None = None
    met_by: Event | None = None
    remarks: tuple[str, ...] = ()
