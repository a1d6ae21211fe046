"""What span of days a sheet's own words for a time mean: "Mar-25", "2025-03", "Q1 2025", "FY 2025".

Nothing is guessed: a month without a year needs the year from its reader, 3/4/2025 is March 4 because these are US
offices, and a fiscal year needs to be told when it begins (the federal one on October 1, 31 U.S.C. 1102; most states'
on July 1).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

EARLIEST, LATEST = 1980, 2100  # a year outside is no year of a query


class NoPeriod(ValueError):
    """These words are no span of days. `code`: unreadable, needs_year, needs_fiscal_year or ends_before_it_starts."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Period:
    """A span of days, both included, and how fine it is: day, month, quarter, year or span."""

    starts_on: date
    ends_on: date
    grain: str

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise NoPeriod("ends_before_it_starts")


@dataclass(frozen=True)
class Hints:
    """What a reader knows that the cell does not say. `fiscal_start`: the month in which the fiscal year begins that is
    named for the year it ends in; a fiscal year that begins in January is the calendar's."""

    year: int | None = None
    fiscal_start: int | None = None


_MONTHS: Final = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
_MONTH: Final = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_SHORT_YEAR: Final = r"'?(?P<short>\d\d)"


def month(year: int, number: int) -> Period:
    """Return one month."""
    return _span(year, number, 1, "month")


def period_of(cell: object, hints: Hints = Hints()) -> Period:
    """Return the span of days that a cell means. Raises NoPeriod.

    A date cell on the first of a month is that month only where its reader says so (`as_month`); here it is a day.
    """
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _checked(Period(cell, cell, "day"))
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise NoPeriod("unreadable")
    if isinstance(cell, int | float):
        if not 0 < cell < 10**8 or cell != int(cell):
            raise NoPeriod("unreadable")
        cell = str(int(cell))
    text = re.sub(r"\s+", " ", cell.replace("\u2013", "-").replace("\u2014", "-")).strip().lower()
    for pattern, made in _FORMS:
        if found := pattern.fullmatch(text):
            return _checked(made(found, hints))
    raise NoPeriod("unreadable")


def as_month(period: Period) -> Period:
    """Return the month of a day: sheets write March 2025 as March 1."""
    return month(period.starts_on.year, period.starts_on.month) if period.grain == "day" else period


def _span(year: int, first_month: int, months: int, grain: str) -> Period:
    last = first_month - 1 + months - 1
    last_year, last_month = year + last // 12, last % 12 + 1
    try:
        end = date(last_year, last_month, calendar.monthrange(last_year, last_month)[1])
        return Period(date(year, first_month, 1), end, grain)
    except (ValueError, calendar.IllegalMonthError) as trouble:
        raise NoPeriod("unreadable") from trouble


def _year_of(found: re.Match[str], hints: Hints) -> int:
    groups = found.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    if groups.get("short"):
        return 2000 + int(groups["short"])
    if hints.year is None:
        raise NoPeriod("needs_year")
    return hints.year


def _named_month(found: re.Match[str], hints: Hints) -> Period:
    return month(_year_of(found, hints), _MONTHS[found["month"]])


def _numbered_month(found: re.Match[str], hints: Hints) -> Period:
    return month(_year_of(found, hints), int(found["number"]))


