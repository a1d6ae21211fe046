"""What a person makes of reading help. The one door for it; events go through `correspondence.services.record_reply`.

Nothing here happens by itself. An event that is recorded keeps the number of the message that it comes from in its
details (`MAIL`), so that timeline and evidence file can name it. It is taken back as any other: by correcting it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from requests_app.correspondence import services as correspondence
from requests_app.correspondence.incoming.models import IncomingMessage, Placement
from requests_app.correspondence.incoming.suggested.models import Confirmation, Meaning, ShareLink
from requests_app.documents.models import Document
from requests_app.filing.models import Event, RecordsRequest
from requests_app.people.models import Person

MAIL: Final = "mail"
"""The name under which an event's details keep the number of the message that it was recorded from."""

State = Meaning.State


class NotRecorded(Exception):
    """Nothing was recorded. The text says why, and what to do."""


def record_from_mail(
    message_id: int,
    records_request: RecordsRequest,
    kind: str,
    *,
    happened_on: date,
    details: Mapping[str, Any],
    note: str = "",
    words: str = "",
    files: Iterable[correspondence.IncomingFile] = (),
    meaning_id: int | None = None,
    by: Person,
    now: datetime,
) -> correspondence.Recorded:
    """Record what an agency answered in a message that is filed on the request, with the message as its source.

    `meaning_id`: what reading help found, which is then settled for this request. The files of the message are with the
    request already; `files` are others, such as those fetched from a link. A second click records nothing twice.
    Raises NotRecorded, filing.EventRefused.
    """
    try:
        with transaction.atomic():
            _must_be_filed(message_id, records_request)
            meaning = _meaning(message_id, meaning_id) if meaning_id is not None else None
            earlier = _earlier(meaning, records_request) if meaning is not None else None
            recorded = correspondence.record_reply(
                records_request, kind, happened_on=happened_on, details={**details, MAIL: message_id}, note=note,
                words=words, by=by, now=now,
            )  # fmt: skip
            if meaning is not None:
                _confirm(meaning, earlier, recorded.event, by=by, now=now)
    except IntegrityError as trouble:
        raise AlreadyRecorded from trouble  # the other click of two was quicker; ours went back whole
    if not files:
        return recorded
    return correspondence.keep_files(records_request, recorded.event, files, via=Document.Via.REPLY, by=by, now=now)


class AlreadyRecorded(NotRecorded):
    """The same thing was recorded from the same message before, and stands."""

    def __init__(self) -> None:
        super().__init__(
            _("This was recorded from this mail already, and nothing was recorded twice. See the page of the request.")
        )


def dismiss(message_id: int, meaning_id: int, *, by: Person, now: datetime) -> None:
    """Say that a message does not say this, or that it needs no event. Can be taken up again. Raises NotRecorded."""
    changed = Meaning.objects.filter(pk=meaning_id, message=message_id, state=State.OPEN).update(
        state=State.DISMISSED, settled_at=now, settled_by=by
    )
    if not changed:
        raise _decided_meanwhile()


def take_up_again(message_id: int, meaning_id: int) -> None:
    """Let what was put away be asked again. Raises NotRecorded."""
    changed = Meaning.objects.filter(pk=meaning_id, message=message_id, state=State.DISMISSED).update(
        state=State.OPEN, settled_at=None, settled_by=None
    )
    if not changed:
        raise _decided_meanwhile()


def settle_link(message_id: int, link_id: int, state: str, *, by: Person, now: datetime) -> None:
    """Say what became of a link: fetched, gone, or to be fetched after all. Raises NotRecorded."""
    chosen = ShareLink.State(state)
    settled = (None, None) if chosen == ShareLink.State.OPEN else (now, by)
    links = ShareLink.objects.filter(pk=link_id, message=message_id).exclude(state=chosen)
    if not links.update(state=chosen, settled_at=settled[0], settled_by=settled[1]):
        raise _decided_meanwhile()


def stands(event: Event) -> bool:
    """Return whether an event, or one that took its place, still stands. Reads its correction, if it has one."""
    return not hasattr(event, "corrected_by") or hasattr(event, "replaced_by")


def _must_be_filed(message_id: int, records_request: RecordsRequest) -> None:
    placed = Placement.objects.filter(
        message=message_id, request=records_request, ended_at__isnull=True, message__state=IncomingMessage.State.FILED
    )
    if not placed.exists():
        raise NotRecorded(
            _("This mail is not filed with that request, so nothing was recorded. File it there first, then record it.")
        )


def _meaning(message_id: int, meaning_id: int) -> Meaning:
    found = Meaning.objects.filter(pk=meaning_id, message=message_id).first()
    if found is None or found.state == State.DISMISSED:
        raise _decided_meanwhile()
    return found


def _earlier(meaning: Meaning, records_request: RecordsRequest) -> Confirmation | None:
    """Return the confirmation whose event was corrected away; its place can be taken. Raises AlreadyRecorded."""
    found = (
        Confirmation.objects.filter(meaning=meaning, request=records_request)
        .select_related("event__corrected_by", "event__replaced_by")
        .first()
    )
    if found is not None and stands(found.event):
        raise AlreadyRecorded
    return found


def _confirm(meaning: Meaning, earlier: Confirmation | None, event: Event, *, by: Person, now: datetime) -> None:
    if earlier is None:
        Confirmation.objects.create(meaning=meaning, request_id=event.request_id, event=event)
    elif not Confirmation.objects.filter(pk=earlier.pk, event=earlier.event_id).update(event=event):
        raise AlreadyRecorded
    Meaning.objects.filter(pk=meaning.pk).update(state=State.CONFIRMED, settled_at=now, settled_by=by)


def _decided_meanwhile() -> NotRecorded:
    return NotRecorded(
        _("This was decided meanwhile, or the mail was read again. Nothing of yours was done. See below how it stands.")
    )
