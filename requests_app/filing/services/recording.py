"""The one door through which a request changes: append an event, fold, project, store, in one transaction.

Two writers at once: each reads the number of the newest event, works out what follows, and claims the next number by a
conditional update. Only one update matches; the other writer starts over with what is then true. No lock is needed, so
it holds on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.filing import lawbook
from requests_app.filing.lifecycle import (
    UNCORRECTABLE,
    EventFact,
    EventKind,
    ImpossibleEvent,
    Outcome,
    Phase,
    Standing,
    Status,
    fold,
)
from requests_app.filing.models import Deadline, Event, Note, RecordsRequest
from requests_app.filing.next_action import next_due, overdue_since
from requests_app.filing.timeline import facts_of, to_law
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.law import deadlines as law_deadlines
from requests_app.law.calendars import CalendarEnds
from requests_app.law.rows import Deadline as LawDeadline
from requests_app.law.timeline import TimelineError
from requests_app.people.models import Person

# Each failed try means that another writer got through: more rivals than this on one request is a fault, not traffic.
TRIES: Final = 25


class EventRefused(Exception):
    """An event that cannot be recorded. The message is for the person: what happened, what is safe, what to do."""


class NotPossibleNow(EventRefused):
    """The event cannot follow what went before it."""

    def __init__(self, kind: EventKind, status: Status | None) -> None:
        self.kind, self.status = kind, status
        super().__init__(
            _(
                "“%(kind)s” cannot be recorded while the request stands at “%(status)s”. Nothing was changed. "
                "Record what came in between first, or correct the event that is wrong."
            )
            % {"kind": kind.label, "status": status.label if status else _("not opened")}
        )


class LeavesAGap(EventRefused):
    """Another event, later in the request's life, would have nothing to follow."""

    def __init__(self, later: EventFact) -> None:
        self.later = later
        super().__init__(
            _(
                "This cannot be right together with “%(kind)s” of %(day)s, which would then have nothing to follow. "
                "Nothing was changed. Check the date, or correct that event first."
            )
            % {"kind": later.kind.label, "day": date_format(later.happened_on, "l, F j, Y")}
        )


class NotYetHappened(EventRefused):
    """The day lies in the future."""

    def __init__(self, day: date, today: date) -> None:
        self.day, self.today = day, today
        super().__init__(
            _(
                "%(day)s has not come yet; in the agency's state it is %(today)s. Nothing was changed. "
                "Record only what has happened."
            )
            % {"day": date_format(day, "l, F j, Y"), "today": date_format(today, "l, F j, Y")}
        )


