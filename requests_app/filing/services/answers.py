"""Recording what an agency answered, together with its own words. The event itself goes through the one door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, EventWords
from requests_app.filing.services import recording
from requests_app.people.models import Person


@transaction.atomic
def record_answer(
    request_id: int,
    kind: EventKind | str,
    *,
    happened_on: date | None = None,
    happened_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
    note: str = "",
    words: str = "",
    by: Person | None,
    now: datetime,
) -> Event:
    """Record an event, and keep what the agency wrote beside it, sealed. Raises EventRefused."""
    event = recording.record_event(
        request_id,
        kind,
        happened_on=happened_on,
        happened_at=happened_at,
        details=details,
        note=note,
        by=by,
        now=now,
    )
    if words.strip():
        EventWords.objects.create(event=event, text=words)
    return event


@transaction.atomic
def correct_answer(
    event_id: int,
    *,
    by: Person,
    now: datetime,
    note: str,
    replacement: Mapping[str, Any] | None = None,
    words: str = "",
) -> Event:
    """Correct an event; what the agency wrote goes with the right one. Returns the correction. Raises EventRefused."""
    correction = recording.correct_event(event_id, by=by, now=now, note=note, replacement=replacement)
    if replacement is not None and words.strip():
        EventWords.objects.create(event=Event.objects.get(replaces_id=event_id), text=words)
    return correction
