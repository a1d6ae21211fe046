"""The days on which a jurisdiction's state offices are open, closed, or disputed.

A calendar is built once per jurisdiction from the `holidays` package and that jurisdiction's reviewed
corrections, and is then only read: every question is one or two array lookups.

How the two are put together, day by day:

1. Saturdays and Sundays are closed.
2. Every holiday of the package (as observed, moved days included) closes its day, unless a correction
   reopens it (`open`) or doubts it (`disputed`).
3. A correction may close a day, or dispute one, that the package does not know.
4. If anything still closes the day it is closed; else if anything disputes it, disputed; else open.
5. An open day can still be a legal holiday on which a last day may move (`last_day_may_move`).

The order of corrections never matters.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

import holidays

from requests_app.law.schema import CalendarFile, Correction, DayStatus, Observance, WeekdayName, When

DayKind = Literal["open", "closed", "disputed"]

_SATURDAY: Final = 5
_SUNDAY: Final = 6
_WEEKDAYS: Final = {
    "monday": 0,
    "tuesday": 1,
    "wednesday": 2,
    "thursday": 3,
    "friday": 4,
    "saturday": 5,
    "sunday": 6,
}
_WEEKEND_NAMES: Final = {_SATURDAY: "Saturday", _SUNDAY: "Sunday"}
# Codes of the arrays: a bigger code is a stronger reason to stay closed.
_OPEN: Final = 0
_DISPUTED: Final = 1
_CLOSED: Final = 2
_CODES: Final[dict[DayKind, int]] = {"open": _OPEN, "disputed": _DISPUTED, "closed": _CLOSED}
_KINDS: Final[tuple[DayKind, DayKind, DayKind]] = ("open", "disputed", "closed")


class CalendarEnds(LookupError):
    """A day lies outside the years that were reviewed for this jurisdiction: no date is better than a guessed one."""

    def __init__(self, code: str, day: date, first: date, last: date) -> None:
        self.code = code
        self.day = day
        self.first = first
        self.last = last
        super().__init__(
            f"The {code} holiday calendar was reviewed from {first.isoformat()} through {last.isoformat()} and does "
            f"not reach {day.isoformat()}. No date was guessed. Review more years in the {code} calendar file, or "
            "count this date by hand."
        )


class UnknownHoliday(ValueError):
    """A correction speaks of a holiday that the base calendar does not have."""

    def __init__(self, code: str, name: str) -> None:
        self.code = code
        self.name = name
        super().__init__(
            f"The {code} calendar corrects the holiday “{name}”, but the base calendar has no holiday of that name in "
            "the years the correction covers. Nothing was loaded. Use the name that the holidays package gives, or "
            "remove the correction."
        )


class Closure(NamedTuple):
    """A day on which one office is closed (or perhaps closed) on top of the state's calendar."""

    day: date
    name: str
    citation: str | None = None
    kind: DayKind = "closed"


class _Reason(NamedTuple):
    code: int
    name: str
    citation: str | None
    note: str | None = None


