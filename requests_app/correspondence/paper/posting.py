"""What was posted: recorded by a person, with number and proof; what came of it; and rows that were wrong.

The timeline hears of a posting through the doors of letters by hand. That a letter arrived is heard there only where a
person says so: the law's clock starts from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from requests_app.correspondence import next_letters, services
from requests_app.correspondence.paper.models import Posting
from requests_app.correspondence.services import IncomingFile, Recorded
from requests_app.documents.models import Document
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Delivery, Event, NextLetter, RecordsRequest
from requests_app.people.models import Person, audit


class NumberTaken(Exception):
    """Another letter in the log has this number. `posting` is its row."""

    def __init__(self, posting: Posting) -> None:
        self.posting = posting
        super().__init__(
            _("This number stands in the log already, for %(reference)s. Nothing was recorded. Look at the receipt.")
            % {"reference": posting.request.reference}
        )


class AlreadySettled(Exception):
    """Somebody else recorded what became of this letter, or struck its row, a moment ago."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has recorded something about this letter meanwhile. Nothing was changed. Look at it again.")
        )


def record_posted(
    records_request: RecordsRequest,
    next_letter: NextLetter | None,
    *,
    carrier: str,
    service: str,
    number: str,
    number_doubted: bool = False,
    posted_on: date,
    note: str = "",
    proof: Iterable[IncomingFile] = (),
    seen_changes: int = 0,
    by: Person,
    now: datetime,
) -> tuple[Posting, Recorded]:
    """Record that a letter was posted: on the timeline and in the log, in one transaction; then keep the proof.

    `seen_changes`: which text of a later letter was posted. Raises NumberTaken, NotSendable, EventRefused; then
    nothing was recorded.
    """
    made: list[Posting] = []

    def log_it(event: Event) -> None:
        made.append(
            Posting.objects.create(
                request=records_request,
                next_letter=next_letter,
                sent_event=event,
                carrier=carrier,
                service=service,
                number=number,
                number_doubted=number_doubted,
                posted_on=posted_on,
                recorded_by=by,
                recorded_at=now,
            )
        )

    facts: dict[str, Any] = {"method": Delivery.POST.value, "sent_on": posted_on, "confirmation": number, "note": note}
    facts |= {"proof": proof, "alongside": log_it, "by": by, "now": now}
    refuse_taken(carrier, number)
    try:
        if next_letter is None:
            recorded = services.mark_sent(records_request, **facts)
        else:
            recorded = next_letters.mark_sent(next_letter, seen_changes=seen_changes, **facts)
    except IntegrityError:
        refuse_taken(carrier, number)  # two people, one receipt: the second is told so
        raise
    posting = made[0]
    posting.proofs.add(*recorded.kept)
    return posting, recorded


def refuse_taken(carrier: str, number: str) -> None:
    """Raise NumberTaken where the log has this number already."""
    taken = Posting.objects.filter(carrier=carrier, number=number, struck_at__isnull=True).exclude(number="")
    found = taken.select_related("request").first()
    if found is not None:
        raise NumberTaken(found)


def hears_of_it(posting: Posting) -> bool:
    """Return whether the timeline can hear what became of this letter: a first letter's receipt starts the clock.

    A later letter's receipt is proof and no more: a receipt on the timeline is that of the request.
    """
    return posting.next_letter_id is None


def record_outcome(
    posting_id: int,
    outcome: str,
    *,
    on: date,
    on_timeline: bool,
    note: str = "",
    proof: Iterable[IncomingFile] = (),
    by: Person,
    now: datetime,
) -> Recorded | None:
    """Record that a letter was delivered or came back, with proof; on the timeline, too, where the person says so.

    1. Claim the row: only one of two clicks finds it without an outcome.
    2. Record the event through the one door. If it refuses, nothing was recorded.
    3. Keep the proof and hang it on the row.

    Returns what was kept; None where there is no event. Raises AlreadySettled, EventRefused.
    """
    with transaction.atomic():
        open_rows = Posting.objects.filter(
            pk=posting_id, outcome=Posting.Outcome.UNDERWAY, struck_at__isnull=True, posted_on__lte=on
        )
        if not open_rows.update(outcome=outcome, outcome_on=on, outcome_by=by, outcome_at=now):
            raise AlreadySettled
        posting = Posting.objects.select_related("request", "sent_event").get(pk=posting_id)
        event = None
        if on_timeline and hears_of_it(posting):
            delivered = outcome == Posting.Outcome.DELIVERED
            event = filing.record_event(
                posting.request_id,
                EventKind.RECEIVED if delivered else EventKind.SEND_FAILED,
                happened_on=on,
                details={"method": Delivery.POST.value, **({"confirmation": posting.number} if posting.number else {})},
                note=note,
                by=by,
                now=now,
            )
            Posting.objects.filter(pk=posting_id).update(outcome_event=event)
        audit("posting settled", posting, by=by, now=now, outcome=outcome, on=on.isoformat())
    # Files without an event of their own belong to the sending: they prove what became of it.
    recorded = services.keep_files(
        posting.request, event or posting.sent_event, proof, via=Document.Via.PROOF, by=by, now=now
    )
    posting.proofs.add(*recorded.kept)
    return recorded


@transaction.atomic
def strike(posting_id: int, *, why: str, by: Person, now: datetime) -> None:
    """Strike a row that was entered wrongly: it stays, says why, and its number is free again. Raises AlreadySettled.

    The timeline is corrected on the timeline: this says nothing there.
    """
    standing = Posting.objects.filter(pk=posting_id, struck_at__isnull=True)
    if not standing.update(struck_at=now, struck_by=by, struck_why=why):
        raise AlreadySettled
    audit("posting struck", Posting.objects.get(pk=posting_id), by=by, now=now, why=why)