class AgainstTheTimeline(EventRefused):
    """The law room found that the days cannot be right; its own sentence says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(_("%(sentence)s Nothing was changed.") % {"sentence": sentence})


class AlreadyCorrected(EventRefused):
    """Somebody corrected this event before."""

    def __init__(self, kind: EventKind) -> None:
        super().__init__(
            _("“%(kind)s” was corrected before. Nothing was changed. Look at the timeline for what stands now.")
            % {"kind": kind.label}
        )


class NotCorrectable(EventRefused):
    """Openings, assignments and corrections are not corrected."""

    def __init__(self, kind: EventKind) -> None:
        super().__init__(
            _("“%(kind)s” cannot be corrected. Nothing was changed. Record the right event instead.")
            % {"kind": kind.label}
        )


class Unsaid(EventRefused):
    """Something that the event cannot do without is missing."""


class Busy(Exception):
    """Too many writers at once on one request. Nothing was stored; trying again is safe."""


class _Overtaken(Exception):
    """Another writer came first; start over with what is true now."""


@dataclass(slots=True)
class _Change:
    """What one transaction adds to a request: new events, and columns that change beside the folded ones."""

    events: list[Event] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Projected:
    deadlines: tuple[LawDeadline, ...]
    notes: tuple[str, ...]


Decide = Callable[[RecordsRequest, Sequence[Event]], _Change]


def record_event(
    request_id: int,
    kind: EventKind | str,
    *,
    happened_on: date | None = None,
    happened_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
    note: str = "",
    by: Person | None,
    now: datetime,
) -> Event:
    """Append one event, and bring status and deadlines up to date. Returns the event.

    `happened_on` is the legal day in the jurisdiction's own time zone; `happened_at` the aware moment where it is
    known, which then decides the day. Neither: it happened now. `by` None: Daylight itself. Raises EventRefused.
    """
    chosen = EventKind(kind)
    if chosen in UNCORRECTABLE:
        raise ValueError(f"{chosen} has its own service")

    def decide(records_request: RecordsRequest, events: Sequence[Event]) -> _Change:
        return _Change(
            [_new_event(records_request, chosen, happened_on, happened_at, details or {}, note, by=by, now=now)]
        )

    return _write(request_id, decide, now=now)[-1]


def correct_event(
    event_id: int, *, by: Person, now: datetime, note: str, replacement: Mapping[str, Any] | None = None
) -> Event:
    """Say that an event was recorded wrongly, and optionally what is right. Returns the correction.

    `replacement` may give `happened_on`, `happened_at`, `details` and `note` of the right event, and `kind` where that
    was wrong too; it takes the place of the old one. Nothing is deleted: both stay on the timeline. Raises
    EventRefused.
    """
    wrong = Event.objects.get(pk=event_id)
    kind = EventKind(wrong.kind)
    if kind in UNCORRECTABLE:
        raise NotCorrectable(kind)

    def decide(records_request: RecordsRequest, events: Sequence[Event]) -> _Change:
        if any(event.corrects_id == wrong.pk for event in events):
            raise AlreadyCorrected(kind)
        correction = _new_event(records_request, EventKind.CORRECTION, None, None, {}, note, by=by, now=now)
        correction.corrects = wrong
        change = _Change([correction])
        if replacement is not None:
            right = _new_event(
                records_request,
                EventKind(replacement.get("kind", kind)),
                replacement.get("happened_on"),
                replacement.get("happened_at"),
                replacement.get("details", wrong.details),
                replacement.get("note", wrong.note),
                by=by,
                now=now,
            )
            right.replaces = wrong
            change.events.append(right)
        return change

    written = _write(wrong.request_id, decide, now=now)
    return next(event for event in written if event.kind == EventKind.CORRECTION)


def assign(request_id: int, *, to: Person | None, by: Person, now: datetime) -> Event:
    """Give a request to a person, or to nobody. Returns the event."""

    def decide(records_request: RecordsRequest, events: Sequence[Event]) -> _Change:
        details = {"to": to.pk if to else None, "from": records_request.assignee_id}
        event = _new_event(records_request, EventKind.ASSIGNED, None, None, details, "", by=by, now=now)
        return _Change([event], {"assignee": to})

    return _write(request_id, decide, now=now)[-1]


def reproject(request_id: int, *, now: datetime) -> bool:
    """Bring deadlines up to date with the calendar and the law book. Idempotent. Returns whether anything changed.

    The sweep calls it as days pass (a running duty becomes a missed one), and so does whoever changes a law fact.
    """
    changed = False

    def decide(records_request: RecordsRequest, events: Sequence[Event]) -> _Change:
        return _Change()

    def remember(differs: bool) -> None:
        nonlocal changed
        changed = differs

    _write(request_id, decide, now=now, tell=remember)
    return changed


def add_note(request_id: int, *, text: str, by: Person, now: datetime) -> Note:
    """Leave a note for the others. It changes nothing about the request."""
    return Note.objects.create(request_id=request_id, author=by, text=text, at=now)


def watch_again(deadline_id: int, *, on: date | None) -> None:
    """Note the day on which the sweep looks at a deadline again; None when its story is told."""
    Deadline.objects.filter(pk=deadline_id).update(watch_on=on)


def begin(records_request: RecordsRequest, *, by: Person | None, now: datetime) -> Event:
    """Append the opening event to a request just inserted, in the caller's transaction."""

    def decide(opened: RecordsRequest, events: Sequence[Event]) -> _Change:
        return _Change([_new_event(opened, EventKind.OPENED, None, None, {}, "", by=by, now=now)])

    return _write(records_request.pk, decide, now=now)[0]


# --- inside the door --------------------------------------------------------------------------------------------------