class HolidayCalendar:
    """The open, closed and disputed days of one jurisdiction, between `first` and `last` (both included).

    Immutable: share one instance between threads and requests. `sure=True` asks about days on which offices are
    open beyond doubt; `sure=False` takes a disputed day for open.
    """

    __slots__ = (
        "_codes",
        "_first_ordinal",
        "_holiday_codes",
        "_last_day_rank",
        "_last_days",
        "_last_ordinal",
        "_legal_only",
        "_maybe_days",
        "_maybe_rank",
        "_reason_ordinals",
        "_reasons",
        "_sure_days",
        "_sure_rank",
        "code",
        "first",
        "last",
    )

    def __init__(
        self,
        code: str,
        first: date,
        last: date,
        reasons: dict[int, tuple[_Reason, ...]],
        legal_only: dict[int, _Reason] | None = None,
    ) -> None:
        """Fill the arrays.

        `reasons` maps a day's ordinal to whatever closes or disputes it, strongest first; `legal_only` names the legal
        holidays on which offices are open, where a last day may move all the same.
        """
        self.code = code
        self.first = first
        self.last = last
        self._reasons = reasons
        self._reason_ordinals = array("l", sorted(reasons))
        self._legal_only = legal_only or {}
        self._first_ordinal = first.toordinal()
        self._last_ordinal = last.toordinal()
        length = self._last_ordinal - self._first_ordinal + 1
        # What holidays alone say, weekends aside: a Saturday that is a legal holiday moves a last day in states
        # whose law names holidays but not Saturdays.
        self._holiday_codes = bytearray(length)
        self._codes = bytearray(length)
        self._maybe_days = array("l")
        self._sure_days = array("l")
        # rank[i] is the number of open days before the i-th day of the calendar.
        self._maybe_rank = array("l", [0])
        self._sure_rank = array("l", [0])
        for index in range(length):
            ordinal = self._first_ordinal + index
            day_reasons = reasons.get(ordinal)
            holiday_code = day_reasons[0].code if day_reasons else _OPEN
            # Ordinal 1 was a Monday, so (ordinal - 1) % 7 counts from Monday as date.weekday() does.
            day_code = _CLOSED if (ordinal - 1) % 7 >= _SATURDAY else holiday_code
            self._holiday_codes[index] = holiday_code
            self._codes[index] = day_code
            if day_code != _CLOSED:
                self._maybe_days.append(ordinal)
            if day_code == _OPEN:
                self._sure_days.append(ordinal)
            self._maybe_rank.append(len(self._maybe_days))
            self._sure_rank.append(len(self._sure_days))
        self._last_days, self._last_day_rank = self._sure_days, self._sure_rank
        if self._legal_only:
            self._doubt_last_days()

    def __repr__(self) -> str:
        return f"<HolidayCalendar {self.code} {self.first.isoformat()} to {self.last.isoformat()}>"

    def status(self, day: date) -> DayStatus:
        """Return whether offices are open on `day`, and the name and citation of what closes or disputes it."""
        index = self._index(day)
        weekend = _WEEKEND_NAMES.get(day.weekday())
        reasons = self._reasons.get(self._first_ordinal + index)
        if not reasons:
            legal = self._legal_only.get(self._first_ordinal + index)
            if weekend is not None:
                return DayStatus("closed", weekend, holiday=legal is not None)
            if legal is None:
                return DayStatus("open")
            return DayStatus("open", legal.name, legal.citation, holiday=True, note=legal.note)
        strongest = reasons[0]
        if weekend is None:
            kind = _KINDS[strongest.code]
            return DayStatus(kind, strongest.name, strongest.citation, holiday=True, note=strongest.note)
        # A sure holiday names its weekend day; a disputed one would say less than "Saturday" does.
        if strongest.code == _CLOSED:
            return DayStatus("closed", strongest.name, strongest.citation, holiday=True, note=strongest.note)
        return DayStatus("closed", weekend, holiday=True)

    def maybe_open(self, day: date) -> bool:
        """Return True when offices are open, or disputed to be."""
        return self._codes[self._index(day)] != _CLOSED

    def surely_open(self, day: date) -> bool:
        """Return True when offices are open beyond doubt."""
        return self._codes[self._index(day)] == _OPEN

    def maybe_holiday(self, day: date) -> bool:
        """Return True when `day` is, or may be, a holiday for a last day, on a weekend too (Saturday, July 4, 2026)."""
        return self._holiday_codes[self._index(day)] != _OPEN

    def surely_holiday(self, day: date) -> bool:
        """Return True when `day` is beyond doubt a holiday on which offices close, on a weekend too."""
        return self._holiday_codes[self._index(day)] == _CLOSED

    def nth_open_day(self, start: date, n: int, *, sure: bool) -> date:
        """Return the n-th open day after `start`; `start` itself is day 0 and never counts, open or not.

        n is at least 1. One lookup, whatever n is. Raises CalendarEnds past the last reviewed day.
        """
        if n < 1:
            raise ValueError(f"Open days are counted from 1, so there is no open day number {n}. Nothing was counted.")
        days, rank = (self._sure_days, self._sure_rank) if sure else (self._maybe_days, self._maybe_rank)
        wanted = rank[self._index(start) + 1] + n - 1
        if wanted >= len(days):
            raise CalendarEnds(self.code, self._beyond(n - (len(days) - rank[self._index(start) + 1])), *self._ends)
        return date.fromordinal(days[wanted])

    def next_open_day(self, day: date, *, sure: bool) -> date:
        """Return `day` itself when it is open, else the first open day after it."""
        days, rank = (self._sure_days, self._sure_rank) if sure else (self._maybe_days, self._maybe_rank)
        wanted = rank[self._index(day)]
        if wanted >= len(days):
            raise CalendarEnds(self.code, self._beyond(1), *self._ends)
        return date.fromordinal(days[wanted])

    def next_last_day(self, day: date, *, sure: bool) -> date:
        """Return the first day from `day` on that may be a last day, where every closed day moves it.

        Like next_open_day, but with `sure` also past a legal holiday on which offices are open.
        """
        if not sure:
            return self.next_open_day(day, sure=False)
        wanted = self._last_day_rank[self._index(day)]
        if wanted >= len(self._last_days):
            raise CalendarEnds(self.code, self._beyond(1), *self._ends)
        return date.fromordinal(self._last_days[wanted])

    def open_days(self, first: date, through: date, *, sure: bool) -> list[date]:
        """Return the open days from `first` through `through`; none when they are reversed."""
        if through < first:
            return []
        days, rank = (self._sure_days, self._sure_rank) if sure else (self._maybe_days, self._maybe_rank)
        return [date.fromordinal(day) for day in days[rank[self._index(first)] : rank[self._index(through) + 1]]]

    def count_open_days(self, after: date, through: date, *, sure: bool) -> int:
        """Return how many open days lie after `after`, up to and including `through`; 0 when they are reversed."""
        rank = self._sure_rank if sure else self._maybe_rank
        return max(0, rank[self._index(through) + 1] - rank[self._index(after) + 1])

    def not_open_days(self, after: date, through: date) -> Iterator[tuple[date, DayStatus]]:
        """Walk the weekdays after `after`, through `through`, that are closed or disputed, with the reason for each.

        Weekends are left out: a trace names them once. Cost: one search plus one step per holiday found.
        """
        low, high = after.toordinal(), self._first_ordinal + self._index(through)
        self._index(after)
        ordinals = self._reason_ordinals
        for ordinal in ordinals[bisect_right(ordinals, low) : bisect_right(ordinals, high)]:
            day = date.fromordinal(ordinal)
            if day.weekday() < _SATURDAY:
                yield day, self.status(day)

    def with_closures(self, closures: Iterable[Closure]) -> HolidayCalendar:
        """Return a new calendar on which these days are closed too; this one stays as it is.

        For what one office announces: an agency's designated non-business days, a weather closing. A closure never
        reopens a day. Raises CalendarEnds for a day outside the reviewed years.
        """
        reasons = dict(self._reasons)
        for closure in closures:
            if closure.kind == "open":
                raise ValueError(
                    f"The closure “{closure.name}” on {closure.day.isoformat()} says that the office is open. Closures "
                    "can only close or dispute a day. Nothing was changed. Correct the calendar file to reopen a day."
                )
            ordinal = self._first_ordinal + self._index(closure.day)
            added = _Reason(_CODES[closure.kind], closure.name, closure.citation)
            reasons[ordinal] = _strongest_first((*reasons.get(ordinal, ()), added))
        return HolidayCalendar(self.code, self.first, self.last, reasons, self._legal_only)

    def _doubt_last_days(self) -> None:
        """Take the legal holidays on which offices are open out of the days on which a period surely may end."""
        self._last_days = array("l", [day for day in self._sure_days if day not in self._legal_only])
        self._last_day_rank = array("l", [0])
        passed = 0
        for index in range(len(self._codes)):
            ordinal = self._first_ordinal + index
            if ordinal in self._legal_only:
                self._holiday_codes[index] = max(self._holiday_codes[index], _DISPUTED)
            passed += passed < len(self._last_days) and self._last_days[passed] == ordinal
            self._last_day_rank.append(passed)

    @property
    def _ends(self) -> tuple[date, date]:
        return self.first, self.last

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._first_ordinal
        if index < 0 or index >= len(self._codes):
            raise CalendarEnds(self.code, day, self.first, self.last)
        return index

    def _beyond(self, missing: int) -> date:
        """Return a day that is surely not later than the one sought, for the message: `missing` days past the end."""
        return self.last + timedelta(days=missing)


