"""Day arithmetic against a slow reference that walks one day at a time, and the promises that hold for every count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.law.calendars import HolidayCalendar
from requests_app.law.counting import (
    FirstDay,
    Pause,
    Rolling,
    Side,
    add_months,
    count_both_sides,
    count_period,
    merge_pauses,
    rolling_for,
)
from requests_app.law.deadlines import project
from requests_app.law.schema import Period, RollDay
from requests_app.law.timeline import Event, Timeline
from tests.law.samples import EVERY_CLOSED_DAY, calendar, counting, days, rule, statute

# Two closed and three disputed days besides the federal ones, some of them side by side.
CALENDAR = calendar(closed=("2026-03-05", "2026-03-06"), disputed=("2026-03-09", "2026-04-03", "2026-11-27"))
LAW = statute(
    rule(silence_is_denial=True, period=days(10)),
    rule("quick"),
    rule(
        "appeal",
        kind="appeal",
        duty_of="requester",
        trigger="denial",
        also_triggers=["deemed_denial"],
        period=days(30),
        body="Head",
        level="administrative",
    ),
    rule("extend", kind="extension", extends="MD.decide", counted_from="due_date", period=days(14)),
    tolling=[
        {
            "id": "MD.tolling.fee",
            "starts": "fee_estimated",
            "ends": "fee_paid",
            "effect": "pause",
            "citation": "Code § 3",
        }
    ],
    day_counting=counting(rolls=("sunday", "holiday"), disputed=("saturday",)),
)

unhurried = settings(deadline=None, max_examples=150)
START_DAYS = st.dates(date(2025, 6, 1), date(2027, 12, 31))
ROLLS = st.frozensets(st.sampled_from(EVERY_CLOSED_DAY))
PERIODS = st.one_of(
    st.builds(Period, amount=st.integers(1, 60), unit=st.just("business_days")),
    st.builds(Period, amount=st.integers(1, 200), unit=st.just("calendar_days")),
    st.builds(Period, amount=st.integers(1, 24), unit=st.just("months")),
)


def side(moves: frozenset[RollDay], *, sure: bool) -> Side:
    return Side(sure, moves, moves == frozenset(EVERY_CLOSED_DAY))


def is_open(day: date, on: HolidayCalendar, *, sure: bool) -> bool:
    return on.surely_open(day) if sure else on.maybe_open(day)


def walked_roll(day: date, moves: frozenset[RollDay], on: HolidayCalendar, *, sure: bool) -> date:
    """Step over each day that moves, one at a time."""
    while True:
        holiday = on.maybe_holiday(day) if sure else on.surely_holiday(day)
        stays = not (
            (day.weekday() == 5 and "saturday" in moves)
            or (day.weekday() == 6 and "sunday" in moves)
            or (holiday and "holiday" in moves)
        )
        if stays:
            return day
        day += timedelta(days=1)


def walked(start: date, period: Period, moves: frozenset[RollDay], on: HolidayCalendar, *, sure: bool) -> date:
    """The reference: count one day at a time, then roll one day at a time."""
    if period.unit == "business_days":
        day, left = start, period.amount
        while left:
            day += timedelta(days=1)
            left -= is_open(day, on, sure=sure)
        return day
    if period.unit == "months":
        year, month = start.year, start.month
        for _ in range(period.amount):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        number = start.day
        while True:
            try:
                day = date(year, month, number)
                break
            except ValueError:
                number -= 1
    else:
        day = start
        for _ in range(period.amount):
            day += timedelta(days=1)
    return walked_roll(day, moves, on, sure=sure)


@unhurried
@given(start=START_DAYS, period=PERIODS, moves=ROLLS, sure=st.booleans())
def test_every_count_equals_walking_it(start: date, period: Period, moves: frozenset[RollDay], sure: bool) -> None:
    counted = count_period(FirstDay(start), period, side(moves, sure=sure), CALENDAR)

    assert counted.due == walked(start, period, moves, CALENDAR, sure=sure)


@unhurried
@given(start=START_DAYS, apart=st.integers(0, 5), period=PERIODS, certain=ROLLS, disputed=ROLLS)
def test_counting_both_sides_at_once_equals_counting_each(
    start: date, apart: int, period: Period, certain: frozenset[RollDay], disputed: frozenset[RollDay]
) -> None:
    rolling = Rolling(side(certain, sure=False), side(certain | disputed, sure=True))

    late = start + timedelta(days=apart)
    both = count_both_sides(start, late, period, rolling, CALENDAR)

    assert both == (
        count_period(FirstDay(start), period, rolling.earliest, CALENDAR),
        count_period(FirstDay(late), period, rolling.latest, CALENDAR),
    )
    assert both[0].due <= both[1].due


@unhurried
@given(start=START_DAYS, period=PERIODS, sure=st.booleans())
def test_a_last_day_that_rolls_is_never_a_closed_day(start: date, period: Period, sure: bool) -> None:
    counted = count_period(FirstDay(start), period, side(frozenset(EVERY_CLOSED_DAY), sure=sure), CALENDAR)

    assert is_open(counted.due, CALENDAR, sure=sure)


@unhurried
@given(start=START_DAYS, later=st.integers(1, 40), period=PERIODS, moves=ROLLS, sure=st.booleans())
def test_a_later_start_never_gives_an_earlier_end(
    start: date, later: int, period: Period, moves: frozenset[RollDay], sure: bool
) -> None:
    one = side(moves, sure=sure)

    first = count_period(FirstDay(start), period, one, CALENDAR)
    second = count_period(FirstDay(start + timedelta(days=later)), period, one, CALENDAR)

    assert first.due <= second.due


@unhurried
@given(
    start=START_DAYS,
    period=PERIODS.filter(lambda period: period.unit != "months"),
    begins=st.integers(0, 60),
    length=st.integers(0, 30),
    sure=st.booleans(),
)
def test_a_pause_leaves_out_exactly_its_days(start: date, period: Period, begins: int, length: int, sure: bool) -> None:
    """Against walking: a day after the pause's start, through its end, is not counted."""
    pause = Pause(start + timedelta(days=begins), start + timedelta(days=begins + length), LAW.tolling[0])
    no_moves = side(frozenset(), sure=sure)

    counted = count_period(FirstDay(start), period, no_moves, CALENDAR, (pause,))

    day, left = start, period.amount
    while left:
        day += timedelta(days=1)
        runs = not (pause.start < day <= (pause.end or day))
        left -= runs and (period.unit == "calendar_days" or is_open(day, CALENDAR, sure=sure))
    unpaused = count_period(FirstDay(start), period, no_moves, CALENDAR).due
    if pause.start == unpaused:
        # Stopped on the last day itself: nothing is left but that day, and it is given back.
        expected = pause.end if period.unit == "calendar_days" else CALENDAR.next_open_day(pause.end or day, sure=sure)
        assert counted.due == expected
    else:
        assert counted.due == day


