"""The one door for letters out and replies in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies import services as agencies
from requests_app.correspondence import holding, queries
from requests_app.correspondence.delivery.closing import close_tries
from requests_app.correspondence.mail_signature import NoSigningKey, sign_if_configured
from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents import services as documents
from requests_app.documents.handed_in import queries as handed_in
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Document
from requests_app.documents.names import clean_name
from requests_app.documents.store import StoreTrouble
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Delivery, Event, RecordsRequest
from requests_app.filing.our_addresses import address_for, address_of
from requests_app.filing.papers import enclosed_with
from requests_app.filing.reply_addresses import message_id_mark
from requests_app.kits.letters import Letter, load
from requests_app.kits.text import one_line, to_eml, to_text
from requests_app.people import services as people
from requests_app.people.models import Person

log = logging.getLogger(__name__)


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
            # A request that had a letter was filed by an earlier click; perhaps the letter was taken back since.
            if records_request.delivery == Delivery.EMAIL and not records_request.outgoing_letters.exists():
                queue_letter(records_request, by=by, now=now)
    return requests


@transaction.atomic
def queue_letter(records_request: RecordsRequest, *, by: Person, now: datetime) -> OutgoingLetter:
    """Put the letter of a request into the outbox, to leave after the undo window. A second click changes nothing.

    1. Make the message, byte for byte as it will leave: what cannot be written is not queued.
    2. Record that it is queued. The lifecycle lets only one of two clicks do that.
    3. Insert the row that the outbox sends.

    Raises NotSendable when the request has no e-mail address or is not ready to be sent.
    """
    contact = records_request.contact_point
    if contact is None or contact.channel != Delivery.EMAIL:
        raise NotSendable(
            _("This request has no e-mail address. The letter is safe: send it by post or portal and record that here.")
        )
    waiting = queries.letter_underway(records_request)
    if waiting is not None:
        return waiting
    serial = records_request.outgoing_letters.filter(next_letter__isnull=True).count() + 1
    mark = message_id_mark(records_request.reply_token)
    message_id = f"<{records_request.reference.lower()}.{serial}.{mark}@{settings.REPLY_DOMAIN}>"
    raw = signed(
        as_message(
            load(records_request.letter),
            address_of(records_request),
            contact.value,
            message_id,
            now,
            attachments=enclosed_with(records_request),
        )
    )
    try:
        filing.record_event(
            records_request.pk,
            EventKind.QUEUED,
            happened_at=now,
            details={"method": "email", "message_id": message_id},
            by=by,
            now=now,
        )
    except filing.NotPossibleNow as refusal:
        waiting = queries.letter_underway(records_request)  # the other click of two was quicker
        if waiting is not None:
            return waiting
        raise NotSendable(_("This letter has already left. Nothing was sent twice.")) from refusal
    except filing.EventRefused as refusal:
        raise NotSendable(str(refusal)) from refusal
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


def as_message(
    letter: Letter, from_address: str, to_address: str, message_id: str, now: datetime, **more: Any
) -> bytes:
    """Return a letter as the message that leaves.

    Raises NotSendable where an address is none, and where the letter holds a link over which its agency hands in files:
    letters are quoted, passed on and printed, and such a link is for one person alone.
    """
    if handed_in.has_live_link("\n".join((letter.subject, to_text(letter))), now):
        raise NotSendable(
            _(
                "This letter holds a link over which the agency hands in files. Letters are quoted and passed on, so "
                "it was not sent; it is safe. Take the link out, and give it by telephone or in a mail of its own."
            )
        )
    try:
        return to_eml(letter, from_address, to_address, message_id, now, **more)
    except ValueError as trouble:
        raise NotSendable(
            _(
                "This letter cannot be written as an e-mail, because %(address)s is no e-mail address. Nothing was "
                "sent. Correct the address, then send it again."
            )
            % {"address": one_line(to_address)}
        ) from trouble


def signed(raw: bytes) -> bytes:
    """Return a finished message as it is to leave. Raises NotSendable where the key that signs it cannot be used."""
    try:
        return sign_if_configured(raw)
    except NoSigningKey as trouble:
        log.error("no letter can be signed, so none is queued: %s", trouble)
        raise NotSendable(
            _(
                "This server cannot sign its mail at the moment, so the letter was not sent. It is safe. "
                "Tell an administrator: the server's log says what is wrong."
            )
        ) from trouble


def take_back(letter_id: int, *, by: Person, now: datetime) -> bool:
    """Undo a letter that waits in the outbox. Returns False when it has already left: only one of the two can win."""
    with transaction.atomic():
        if not OutgoingLetter.take_back(letter_id):
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


def send_now(letter_id: int, *, now: datetime) -> datetime | None:
    """End the undo window of a waiting letter, first or later, and return when it leaves.

    That is now, or the first moment at which the limits of an hour have room, and never later than it would have left
    by itself. None when it is not waiting any more, or leaves with the next sweep anyway: a second click, a worker that
    was quicker, or somebody who took it back.
    """
    rows = OutgoingLetter.objects.filter(pk=letter_id, state=OutgoingLetter.State.QUEUED)
    waiting = rows.filter(send_after__gt=now).values_list("to_address", "send_after").first()
    if waiting is None:
        return None
    address, leaves = waiting
    moment = min(leaves, holding.timetable(OutgoingLetter, now, leaving=[letter_id]).take(address, now))
    return moment if rows.filter(send_after=leaves).update(send_after=moment) else None


def record_sent(letter: OutgoingLetter, answer: str, *, now: datetime) -> None:
    """Record that the mail server took the letter. Safe to run twice: one letter leaves one event."""
    with transaction.atomic():
        OutgoingLetter.objects.filter(pk=letter.pk).update(answer=answer[:500])
        _record_outcome(letter, EventKind.SENT, answer, now)


def _record_outcome(letter: OutgoingLetter, kind: EventKind, answer: str, now: datetime) -> None:
    same = Event.objects.filter(request_id=letter.request_id, kind=kind, details__message_id=letter.message_id)
    if same.exists():
        return
    try:
        filing.record_event(
            letter.request_id,
            kind,
            happened_at=now,
            details={"method": letter.way, "message_id": letter.message_id, "answer": answer[:200]},
            by=None,
            now=now,
        )
    except filing.NotPossibleNow:
        # Somebody recorded by hand how the letter left. Their word stands; the row of the outbox keeps the answer.
        log.warning("letter %s: “%s” does not fit what was recorded by hand", letter.pk, kind.value)


def record_failed(letter: OutgoingLetter, failure: str, *, address_refused: bool, now: datetime) -> None:
    """Record that the letter will not leave: no clock starts, and people are told. Safe to run twice.

    The contact point is marked only when the receiving side refused the address itself.
    """
    records_request = RecordsRequest.objects.select_related("agency", "filer", "assignee").get(pk=letter.request_id)
    with transaction.atomic():
        OutgoingLetter.objects.filter(pk=letter.pk).update(answer=failure[:500])
        _record_outcome(letter, EventKind.SEND_FAILED, failure, now)
        # By fax, it was the gateway's address that was refused.
        by_mail = letter.way == OutgoingLetter.Way.EMAIL
        if by_mail and address_refused and records_request.contact_point_id is not None:
            agencies.record_bounce(records_request.contact_point_id, why=failure, now=now)
        for person, why in queries.whom_to_tell(records_request):
            people.queue_notice(
                recipient=person,
                key=f"letter-failed:{letter.pk}:{person.pk}",
                subject=_("%(reference)s: the letter was not delivered") % {"reference": records_request.reference},
                text=_what_failed(address_refused and by_mail) % {"agency": records_request.agency.name},
                why=why,
                path=records_request.get_absolute_url(),
                send_after=now,
                now=now,
            )


def _what_failed(address_refused: bool) -> str:
    if address_refused:
        return _(
            "The mail server refused the address of %(agency)s. Nothing is lost: the letter is kept with the request, "
            "and no deadline runs. Choose another contact point and send it again, or send it by post or portal."
        )
    return _(
        "The letter to %(agency)s could not be handed to the mail server. Nothing is lost: the letter is kept with the "
        "request, and no deadline runs. Send it again from the page of the request, or send it by post or portal."
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
    alongside: Callable[[Event], None] | None = None,
    by: Person,
    now: datetime,
) -> Recorded:
    """Record that a person sent the letter by hand: by post, portal, fax, in person or from their own mailbox.

    `alongside` writes what else belongs to the event, in the same transaction. Raises NotSendable while the same letter
    waits in the outbox, from where it would leave a second time.
    """
    with transaction.atomic():
        event = filing.record_event(
            records_request.pk,
            EventKind.SENT,
            happened_on=sent_on,
            happened_at=sent_at,
            details={"method": method} | ({"confirmation": confirmation} if confirmation else {}),
            note=note,
            by=by,
            now=now,
        )
        # Looked at after the event: a letter that is queued from now on finds it and is refused.
        if queries.letter_underway(records_request) is not None:
            raise NotSendable(
                _("This letter is in the outbox and leaves by itself. Nothing was recorded. Take it back first.")
            )
        close_tries(records_request.pk, None, why=_("It was sent another way."), by=by, now=now)
        if alongside is not None:
            alongside(event)
    return keep_files(records_request, event, proof, via=Document.Via.PROOF, by=by, now=now)


def record_reply(
    records_request: RecordsRequest,
    kind: str,
    *,
    happened_on: date,
    details: Mapping[str, Any] | None = None,
    note: str = "",
    words: str = "",
    files: Iterable[IncomingFile] = (),
    by: Person,
    now: datetime,
) -> Recorded:
    """Record what an agency answered, in its own `words` where somebody pasted them, and keep the files that came."""
    # The event first: if it is refused, no file is kept under a story that did not happen.
    event = filing.record_answer(
        records_request.pk,
        kind,
        happened_on=happened_on,
        details=dict(details or {}),
        note=note,
        words=words,
        by=by,
        now=now,
    )
    return keep_files(records_request, event, files, via=Document.Via.REPLY, by=by, now=now)


def keep_files(
    records_request: RecordsRequest, event: Event, files: Iterable[IncomingFile], *, via: str, by: Person, now: datetime
) -> Recorded:
    """Keep the files that belong to an event; those that cannot be kept are named with the reason."""
    recorded = Recorded(event)
    for file in files:
        try:
            outcome = documents.receive_file(
                records_request, file.chunks, name=file.name, received_on=event.happened_on, via=via, by=by, now=now
            )
        except (StoreTrouble, NotKept) as trouble:
            recorded.refused.append((clean_name(file.name), str(trouble)))
        else:
            recorded.kept.append(outcome.document)
    return recorded
