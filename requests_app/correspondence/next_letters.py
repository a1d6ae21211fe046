"""Later letters out: into the outbox and back, or by hand. With `services`, the one door for letters.

A later letter changes nothing about the request while it waits; the timeline hears of it when it has left.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies import services as agencies
from requests_app.correspondence import queries
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.readdressing import names_an_old_address
from requests_app.correspondence.services import (
    IncomingFile,
    NotSendable,
    Recorded,
    as_message,
    keep_files,
    signed,
)
from requests_app.documents.models import Document
from requests_app.documents.services import the_store
from requests_app.filing import queries as filing_queries
from requests_app.filing import services as filing
from requests_app.filing.forms.later import loaded_inputs
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Delivery, Event, NextLetter, RecordsRequest
from requests_app.filing.our_addresses import address_of
from requests_app.filing.reply_addresses import message_id_mark
from requests_app.filing.writing import Desk, Way, finished, level_of, overtaken_by, stops, way_of, wording_remarks
from requests_app.kits import letters, rendering
from requests_app.kits.later import letter_type
from requests_app.kits.letters import Letter
from requests_app.kits.stationery import dress_of
from requests_app.kits.text import Attachment, subject_line
from requests_app.people import services as people
from requests_app.people.models import Person

log = logging.getLogger(__name__)

# What mail servers surely take, before the third that is added when bytes are written as text for the mail.
LARGEST_MAIL: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes along with a letter: our first letter as a PDF, documents of the request, files of an earlier try."""

    first_letter: bool = False
    documents: Sequence[Document] = ()
    as_before: Sequence[Attachment] = ()


def desk_of(records_request: RecordsRequest, *, now: datetime) -> Desk:
    """Return a request with all that any later letter on it needs, signed for the group that runs Daylight."""
    return filing_queries.desk_of(
        records_request,
        now=now,
        reply_address=address_of(records_request),
        organisation=settings.ORGANISATION_NAME,
    )


def queue(
    letter: NextLetter,
    *,
    seen_changes: int,
    enclosed: Enclosed | None = None,
    desk: Desk | None = None,
    looked_up: bool = False,
    by: Person,
    now: datetime,
) -> OutgoingLetter:
    """Put a later letter into the outbox, to leave after the undo window. A second click changes nothing.

    `looked_up`: its sender said just now where they saw the address, so that nobody has to confirm it first.

    1. Refuse what must be settled first: nothing that happened since may have overtaken it, no stop may stand.
    2. Make the PDF and the message, byte for byte as it will leave, outside any transaction: that takes a moment.
    3. Claim the draft: only one of two clicks can, and only while the text is the one that was seen.
    4. Keep the copy and insert the row that the outbox sends.

    Raises NotSendable.
    """
    underway = queries.next_letter_underway(letter)
    if underway is not None:
        return underway
    if not NextLetter.objects.filter(pk=letter.pk, state=NextLetter.State.DRAFT).exists():
        raise NotSendable(_("This letter has left already, or was thrown away. Nothing was sent twice."))
    desk = desk or desk_of(letter.request, now=now)
    content, way = finished(letter), way_of(letter)
    refuse_unready(letter, desk, content, replace(way, looked_up=looked_up))
    if way.delivery != Delivery.EMAIL or not way.address:
        raise NotSendable(
            _("This letter does not go by e-mail. It is safe: print it or copy it, send it, and record that here.")
        )
    pdf = rendering.to_pdf(rendering.to_html(content, dress_of(content)))
    request = letter.request
    serial = letter.outgoing_letters.count() + 1
    mark = message_id_mark(request.reply_token)
    message_id = f"<{request.reference.lower()}.{letter.pk}.{serial}.{mark}@{settings.REPLY_DOMAIN}>"
    raw = signed(
        as_message(
            content,
            desk.reply_address,
            way.address,
            message_id,
            now,
            # A letter to another body is not part of our conversation with the agency.
            thread=queries.thread_of(request) if way.contact is not None else (),
            attachments=_attachments(letter, content, pdf, enclosed or Enclosed()),
        )
    )
    with transaction.atomic():
        if not filing.claim_letter(letter.pk, seen_changes=seen_changes):
            underway = queries.next_letter_underway(letter)  # the other click of two was quicker
            if underway is not None:
                return underway
            raise NotSendable(
                _("This letter was changed, sent or thrown away meanwhile. Nothing was sent twice. Look at it again.")
            )
        filing.keep_copy(letter, content, base64.b64encode(pdf).decode("ascii"), now=now)
        return OutgoingLetter.objects.create(
            request=request,
            next_letter=letter,
            to_address=way.address,
            subject=subject_line(content)[:300],
            raw=raw.decode("ascii"),
            message_id=message_id,
            queued_by=by,
            queued_at=now,
            send_after=now + timedelta(minutes=settings.SEND_UNDO_MINUTES),
        )


