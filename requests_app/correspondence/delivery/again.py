"""Sends a letter that did not arrive once more: the same words, by another address or way. A person's act.

One click says three things, in one transaction: that the letter did not arrive (on the timeline, with the report as its
source; the dates that ran from its sending stop), by which way it goes now, and that the earlier try needs nobody any
more. By e-mail it then waits in the outbox like any letter: a new Message-ID, the undo window, the same reply address.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.agencies import services as agencies
from requests_app.agencies.contact_values import ContactValueError
from requests_app.agencies.models import ContactPoint
from requests_app.correspondence import next_letters, services
from requests_app.correspondence.delivery.closing import close_tries
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.services import NotSendable
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind, Status
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.filing.writing import Way
from requests_app.kits.text import Attachment
from requests_app.people.models import Person


class AddressCameBack(ContactValueError):
    """The corrected address is the one from which mail came back."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Mail to this address came back, or it is no longer used. Nothing was sent. If you know that it works "
                "again, choose it in the list and say where you saw it."
            )
        )


def propose_address(
    records_request: RecordsRequest,
    address: str,
    *,
    later: NextLetter | None,
    where_seen: str,
    by: Person,
    now: datetime,
) -> Way:
    """Propose a corrected e-mail address of the agency, or of the body that hears the letter, and return the way to it.

    The agencies room keeps it unconfirmed, with where it was seen: the next filer is asked to look it up. Raises
    ContactValueError when it is no address, AddressCameBack when it is the one that failed.
    """
    if later is not None and later.contact_point_id is None and later.body_contact is not None:
        known = later.body_contact
        body = agencies.add_body_contact(
            jurisdiction=known.jurisdiction, body=known.body, level=known.level, name=known.name,
            channel=Delivery.EMAIL.value, value=address, where_seen=where_seen, by=by, now=now,
        )  # fmt: skip
        return Way(Delivery.EMAIL, None, known.body, body, looked_up=True)
    contact = agencies.add_contact(
        records_request.agency_id,
        channel=ContactPoint.Channel.EMAIL,
        value=address,
        where_seen=where_seen,
        by=by,
        now=now,
    )
    if contact.health == ContactPoint.Health.BOUNCED:
        raise AddressCameBack
    return Way(Delivery.EMAIL, contact, looked_up=True)


def send_again(
    records_request: RecordsRequest, way: Way, *, where_seen: str = "", by: Person, now: datetime
) -> OutgoingLetter | None:
    """Let the first letter of a request go out again by this way. Returns its row in the outbox, None without e-mail.

    `where_seen`: where its sender saw an address that nobody confirmed. Two clicks at once send one letter. Raises
    NotSendable; then nothing was changed.
    """
    try:
        with transaction.atomic():
            # Held until the end: whoever clicked at the same moment then sees what was done here, and is refused.
            RecordsRequest.objects.select_for_update().values_list("pk").get(pk=records_request.pk)
            chosen = _confirmed(way, where_seen, by=by, now=now)
            last = _last_try(records_request.pk, None)
            _say_it_did_not_arrive(records_request.pk, last, by=by, now=now)
            filing.choose_way(records_request.pk, chosen, by=by, now=now)
            close_tries(records_request.pk, None, why=_("It was sent another way."), by=by, now=now)
            if chosen.delivery != Delivery.EMAIL:
                return None
            fresh = RecordsRequest.objects.select_related("contact_point", "agency").get(pk=records_request.pk)
            return _after(services.queue_letter(fresh, by=by, now=now), last)
    except filing.EventRefused as refusal:
        raise NotSendable(str(refusal)) from refusal