@unhurried
@given(start=START_DAYS, period=PERIODS, at=st.integers(0, 80), moves=ROLLS, sure=st.booleans())
def test_a_pause_of_no_length_changes_nothing(
    start: date, period: Period, at: int, moves: frozenset[RollDay], sure: bool
) -> None:
    day = start + timedelta(days=at)
    one = side(moves, sure=sure)

    paused = count_period(FirstDay(start), period, one, CALENDAR, (Pause(day, day, LAW.tolling[0]),))

    assert paused.due == count_period(FirstDay(start), period, one, CALENDAR).due


SOME_DAYS = st.none() | st.integers(0, 20)


@unhurried
@given(received=START_DAYS, notice=SOME_DAYS, fee=SOME_DAYS, paid=SOME_DAYS)
def test_earliest_never_comes_after_latest(
    received: date, notice: int | None, fee: int | None, paid: int | None
) -> None:
    events = [Event("received", received)]
    if notice is not None:
        events.append(Event("extension", received + timedelta(days=notice)))
    if fee is not None:
        events.append(Event("fee_estimated", received + timedelta(days=fee)))
    if fee is not None and paid is not None:
        events.append(Event("fee_paid", received + timedelta(days=fee + paid)))

    rows = project(LAW, Timeline(events), CALENDAR, as_of=received + timedelta(days=200)).deadlines

    assert rows
    for row in rows:
        assert (row.earliest is None) == (row.latest is None)
        assert row.earliest is None or row.latest is None or row.earliest <= row.latest
        assert row.trace


