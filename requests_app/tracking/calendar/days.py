"""Which days a page of the calendar shows, and how far one may page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Form = Literal["month", "week", "agenda"]
FORMS: Final[tuple[Form, ...]] = ("month", "week", "agenda")
# How far the pages reach from today. Further back nothing runs but what depends on unknown facts; further ahead no
# holiday calendar was reviewed, so that there is no date.
MONTHS_BACK: Final = 24
MONTHS_AHEAD: Final = 60
_MONTHS: Final = 12
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Pages:
    """The days of one page, both included, and where the pages before and after begin; None at the bounds."""

    form: Form
    start: date  # the day that the page is about: the first of a month, a Sunday, the first day of an agenda
    first: date
    last: date
    previous: date | None
    next: date | None

    @property
    def days(self) -> list[date]:
        """Every day of the page."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def bounds(today: date) -> tuple[date, date]:
    """Return the first and the last day that any page may show."""
    return _months_later(today, -MONTHS_BACK), _months_later(today, MONTHS_AHEAD + 1) - timedelta(days=1)


def compose_pages(form: Form, day: date, today: date) -> Pages:
    """Return the page of a form on which a day stands; a day outside the bounds counts as the nearest inside.

    Weeks begin on Sunday, as American calendars do. A month is shown in whole weeks.
    """
    lowest, highest = bounds(today)
    day = min(max(day, lowest), highest)
    if form == "agenda":
        return Pages("agenda", day, day, highest, None, None)
    if form == "week":
        start = _sunday(day)
        before, after, last = start - _WEEK, start + _WEEK, start + _WEEK - timedelta(days=1)
        first = start
    else:
        start = day.replace(day=1)
        before, after = _months_later(start, -1), _months_later(start, 1)
        first = _sunday(start)
        last = _sunday(after - timedelta(days=1)) + timedelta(days=6)
    return Pages(
        form,
        start,
        first,
        last,
        before if before >= _sunday(lowest) else None,
        after if after <= highest else None,
    )


def _sunday(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _months_later(day: date, months: int) -> date:
    """Return the first day of a month before or after that of `day`."""
    number = day.year * _MONTHS + day.month - 1 + months
    return date(number // _MONTHS, number % _MONTHS + 1, 1)
