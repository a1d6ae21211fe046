"""Holiday calendars: which days state offices close, hand-checked per state, and the lookups that count on them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.law.book import CODES, DATA, open_book
from requests_app.law.calendars import (
    CalendarEnds,
    Closure,
    HolidayCalendar,
    UnknownHoliday,
    build_calendar,
    days_of,
)
from requests_app.law.schema import CalendarFile, Correction, When

BOOK = open_book()
FIRST, LAST = date(2024, 1, 1), date(2033, 12, 31)
# The first question to a calendar reads and builds it, which takes longer than all later ones together.
unhurried = settings(deadline=None)
REVIEWED_DAYS = st.dates(FIRST, LAST)
# Far enough from the end that a short count never leaves the calendar.
EARLY_DAYS = st.dates(FIRST, date(2033, 6, 30))


def day(text: str) -> date:
    return date.fromisoformat(text)


def file_of(*corrections: Correction, code: str = "MD", subdiv: str | None = "MD") -> CalendarFile:
    """The dullest calendar file: a base, no doubt, and the given corrections."""
    raw = {
        "code": code,
        "base": {"country": "US", "subdiv": subdiv},
        "citation": "Gen. Prov. § 1-111",
        "reviewed_from": "2024-01-01",
        "reviewed_through": "2027-12-31",
        "corrections": [],
        "sources": [{"url": "https://example.org/holidays", "supports": "the list", "as_of": None}],
        "confidence": "high",
        "doubts": [],
    }
    file = msgspec.convert(raw, CalendarFile)
    return msgspec.structs.replace(file, corrections=corrections)


def correction(status: Literal["closed", "open", "disputed"], when: When, **more: Any) -> Correction:
    return Correction(name="A day", status=status, when=when, citation="Code § 1", **more)


# --- the table: read from each state's statute or published list, not from our files ----------------------------------
# (state, date, kind, why). Sources stand beside the group they support.

OFFICE_DAYS = [
    # Md. Code, Gen. Prov. § 1-111; state employees' list in the Maryland Manual
    ("MD", "2026-02-12", "open", "lincoln-offices-work"),
    ("MD", "2026-02-16", "closed", "presidents-day"),
    ("MD", "2026-03-25", "open", "maryland-day-offices-work"),
    ("MD", "2026-04-03", "open", "good-friday-offices-work"),
    ("MD", "2026-06-19", "closed", "juneteenth"),
    ("MD", "2026-06-30", "open", "primary-is-no-holiday"),
    ("MD", "2026-07-03", "closed", "july-4-is-a-saturday"),
    ("MD", "2026-11-03", "closed", "general-election"),
    ("MD", "2025-11-04", "open", "no-statewide-election-in-odd-years"),
    ("MD", "2026-11-27", "closed", "american-indian-heritage-day"),
    ("MD", "2027-07-05", "closed", "july-4-is-a-sunday"),
    # Ala. Code § 1-3-8; state calendar: Saturday holidays on Friday
    ("AL", "2026-04-27", "closed", "confederate-memorial-day"),
    ("AL", "2026-06-01", "closed", "jefferson-davis"),
    ("AL", "2026-02-17", "disputed", "mardi-gras-two-counties"),
    ("AL", "2025-06-19", "closed", "juneteenth-since-2025"),
    # AS 44.12.010
    ("AK", "2026-03-30", "closed", "sewards-day"),
    ("AK", "2026-10-12", "open", "no-columbus-day"),
    ("AK", "2026-10-19", "closed", "alaska-day-on-sunday"),
    ("AK", "2024-06-19", "open", "juneteenth-began-2025"),
    ("AK", "2025-06-19", "closed", "juneteenth"),
    # A.R.S. §§ 1-301, 1-315
    ("AZ", "2026-06-19", "open", "juneteenth-is-not-legal"),
    ("AZ", "2026-10-12", "closed", "columbus-day"),
    # Ark. Code Ann. § 1-5-101
    ("AR", "2026-12-24", "closed", "christmas-eve"),
    ("AR", "2028-12-26", "closed", "christmas-after-a-sunday-christmas-eve"),
    ("AR", "2025-11-28", "closed", "by-proclamation"),
    ("AR", "2026-11-27", "disputed", "not-yet-proclaimed"),
    ("AR", "2026-06-19", "open", "no-juneteenth"),
    ("AR", "2026-10-12", "open", "columbus-is-a-memorial-day"),
    # Cal. Gov. Code § 19853
    ("CA", "2026-03-31", "closed", "cesar-chavez-day"),
    ("CA", "2026-07-03", "open", "saturdays-do-not-move"),
    ("CA", "2026-11-27", "closed", "day-after-thanksgiving"),
    ("CA", "2026-10-12", "open", "columbus-offices-work"),
    ("CA", "2027-02-15", "closed", "third-monday-of-february"),
    ("CA", "2028-02-15", "open", "susan-b-anthony-is-no-holiday"),
    ("CA", "2028-11-10", "closed", "november-11-does-move"),
    # C.R.S. §§ 24-11-101, 24-11-112; DHR schedules
    ("CO", "2026-10-05", "closed", "frances-xavier-cabrini-day"),
    ("CO", "2026-10-12", "open", "columbus-was-replaced"),
    ("CO", "2026-03-31", "disputed", "chavez-is-optional"),
    ("CO", "2024-07-05", "closed", "governors-holiday"),
    # Conn. Gen. Stat. § 1-4; DAS list 2024
    ("CT", "2024-02-12", "closed", "lincoln"),
    ("CT", "2024-03-29", "closed", "good-friday"),
    ("CT", "2024-11-29", "open", "day-after-thanksgiving"),
    # 1 Del. C. § 501; DHR list 2024
    ("DE", "2024-02-19", "open", "no-presidents-day"),
    ("DE", "2024-11-05", "closed", "general-election"),
    ("DE", "2024-11-07", "disputed", "return-day-in-sussex"),
    ("DE", "2024-11-29", "closed", "day-after-thanksgiving"),
    # D.C. Code §§ 28-2701, 1-612.02
    ("DC", "2026-04-16", "closed", "emancipation-day"),
    ("DC", "2025-01-20", "closed", "inauguration-day"),
    # Fla. Stat. § 110.117; governor's announcements
    ("FL", "2026-02-16", "open", "no-presidents-day"),
    ("FL", "2026-06-19", "open", "no-juneteenth"),
    ("FL", "2026-11-27", "closed", "friday-after-thanksgiving"),
    ("FL", "2024-12-23", "closed", "closed-by-the-governor"),
    ("FL", "2025-12-26", "closed", "closed-by-the-governor-2025"),
    # O.C.G.A. § 1-4-1; state schedule 2024 and 2025
    ("GA", "2025-02-17", "open", "washington-is-kept-in-december"),
    ("GA", "2024-03-29", "closed", "state-holiday"),
    ("GA", "2024-12-24", "closed", "washington-observed"),
    ("GA", "2025-12-26", "closed", "washington-observed-2025"),
    ("GA", "2027-11-26", "disputed", "governor-has-not-said"),
    # HRS § 8-1
    ("HI", "2026-03-26", "closed", "prince-kuhio"),
    ("HI", "2026-04-03", "closed", "good-friday"),
    ("HI", "2026-08-21", "closed", "statehood-day"),
    ("HI", "2026-11-03", "closed", "general-election"),
    ("HI", "2026-06-19", "open", "no-juneteenth"),
    # Illinois CMS list
    ("IL", "2026-02-12", "closed", "lincoln"),
    ("IL", "2026-03-02", "open", "pulaski-is-for-schools"),
    ("IL", "2026-11-03", "closed", "general-election"),
    ("IL", "2025-11-28", "closed", "day-after-thanksgiving"),
    ("IL", "2025-11-04", "open", "no-general-election"),
    # Ind. State Personnel lists; Ind. Code § 3-10-1-3
    ("IN", "2026-02-16", "open", "washington-is-kept-in-december"),
    ("IN", "2026-05-05", "closed", "primary"),
    ("IN", "2025-05-06", "open", "no-primary-in-2025"),
    ("IN", "2026-04-03", "closed", "good-friday"),
    # Iowa Code §§ 1C.1, 1C.2
    ("IA", "2026-11-27", "closed", "friday-after-thanksgiving"),
    ("IA", "2026-06-19", "open", "no-juneteenth"),
    ("IA", "2026-02-16", "disputed", "public-holiday-but-offices-work"),
    # K.S.A. 45-217; K.A.R. 1-9-2
    ("KS", "2026-10-12", "disputed", "congress-holiday-but-offices-work"),
    # KRS 18A.190
    ("KY", "2026-04-03", "disputed", "half-of-good-friday"),
    ("KY", "2026-11-27", "closed", "extra-thanksgiving-day"),
    ("KY", "2024-11-05", "closed", "presidential-election"),
    ("KY", "2026-11-03", "open", "no-presidential-election"),
    # La. R.S. 1:55; executive order of 2024
    ("LA", "2026-02-17", "closed", "mardi-gras"),
    ("LA", "2026-11-03", "closed", "general-election"),
    ("LA", "2024-06-19", "closed", "juneteenth-by-order"),
    ("LA", "2026-11-27", "disputed", "acadian-day-by-proclamation"),
    # Maine policy and practices manual
    ("ME", "2026-04-20", "closed", "patriots-day"),
    ("ME", "2026-11-27", "closed", "thanksgiving-friday"),
    # Mass. G.L. c. 4, § 7; trial court list: open on the Friday before a Saturday holiday
    ("MA", "2026-04-20", "closed", "patriots-day"),
    ("MA", "2026-07-03", "open", "saturdays-do-not-move"),
    ("MA", "2026-03-17", "disputed", "evacuation-day-in-suffolk"),
    # Michigan state holidays
    ("MI", "2026-12-31", "closed", "new-years-eve"),
    ("MI", "2026-11-27", "closed", "day-after-thanksgiving"),
    # Minn. Stat. § 645.44, subd. 5
    ("MN", "2026-11-27", "closed", "executive-branch-friday"),
    # Miss. Code Ann. § 3-3-7
    ("MS", "2026-04-27", "closed", "confederate-memorial-day"),
    ("MS", "2026-06-19", "open", "no-juneteenth"),
    # Missouri OA list 2025 and 2026
    ("MO", "2026-02-12", "closed", "lincoln"),
    ("MO", "2026-05-08", "closed", "truman"),
    ("MO", "2026-07-03", "closed", "july-4-is-a-saturday"),
    # Mont. Code Ann. § 1-1-216
    ("MT", "2026-06-19", "open", "no-juneteenth"),
    ("MT", "2026-07-03", "closed", "july-4-is-a-saturday"),
    ("MT", "2026-11-03", "closed", "general-election"),
    # Neb. Rev. Stat. §§ 62-301, 84-1001
    ("NE", "2026-04-24", "closed", "arbor-day"),
    ("NE", "2026-11-27", "closed", "day-after-thanksgiving"),
    # NRS 236.015
    ("NV", "2026-10-30", "closed", "nevada-day"),
    ("NV", "2026-11-27", "closed", "family-day"),
    # N.H. state holiday schedule; RSA 288:1
    ("NH", "2026-11-27", "closed", "day-after-thanksgiving"),
    ("NH", "2026-10-12", "disputed", "columbus-is-legal-but-offices-work"),
    # N.J.S.A. 36:1-1
    ("NJ", "2024-06-21", "closed", "juneteenth-on-the-third-friday"),
    ("NJ", "2024-06-19", "open", "not-on-its-date"),
    ("NJ", "2025-11-04", "closed", "election-day-in-odd-years"),
    ("NJ", "2026-02-12", "open", "lincoln-offices-work"),
    # N.M. state personnel observance
    ("NM", "2026-11-27", "closed", "presidents-day-observed"),
    # N.Y. Gen. Constr. Law § 24
    ("NY", "2026-07-03", "open", "saturdays-do-not-move"),
    ("NY", "2026-02-12", "disputed", "lincoln-floats"),
    ("NY", "2027-07-05", "closed", "july-4-is-a-sunday"),
    # N.C. Gen. Stat. § 126-4(5)
    ("NC", "2026-02-16", "open", "no-presidents-day"),
    ("NC", "2026-04-03", "closed", "good-friday"),
    ("NC", "2026-12-28", "closed", "third-christmas-day"),
    # N.D. Cent. Code §§ 1-03-01, 1-03-01.1
    ("ND", "2026-04-03", "closed", "good-friday"),
    ("ND", "2026-12-24", "disputed", "closed-from-noon"),
    # Ohio Rev. Code § 124.19
    ("OH", "2026-10-12", "closed", "columbus-day"),
    ("OH", "2026-11-27", "open", "day-after-thanksgiving"),
    # Okla. Stat. tit. 25, § 82.1
    ("OK", "2026-11-27", "closed", "day-after-thanksgiving"),
    ("OK", "2027-12-23", "closed", "thursday-before-a-saturday-christmas"),
    ("OK", "2028-12-26", "closed", "day-after-a-monday-christmas"),
    # Oregon DAS closings 2026
    ("OR", "2026-11-27", "closed", "day-after-thanksgiving"),
    ("OR", "2026-10-12", "open", "no-columbus-day"),
    # Pennsylvania administrative circular 2026
    ("PA", "2026-10-12", "closed", "indigenous-peoples-day"),
    ("PA", "2026-11-27", "closed", "day-after-thanksgiving"),
    # R.I. Gen. Laws § 25-1-1; Secretary of State's list
    ("RI", "2026-02-16", "open", "no-presidents-day"),
    ("RI", "2026-07-03", "open", "saturdays-move-to-monday"),
    ("RI", "2026-07-06", "closed", "july-4-on-monday"),
    ("RI", "2026-08-10", "closed", "victory-day"),
    ("RI", "2026-11-03", "closed", "election-day"),
    # S.C. Code Ann. § 53-5-10
    ("SC", "2025-05-09", "closed", "may-10-is-a-saturday"),
    ("SC", "2026-05-11", "closed", "may-10-is-a-sunday"),
    ("SC", "2026-04-27", "open", "not-in-april"),
    ("SC", "2026-12-24", "closed", "christmas-eve"),
    ("SC", "2026-12-28", "closed", "december-26-is-a-saturday"),
    # SDCL § 1-5-1
    ("SD", "2026-10-12", "closed", "native-americans-day"),
    # Tenn. Code Ann. §§ 15-1-101, 4-4-105; closings 2025
    ("TN", "2025-11-28", "closed", "in-place-of-columbus-day"),
    ("TN", "2026-04-03", "closed", "good-friday"),
    ("TN", "2025-10-13", "disputed", "columbus-is-legal-but-moved"),
    # Tex. Gov't Code §§ 552.0031, 662.003
    ("TX", "2026-03-02", "closed", "texas-independence-day"),
    ("TX", "2026-08-27", "closed", "lyndon-johnson-day"),
    ("TX", "2026-12-24", "closed", "december-24"),
    ("TX", "2026-10-12", "open", "no-columbus-day"),
    ("TX", "2026-04-03", "disputed", "good-friday-is-optional"),
    ("TX", "2026-09-21", "disputed", "yom-kippur-is-optional"),
    ("TX", "2026-07-03", "disputed", "if-the-body-observes-it"),
    # Utah Code § 63G-1-301(2)
    ("UT", "2026-06-15", "closed", "juneteenth-on-the-monday-before"),
    ("UT", "2026-06-19", "open", "not-on-its-friday"),
    ("UT", "2027-06-21", "closed", "juneteenth-on-the-monday-after"),
    ("UT", "2026-07-24", "closed", "pioneer-day"),
    # 1 V.S.A. § 371
    ("VT", "2026-03-03", "closed", "town-meeting-day"),
    ("VT", "2026-08-17", "closed", "bennington-battle-day-on-sunday"),
    # Va. Code Ann. § 2.2-3300; closings 2023
    ("VA", "2025-11-04", "closed", "election-day-every-year"),
    ("VA", "2026-11-27", "closed", "day-after-thanksgiving"),
    # WAC 357-31-005
    ("WA", "2026-11-27", "closed", "native-american-heritage-day"),
    ("WA", "2026-10-12", "open", "no-columbus-day"),
    # W. Va. Code § 2-2-1
    ("WV", "2026-05-12", "closed", "primary"),
    ("WV", "2026-11-03", "closed", "general-election"),
    ("WV", "2026-11-27", "closed", "lincolns-day"),
    ("WV", "2025-06-20", "closed", "west-virginia-day"),
    ("WV", "2025-06-19", "open", "juneteenth-not-proclaimed"),
    ("WV", "2024-12-31", "closed", "proclaimed-full-day"),
    # Wis. Stat. §§ 230.35(4)(a), 995.20
    ("WI", "2026-12-31", "closed", "new-years-eve"),
    ("WI", "2026-07-03", "open", "saturdays-do-not-move"),
    ("WI", "2026-11-11", "disputed", "veterans-day-agencies-work"),
    # Wyo. Stat. §§ 8-4-101, 8-4-107
    ("WY", "2026-06-19", "open", "no-juneteenth"),
    ("WY", "2026-10-12", "open", "no-columbus-day"),
    # 5 U.S.C. § 6103; Executive Order 14371
    ("US", "2026-10-12", "closed", "columbus-day"),
    ("US", "2026-11-27", "open", "day-after-thanksgiving"),
    ("US", "2025-12-26", "disputed", "closed-by-executive-order"),
    # Idaho Code § 73-108
    ("ID", "2026-10-12", "closed", "columbus-day"),
    ("ID", "2026-11-27", "open", "day-after-thanksgiving"),
]


@pytest.mark.parametrize(
    ("code", "when", "kind"),
    [pytest.param(code, day(when), kind, id=f"{code}-{when}-{why}") for code, when, kind, why in OFFICE_DAYS],
)
def test_state_offices_on_a_day(code: str, when: date, kind: str) -> None:
    assert BOOK.calendar(code).status(when).kind == kind


def test_the_table_speaks_of_every_jurisdiction_and_names_no_weekend() -> None:
    assert {code for code, *_ in OFFICE_DAYS} == set(CODES)
    assert len(OFFICE_DAYS) >= 100
    assert [when for _, when, *_ in OFFICE_DAYS if day(when).weekday() > 4] == []


@pytest.mark.parametrize("code", CODES)
def test_days_that_every_state_keeps(code: str) -> None:
    calendar = BOOK.calendar(code)
    for kept in ("2025-01-01", "2026-01-19", "2026-05-25", "2025-07-04", "2026-09-07", "2026-11-26", "2026-12-25"):
        assert calendar.status(day(kept)).kind == "closed", kept


@pytest.mark.parametrize("code", CODES)
def test_every_closing_has_a_name_and_a_section(code: str) -> None:
    calendar = BOOK.calendar(code)
    for when, status in calendar.not_open_days(FIRST, LAST):
        assert status.name, when
        assert status.citation, when
        assert status.kind in ("closed", "disputed"), when
        assert status.kind == "closed" or status.note, f"{when}: a disputed day says what is unclear"


@pytest.mark.parametrize("code", CODES)
def test_a_calendar_reaches_the_longest_court_limit(code: str) -> None:
    # Six years to sue under the federal act (28 U.S.C. § 2401(a)), counted from the end of 2026.
    calendar = BOOK.calendar(code)
    assert (calendar.first, calendar.last) == (FIRST, LAST)


def test_no_bundled_file_is_left_over() -> None:
    assert sorted(path.stem for path in Path(DATA / "calendars").glob("*")) == sorted(CODES)


# --- names and reasons ------------------------------------------------------------------------------------------------


def test_the_reason_for_a_closing_can_be_read() -> None:
    status = BOOK.calendar("MD").status(day("2026-02-16"))
    assert status.name == "Presidents' Day"
    assert status.citation == "Gen. Prov. § 1-111(a)(4)"


def test_a_weekend_is_closed_and_named() -> None:
    calendar = BOOK.calendar("MD")
    assert calendar.status(day("2026-02-14")).name == "Saturday"
    assert calendar.status(day("2026-02-15")).kind == "closed"
    assert not calendar.status(day("2026-02-15")).holiday


def test_a_holiday_on_a_saturday_is_still_a_holiday() -> None:
    calendar = BOOK.calendar("MD")
    saturday = day("2026-07-04")
    assert calendar.status(saturday).name == "Independence Day"
    assert calendar.status(saturday).holiday
    assert calendar.surely_holiday(saturday)
    assert not calendar.surely_holiday(saturday + timedelta(days=1))


# --- counting ---------------------------------------------------------------------------------------------------------


def test_ten_maryland_working_days_step_over_presidents_day() -> None:
    calendar = BOOK.calendar("MD")
    assert calendar.nth_open_day(day("2026-02-06"), 10, sure=True) == day("2026-02-23")
    assert calendar.nth_open_day(day("2026-02-06"), 10, sure=False) == day("2026-02-23")
    assert [when for when, _ in calendar.not_open_days(day("2026-02-06"), day("2026-02-23"))] == [day("2026-02-16")]


def test_a_disputed_day_splits_the_count() -> None:
    # New York, Thursday, February 5, 2026 + 5: Lincoln's Birthday, the 12th, is disputed.
    calendar = BOOK.calendar("NY")
    assert calendar.nth_open_day(day("2026-02-05"), 5, sure=False) == day("2026-02-12")
    assert calendar.nth_open_day(day("2026-02-05"), 5, sure=True) == day("2026-02-13")


def test_the_start_never_counts_even_when_it_is_open() -> None:
    calendar = BOOK.calendar("MD")
    assert calendar.nth_open_day(day("2026-03-02"), 1, sure=True) == day("2026-03-03")
    assert calendar.nth_open_day(day("2026-03-07"), 1, sure=True) == day("2026-03-09")


def test_an_open_day_is_its_own_next_open_day() -> None:
    calendar = BOOK.calendar("MD")
    assert calendar.next_open_day(day("2026-03-02"), sure=True) == day("2026-03-02")
    assert calendar.next_open_day(day("2026-03-08"), sure=True) == day("2026-03-09")


def test_a_legal_holiday_with_open_offices_counts_but_may_move_a_last_day() -> None:
    # Maryland, Good Friday, April 3, 2026: Gen. Prov. §§ 1-111(a)(6), 1-302.
    calendar = BOOK.calendar("MD")
    good_friday = day("2026-04-03")
    assert calendar.surely_open(good_friday)
    assert calendar.status(good_friday).kind == "open"
    assert calendar.status(good_friday).holiday
    assert calendar.maybe_holiday(good_friday)
    assert not calendar.surely_holiday(good_friday)
    assert calendar.next_last_day(good_friday, sure=False) == good_friday
    assert calendar.next_last_day(good_friday, sure=True) == day("2026-04-06")
    assert calendar.next_open_day(good_friday, sure=True) == good_friday


def test_no_day_number_zero() -> None:
    with pytest.raises(ValueError, match="no open day number 0"):
        BOOK.calendar("MD").nth_open_day(day("2026-03-02"), 0, sure=True)


@unhurried
@given(code=st.sampled_from(CODES), when=REVIEWED_DAYS)
def test_weekends_are_closed_and_the_three_answers_agree(code: str, when: date) -> None:
    calendar = BOOK.calendar(code)
    kind = calendar.status(when).kind
    assert calendar.maybe_open(when) == (kind != "closed")
    assert calendar.surely_open(when) == (kind == "open")
    if when.weekday() > 4:
        assert kind == "closed"
    if calendar.surely_holiday(when):
        assert calendar.maybe_holiday(when)
        assert kind == "closed"


@unhurried
@given(code=st.sampled_from(CODES), start=EARLY_DAYS, n=st.integers(1, 40), sure=st.booleans())
def test_the_nth_open_day_is_the_one_a_walk_finds(code: str, start: date, n: int, sure: bool) -> None:
    calendar = BOOK.calendar(code)
    is_open = calendar.surely_open if sure else calendar.maybe_open
    walked, left = start, n
    while left:
        walked += timedelta(days=1)
        left -= is_open(walked)
    assert calendar.nth_open_day(start, n, sure=sure) == walked
    assert calendar.count_open_days(start, walked, sure=sure) == n


@unhurried
@given(code=st.sampled_from(CODES), start=EARLY_DAYS, n=st.integers(1, 40))
def test_the_sure_count_never_ends_before_the_hopeful_one(code: str, start: date, n: int) -> None:
    calendar = BOOK.calendar(code)
    assert calendar.nth_open_day(start, n, sure=False) <= calendar.nth_open_day(start, n, sure=True)
    assert calendar.next_open_day(start, sure=False) <= calendar.next_open_day(start, sure=True)
    assert calendar.next_open_day(start, sure=True) <= calendar.next_last_day(start, sure=True)


@unhurried
@given(code=st.sampled_from(CODES), start=EARLY_DAYS, sure=st.booleans())
def test_the_next_last_day_is_the_first_that_is_neither_closed_nor_a_holiday(
    code: str, start: date, sure: bool
) -> None:
    calendar = BOOK.calendar(code)
    walked = start
    while not calendar.maybe_open(walked) or (
        sure and (calendar.maybe_holiday(walked) or not calendar.surely_open(walked))
    ):
        walked += timedelta(days=1)
    assert calendar.next_last_day(start, sure=sure) == walked


@unhurried
@given(code=st.sampled_from(CODES), start=EARLY_DAYS, length=st.integers(0, 90))
def test_days_not_open_are_exactly_the_weekdays_that_are_not_open(code: str, start: date, length: int) -> None:
    calendar = BOOK.calendar(code)
    walked = [start + timedelta(days=after) for after in range(1, length + 1)]
    expected = [when for when in walked if when.weekday() < 5 and not calendar.surely_open(when)]
    assert [when for when, _ in calendar.not_open_days(start, start + timedelta(days=length))] == expected


# --- where the calendar ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda calendar: calendar.status(day("2023-12-31")), id="before-the-first-day"),
        pytest.param(lambda calendar: calendar.maybe_open(day("2034-01-01")), id="after-the-last-day"),
        pytest.param(lambda calendar: calendar.nth_open_day(day("2033-12-20"), 20, sure=True), id="count-runs-out"),
        pytest.param(lambda calendar: calendar.next_open_day(day("2033-12-31"), sure=True), id="no-open-day-left"),
        pytest.param(lambda calendar: calendar.next_last_day(day("2033-12-31"), sure=True), id="no-last-day-left"),
        pytest.param(lambda calendar: calendar.count_open_days(LAST, day("2034-02-01"), sure=True), id="count-past-it"),
        pytest.param(lambda calendar: list(calendar.not_open_days(LAST, day("2034-02-01"))), id="walk-past-it"),
        pytest.param(lambda calendar: calendar.with_closures([Closure(day("2034-02-01"), "x")]), id="closure-past-it"),
    ],
)
def test_past_the_reviewed_years_there_is_no_date(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CalendarEnds) as caught:
        ask(BOOK.calendar("MD"))
    assert str(caught.value).startswith(
        "The MD holiday calendar was reviewed from 2024-01-01 through 2033-12-31 and does not reach "
    )
    assert "No date was guessed." in str(caught.value)


def test_the_day_out_of_reach_is_named() -> None:
    with pytest.raises(CalendarEnds) as caught:
        BOOK.calendar("MD").nth_open_day(day("2033-12-30"), 1, sure=True)
    assert caught.value.day > LAST
    assert (caught.value.first, caught.value.last) == (FIRST, LAST)


# --- an office's own closed days --------------------------------------------------------------------------------------


def test_a_closure_makes_a_new_calendar_and_leaves_the_old_one() -> None:
    state = BOOK.calendar("TX")
    friday = day("2026-03-13")
    agency = state.with_closures([Closure(friday, "Designated non-business day", "Tex. Gov't Code § 552.0031(f)")])
    assert state.surely_open(friday)
    assert state.status(friday).kind == "open"
    assert agency.status(friday).kind == "closed"
    assert agency.status(friday).name == "Designated non-business day"
    assert agency.nth_open_day(day("2026-03-12"), 1, sure=True) == day("2026-03-16")
    assert state.nth_open_day(day("2026-03-12"), 1, sure=True) == friday


def test_a_doubtful_closure_splits_the_count() -> None:
    agency = BOOK.calendar("MD").with_closures([Closure(day("2026-01-26"), "Snow, partly staffed", None, "disputed")])
    assert agency.nth_open_day(day("2026-01-23"), 1, sure=False) == day("2026-01-26")
    assert agency.nth_open_day(day("2026-01-23"), 1, sure=True) == day("2026-01-27")


def test_a_closure_never_weakens_a_holiday() -> None:
    christmas = day("2026-12-25")
    agency = BOOK.calendar("MD").with_closures([Closure(christmas, "Perhaps closed", None, "disputed")])
    assert agency.status(christmas).name == "Christmas Day"
    assert agency.status(christmas).kind == "closed"


def test_a_closure_keeps_the_legal_holidays_with_open_offices() -> None:
    agency = BOOK.calendar("MD").with_closures([Closure(day("2026-04-06"), "Closed", None)])
    assert agency.next_last_day(day("2026-04-03"), sure=True) == day("2026-04-07")


def test_a_closure_cannot_open_a_day() -> None:
    with pytest.raises(ValueError, match="Closures can only close or dispute a day"):
        BOOK.calendar("MD").with_closures([Closure(day("2026-12-25"), "Open house", None, "open")])


# --- building from a file ---------------------------------------------------------------------------------------------


def test_a_base_holiday_can_be_reopened_for_some_years() -> None:
    calendar = build_calendar(file_of(correction("open", When(base_name="Columbus Day"), from_year=2026)))
    assert calendar.status(day("2025-10-13")).kind == "closed"
    assert calendar.status(day("2026-10-12")).kind == "open"


def test_a_base_holiday_can_be_disputed_and_says_why() -> None:
    calendar = build_calendar(file_of(correction("disputed", When(base_name="Columbus Day"), note="Half a day.")))
    status = calendar.status(day("2026-10-12"))
    assert (status.kind, status.note) == ("disputed", "Half a day.")


def test_a_holiday_that_shares_its_day_stays_closed_when_the_other_is_reopened() -> None:
    # January 20, 2025 was Martin Luther King Jr. Day and Inauguration Day.
    calendar = build_calendar(file_of(correction("open", When(base_name="Inauguration Day"))))
    assert calendar.status(day("2025-01-20")).kind == "closed"


def test_a_disputed_correction_does_not_weaken_a_closed_day() -> None:
    calendar = build_calendar(file_of(correction("disputed", When(date=day("2026-12-25")))))
    assert calendar.status(day("2026-12-25")).kind == "closed"


def test_corrections_do_not_depend_on_their_order() -> None:
    corrections = (
        correction("disputed", When(date=day("2026-03-02"))),
        correction("closed", When(date=day("2026-03-02"))),
        correction("open", When(date=day("2026-05-25"))),
    )
    one, other = build_calendar(file_of(*corrections)), build_calendar(file_of(*reversed(corrections)))
    for calendar in (one, other):
        assert calendar.status(day("2026-03-02")).kind == "closed"
        assert calendar.status(day("2026-05-25")).kind == "open"


def test_a_misspelt_base_holiday_is_refused() -> None:
    with pytest.raises(UnknownHoliday, match="Columbus Dya"):
        build_calendar(file_of(correction("open", When(base_name="Columbus Dya"))))


def test_the_new_year_that_moves_into_the_old_year_is_kept() -> None:
    # January 1, 2028 is a Saturday, and 2028 is past the reviewed years of this file.
    assert build_calendar(file_of()).status(day("2027-12-31")).kind == "closed"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param(When(date=date(2026, 3, 2)), ["2026-03-02"], id="one-date"),
        pytest.param(When(month=11, weekday="thursday", nth=4, offset=1), ["2026-11-27"], id="day-after-thanksgiving"),
        pytest.param(When(month=8, weekday="friday", nth=3), ["2026-08-21"], id="third-friday"),
        pytest.param(When(month=10, weekday="friday", nth=-1), ["2026-10-30"], id="last-friday"),
        pytest.param(When(month=12, weekday="thursday", nth=-1), ["2026-12-31"], id="last-of-december"),
        pytest.param(When(easter_offset=-2), ["2026-04-03"], id="good-friday"),
        pytest.param(When(easter_offset=-47), ["2026-02-17"], id="mardi-gras"),
        pytest.param(When(election="general_even_years"), ["2026-11-03"], id="general-election"),
        pytest.param(When(election="general", offset=2), ["2026-11-05"], id="two-days-after-the-election"),
        pytest.param(When(month=6, day=20, observed="none"), ["2026-06-20"], id="saturday-stays"),
        pytest.param(When(month=6, day=20, observed="nearest_weekday"), ["2026-06-20", "2026-06-19"], id="to-friday"),
        pytest.param(When(month=6, day=20, observed="next_monday"), ["2026-06-20", "2026-06-22"], id="to-monday"),
        pytest.param(When(month=6, day=20, observed="sunday_to_monday"), ["2026-06-20"], id="only-sundays-move"),
        pytest.param(
            When(month=5, day=10, observed="nearest_weekday"), ["2026-05-10", "2026-05-11"], id="sunday-moves"
        ),
        pytest.param(
            When(month=5, day=10, observed="previous_friday"), ["2026-05-10", "2026-05-08"], id="back-to-friday"
        ),
        pytest.param(When(month=5, day=10, observed="saturday_to_friday"), ["2026-05-10"], id="only-saturdays-move"),
    ],
)
def test_a_correction_names_its_days(when: When, expected: list[str]) -> None:
    found = days_of(correction("closed", when, from_year=2026, to_year=2026), FIRST, LAST)
    assert found == [day(text) for text in expected]


def test_no_general_election_in_an_odd_year() -> None:
    assert (
        days_of(correction("closed", When(election="general_even_years"), from_year=2025, to_year=2025), FIRST, LAST)
        == []
    )


def test_good_fridays_of_ten_years() -> None:
    # Easter as published by the U.S. Naval Observatory.
    easters = ("03-31", "04-20", "04-05", "03-28", "04-16", "04-01", "04-21", "04-13", "03-28", "04-17")
    sundays = [date.fromisoformat(f"{year}-{text}") for year, text in zip(range(2024, 2034), easters, strict=True)]
    found = days_of(correction("closed", When(easter_offset=-2)), FIRST, LAST)
    assert found == [sunday - timedelta(days=2) for sunday in sundays]


def test_a_calendar_cannot_be_changed_from_outside() -> None:
    calendar = BOOK.calendar("MD")
    assert isinstance(calendar, HolidayCalendar)
    with pytest.raises(AttributeError):
        calendar.days_off = []  # type: ignore[attr-defined]