def _new_event(
    records_request: RecordsRequest,
    kind: EventKind,
    happened_on: date | None,
    happened_at: datetime | None,
    details: Mapping[str, Any],
    note: str,
    *,
    by: Person | None,
    now: datetime,
) -> Event:
    """Return an unsaved event with its legal day. Its number is given when it is written."""
    today = lawbook.local_day(records_request.jurisdiction, now)
    if happened_at is not None:
        happened_on = lawbook.local_day(records_request.jurisdiction, happened_at)
    elif happened_on is None:
        happened_on, happened_at = today, now
    if happened_on > today or (happened_at is not None and happened_at > now):
        raise NotYetHappened(happened_on, today)
    said = dict(details)
    if kind is EventKind.SENT:
        said.setdefault("method", records_request.delivery)
    if kind is EventKind.APPEAL_DECIDED and said.get("outcome") not in Outcome.values:
        raise Unsaid(_("Say how the appeal was decided: for us, partly, or against us. Nothing was changed."))
    return Event(
        request=records_request,
        kind=kind,
        happened_on=happened_on,
        happened_at=happened_at,
        details=said,
        note=note,
        recorded_by=by,
        recorded_at=now,
    )


def _write(
    request_id: int, decide: Decide, *, now: datetime, tell: Callable[[bool], None] | None = None
) -> list[Event]:
    """Read, decide, claim, append, project, store; start over while other writers come first."""
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _write_once(request_id, decide, now, tell)
        except _Overtaken:
            continue
    raise Busy(f"request {request_id}: overtaken {TRIES} times")


def _write_once(request_id: int, decide: Decide, now: datetime, tell: Callable[[bool], None] | None) -> list[Event]:
    """One try.

    1. Read the request and its events, and decide what to add.
    2. Fold and project everything, old and new: refuse here what cannot be.
    3. Claim the next numbers; a rival who was quicker sends us back to 1.
    4. Append the events and store the deadlines that differ.
    """
    records_request = RecordsRequest.objects.get(pk=request_id)
    events = list(Event.objects.filter(request_id=request_id).order_by("sequence"))
    change = decide(records_request, events)
    for offset, event in enumerate(change.events, start=1):
        event.sequence = records_request.last_sequence + offset
    facts = facts_of([*events, *change.events], lawbook.zone_of(records_request.jurisdiction))
    standing = _fold(facts, {event.sequence for event in change.events})
    projected = _project(records_request, facts, standing, now)
    columns = {
        **change.columns,
        "status": standing.status,
        "resolution": standing.resolution or "",
        "phase": standing.phase,
        "law_edition": lawbook.statute_of(records_request.jurisdiction).edition,
        "law_notes": list(projected.notes),
        "last_sequence": records_request.last_sequence + len(change.events),
        **_next_columns(projected.deadlines),
        "overdue_since": overdue_since(standing.status, projected.deadlines),
    }
    differs = any(getattr(records_request, name) != value for name, value in columns.items())
    unchanged = RecordsRequest.objects.filter(pk=request_id, last_sequence=records_request.last_sequence)
    if not unchanged.update(**columns):
        raise _Overtaken
    for event in change.events:
        event.save()
    today = lawbook.local_day(records_request.jurisdiction, now)
    differs = _store_deadlines(request_id, projected.deadlines, today, now) or differs
    if tell is not None:
        tell(differs)
    return change.events


def _fold(facts: Sequence[EventFact], new: set[int]) -> Standing:
    try:
        return fold(facts)
    except ImpossibleEvent as impossible:
        if impossible.fact is None or impossible.fact.sequence in new:
            kind = impossible.fact.kind if impossible.fact else EventKind.OPENED
            raise NotPossibleNow(kind, impossible.status) from impossible
        raise LeavesAGap(impossible.fact) from impossible


