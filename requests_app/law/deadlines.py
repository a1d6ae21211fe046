"""From a law, a timeline and a calendar to dates: the one entrance to the arithmetic.

How a projection is made:

1. Find the receipt: a recorded day, or a presumed pair. The rules in force on its first day apply.
2. Agency duties: each rule whose trigger has happened gives a row; an extension notice adds rows and supersedes.
3. Silence: an unmet duty whose silence the law calls a denial gives a pair of days from which appeals run.
4. Decisions on appeals that were filed, then the requester's own steps: appeals, court limits, replies.
5. What has no number in the law becomes a note, never a date.

Everything is pure: the same values give the same rows, and `as_of` is the only "now".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from requests_app.law.calendars import HolidayCalendar
from requests_app.law.case import Case, local_day, plan_for, start_from_receipt, stated_conditions
from requests_app.law.duties import duty_rows
from requests_app.law.receipt import find_receipt
from requests_app.law.remedies import check_appeal, decision_rows, remedy_rows, reply_rows
from requests_app.law.rows import Certainty, Deadline, Projection, State
from requests_app.law.schema import Statute
from requests_app.law.silence import deemed_denial, note_coming_silence
from requests_app.law.timeline import Timeline

__all__ = ["Certainty", "Deadline", "Projection", "State", "project"]


def project(
    statute: Statute,
    timeline: Timeline,
    calendar: HolidayCalendar,
    *,
    as_of: date | datetime,
    conditions: Mapping[str, bool] | Collection[str] | None = None,
) -> Projection:
    """Return every deadline that the timeline has started under a statute, judged on the local day of `as_of`.

    `conditions`: which facts about the request hold ({"nonresident": False}); a plain collection names those that do.
    Rules that hang on an unstated fact are conditional. Raises TimelineError for an appeal before anything could be
    appealed, and CalendarEnds when the receipt itself lies outside the reviewed years.
    """
    receipt = find_receipt(timeline, statute.receipt, calendar)
    case = Case(
        plan=plan_for(statute.as_of(receipt.earliest)),
        timeline=timeline,
        calendar=calendar,
        today=local_day(as_of, statute.timezone),
        receipt=receipt,
        receipt_start=start_from_receipt(receipt),
        conditions=stated_conditions(conditions),
    )
    duties = duty_rows(case)
    check_appeal(duties, case)
    decisions = decision_rows(case)
    steps = remedy_rows(deemed_denial(duties, case), decisions, case)
    replies = reply_rows(case)
    note_coming_silence(duties, case)
    standard = statute.standard_if_no_fixed_deadline
    if standard is not None:
        case.note(lambda: standard)
    return Projection((*duties, *replies, *decisions, *steps), tuple(case.notes))