@unhurried
@given(received=START_DAYS, later=st.integers(1, 30))
def test_projected_dates_are_monotone_in_the_receipt(received: date, later: int) -> None:
    def dates(first: date) -> list[date | None]:
        rows = project(LAW, Timeline([Event("received", first)]), CALENDAR, as_of=date(2030, 1, 1)).deadlines
        return [day for row in rows for day in (row.earliest, row.latest)]

    before, after = dates(received), dates(received + timedelta(days=later))

    assert len(before) == len(after) == 6
    assert all(one is not None and other is not None and one <= other for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        pytest.param("2026-01-15", 4, "2026-05-15", id="same-day-of-the-month"),
        pytest.param("2026-01-31", 1, "2026-02-28", id="a-shorter-month-ends-early"),
        pytest.param("2024-02-29", 12, "2025-02-28", id="leap-day"),
        pytest.param("2024-02-29", 48, "2028-02-29", id="the-next-leap-day"),
        pytest.param("2026-11-30", 3, "2027-02-28", id="over-the-new-year"),
        pytest.param("2026-12-31", 12, "2027-12-31", id="a-whole-year"),
    ],
)
def test_months_are_anniversaries(start: str, months: int, end: str) -> None:
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_pauses_that_overlap_become_one() -> None:
    toll = LAW.tolling[0]
    march = [date(2026, 3, number) for number in range(1, 21)]

    merged = merge_pauses(
        [Pause(march[9], march[12], toll), Pause(march[1], march[5], toll), Pause(march[3], march[8], toll)]
    )

    assert [(pause.start, pause.end) for pause in merged] == [(march[1], march[8]), (march[9], march[12])]


def test_a_pause_without_an_end_swallows_what_follows() -> None:
    toll = LAW.tolling[0]
    first, second = date(2026, 3, 2), date(2026, 3, 9)

    assert merge_pauses([Pause(second, date(2026, 3, 12), toll), Pause(first, None, toll)]) == (
        Pause(first, None, toll),
    )


def test_a_standing_pause_says_how_much_is_left() -> None:
    pause = Pause(date(2026, 2, 12), None, LAW.tolling[0])
    no_moves = side(frozenset(), sure=True)

    # From Mon Feb 9: 10 (1), 11 (2), 12 (3) have run; seven of ten remain.
    business = count_period(
        FirstDay(date(2026, 2, 9)), Period(amount=10, unit="business_days"), no_moves, CALENDAR, (pause,)
    )
    plain = count_period(
        FirstDay(date(2026, 2, 9)), Period(amount=10, unit="calendar_days"), no_moves, CALENDAR, (pause,)
    )

    assert (business.paused_since, business.remaining) == (pause.start, 7)
    assert (plain.paused_since, plain.remaining) == (pause.start, 7)


def test_a_rules_own_rolling_days_replace_the_files() -> None:
    law = statute(rule(rolls=["sunday"]), day_counting=counting(disputed=("saturday",), rolls=("holiday",)))

    rolling = rolling_for(law.rules[0], law.day_counting)

    assert (rolling.earliest.moves, rolling.latest.moves) == (frozenset({"sunday"}), frozenset({"sunday"}))
