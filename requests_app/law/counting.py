"""Day arithmetic: from a first day and a period to a last day.

Every period is counted twice, once per side. The *earliest* side takes a disputed day for open and makes only the
moves that are certain; the *latest* side takes a disputed day for closed and makes every move the law may allow. We
act on our own duties by the first and call an agency late only after the second.

All days are whole local days of the jurisdiction. The first day is day 0 and does not count, unless a rule says so.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from requests_app.law.calendars import HolidayCalendar
from requests_app.law.schema import DayCounting, Period, RollDay, Rule, Tolling

_EVERY_CLOSED_DAY: Final = frozenset({"saturday", "sunday", "holiday"})
_SATURDAY: Final = 5
_SUNDAY: Final = 6


class Pause(NamedTuple):
    """A stretch in which a clock stands still: the days after `start`, through `end`. No `end`: it still stands."""

    start: date
    end: date | None
    toll: Tolling

    @property
    def restarts(self) -> bool:
        return self.toll.effect == "restart"


class Side(NamedTuple):
    """How one side counts: `sure` is the latest side; `moves` are the last days that this side rolls forward.

    `every`: it rolls off every closed day, which is one lookup.
    """

    sure: bool
    moves: frozenset[RollDay]
    every: bool


class Rolling(NamedTuple):
    earliest: Side
    latest: Side


class Count(NamedTuple):
    """Where one side's count ends.

    `raw`: the last day as counted; `due`: after rolling forward. When the clock stands still, `paused_since` is the day
    it stopped, `remaining` what is left (in the period's unit; None for hours and months), and `due` means nothing yet.
    """

    raw: date
    due: date
    paused_since: date | None = None
    remaining: int | None = None


class FirstDay(NamedTuple):
    """The day a period starts from, with the local moment and time zone, which only hours need."""

    day: date
    at: time | None = None
    timezone: str | None = None


def rolling_for(rule: Rule, counting: DayCounting) -> Rolling:
    """Return which last days move for a rule: its own list when it has one, else the file's, certain and disputed."""
    certain = frozenset(counting.rolls if rule.rolls is None else rule.rolls)
    disputed = frozenset(counting.rolls_disputed if rule.rolls is None else ())
    return Rolling(_side(False, certain), _side(True, certain | disputed))


def _side(sure: bool, moves: frozenset[RollDay]) -> Side:
    return Side(sure, moves, moves == _EVERY_CLOSED_DAY)


def roll_forward(day: date, side: Side, calendar: HolidayCalendar) -> date:
    """Return the first day from `day` on that may be a last day on this side."""
    if side.every:
        return calendar.next_last_day(day, sure=side.sure)
    if not side.moves:
        return day
    is_holiday = calendar.maybe_holiday if side.sure else calendar.surely_holiday
    while _moves(day, side.moves) or ("holiday" in side.moves and is_holiday(day)):
        day += timedelta(days=1)
    return day


def _moves(day: date, moves: frozenset[RollDay]) -> bool:
    weekday = day.weekday()
    return (weekday == _SATURDAY and "saturday" in moves) or (weekday == _SUNDAY and "sunday" in moves)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month, `months` later; the last day of the month when it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def count_both_sides(
    early: date, late: date, period: Period, rolling: Rolling, calendar: HolidayCalendar
) -> tuple[Count, Count]:
    """Return where a period of days or months ends on the earliest and the latest side, from each side's first day.

    The plain case, and nearly every case: no pause, the first day out. The same result as counting each side by
    `count_period`, in half the time.
    """
    if period.unit == "business_days":
        first = calendar.nth_open_day(early, period.amount, sure=False)
        last = calendar.nth_open_day(late, period.amount, sure=True)
        earliest = Count(first, first)
        return earliest, earliest if last == first else Count(last, last)
    raw = _plain_end(early, period)
    if early == late:
        if calendar.surely_open(raw) and not calendar.maybe_holiday(raw):
            earliest = Count(raw, raw)
            return earliest, earliest
        raw_late = raw
    else:
        raw_late = _plain_end(late, period)
    return (
        Count(raw, roll_forward(raw, rolling.earliest, calendar)),
        Count(raw_late, roll_forward(raw_late, rolling.latest, calendar)),
    )


def _plain_end(day: date, period: Period) -> date:
    return add_months(day, period.amount) if period.unit == "months" else day + timedelta(days=period.amount)


def count_period(
    first: FirstDay,
    period: Period,
    side: Side,
    calendar: HolidayCalendar,
    pauses: tuple[Pause, ...] = (),
    first_day_counts: bool = False,
) -> Count:
    """Return where a period ends on one side.

    `pauses` are in order and do not overlap (see `merge_pauses`). A pause that begins after the last day changes
    nothing. Raises CalendarEnds outside the reviewed years: no date is better than a guessed one.
    """
    if period.unit == "business_days":
        return _count_business_days(first.day, period.amount, side, calendar, pauses, first_day_counts)
    if period.unit == "hours":
        raw = _add_hours(first, period.amount, side)
    elif period.unit == "months":
        raw = add_months(first.day, period.amount)
    else:
        raw = first.day + timedelta(days=period.amount - first_day_counts)
    if not pauses:
        return Count(raw, roll_forward(raw, side, calendar))
    return _with_pauses(first, raw, period, side, calendar, pauses)


def _count_business_days(
    start: date,
    amount: int,
    side: Side,
    calendar: HolidayCalendar,
    pauses: tuple[Pause, ...],
    first_day_counts: bool,
) -> Count:
    due = _nth_business_day(start, amount, side, calendar, first_day_counts)
    for pause in pauses:
        begins = max(pause.start, start)
        if begins > due:
            break
        if pause.end is None:
            return Count(due, due, begins, calendar.count_open_days(begins, due, sure=side.sure))
        if pause.restarts:
            start = max(pause.end, start)
            due = calendar.nth_open_day(start, amount, sure=side.sure)
        elif pause.end > begins:
            remaining = calendar.count_open_days(begins, due, sure=side.sure)
            if remaining:
                due = calendar.nth_open_day(pause.end, remaining, sure=side.sure)
            else:  # It stopped on the last day itself: the day the clock resumes is again the last day.
                due = calendar.next_open_day(pause.end, sure=side.sure)
    return Count(due, due)


def _nth_business_day(start: date, amount: int, side: Side, calendar: HolidayCalendar, first_day_counts: bool) -> date:
    if first_day_counts and (calendar.surely_open(start) if side.sure else calendar.maybe_open(start)):
        amount -= 1
        if amount == 0:
            return start
    return calendar.nth_open_day(start, amount, sure=side.sure)


def _add_hours(first: FirstDay, hours: int, side: Side) -> date:
    """Return the local day on which a number of elapsed hours ends.

    Without a time of day the earliest side starts at midnight and the latest at the end of the day. Elapsed hours are
    counted in UTC, so a change of the clocks does not lengthen or shorten them.
    """
    at = first.at or (time(23, 59) if side.sure else time(0, 0))
    zone = ZoneInfo(first.timezone or "UTC")
    moment = datetime.combine(first.day, at, zone).astimezone(UTC) + timedelta(hours=hours)
    return moment.astimezone(zone).date()


def _with_pauses(
    first: FirstDay,
    raw: date,
    period: Period,
    side: Side,
    calendar: HolidayCalendar,
    pauses: tuple[Pause, ...],
) -> Count:
    """Shift a last day that was counted straight through by the days on which the clock stood still."""
    start = first.day
    length = raw - start
    for pause in pauses:
        begins = max(pause.start, start)
        due = roll_forward(raw, side, calendar)
        if begins > due:
            break
        if pause.end is None:
            left = max(0, (raw - begins).days) if period.unit == "calendar_days" else None
            return Count(raw, due, begins, left)
        if pause.restarts:
            start = max(pause.end, start)
            raw = add_months(start, period.amount) if period.unit == "months" else start + length
        elif pause.end > begins:
            # Between the counted and the rolled last day nothing is left to run: it ends on the day of resumption.
            raw = pause.end if begins > raw else raw + (pause.end - begins)
    return Count(raw, roll_forward(raw, side, calendar))


def merge_pauses(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Return the pauses in order, overlapping ones joined, so that no day is left out twice."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: (one.start, one.end or date.max)):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and pause.start >= last.end):
            merged.append(pause)
        elif last.end is not None and (pause.end is None or pause.end > last.end):
            # A restart is the stronger of the two: after it nothing of the earlier count is left.
            toll = pause.toll if pause.restarts else last.toll
            merged[-1] = Pause(last.start, pause.end, toll)
    return tuple(merged)