def build_calendar(file: CalendarFile) -> HolidayCalendar:
    """Return the calendar of one jurisdiction from its reviewed file.

    1. Take every holiday of the base package in the reviewed years, as observed.
    2. Let `open` and `disputed` corrections take away or weaken what they name.
    3. Add what `closed` and `disputed` corrections know beyond the base.

    Raises UnknownHoliday when a correction names a holiday that the base does not have.
    """
    first, last = file.reviewed_from, file.reviewed_through
    found: dict[int, dict[str, _Reason]] = {}
    for day, name in _base_days(file):
        found.setdefault(day.toordinal(), {})[name] = _Reason(_CLOSED, name, file.citation)

    legal_only: dict[int, _Reason] = {}
    for correction in file.corrections:
        if correction.when.base_name is not None:
            _correct_base_holiday(file.code, found, correction, first, last)
        elif correction.last_day_may_move:
            legal_only |= {day.toordinal(): _reason(correction) for day in days_of(correction, first, last)}
        elif correction.status == "open":
            for day in days_of(correction, first, last):
                found.pop(day.toordinal(), None)

    for correction in file.corrections:
        if correction.when.base_name is None and correction.status != "open":
            for day in days_of(correction, first, last):
                # Keyed by its own words, so that a cited correction joins the base holiday and never replaces it.
                key = f"{correction.status}: {correction.name} ({correction.citation})"
                reason = _reason(correction)
                found.setdefault(day.toordinal(), {})[key] = reason

    reasons = {
        ordinal: _strongest_first(by_name.values())
        for ordinal, by_name in found.items()
        if by_name and first.toordinal() <= ordinal <= last.toordinal()
    }
    return HolidayCalendar(file.code, first, last, reasons, legal_only)


