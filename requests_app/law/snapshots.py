"""What the law book says of one jurisdiction, kept small, so that a later book can be compared with it.

A snapshot tells two things: whether anything changed that can move a date (`fingerprint`), and which rules and which
days changed (`compare`). It is kept as JSON, so it outlives the book it was taken from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final, Literal

import msgspec

from requests_app.law.book import LawBook
from requests_app.law.calendars import HolidayCalendar
from requests_app.law.phrases import period_words
from requests_app.law.schema import Rule, Statute

COUNTING: Final = "counting"
"""The id under which `compare` names a change in how days are counted, when a letter is received, or what tolls."""

_SATURDAY: Final = 5
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class RuleSeen(msgspec.Struct, frozen=True):
    """One rule: its period in words, its citation, and a hash of everything it says."""

    period: str
    citation: str
    hash: str


class Snapshot(msgspec.Struct, frozen=True):
    """One jurisdiction as a book had it. `days`: those that are not plainly open, ISO day to "closed: Name".

    `receipt`: when a letter counts as received; empty in a snapshot that was taken before this was kept apart.
    """

    code: str
    edition: str
    fingerprint: str
    counting: str
    rules: dict[str, RuleSeen]
    days: dict[str, str]
    receipt: str = ""


class RuleChange(msgspec.Struct, frozen=True):
    """A rule that is new, gone, or says something else. Empty words: it was not there, or is no longer."""

    rule_id: str
    was: str
    now: str
    citation: str
    kind: Literal["new", "gone", "period", "words", "counting"]


class DayChange(msgspec.Struct, frozen=True):
    """A day whose standing changed. Empty words: a plain open day, or a plain weekend."""

    day: date
    was: str
    now: str


class Changes(msgspec.Struct, frozen=True):
    """What differs between two snapshots of one jurisdiction."""

    rules: tuple[RuleChange, ...] = ()
    days: tuple[DayChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.days)


@cache  # a book never changes; its snapshot is asked for at every sweep
def take_snapshot(book: LawBook, code: str) -> Snapshot:
    """Return what the book says of a jurisdiction now. Costs some milliseconds the first time, nothing later."""
    statute = book.statute(code)
    days = dict(_days(book.calendar(code)))
    said = _ENCODER.encode(statute) + _ENCODER.encode(days)
    return Snapshot(
        code=code,
        edition=statute.edition,
        fingerprint=hashlib.sha256(said).hexdigest(),
        counting=_hash((statute.day_counting, statute.tolling, statute.timezone)),
        receipt=_hash(statute.receipt),
        rules={rule.id: _seen(rule, statute) for rule in statute.rules},
        days=days,
    )


def compare(before: Snapshot, after: Snapshot) -> Changes:
    """Return which rules and which days differ, rules by id and days in order."""
    return Changes(tuple(_rule_changes(before, after)), tuple(_day_changes(before, after)))


def _rule_changes(before: Snapshot, after: Snapshot) -> Iterator[RuleChange]:
    if before.counting != after.counting or (before.receipt and before.receipt != after.receipt):
        yield RuleChange(COUNTING, "", "", "", "counting")
    for rule_id in sorted(before.rules.keys() | after.rules.keys()):
        was, now = before.rules.get(rule_id), after.rules.get(rule_id)
        if was is None and now is not None:
            yield RuleChange(rule_id, "", now.period, now.citation, "new")
        elif was is not None and now is None:
            yield RuleChange(rule_id, was.period, "", was.citation, "gone")
        elif was is not None and now is not None and was.hash != now.hash:
            kind: Literal["period", "words"] = "period" if was.period != now.period else "words"
            yield RuleChange(rule_id, was.period, now.period, now.citation, kind)


def _day_changes(before: Snapshot, after: Snapshot) -> Iterator[DayChange]:
    for day in sorted(before.days.keys() | after.days.keys()):
        was, now = before.days.get(day, ""), after.days.get(day, "")
        if was != now:
            yield DayChange(date.fromisoformat(day), was, now)


def _seen(rule: Rule, statute: Statute) -> RuleSeen:
    words = period_words(rule.period, statute) if rule.period else ""
    return RuleSeen(period=words, citation=rule.citation, hash=_hash(rule))


def _hash(said: object) -> str:
    return hashlib.sha256(_ENCODER.encode(said)).hexdigest()[:16]


def _days(calendar: HolidayCalendar) -> Iterator[tuple[str, str]]:
    """Walk the days that are closed, disputed or a legal holiday, with the reason; plain weekends are left out."""
    day = calendar.first
    while day <= calendar.last:
        status = calendar.status(day)
        if status.holiday or (status.kind != "open" and day.weekday() < _SATURDAY):
            yield day.isoformat(), f"{status.kind}: {status.name}"
        day += timedelta(days=1)