def refuse_unready(letter: NextLetter, desk: Desk, content: Letter, way: Way) -> None:
    """Raise NotSendable where something must be settled before a later letter may leave."""
    newer = overtaken_by(letter, desk.rows.events)
    if newer:
        raise NotSendable(
            _(
                "Something happened since this letter was written: %(what)s. Nothing was sent. Write the letter anew, "
                "or say that it still fits."
            )
            % {"what": ", ".join(str(EventKind(event.kind).label) for event in newer)}
        )
    if names_an_old_address(letter.request, content):
        raise NotSendable(
            _(
                "This letter names an address for answers that the request has given up. Nothing was sent; the letter "
                "is kept. Write it anew: it then names the address of today."
            )
        )
    rule_id = str(letter.inputs.get("rule_id", ""))
    found = [*stops(desk, letter.key, content, way, rule_id), *wording_remarks(letter)]
    waits = [warning.text for warning in found if warning.level == "stop"]
    if waits:
        raise NotSendable(_("Nothing was sent; the letter is kept. %(why)s") % {"why": " ".join(waits)})


def _attachments(letter: NextLetter, content: Letter, pdf: bytes, enclosed: Enclosed) -> list[Attachment]:
    """Return what goes with the message: nothing where the law wants the whole letter in the body alone."""
    if content.body_only:
        return []
    request = letter.request
    found = [Attachment(f"{request.reference}-{letter.key.replace('_', '-')}.pdf", "application/pdf", pdf)]
    stored: Any = request.letter
    if enclosed.first_letter and stored:
        asked = letters.load(stored)
        first = rendering.to_pdf(rendering.to_html(asked, dress_of(asked)))
        found.append(Attachment(f"{request.reference}-request.pdf", "application/pdf", first))
    found += enclosed.as_before
    size = sum(len(one.content) for one in found) + sum(one.blob.size for one in enclosed.documents)
    if size > LARGEST_MAIL:
        raise NotSendable(
            _(
                "What goes along is too large for an e-mail: %(size)d MB, and %(most)d MB is what mail servers surely "
                "take. Nothing was sent. Leave files out, or send them another way."
            )
            % {"size": size // (1024 * 1024), "most": LARGEST_MAIL // (1024 * 1024)}
        )
    for document in enclosed.documents:
        with the_store().open(document.blob_id) as file:
            found.append(Attachment(document.original_name, document.blob.media_type, file.read()))
    return found


def take_back(letter: NextLetter, *, now: datetime) -> bool:
    """Undo a later letter that waits in the outbox: it is a draft again. False when it has left: only one can win."""
    with transaction.atomic():
        waiting = letter.outgoing_letters.filter(state=OutgoingLetter.State.QUEUED).first()
        if waiting is None or not OutgoingLetter.take_back(waiting.pk):
            return False
        return filing.release_letter(letter.pk)


def record_sent(outgoing: OutgoingLetter, answer: str, *, now: datetime) -> None:
    """Record that the mail server took a later letter. Safe to run twice: one letter leaves one event."""
    letter = NextLetter.objects.select_related("request__agency").get(outgoing_letters=outgoing)
    with transaction.atomic():
        OutgoingLetter.objects.filter(pk=outgoing.pk).update(answer=answer[:500])
        desk = desk_of(letter.request, now=now)
        filing.record_letter_left(
            letter.pk,
            desk.kind_when_sent(letter.key, _inputs(letter)),
            happened_at=now,
            details={
                "method": outgoing.way,
                "message_id": outgoing.message_id,
                "answer": answer[:200],
                **_where_to(desk, letter),
            },
            by=None,
            now=now,
        )


def record_failed(outgoing: OutgoingLetter, failure: str, *, address_refused: bool, now: datetime) -> None:
    """Record that a later letter will not leave: it is a draft again, and people are told. Safe to run twice.

    The request stands where it stood: its first letter is not in question. An address is marked only when the
    receiving side refused the address itself.
    """
    letter = NextLetter.objects.select_related("request__agency", "request__filer", "request__assignee").get(
        outgoing_letters=outgoing
    )
    request, title = letter.request, letter_type(letter.key).title
    with transaction.atomic():
        OutgoingLetter.objects.filter(pk=outgoing.pk).update(answer=failure[:500])
        filing.release_letter(letter.pk)
        # By fax, it was the gateway's address that was refused.
        address_refused = address_refused and outgoing.way == OutgoingLetter.Way.EMAIL
        if address_refused and letter.contact_point_id is not None:
            agencies.record_bounce(letter.contact_point_id, why=failure, now=now)
        if address_refused and letter.body_contact_id is not None:
            agencies.retire_body_contact(letter.body_contact_id, why=failure, by=None, now=now)
        for person, why in queries.whom_to_tell(request):
            people.queue_notice(
                recipient=person,
                key=f"letter-failed:{outgoing.pk}:{person.pk}",
                subject=_("%(reference)s: a letter was not delivered") % {"reference": request.reference},
                text=_(
                    "“%(title)s” to %(address)s could not be delivered. Nothing is lost: the letter is a draft again, "
                    "and the request stands where it stood. Choose another address or way, and send it again."
                )
                % {"title": title, "address": outgoing.to_address},
                why=why,
                path=request.get_absolute_url(),
                send_after=now,
                now=now,
            )


def mark_sent(
    letter: NextLetter,
    *,
    method: str,
    sent_on: date,
    seen_changes: int,
    confirmation: str = "",
    note: str = "",
    proof: Iterable[IncomingFile] = (),
    alongside: Callable[[Event], None] | None = None,
    by: Person,
    now: datetime,
) -> Recorded:
    """Record that a person sent a later letter by hand, and keep the sheet as it was.

    `alongside` writes what else belongs to the event, in the same transaction. Raises NotSendable while it waits in the
    outbox, from where it would leave a second time, and EventRefused.
    """
    if letter.sent_event_id is not None:  # a second click, or somebody else was quicker
        raise NotSendable(_("This letter is recorded as sent already. Nothing was recorded twice."))
    content = finished(letter)
    pdf = rendering.to_pdf(rendering.to_html(content, dress_of(content)))
    with transaction.atomic():
        if not filing.claim_letter(letter.pk, seen_changes=seen_changes):
            raise NotSendable(
                _("This letter is in the outbox, or was changed meanwhile. Nothing was recorded. Look at it again.")
            )
        filing.keep_copy(letter, content, base64.b64encode(pdf).decode("ascii"), now=now)
        desk = desk_of(letter.request, now=now)
        event = filing.record_letter_left(
            letter.pk,
            desk.kind_when_sent(letter.key, _inputs(letter)),
            happened_on=sent_on,
            details={
                "method": method,
                **({"confirmation": confirmation} if confirmation else {}),
                **_where_to(desk, letter),
            },
            note=note,
            by=by,
            now=now,
        )
        if alongside is not None:
            alongside(event)
    return keep_files(letter.request, event, proof, via=Document.Via.PROOF, by=by, now=now)


def _inputs(letter: NextLetter) -> Mapping[str, Any]:
    return loaded_inputs(letter_type(letter.key), letter.inputs)


def _where_to(desk: Desk, letter: NextLetter) -> dict[str, Any]:
    """Return who hears the letter and until when it was in time, as the projected rows have it: proof for later."""
    if letter_type(letter.key).to != "body":
        return {}
    inputs = _inputs(letter)
    step = desk.step(letter.key, str(inputs.get("rule_id", "")))
    if step is None:
        return {}
    due = desk.deadline_of(step)
    said: dict[str, Any] = {"body": step.body.name, "level": level_of(desk, letter.key, inputs)}
    if due is not None and due.earliest is not None and due.latest is not None:
        said |= {"in_time_until": due.earliest.isoformat(), "or_until": due.latest.isoformat()}
    return {**said, "citation": step.rule.citation}
