"""Faxes: by a machine, recorded by hand, or as a mail to a gateway, through the ordinary outbox.

That the gateway took the mail is not that the fax arrived: a person records what its report says.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.correspondence import next_letters, queries, services
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.paper.models import FaxSending
from requests_app.correspondence.paper.posting import AlreadySettled
from requests_app.correspondence.paper.printing import Fax, fax
from requests_app.correspondence.paper.sheets import PaperLetter
from requests_app.correspondence.services import IncomingFile, NotSendable, Recorded
from requests_app.documents.models import Document
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Delivery, Event
from requests_app.filing.our_addresses import address_of
from requests_app.filing.reply_addresses import message_id_mark
from requests_app.filing.writing import way_of
from requests_app.people.models import Person, audit


class NotAFaxNumber(ValueError):
    """What was typed is no number of the United States, or no gateway can be told it."""


def gateway_address(number: str, pattern: str) -> str:
    """Return the address that faxes to a number: "{number}@fax.example" makes 14105550111@fax.example of it. Pure.

    `{number}` is the number with the 1 of the country, `{national}` without. Raises NotAFaxNumber.
    """
    try:
        parsed = phonenumbers.parse(parse_contact_value("fax", number), "US")
    except (ContactValueError, phonenumbers.NumberParseException) as trouble:
        raise NotAFaxNumber(str(trouble)) from trouble
    national = str(parsed.national_number)
    if not national.isascii() or not national.isdecimal() or len(national) != 10:
        raise NotAFaxNumber(_("This is not a fax number of the United States. It looks like (410) 555-0100."))
    address = pattern.replace("{number}", f"1{national}").replace("{national}", national)
    try:
        validate_email(address)
    except ValidationError as trouble:
        raise NotAFaxNumber(
            _("The fax gateway of this server is not set up right. Tell an administrator: FAX_GATEWAY.")
        ) from trouble
    return address


def print_fax(letter: PaperLetter) -> Fax:
    """Return a letter as it is faxed, with its cover sheet. Raises NotAFaxNumber where it has no number."""
    if not letter.fax:
        raise NotAFaxNumber(_("No fax number of this office is on our list. Add the one you found to the agency."))
    request = letter.request
    return fax(letter, number=letter.fax, answer=address_of(request), phone="")


def fax_message(made: Fax, letter: PaperLetter, *, to: str, message_id: str, now: datetime) -> bytes:
    """Return the mail for the gateway: the fax as a PDF and hardly a word, since some gateways print the words, too."""
    request = letter.request
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec=address_of(request))
    message["To"] = Address(addr_spec=to)
    message["Subject"] = f"Fax {request.reference}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message.set_content(f"{made.pages} pages.\n", charset="utf-8")
    message.add_attachment(made.pdf, maintype="application", subtype="pdf", filename=f"{letter.stem}-fax.pdf")
    return message.as_bytes()


def queue_fax(letter: PaperLetter, *, seen_changes: int = 0, by: Person, now: datetime) -> OutgoingLetter:
    """Put a fax into the outbox, for the gateway, to leave after the undo window. A second click changes nothing.

    As for a letter by e-mail: the message is made byte for byte, outside any transaction; the lifecycle, or the draft
    of a later letter, lets only one of two clicks take it; then the rows of outbox and fax log are written together.
    Raises NotSendable.
    """
    if not settings.FAX_GATEWAY:
        raise NotSendable(
            _("This server has no fax gateway. The letter is safe: print it, fax it, and record that here.")
        )
    request, later = letter.request, letter.next_letter
    underway = queries.letter_underway(request) if later is None else queries.next_letter_underway(later)
    if underway is not None:
        return underway
    try:
        to = gateway_address(letter.fax, settings.FAX_GATEWAY)
        made = print_fax(letter)
    except NotAFaxNumber as trouble:
        raise NotSendable(str(trouble)) from trouble
    if later is not None:
        next_letters.refuse_unready(later, next_letters.desk_of(request, now=now), letter.content, way_of(later))
    serial = OutgoingLetter.objects.filter(request=request, next_letter=later).count() + 1
    name = request.reference.lower() if later is None else f"{request.reference.lower()}.{later.pk}"
    message_id = f"<{name}.{serial}.fax.{message_id_mark(request.reply_token)}@{settings.REPLY_DOMAIN}>"
    raw = services.signed(fax_message(made, letter, to=to, message_id=message_id, now=now))
    row: dict[str, Any] = {
        "request": request,
        "next_letter": later,
        "way": OutgoingLetter.Way.FAX,
        "to_address": to,
        "subject": letter.content.subject[:300],
        "raw": raw.decode("ascii"),
        "message_id": message_id,
        "queued_by": by,
        "queued_at": now,
        "send_after": now + timedelta(minutes=settings.SEND_UNDO_MINUTES),
    }
    gone = _("This letter was changed, sent or thrown away meanwhile. Nothing was sent twice. Look at it again.")
    with transaction.atomic():
        if later is None:
            _record_queued(letter, message_id, by, now)
        else:
            if not filing.claim_letter(later.pk, seen_changes=seen_changes):
                raise NotSendable(gone)
            filing.keep_copy(later, letter.content, base64.b64encode(made.pdf).decode("ascii"), now=now)
        outgoing = OutgoingLetter.objects.create(**row)
        FaxSending.objects.create(
            request=request,
            next_letter=later,
            outgoing=outgoing,
            number=letter.fax,
            pages=made.pages,
            recorded_by=by,
            recorded_at=now,
        )
    return outgoing


def _record_queued(letter: PaperLetter, message_id: str, by: Person, now: datetime) -> None:
    details = {"method": Delivery.FAX.value, "message_id": message_id}
    try:
        filing.record_event(letter.request.pk, EventKind.QUEUED, happened_at=now, details=details, by=by, now=now)
    except filing.NotPossibleNow as refusal:
        raise NotSendable(_("This letter has already left. Nothing was sent twice.")) from refusal
    except filing.EventRefused as refusal:
        raise NotSendable(str(refusal)) from refusal


def record_faxed(
    letter: PaperLetter,
    *,
    number: str,
    pages: int,
    sent_on: date,
    sent_at: datetime | None = None,
    confirmation: str = "",
    note: str = "",
    proof: Iterable[IncomingFile] = (),
    seen_changes: int = 0,
    by: Person,
    now: datetime,
) -> tuple[FaxSending, Recorded]:
    """Record that somebody faxed a letter by hand. Raises NotSendable, EventRefused; then nothing was recorded."""
    made: list[FaxSending] = []

    def log_it(event: Event) -> None:
        made.append(
            FaxSending.objects.create(
                request=letter.request,
                next_letter=letter.next_letter,
                sent_event=event,
                number=number,
                pages=pages,
                sent_on=event.happened_on,
                confirmation=confirmation,
                recorded_by=by,
                recorded_at=now,
            )
        )

    facts: dict[str, Any] = {"method": Delivery.FAX.value, "sent_on": sent_on, "confirmation": confirmation}
    facts |= {"note": note, "proof": proof, "alongside": log_it, "by": by, "now": now}
    if letter.next_letter is None:
        recorded = services.mark_sent(letter.request, sent_at=sent_at, **facts)
    else:
        recorded = next_letters.mark_sent(letter.next_letter, seen_changes=seen_changes, **facts)
    made[0].proofs.add(*recorded.kept)
    return made[0], recorded


def record_result(
    fax_id: int,
    result: str,
    *,
    on: date,
    on_timeline: bool,
    note: str = "",
    proof: Iterable[IncomingFile] = (),
    by: Person,
    now: datetime,
) -> Recorded | None:
    """Record what the report of a fax says, and keep it. On the timeline, too, where the person says so.

    A fax that arrived is a receipt of the request; one that did not is a delivery that failed: no clock runs from it.
    Both only for a first letter. Raises AlreadySettled, EventRefused. None: there is no event to hang the report on.
    """
    with transaction.atomic():
        waiting = FaxSending.objects.filter(pk=fax_id, result=FaxSending.Result.WAITING)
        if not waiting.update(result=result, result_on=on, result_by=by, result_note=note[:500]):
            raise AlreadySettled
        row = FaxSending.objects.select_related("request", "sent_event", "outgoing").get(pk=fax_id)
        event = None
        if on_timeline and row.next_letter_id is None:
            arrived = result == FaxSending.Result.ARRIVED
            event = filing.record_event(
                row.request_id,
                EventKind.RECEIVED if arrived else EventKind.SEND_FAILED,
                happened_on=on,
                details={"method": Delivery.FAX.value},
                note=note,
                by=by,
                now=now,
            )
        audit("fax report recorded", row, by=by, now=now, result=result, on=on.isoformat())
    about = event or row.sent_event or sending_event(row)
    if about is None:
        return None
    recorded = services.keep_files(row.request, about, proof, via=Document.Via.PROOF, by=by, now=now)
    row.proofs.add(*recorded.kept)
    return recorded


def sending_event(row: FaxSending) -> Event | None:
    """Return the event with which the timeline tells that a fax through the gateway left; None before it has."""
    if row.outgoing is None:
        return row.sent_event
    return (
        Event.objects.filter(request_id=row.request_id, details__message_id=row.outgoing.message_id)
        .exclude(kind__in=[EventKind.QUEUED, EventKind.TAKEN_BACK])
        .order_by("-sequence")
        .first()
    )
