"""What a sheet's own words for a time mean, and what they do not say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.review.findings.periods import Hints, NoPeriod, Period, as_month, month, months_of, period_of

MARCH = (date(2025, 3, 1), date(2025, 3, 31), "month")
FEDERAL, STATE = Hints(fiscal_start=10), Hints(fiscal_start=7)


@pytest.mark.parametrize(
    ("cell", "hints", "expected"),
    [
        *((text, Hints(), MARCH) for text in (
            "March 2025", "Mar-25", "mar 2025", "MAR. 2025", "Mar '25", "2025 March", "2025-03", "2025/3", "03/2025",
            "3-2025", "202503", 202503, 202503.0, "March, 2025", "  March\n2025 ", "3/1/2025-3/31/2025",
            "2025-03-01 to 2025-03-31",
        )),
        ("March", Hints(year=2025), MARCH),
        ("Sept 2024", Hints(), (date(2024, 9, 1), date(2024, 9, 30), "month")),
        ("Feb 2024", Hints(), (date(2024, 2, 1), date(2024, 2, 29), "month")),
        ("Q1 2025", Hints(), (date(2025, 1, 1), date(2025, 3, 31), "quarter")),
        ("2025 Qtr 4", Hints(), (date(2025, 10, 1), date(2025, 12, 31), "quarter")),
        ("Q3", Hints(year=2025), (date(2025, 7, 1), date(2025, 9, 30), "quarter")),
        ("FY2025 Q1", FEDERAL, (date(2024, 10, 1), date(2024, 12, 31), "quarter")),
        ("Q2 FY25", FEDERAL, (date(2025, 1, 1), date(2025, 3, 31), "quarter")),
        ("FY 2025", FEDERAL, (date(2024, 10, 1), date(2025, 9, 30), "year")),
        ("Fiscal Year 2025", STATE, (date(2024, 7, 1), date(2025, 6, 30), "year")),
        ("FY25", Hints(fiscal_start=1), (date(2025, 1, 1), date(2025, 12, 31), "year")),
        (2025, Hints(), (date(2025, 1, 1), date(2025, 12, 31), "year")),
        ("CY 2025", Hints(), (date(2025, 1, 1), date(2025, 12, 31), "year")),
        ("3/4/2025", Hints(), (date(2025, 3, 4), date(2025, 3, 4), "day")),
        ("3/4/25", Hints(), (date(2025, 3, 4), date(2025, 3, 4), "day")),
        ("2025-03-04", Hints(), (date(2025, 3, 4), date(2025, 3, 4), "day")),
        (date(2025, 3, 4), Hints(), (date(2025, 3, 4), date(2025, 3, 4), "day")),
        (datetime(2025, 3, 4, 5, 6), Hints(), (date(2025, 3, 4), date(2025, 3, 4), "day")),  # noqa: DTZ001  a cell
        ("1/15/2025 - 2/20/2025", Hints(), (date(2025, 1, 15), date(2025, 2, 20), "span")),
        ("from 1/1/2025 through 12/31/2025", Hints(), (date(2025, 1, 1), date(2025, 12, 31), "year")),
        ("Jan \u2013 Jun 2025", Hints(), (date(2025, 1, 1), date(2025, 6, 30), "span")),
        ("October to December 2025", Hints(), (date(2025, 10, 1), date(2025, 12, 31), "quarter")),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_cell_means(cell: object, hints: Hints, expected: tuple[date, date, str]) -> None:
    assert period_of(cell, hints) == Period(*expected)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("March", "needs_year"), ("Q3", "needs_year"), ("FY 2025", "needs_fiscal_year"),
        ("Q1 FY25", "needs_fiscal_year"),
        ("Total", "unreadable"), ("", "unreadable"), (None, "unreadable"), (True, "unreadable"), (3.5, "unreadable"),
        (17, "unreadable"), ("2/30/2025", "unreadable"), ("13/2025", "unreadable"), ("1850", "unreadable"),
        ("Dec - Jan 2025", "ends_before_it_starts"), ("3/31/2025 - 3/1/2025", "ends_before_it_starts"),
        (float("nan"), "unreadable"), (float("inf"), "unreadable"),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_cell_does_not_say(cell: object, code: str) -> None:
    with pytest.raises(NoPeriod) as refused:
        period_of(cell)
    assert refused.value.code == code


def test_a_day_stands_for_its_month_where_the_reader_says_so() -> None:
    assert as_month(period_of("2025-03-01")) == month(2025, 3)
    assert as_month(period_of("Q1 2025")).grain == "quarter"


@given(cell=st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.none(), st.dates()))
def test_it_gives_a_period_or_says_why_not(cell: object) -> None:
    try:
        period = period_of(cell, Hints(year=2025, fiscal_start=10))
    except NoPeriod:
        return
    assert period.starts_on <= period.ends_on


@given(year=st.integers(1990, 2090), start=st.integers(1, 12))
def test_four_fiscal_quarters_are_the_fiscal_year(year: int, start: int) -> None:
    hints = Hints(fiscal_start=start)
    whole = period_of(f"FY{year}", hints)
    quarters = [period_of(f"FY{year} Q{quarter}", hints) for quarter in (1, 2, 3, 4)]
    assert (quarters[0].starts_on, quarters[-1].ends_on) == (whole.starts_on, whole.ends_on)
    assert all(a.ends_on + timedelta(days=1) == b.starts_on for a, b in pairwise(quarters))
    assert months_of(whole) == 12
    assert whole.ends_on.year == year
