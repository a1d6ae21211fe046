"""The one door through which a request changes: append an event, fold, project, store, in one transaction.

Two writers at once: each reads the number of the newest event, works out what follows, and claims the next number by a
conditional update. Only one update matches; the other writer starts over with what is then true. No lock is needed, so
it holds on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.filing import lawbook
from requests_app.filing.lifecycle import UNCORRECTABLE, EventKind, Outcome, WaiverOutcome
from requests_app.filing.models import Event, Note, RecordsRequest
from requests_app.filing.services import projecting, storing
from requests_app.filing.services.refusals import (
    TRIES,
    AlreadyCorrected,
    Busy,
    NotCorrectable,
    NotYetHappened,
    Unsaid,
)
from requests_app.people.models import Person

# A note may have been read and acted upon: after an hour it stays.
NOTE_STAYS_AFTER: Final = timedelta(hours=1)


class _Overtaken(Exception):
    """Another writer came first; start over with what is true now."""


@dataclass(slots=True)
class _Change:
    """What one transaction adds to a request: new events, and columns that change beside the folded ones."""

    events: list[Event] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)


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


def add_note(request_id: int, *, text: str, by: Person, now: datetime) -> Note:
    """Leave a note for the others. It changes nothing about the request."""
    return Note.objects.create(request_id=request_id, author=by, text=text, at=now)


def take_back_note(note_id: int, *, by: Person, now: datetime) -> bool:
    """Take back one's own note while it is fresh (NOTE_STAYS_AFTER). Returns whether it was there to be taken back."""
    own = Note.objects.filter(pk=note_id, author=by, at__gt=now - NOTE_STAYS_AFTER)
    return bool(own.delete()[0])


def begin(
    records_request: RecordsRequest, *, details: Mapping[str, Any] | None = None, by: Person | None, now: datetime
) -> Event:
    """Append the opening event to a request just inserted, in the caller's transaction."""

    def decide(opened: RecordsRequest, events: Sequence[Event]) -> _Change:
        return _Change([_new_event(opened, EventKind.OPENED, None, None, details or {}, "", by=by, now=now)])

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
    if kind is EventKind.WAIVER_DECIDED and said.get("outcome") not in WaiverOutcome.values:
        raise Unsaid(_("Say how the waiver was decided: granted, in part, or refused. Nothing was changed."))
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


def _write(request_id: int, decide: Decide, *, now: datetime) -> list[Event]:
    """Read, decide, claim, append, project, store; start over while other writers come first."""
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _write_once(request_id, decide, now)
        except _Overtaken:
            continue
    raise Busy(request_id)


def _write_once(request_id: int, decide: Decide, now: datetime) -> list[Event]:
    """One try.

    1. Read the request and its events, and decide what to add.
    2. Work out what follows from everything, old and new: refuse here what cannot be.
    3. Claim the next numbers; a rival who was quicker sends us back to 1.
    4. Append the events and store the deadlines that differ. Only now are the old ones read: whoever wrote them has
       ended, since the claim waits for that.
    """
    records_request = RecordsRequest.objects.defer("letter").get(pk=request_id)
    events = list(Event.objects.filter(request_id=request_id).order_by("sequence"))
    change = decide(records_request, events)
    for offset, event in enumerate(change.events, start=1):
        event.sequence = records_request.last_sequence + offset
    new = {event.sequence for event in change.events}
    following = projecting.work_out(records_request, [*events, *change.events], new=new, now=now)
    unchanged = RecordsRequest.objects.filter(pk=request_id, last_sequence=records_request.last_sequence)
    numbered = {"last_sequence": records_request.last_sequence + len(change.events)}
    today = lawbook.local_day(records_request.jurisdiction, now)
    if any(event.kind != EventKind.ASSIGNED for event in change.events):
        change.columns["quiet_since"] = today
    if not unchanged.update(**change.columns, **following.columns, **numbered):
        raise _Overtaken
    for event in change.events:
        event.save()
    current = storing.read_current([request_id])[request_id]
    changes = storing.compare(records_request, following.deadlines, current, today=today, now=now)
    storing.store([changes], now=now)
    return change.events
