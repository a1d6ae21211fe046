"""Questions to the law book in words, and its answers as text or JSON: the `due` command and the calculator page.

`answer_due` is the whole command apart from its arguments' names: it never raises for what a person typed, but returns
an `Answer` with one clear line and the status 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Final, NamedTuple, get_args
from zoneinfo import ZoneInfo

import msgspec

from requests_app.law.book import LawBook, LawFileError, UnknownJurisdiction
from requests_app.law.calendars import CalendarEnds, HolidayCalendar
from requests_app.law.case import local_day
from requests_app.law.deadlines import Deadline, Projection, project
from requests_app.law.phrases import TITLES, long_date, sentence, wrapped
from requests_app.law.schema import EventKind, Statute
from requests_app.law.timeline import Event, Method, Timeline, TimelineError

METHODS: Final[tuple[Method, ...]] = get_args(Method)
EVENT_KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)
BAD_QUESTION: Final = 2

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DUTY_COLUMN: Final = 57
_STATE_WORDS: Final = {
    "running": "",
    "paused": "clock stands still",
    "met": "met",
    "missed": "late",
    "superseded": "replaced",
}
_CERTAINTY_WORDS: Final = {
    "fixed": "",
    "presumed": "presumed: the receipt or start is not recorded",
    "disputed": "disputed: act by the earliest, call it late only after the latest",
    "conditional": "conditional: depends on a fact not stated here",
}


class InquiryError(ValueError):
    """Something in a question cannot be understood. The message is one line that says what and how to put it right."""


class Inquiry(NamedTuple):
    """A question that was understood, with its answer."""

    statute: Statute
    timeline: Timeline
    as_of: date | datetime
    projection: Projection


class Answer(NamedTuple):
    """What a command prints and how it ends: `text` for standard output, or one `error` line and a status."""

    text: str = ""
    error: str = ""
    status: int = 0


# --- asking -----------------------------------------------------------------------------------------------------------


def parse_event(words: str, timezone: str, method: Method | None = None) -> Event:
    """Return the event that "received=2026-03-02" or "sent=2026-03-02T16:45" means.

    The date and time are local; a time with an offset is converted. `method` belongs to a sending (e-mail when it is
    not given) and to a receipt. Raises InquiryError.
    """
    kind, found, when = words.partition("=")
    kind, when = kind.strip().lower(), when.strip()
    if not found or not when:
        raise InquiryError(f"{words!r} is not an event; write EVENT=DATE, for example received=2026-03-02.")
    if kind not in EVENT_KINDS:
        raise InquiryError(f"There is no event called {kind!r}; use one of {', '.join(EVENT_KINDS)}.")
    on, at = parse_moment(when, timezone)
    if kind == "sent":
        return Event(kind, on, at, method or "email")
    return Event(kind, on, at, method if kind == "received" else None)


def parse_moment(words: str, timezone: str) -> tuple[date, time | None]:
    """Return the local day, and the local time when one is given, of an ISO date or date-time. Raises InquiryError."""
    if not _DATE.match(words):
        raise InquiryError(
            f"{words!r} is not a date; write the year first, for example 2026-03-02 or 2026-03-02T16:45."
        )
    try:
        if _DATE.fullmatch(words):
            return date.fromisoformat(words), None
        moment = datetime.fromisoformat(words)
    except ValueError as error:
        raise InquiryError(f"{words!r} is not a possible date: {error}.") from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZoneInfo(timezone))
    return moment.date(), moment.time().replace(tzinfo=None)


def ask(
    book: LawBook,
    code: str,
    events: Sequence[str],
    *,
    now: datetime,
    sent_by: str | None = None,
    as_of: str | None = None,
    conditions: Iterable[str] = (),
) -> Inquiry:
    """Return the deadlines for events in words under a jurisdiction's law, judged at `as_of` (by default `now`).

    Raises InquiryError, UnknownJurisdiction, TimelineError, CalendarEnds or LawFileError; each says what to correct.
    """
    statute = book.statute(code)
    calendar = book.calendar(code)
    if sent_by is not None and sent_by not in METHODS:
        raise InquiryError(f"{sent_by!r} is no way of sending; use one of {', '.join(METHODS)}.")
    if not events:
        raise InquiryError("Give at least one event, for example --event received=2026-03-02.")
    timeline = Timeline([parse_event(words, statute.timezone, sent_by) for words in events])
    _check_years(timeline, calendar)
    judged: date | datetime = now
    if as_of is not None:
        judged, _ = parse_moment(as_of.strip(), statute.timezone)
    stated = _known_conditions(conditions, statute)
    return Inquiry(statute, timeline, judged, project(statute, timeline, calendar, as_of=judged, conditions=stated))


def _check_years(timeline: Timeline, calendar: HolidayCalendar) -> None:
    for event in timeline.events:
        if not calendar.first <= event.on <= calendar.last:
            raise CalendarEnds(calendar.code, event.on, calendar.first, calendar.last)


def _known_conditions(conditions: Iterable[str], statute: Statute) -> dict[str, bool]:
    """Return stated conditions as a mapping, refusing a key that no rule of this law uses."""
    keys = {rule.condition_key.removeprefix("not_") for rule in statute.rules if rule.condition_key is not None}
    stated = {}
    for words in conditions:
        key = words.strip().lower()
        if key.removeprefix("not_") not in keys:
            known = f"use one of {', '.join(sorted(keys))}, with not_ in front to deny it" if keys else "it knows none"
            raise InquiryError(f"The law of {statute.name} knows no condition called {key!r}; {known}.")
        stated[key.removeprefix("not_")] = not key.startswith("not_")
    return stated


def answer_due(
    book: LawBook,
    code: str,
    events: Sequence[str],
    *,
    now: datetime,
    sent_by: str | None = None,
    as_of: str | None = None,
    conditions: Iterable[str] = (),
    as_json: bool = False,
) -> Answer:
    """Answer the `due` command: the text or JSON to print, or one line of error and the status 2."""
    try:
        inquiry = ask(book, code, events, now=now, sent_by=sent_by, as_of=as_of, conditions=conditions)
    except (InquiryError, UnknownJurisdiction, TimelineError, CalendarEnds) as error:
        return Answer(error=str(error), status=BAD_QUESTION)
    except LawFileError as error:
        return Answer(error=f"The law book cannot be used: {error.problems[0]}", status=BAD_QUESTION)
    return Answer(text=as_json_text(inquiry) if as_json else as_text(inquiry))


# --- answering --------------------------------------------------------------------------------------------------------


def as_plain(inquiry: Inquiry) -> dict[str, object]:
    """Return an answer as plain lists, mappings and strings, as the JSON shows it."""
    return {
        "jurisdiction": inquiry.statute.code,
        "deadlines": [_plain_deadline(row) for row in inquiry.projection.deadlines],
        "notes": list(inquiry.projection.notes),
    }


def _plain_deadline(row: Deadline) -> dict[str, object]:
    return {
        "kind": row.kind,
        "duty_of": row.duty_of,
        "rule_id": row.rule_id,
        "edition": row.edition,
        "citation": row.citation,
        "trigger": row.trigger,
        "trigger_date": row.trigger_date.isoformat(),
        "earliest": row.earliest.isoformat() if row.earliest else None,
        "latest": row.latest.isoformat() if row.latest else None,
        "certainty": row.certainty,
        "state": row.state,
        "trace": list(row.trace),
        "duty": row.duty,
        "condition": row.condition,
        "condition_key": row.condition_key,
        "consequence": row.consequence,
        "body": row.body,
        "level": row.level,
    }


def as_json_text(inquiry: Inquiry) -> str:
    """Return an answer as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(as_plain(inquiry)), indent=2).decode()