def days_of(correction: Correction, first: date, last: date) -> list[date]:
    """Return the days between `first` and `last` that a correction speaks of, in its own years; never a base name.

    A fixed date that is observed on another day gives both: the date itself stays a holiday, on its weekend.
    """
    low = max(first.year - 1, correction.from_year or first.year - 1)
    high = min(last.year + 1, correction.to_year or last.year + 1)
    return [
        day for year in range(low, high + 1) for day in _days_in_year(correction.when, year) if first <= day <= last
    ]


def _base_days(file: CalendarFile) -> Iterator[tuple[date, str]]:
    """Walk the base package's holidays in the reviewed years, as observed, one name at a time."""
    years = range(file.reviewed_from.year, file.reviewed_through.year + 1)
    base = holidays.country_holidays(file.base.country, subdiv=file.base.subdiv, years=years)
    for day, names in base.items():
        for name in names.split("; "):
            yield day, name


def _correct_base_holiday(
    code: str, found: dict[int, dict[str, _Reason]], correction: Correction, first: date, last: date
) -> None:
    """Reopen, dispute or cite a base holiday in the correction's years, wherever the base puts it."""
    base_name = correction.when.base_name or ""
    low = correction.from_year or first.year
    high = correction.to_year or last.year
    corrected = 0
    for ordinal, by_name in found.items():
        if base_name not in by_name or not low <= date.fromordinal(ordinal).year <= high:
            continue
        corrected += 1
        if correction.status == "open":
            del by_name[base_name]
        else:
            by_name[base_name] = _reason(correction)
    if corrected == 0:
        raise UnknownHoliday(code, base_name)


def _reason(correction: Correction) -> _Reason:
    return _Reason(_CODES[correction.status], correction.name, correction.citation, correction.note)


def _strongest_first(reasons: Iterable[_Reason]) -> tuple[_Reason, ...]:
    """Order reasons: closing before disputing, and by name among equals, so that the answer never depends on order."""
    return tuple(sorted(reasons, key=lambda reason: (-reason.code, reason.name)))


def _days_in_year(when: When, year: int) -> tuple[date, ...]:
    """Return the days that `when` means in `year`: none for another year's date or a year without an election."""
    if when.date is not None:
        return (when.date,) if when.date.year == year else ()
    if when.easter_offset is not None:
        return (_easter(year) + timedelta(days=when.easter_offset),)
    if when.election is not None:
        if when.election == "general_even_years" and year % 2:
            return ()
        # The Tuesday after the first Monday of November (2 U.S.C. § 7).
        return (_nth_weekday(year, 11, "monday", 1) + timedelta(days=1 + (when.offset or 0)),)
    if when.month is None:
        raise ValueError("A correction must say which day it means. Nothing was loaded. Give it a date or a month.")
    if when.weekday is not None:
        return (_nth_weekday(year, when.month, when.weekday, when.nth or 1) + timedelta(days=when.offset or 0),)
    if when.day is None:
        raise ValueError("A correction names a month without a day or weekday. Nothing was loaded. Give it one.")
    fixed = date(year, when.month, when.day)
    observed = _observed(fixed, when.observed or "none")
    return (fixed,) if observed == fixed else (fixed, observed)


def _nth_weekday(year: int, month: int, weekday: WeekdayName, nth: int) -> date:
    """Return the nth weekday of a month; nth -1 is the last."""
    if nth > 0:
        start = date(year, month, 1)
        return start + timedelta(days=(_WEEKDAYS[weekday] - start.weekday()) % 7 + 7 * (nth - 1))
    following = date(year + month // 12, month % 12 + 1, 1)
    end = following - timedelta(days=1)
    return end - timedelta(days=(end.weekday() - _WEEKDAYS[weekday]) % 7 + 7 * (-nth - 1))


def _observed(day: date, rule: Observance) -> date:
    """Return the day on which a fixed date is observed when it falls on a weekend."""
    weekday = day.weekday()
    shift = 0
    if weekday == _SATURDAY:
        shift = {"nearest_weekday": -1, "previous_friday": -1, "saturday_to_friday": -1, "next_monday": 2}.get(rule, 0)
    elif weekday == _SUNDAY:
        shift = {"nearest_weekday": 1, "next_monday": 1, "sunday_to_monday": 1, "previous_friday": -2}.get(rule, 0)
    return day + timedelta(days=shift)


def _easter(year: int) -> date:
    """Return Western Easter Sunday, by the Gregorian computus in its anonymous form (Meeus, Astronomical Algorithms).

    Ours, because the holidays package names Good Friday only for the states where it has it.
    """
    golden = year % 19
    century, in_century = divmod(year, 100)
    skipped_leaps, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped_leaps - moon_shift + 15) % 30
    leap_fours, four_rest = divmod(in_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leap_fours - epact - four_rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
