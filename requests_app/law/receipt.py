"""The day a request counts as received: a fact when it is known, a presumption when it is not.

1. A recorded receipt is a fact. An arrival after hours or on a closed day may move to the next business day, as that
   jurisdiction's receipt rule says.
2. Otherwise the sending gives a presumption: e-mail, portal, fax and hand delivery on the same business day before the
   close of business, else on the next; post as the law says, or after a house range of days.
3. A sending without a time of day may have been before or after the close of business: a pair of days.
4. Whatever the agency did shows that it had the request by then.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final, NamedTuple

from requests_app.law.calendars import HolidayCalendar
from requests_app.law.schema import ArrivalReading, ReceiptRule
from requests_app.law.timeline import AGENCY_ACTS, Event, Timeline

# Without a rule in the law a posted letter is taken to arrive three to seven calendar days after posting. A house
# estimate, wide on purpose and always shown as presumed; a recorded receipt replaces it.
HOUSE_POST_DAYS: Final = (3, 7)


class Receipt(NamedTuple):
    """When a request counts as received: a pair of days, why, and the events behind it.

    `presumed`: nobody recorded the receipt. `event`: the receipt when recorded, else the sending. `shown_by`: an act of
    the agency that proves arrival, where that narrows a presumption.
    """

    earliest: date
    latest: date
    presumed: bool
    event: Event
    sending: Event | None
    shown_by: Event | None = None


def find_receipt(timeline: Timeline, rule: ReceiptRule, calendar: HolidayCalendar) -> Receipt:
    """Return the day or pair of days on which the request counts as received."""
    sending = timeline.the("sent")
    received = timeline.the("received")
    if received is not None:
        earliest, latest = _arrival(received.on, received.at, rule, calendar)
        return Receipt(earliest, latest, False, received, sending)
    if sending is None:
        raise ValueError("A checked timeline has a sent or a received event; this one has neither.")
    earliest, latest = _presumed(sending, rule, calendar)
    shown_by = min(
        (event for event in timeline.events if event.kind in AGENCY_ACTS), key=lambda event: event.on, default=None
    )
    if shown_by is None or shown_by.on >= latest:
        return Receipt(earliest, latest, True, sending, sending)
    return Receipt(min(earliest, shown_by.on), shown_by.on, True, sending, sending, shown_by)


def closing_time(rule: ReceiptRule) -> time:
    """Return the local close of business."""
    return time.fromisoformat(rule.close_of_business)


def _arrival(on: date, at: time | None, rule: ReceiptRule, calendar: HolidayCalendar) -> tuple[date, date]:
    """Return the pair of days on which something that arrived then counts as received."""
    if at is not None and at > closing_time(rule):
        earliest, latest = _move(on, rule.after_hours, calendar, tomorrow=True)
    else:
        if rule.closed_day == "same_day" or calendar.surely_open(on):
            return on, on
        earliest, latest = on, on
    return (
        _move(earliest, rule.closed_day, calendar, tomorrow=False)[0],
        _move(latest, rule.closed_day, calendar, tomorrow=False)[1],
    )


def _move(day: date, reading: ArrivalReading, calendar: HolidayCalendar, *, tomorrow: bool) -> tuple[date, date]:
    """Return the pair of days to which a reading of the law moves an arrival (`tomorrow`: never the day itself)."""
    if reading == "same_day":
        return day, day
    from_day = day + timedelta(days=1) if tomorrow else day
    latest = calendar.next_open_day(from_day, sure=True)
    if reading == "disputed":
        return day, latest
    return calendar.next_open_day(from_day, sure=False), latest


def _presumed(sending: Event, rule: ReceiptRule, calendar: HolidayCalendar) -> tuple[date, date]:
    if sending.method == "post":
        return _posted(sending.on, rule, calendar)
    if rule.email == "next_business_day" and sending.method != "hand":
        return tuple(calendar.nth_open_day(sending.on, 1, sure=sure) for sure in (False, True))  # type: ignore[return-value]
    if sending.at is not None:
        return _arrival(sending.on, sending.at, rule, calendar)
    by_day, _ = _arrival(sending.on, None, rule, calendar)
    _, after_hours = _arrival(sending.on, time.max, rule, calendar)
    return by_day, after_hours


def _posted(on: date, rule: ReceiptRule, calendar: HolidayCalendar) -> tuple[date, date]:
    if rule.post is None:
        soonest, slowest = HOUSE_POST_DAYS
        return on + timedelta(days=soonest), calendar.next_open_day(on + timedelta(days=slowest), sure=True)
    if rule.post.unit == "business_days":
        amount = rule.post.amount
        return calendar.nth_open_day(on, amount, sure=False), calendar.nth_open_day(on, amount, sure=True)
    day = on + timedelta(days=rule.post.amount)
    return day, calendar.next_open_day(day, sure=True)