def send_later_again(
    letter: NextLetter, way: Way, *, seen_changes: int, where_seen: str = "", by: Person, now: datetime
) -> OutgoingLetter | None:
    """Let a later letter go out again by this way, with the files that went along. Returns its row in the outbox.

    None where it does not go by e-mail: then it is a draft to print, hand in or send by fax. Raises NotSendable: either
    nothing was changed, or the letter is a draft again and the text says what is to be settled first.
    """
    last = _last_try(letter.request_id, letter.pk)
    try:
        with transaction.atomic():
            chosen = _confirmed(way, where_seen, by=by, now=now)
            why = _("A mail server reported that it was not delivered.")
            changes = filing.recall_letter(letter.pk, seen_changes=seen_changes, why=why, by=by, now=now)
            changes = filing.choose_letter_way(letter.pk, chosen, seen_changes=changes, by=by, now=now)
            close_tries(letter.request_id, letter.pk, why=_("It was sent another way."), by=by, now=now)
    except (filing.EventRefused, filing.LetterChanged, filing.LetterClosed) as refusal:
        raise NotSendable(str(refusal)) from refusal
    if chosen.delivery != Delivery.EMAIL:
        return None
    fresh = NextLetter.objects.select_related(
        "request__agency", "request__contact_point", "contact_point", "body_contact"
    ).get(pk=letter.pk)
    before = next_letters.Enclosed(as_before=enclosed_before(last, fresh) if last is not None else ())
    queued = next_letters.queue(
        fresh, seen_changes=changes, enclosed=before, looked_up=chosen.looked_up, by=by, now=now
    )
    return _after(queued, last)


def _confirmed(way: Way, where_seen: str, *, by: Person, now: datetime) -> Way:
    """Confirm an address that nobody did, by what its chooser says. Raises NotSendable where they say nothing."""
    contact = way.contact
    if contact is None or way.looked_up or contact.may_be_used_unasked:
        return way
    if not where_seen.strip():
        raise NotSendable(
            _("Nobody has confirmed this address. Nothing was sent. Look it up, and say where you saw it.")
        )
    confirmed = agencies.confirm_contact(contact.pk, by=by, where_seen=where_seen.strip(), now=now)
    return replace(way, contact=confirmed)


def _say_it_did_not_arrive(request_id: int, last: OutgoingLetter | None, *, by: Person, now: datetime) -> None:
    """Record that the first letter did not arrive, where the timeline still says that it is with the agency."""
    status = RecordsRequest.objects.values_list("status", flat=True).get(pk=request_id)
    if status in (Status.READY, Status.UNDELIVERED):
        return
    if status != Status.SENT:
        raise NotSendable(
            _(
                "This letter is on its way, or the agency has answered since. Nothing was sent again. Look at the page "
                "of the request."
            )
        )
    if last is None or last.bounced_at is None:
        raise NotSendable(
            _(
                "No report says that this letter did not arrive. Nothing was sent again. If you know that it did not, "
                "record “Could not be delivered” first."
            )
        )
    said = last.bounce_message.bounce if last.bounce_message is not None else {}
    words = str(said.get("diagnostic") or said.get("status") or "")
    filing.record_event(
        request_id,
        EventKind.SEND_FAILED,
        happened_at=min(last.bounced_at, now),
        details={
            "method": "email",
            "message_id": last.message_id,
            "answer": words[:200],
            "report": last.bounce_message_id,
        },
        note=_("A mail server reported it on %(day)s.") % {"day": date_format(last.bounced_at, "F j, Y")},
        by=by,
        now=now,
    )


def _last_try(request_id: int, later_id: int | None) -> OutgoingLetter | None:
    tries = OutgoingLetter.objects.filter(request=request_id, next_letter=later_id)
    return tries.exclude(state=OutgoingLetter.State.CANCELLED).select_related("bounce_message").order_by("-pk").first()


def _after(queued: OutgoingLetter, last: OutgoingLetter | None) -> OutgoingLetter:
    if last is not None and last.pk != queued.pk:
        OutgoingLetter.objects.filter(pk=queued.pk).update(sent_again_for=last)
        queued.sent_again_for = last
    return queued


def enclosed_before(last: OutgoingLetter, letter: NextLetter) -> list[Attachment]:
    """Return the files that went along with an earlier try, save the letter itself, which is made anew."""
    own = f"{letter.request.reference}-{letter.key.replace('_', '-')}.pdf"
    message = email.message_from_bytes(last.raw.encode("ascii"), policy=email.policy.SMTP)
    found = [
        Attachment(
            part.get_filename() or "", part.get_content_type(), cast(bytes, part.get_payload(decode=True) or b"")
        )
        for part in message.iter_attachments()
    ]
    return [one for one in found if one.name != own]
