"""A letter that did not arrive goes by another way: who changed it is in the audit trail, the earlier try stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from requests_app.filing.lifecycle import Status
from requests_app.filing.models import Delivery, Event, NextLetter, RecordsRequest
from requests_app.filing.services import recording
from requests_app.filing.services.next_letters import LetterChanged, LetterClosed
from requests_app.filing.services.refusals import EventRefused
from requests_app.filing.writing import Way
from requests_app.kits.letters import DeliveryMethod
from requests_app.kits.letters import dump as dump_letter
from requests_app.kits.letters import load as load_letter
from requests_app.kits.readdressing import readdressed
from requests_app.people.models import Person, audit


class NotWaiting(EventRefused):
    """The first letter does not wait to be sent: it left, or somebody else sends it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This letter does not wait to be sent any more: somebody was quicker, or it has arrived. Nothing was "
                "changed. Look at the page of the request."
            )
        )


class AnotherIsOpen(EventRefused):
    """A later letter cannot be taken up again while another one of its kind is being written."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Another letter of this kind is being written or waits in the outbox. Nothing was changed. Send that "
                "one, or throw it away first."
            )
        )


@transaction.atomic
def choose_way(request_id: int, way: Way, *, by: Person, now: datetime) -> None:
    """Let the first letter of a request go by another way or to another address. Raises NotWaiting.

    Only while it waits to be sent: `recording` says first that it did not arrive. The letter says how it goes, so its
    head is written anew; nothing else in it is.
    """
    request = RecordsRequest.objects.select_related("contact_point", "agency").get(pk=request_id)
    stored: Any = request.letter
    letter = _headed_anew(stored, way, request.agency.name) if stored else stored
    waiting = RecordsRequest.objects.filter(pk=request_id, status__in=[Status.READY, Status.UNDELIVERED])
    if not waiting.update(delivery=way.delivery, contact_point=way.contact, letter=letter):
        raise NotWaiting
    audit(
        "letter goes another way",
        request,
        by=by,
        now=now,
        before={"delivery": request.delivery, "contact": request.contact_point_id},
        after={"delivery": way.delivery.value, "contact": way.contact.pk if way.contact else None},
    )


@transaction.atomic
def recall_letter(letter_id: int, *, seen_changes: int, why: str, by: Person, now: datetime) -> int:
    """Make a later letter that left, and did not arrive, a draft again. What the timeline says of it is corrected.

    The dates that ran from its event stop, since a person says that it never arrived; they run anew when it leaves
    again. A draft stays one. Returns its number of changes. Raises LetterChanged, LetterClosed, AnotherIsOpen and
    EventRefused; then nothing was changed.
    """
    letter = NextLetter.objects.select_related("changed_by").get(pk=letter_id)
    if letter.is_open:
        return seen_changes
    event_id = letter.sent_event_id
    newest = RecordsRequest.objects.values_list("last_sequence", flat=True).get(pk=letter.request_id)
    left = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.SENT, changes=seen_changes)
    own = Event.objects.get(pk=event_id).sequence if event_id is not None else newest
    try:
        with transaction.atomic():
            taken = left.update(
                state=NextLetter.State.DRAFT, sent_event=None, changes=seen_changes + 1, changed_by=by, changed_at=now
            )
    except IntegrityError as rival:
        raise AnotherIsOpen from rival
    if not taken or event_id is None:
        raise LetterChanged(letter, by) if letter.state == NextLetter.State.SENT else LetterClosed
    if not Event.objects.filter(corrects=event_id).exists():
        recording.correct_event(event_id, by=by, now=now, note=why)
    if _nothing_else_happened(letter, own):
        after = RecordsRequest.objects.values_list("last_sequence", flat=True).get(pk=letter.request_id)
        NextLetter.objects.filter(pk=letter_id).update(basis_sequence=after)
    audit("letter taken up again", letter, by=by, now=now, event=event_id)
    return seen_changes + 1


def _nothing_else_happened(letter: NextLetter, own: int) -> bool:
    """Return whether the letter's own leaving and its correction are all that happened since it was written.

    Anything else may have overtaken it, and its writer looks at that first.
    """
    since = Event.objects.filter(request=letter.request_id, sequence__gt=letter.basis_sequence)
    return not since.exclude(sequence=own).exclude(corrects__sequence=own).exists()


@transaction.atomic
def readdress_letter(letter_id: int, way: Way, *, seen_changes: int, by: Person, now: datetime) -> int:
    """Let a later letter that is a draft go by another way; its words stay. Returns its number of changes.

    Raises LetterChanged and LetterClosed.
    """
    letter = NextLetter.objects.select_related("changed_by", "request__agency").get(pk=letter_id)
    name = way.body_contact.name if way.body_contact is not None else letter.request.agency.name
    generated = _headed_anew(letter.generated, way, name)
    drafts = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.DRAFT, changes=seen_changes)
    # A letter to another body keeps its body, also when it goes to another address of that.
    if not drafts.update(
        generated=generated,
        delivery=way.delivery,
        contact_point=way.contact,
        body=way.body or letter.body,
        body_contact=way.body_contact,
        changes=seen_changes + 1,
        changed_by=by,
        changed_at=now,
    ):
        raise LetterChanged(letter, by) if letter.is_open else LetterClosed
    return seen_changes + 1


def _headed_anew(stored: Any, way: Way, name: str) -> Any:
    return dump_letter(
        readdressed(
            load_letter(stored),
            cast(DeliveryMethod, way.delivery.value),
            name=name,
            email=way.address if way.delivery == Delivery.EMAIL else "",
            post=tuple(way.address.splitlines()) if way.delivery == Delivery.POST else (),
        )
    )
