"""The one door for letters out and replies in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies import services as agencies
from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents import services as documents
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Document
from requests_app.documents.names import clean_name
from requests_app.documents.store import StoreTrouble
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind, Status
from requests_app.filing.models import Delivery, Event, RecordsRequest
from requests_app.kits.letters import load
from requests_app.kits.text import to_eml
from requests_app.people import services as people
from requests_app.people.models import Person


class NotSendable(Exception):
    """The letter cannot leave as it stands. The text says why, what is safe and what to do."""


@dataclass(frozen=True)
class IncomingFile:
    """A file that came with a reply: the name its sender gave it, and its bytes in chunks."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True)
class Recorded:
    """What came of recording a reply or a proof: the event, the files kept, and the files refused with the reason."""

    event: Event
    kept: list[Document] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def file_draft(draft_id: UUID, *, by: Person, now: datetime) -> list[RecordsRequest]:
    """Turn a finished draft into requests and put the letters that go by e-mail into the outbox.

    One transaction: either every agency of the draft has its request and its queued letter, or nothing happened and
    the draft is as it was. A second click finds the draft filed and returns the same requests.
    Raises filing.NotReady, filing.DraftIsClosed.
    """
    with transaction.atomic():
        requests = filing.file_draft(
            draft_id, by=by, organisation=settings.ORGANISATION_NAME, address_for=address_for, now=now
        )
        for records_request in requests:
            if records_request.delivery == Delivery.EMAIL and records_request.status == Status.READY:
                queue_letter(records_request, by=by, now=now)
    return requests


def address_for(reference: str, token: str) -> str:
    """Return the address to which the agency of one request answers."""
    return filing.reply_address(reference, token, mailbox=settings.REPLY_MAILBOX, domain=settings.REPLY_DOMAIN)


def queue_letter(records_request: RecordsRequest, *, by: Person, now: datetime) -> OutgoingLetter:
    """Put the letter of a request into the outbox, to leave after the undo window.

    Raises NotSendable when the request has no e-mail address or is not ready to be sent.
    """
    contact = records_request.contact_point
    if contact is None or contact.channel != Delivery.EMAIL:
        raise NotSendable(
            _("This request has no e-mail address. The letter is safe: send it by post or portal and record that here.")
        )
    if records_request.status not in {Status.READY, Status.UNDELIVERED}:
        raise NotSendable(_("This letter has already left. Nothing was sent twice."))
    existing = records_request.outgoing_letters.filter(
        state__in=[OutgoingLetter.State.QUEUED, OutgoingLetter.State.SENDING]
    ).first()
    if existing:
        return existing
    serial = records_request.outgoing_letters.count() + 1
    message_id = (
        f"<{records_request.reference.lower()}.{serial}.{records_request.reply_token[:16]}@{settings.REPLY_DOMAIN}>"
    )
    filing.record_event(
        records_request.pk,
        EventKind.QUEUED,
        happened_at=now,
        details={"method": "email", "message_id": message_id},
        by=by,
        now=now,
    )
    raw = to_eml(
        load(records_request.letter),
        address_for(records_request.reference, records_request.reply_token),
        contact.value,
        message_id,
        now,
    )
    return OutgoingLetter.objects.create(
        request=records_request,
        to_address=contact.value,
        subject=records_request.subject,
        raw=raw.decode("ascii"),
        message_id=message_id,
        queued_by=by,
        queued_at=now,
        send_after=now + timedelta(minutes=settings.SEND_UNDO_MINUTES),
    )


def take_back(letter_id: int, *, by: Person, now: datetime) -> bool:
    """Undo a letter that waits in the outbox. Returns False when it has already left: only one of the two can win."""
    with transaction.atomic():
        waiting = OutgoingLetter.objects.filter(pk=letter_id, state=OutgoingLetter.State.QUEUED)
        if not waiting.update(state=OutgoingLetter.State.CANCELLED):
            return False
        letter = OutgoingLetter.objects.get(pk=letter_id)
        filing.record_event(
            letter.request_id,
            EventKind.TAKEN_BACK,
            happened_at=now,
            details={"message_id": letter.message_id},
            by=by,
            now=now,
        )
    return True


def send_now(letter_id: int, *, now: datetime) -> bool:
    """End the undo window of a waiting letter at once."""
    return bool(
        OutgoingLetter.objects.filter(pk=letter_id, state=OutgoingLetter.State.QUEUED, send_after__gt=now).update(
            send_after=now
        )
    )