def _quarter(found: re.Match[str], hints: Hints) -> Period:
    quarter, year = int(found["quarter"]), _year_of(found, hints)
    if not found.groupdict().get("fiscal"):
        return _span(year, 3 * quarter - 2, 3, "quarter")
    whole = _fiscal(year, hints)
    first = whole.starts_on.month + 3 * (quarter - 1)
    return _span(whole.starts_on.year + (first - 1) // 12, (first - 1) % 12 + 1, 3, "quarter")


def _year(found: re.Match[str], hints: Hints) -> Period:
    return _span(_year_of(found, hints), 1, 12, "year")


def _fiscal_year(found: re.Match[str], hints: Hints) -> Period:
    return _fiscal(_year_of(found, hints), hints)


def _fiscal(year: int, hints: Hints) -> Period:
    if hints.fiscal_start is None:
        raise NoPeriod("needs_fiscal_year")
    if not 1 <= hints.fiscal_start <= 12:
        raise NoPeriod("unreadable")
    return _span(year if hints.fiscal_start == 1 else year - 1, hints.fiscal_start, 12, "year")


def _day(found: re.Match[str], hints: Hints) -> Period:
    day = _date(found["day"])
    return Period(day, day, "day")


def _from_to(found: re.Match[str], hints: Hints) -> Period:
    return _named(Period(_date(found["from"]), _date(found["to"]), "span"))


def _months_from_to(found: re.Match[str], hints: Hints) -> Period:
    year = _year_of(found, hints)
    first, last = _MONTHS[found["first"]], _MONTHS[found["last"]]
    if last < first:
        raise NoPeriod("ends_before_it_starts")
    return _named(_span(year, first, last - first + 1, "span"))


def _named(period: Period) -> Period:
    """Return a span under the name it has, where it is a whole month, quarter or year."""
    grain = {1: "month", 3: "quarter", 12: "year"}.get(months_of(period), period.grain)
    begins_a_quarter = period.starts_on.month % 3 == 1
    return Period(period.starts_on, period.ends_on, grain if grain != "quarter" or begins_a_quarter else period.grain)


def _date(text: str) -> date:
    try:
        if "-" in text:
            return date.fromisoformat(text)
        month_number, day, year = (int(part) for part in text.split("/"))
        return date(year + 2000 if year < 100 else year, month_number, day)
    except ValueError as trouble:
        raise NoPeriod("unreadable") from trouble


def _checked(period: Period) -> Period:
    if not EARLIEST <= period.starts_on.year <= LATEST or period.ends_on > date(LATEST, 12, 31):
        raise NoPeriod("unreadable")
    return period


_QUARTER: Final = r"q(?:uarter|tr)?[ .]*(?P<quarter>[1-4])"
_FISCAL: Final = rf"(?P<fiscal>fy)[ -]*(?:{_YEAR}|{_SHORT_YEAR})"
_ONE_DATE: Final = r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)"
_SOME_MONTH: Final = _MONTH.removeprefix("(?P<month>").removesuffix(r")\.?")
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Hints], Period]], ...]] = (
    (re.compile(rf"{_MONTH}[ ,/-]*{_YEAR}"), _named_month),
    (re.compile(rf"{_MONTH}[ /-]*{_SHORT_YEAR}"), _named_month),
    (re.compile(rf"{_YEAR}[ ,/-]*{_MONTH}"), _named_month),
    (re.compile(_MONTH), _named_month),
    (re.compile(rf"{_YEAR}[/-](?P<number>0?[1-9]|1[0-2])"), _numbered_month),
    (re.compile(rf"(?P<number>0?[1-9]|1[0-2])[/-]{_YEAR}"), _numbered_month),
    (re.compile(rf"{_YEAR}(?P<number>0[1-9]|1[0-2])"), _numbered_month),
    (
        re.compile(rf"{_FISCAL}[ ,-]*{_QUARTER}"),
        _quarter,
    ),
    (
        re.compile(rf"{_QUARTER}[ ,/-]*{_FISCAL}"),
        _quarter,
    ),
    (re.compile(rf"{_QUARTER}(?:[ ,/-]*{_YEAR})?"), _quarter),
    (re.compile(rf"{_YEAR}[ ,/-]*{_QUARTER}"), _quarter),
    (re.compile(rf"(?:fy|fiscal year|sfy|ffy)[ -]*(?:{_YEAR}|{_SHORT_YEAR})"), _fiscal_year),
    (re.compile(rf"(?:cy|calendar year)?[ -]*{_YEAR}"), _year),
    (re.compile(rf"(?P<day>{_ONE_DATE})"), _day),
    (re.compile(rf"(?:from )?(?P<from>{_ONE_DATE}) ?(?:-|to|through|thru) ?(?P<to>{_ONE_DATE})"), _from_to),
    (
        re.compile(rf"(?P<first>{_SOME_MONTH})\.? ?(?:-|to|through|thru) ?(?P<last>{_SOME_MONTH})\.?(?:[ ,]*{_YEAR})?"),
        _months_from_to,
    ),
)


def months_of(period: Period) -> int:
    """Return how many whole months it has, 0 when it is not made of whole months."""
    after = period.ends_on + timedelta(days=1)
    if period.starts_on.day != 1 or after.day != 1:
        return 0
    return (after.year - period.starts_on.year) * 12 + after.month - period.starts_on.month