def as_text(inquiry: Inquiry) -> str:
    """Return an answer for people: a line per deadline, then how it was counted, then the notes."""
    statute = inquiry.statute
    day = local_day(inquiry.as_of, statute.timezone)
    blocks = [
        f"{statute.name} ({statute.code}) · {statute.statute.name}, {statute.statute.citation}\n"
        f"Law book edition {statute.edition}. Judged as of {long_date(day)}."
    ]
    blocks += [_deadline_text(row) for row in inquiry.projection.deadlines]
    if not inquiry.projection.deadlines:
        blocks.append("No date: this law sets no number of days for what has happened so far.")
    if inquiry.projection.notes:
        blocks.append("\n".join(["Notes", *(_filled(note, "  - ") for note in inquiry.projection.notes)]))
    return "\n\n".join(blocks)


def _deadline_text(row: Deadline) -> str:
    whose = "agency's duty" if row.duty_of == "agency" else "your step"
    head = f"{title_of(row)} due  {due_words(row)}"
    marks = _marks(row)
    lines = [f"{head:<{_DUTY_COLUMN - 1}} {whose} · {row.citation}"]
    if any(marks):
        lines.append(_filled("; ".join(filter(None, marks)), "  Status: "))
    lines.append(_filled(sentence(row.duty), "  "))
    lines.append("  How we counted")
    lines += [_filled(step, f"  {number:<2} ") for number, step in enumerate(row.trace, start=1)]
    return "\n".join(lines)


def _marks(row: Deadline) -> list[str]:
    """Return where a deadline stands and how sure it is, in words; a settled pair of dates needs no advice."""
    state = _STATE_WORDS[row.state]
    if row.state == "missed" and row.duty_of == "requester":
        state = "the day has passed"
    settled = row.certainty == "disputed" and row.state not in ("running", "paused")
    return [state, "" if settled else _CERTAINTY_WORDS[row.certainty]]


def title_of(row: Deadline) -> str:
    """Return the short name of a deadline: the rule's own, or its kind's."""
    if row.rule.title is not None:
        return row.rule.title
    if row.kind == "appeal" and row.duty_of == "agency":
        return "Decision on the appeal"
    return TITLES[row.kind]


def due_words(row: Deadline) -> str:
    """Return the date or the pair of dates of a deadline in words."""
    if row.earliest is None or row.latest is None:
        return "no date while the clock stands still"
    if row.earliest == row.latest:
        return long_date(row.earliest)
    return f"{long_date(row.earliest)} to {long_date(row.latest)}"


def _filled(text: str, lead: str) -> str:
    """Return a paragraph that hangs from its lead."""
    return wrapped(text, lead, " " * len(lead))