def _project(
    records_request: RecordsRequest, facts: Sequence[EventFact], standing: Standing, now: datetime
) -> _Projected:
    """Return the deadlines that follow from what stands. A done request has nothing running any more."""
    code = records_request.jurisdiction
    if not _under_records_law(records_request.kit_id):
        return _Projected((), (_("This letter asks officials a question. No law sets a date for their answer."),))
    try:
        timeline = to_law(facts)
    except TimelineError as trouble:
        raise AgainstTheTimeline(str(trouble)) from trouble
    if timeline is None:
        return _Projected((), ())
    statute, calendar = lawbook.statute_of(code), lawbook.book().calendar(code)
    try:
        projection = law_deadlines.project(
            statute,
            timeline,
            calendar,
            as_of=now.astimezone(lawbook.zone_of(code)),
            conditions=records_request.conditions,
        )
    except CalendarEnds as end:
        # No date is better than a guessed one; the note says which years are known.
        return _Projected((), (str(end),))
    except TimelineError as trouble:
        raise AgainstTheTimeline(str(trouble)) from trouble
    if standing.phase is Phase.DONE:
        over = tuple(row for row in projection.deadlines if row.state not in ("running", "paused"))
        return _Projected(over, ())
    return _Projected(projection.deadlines, projection.notes)


def _under_records_law(kit_id: str) -> bool:
    """Return whether the kit is a records request. One that the catalog no longer has was, as all but one are."""
    try:
        return get_kit(kit_id).kind == "records"
    except UnknownKit:
        return True


def _next_columns(deadlines: Sequence[LawDeadline]) -> dict[str, Any]:
    due = next_due(deadlines)
    if due is None:
        return {"next_due_on": None, "next_due_kind": "", "next_due_duty_of": ""}
    return {"next_due_on": due.on, "next_due_kind": due.kind, "next_due_duty_of": due.duty_of}


_IDENTITY: Final = ("rule_id", "law_edition", "kind", "duty_of", "trigger", "trigger_date", "earliest", "latest")
_WORDS: Final = ("title", "duty", "citation", "condition", "consequence", "body", "level")
_CHANGING: Final = (*_WORDS, "certainty", "state", "trace")


def _store_deadlines(request_id: int, projected: Sequence[LawDeadline], today: date, now: datetime) -> bool:
    """Make the stored deadlines those projected. Returns whether anything differed.

    A row whose rule, trigger and dates are unchanged is kept, with its reminders, and only told its new state. Any
    other row is marked replaced, never overwritten, and the new one is added. What is new, or stands otherwise than
    before, is looked at by the next sweep.
    """
    stored: dict[tuple[Any, ...], list[Deadline]] = {}
    for row in Deadline.objects.filter(request_id=request_id, superseded_at__isnull=True).order_by("pk"):
        stored.setdefault(_identity(row), []).append(row)
    differs = False
    added: list[Deadline] = []
    for fresh in (_row(request_id, one, today, now) for one in projected):
        same = stored.get(_identity(fresh))
        if not same:
            added.append(fresh)
            continue
        kept = same.pop(0)
        changed = [name for name in _CHANGING if getattr(kept, name) != getattr(fresh, name)]
        if changed:
            for name in changed:
                setattr(kept, name, getattr(fresh, name))
            if "state" in changed:
                kept.watch_on = fresh.watch_on
            kept.projected_at = now
            kept.save(update_fields=[*changed, "watch_on", "projected_at"])
            differs = True
    Deadline.objects.bulk_create(added)
    gone = [row.pk for rows in stored.values() for row in rows]
    if gone:
        Deadline.objects.filter(pk__in=gone).update(superseded_at=now, state=Deadline.State.SUPERSEDED, watch_on=None)
    return differs or bool(added) or bool(gone)


def _identity(row: Deadline) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _IDENTITY)


def _row(request_id: int, projected: LawDeadline, today: date, now: datetime) -> Deadline:
    return Deadline(
        request_id=request_id,
        kind=projected.kind,
        title=projected.rule.title or "",
        duty_of=projected.duty_of,
        rule_id=projected.rule_id,
        law_edition=projected.edition,
        duty=projected.duty,
        citation=projected.citation,
        trigger=projected.trigger,
        trigger_date=projected.trigger_date,
        earliest=projected.earliest,
        latest=projected.latest,
        certainty=projected.certainty,
        condition=projected.condition or "",
        consequence=projected.consequence or "",
        body=projected.body or "",
        level=projected.level or "",
        state=projected.state,
        trace=list(projected.trace),
        watch_on=today if projected.latest and projected.state in ("running", "missed") else None,
        projected_at=now,
    )