def record_sent(letter: OutgoingLetter, answer: str, *, now: datetime) -> None:
    """Record that the mail server took the letter. Safe to run twice: one letter leaves one event."""
    with transaction.atomic():
        OutgoingLetter.objects.filter(pk=letter.pk).update(answer=answer[:500])
        if _is_recorded(letter, EventKind.SENT):
            return
        filing.record_event(
            letter.request_id,
            EventKind.SENT,
            happened_at=now,
            details={"method": "email", "message_id": letter.message_id, "answer": answer[:200]},
            by=None,
            now=now,
        )


def _is_recorded(letter: OutgoingLetter, kind: str) -> bool:
    same = Event.objects.filter(request_id=letter.request_id, kind=kind, details__message_id=letter.message_id)
    return same.exists()


def record_failed(letter: OutgoingLetter, reason: str, *, now: datetime) -> None:
    """Record that the letter will never be accepted: no clock starts, the contact is marked, the filer is told."""
    records_request = RecordsRequest.objects.select_related("contact_point", "filer", "agency").get(
        pk=letter.request_id
    )
    with transaction.atomic():
        if not _is_recorded(letter, EventKind.SEND_FAILED):
            filing.record_event(
                records_request.pk,
                EventKind.SEND_FAILED,
                happened_at=now,
                details={"method": "email", "message_id": letter.message_id, "answer": reason[:200]},
                by=None,
                now=now,
            )
        if records_request.contact_point_id:
            agencies.mark_bounced(records_request.contact_point_id, now=now)
        people.queue_notice(
            recipient=records_request.filer,
            key=f"letter-failed:{letter.pk}",
            subject=_("%(reference)s: the letter was not delivered") % {"reference": records_request.reference},
            text=_(
                "The mail server refused the letter to %(agency)s. Nothing is lost: the letter is kept with the request "
                "and no deadline runs. Choose another contact point and send it again, or send it by post or portal."
            )
            % {"agency": records_request.agency.name},
            why=_("You get this because you filed this request."),
            path=records_request.get_absolute_url(),
            send_after=now,
            now=now,
        )


def mark_sent(
    records_request: RecordsRequest,
    *,
    method: str,
    sent_on: date,
    sent_at: datetime | None = None,
    confirmation: str = "",
    note: str = "",
    proof: Iterable[IncomingFile] = (),
    by: Person,
    now: datetime,
) -> Recorded:
    """Record that a person sent the letter by hand: by post, portal, fax, in person or from their own mailbox."""
    details = {"method": method} | ({"confirmation": confirmation} if confirmation else {})
    return _record_with_files(
        records_request,
        EventKind.SENT,
        happened_on=sent_on,
        happened_at=sent_at,
        details=details,
        note=note,
        files=proof,
        via=Document.Via.PROOF,
        by=by,
        now=now,
    )


def record_reply(
    records_request: RecordsRequest,
    kind: str,
    *,
    happened_on: date,
    details: Mapping[str, Any] | None = None,
    note: str = "",
    files: Iterable[IncomingFile] = (),
    by: Person,
    now: datetime,
) -> Recorded:
    """Record what an agency answered and keep the files that came with it."""
    return _record_with_files(
        records_request,
        kind,
        happened_on=happened_on,
        happened_at=None,
        details=details or {},
        note=note,
        files=files,
        via=Document.Via.REPLY,
        by=by,
        now=now,
    )


def _record_with_files(
    records_request: RecordsRequest,
    kind: str,
    *,
    happened_on: date,
    happened_at: datetime | None,
    details: Mapping[str, Any],
    note: str,
    files: Iterable[IncomingFile],
    via: str,
    by: Person,
    now: datetime,
) -> Recorded:
    # The event first: if it is refused, no file is kept under a story that did not happen.
    event = filing.record_event(
        records_request.pk,
        kind,
        happened_on=happened_on,
        happened_at=happened_at,
        details=dict(details),
        note=note,
        by=by,
        now=now,
    )
    recorded = Recorded(event)
    for file in files:
        try:
            outcome = documents.receive_file(
                records_request, file.chunks, name=file.name, received_on=happened_on, via=via, by=by, now=now
            )
        except (StoreTrouble, NotKept) as trouble:
            recorded.refused.append((clean_name(file.name), str(trouble)))
        else:
            recorded.kept.append(outcome.document)
    return recorded
