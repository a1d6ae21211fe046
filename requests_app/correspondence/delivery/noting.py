"""Notes what mail servers report of a letter, beside the letter. Called wherever a report is filed or taken away.

The facts are read anew from the filed reports each time: what a person files, moves or brings back counts at once, and
nothing counts twice. Only what cannot be undone by itself is done once: an address that takes no mail is marked, and
people are told, when a letter becomes "not delivered". No event, no status, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from requests_app.agencies import services as agencies
from requests_app.agencies.models import BodyContact, ContactPoint
from requests_app.correspondence import queries
from requests_app.correspondence.delivery.reports import BLAME_WORDS, blame_of, refuses_address
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import RecordsRequest
from requests_app.people import services as people

# Of a mail that was passed on to a server that reports nothing, or to a list, nobody knows whether it arrived.
_FACTS = {
    "failed": ("bounced_at", "bounce_message"),
    "delivered": ("delivered_at", "delivery_message"),
    "delayed": ("delayed_at", "delay_message"),
}


def reports_on(*letter_ids: int) -> list[IncomingMessage]:
    """Return the filed reports on letters, the oldest first. One query."""
    kinds = (IncomingMessage.Kind.BOUNCE, IncomingMessage.Kind.REPORT)
    rows = IncomingMessage.objects.filter(
        bounced_letter__in=letter_ids, kind__in=kinds, state=IncomingMessage.State.FILED
    ).only("received_at", "kind", "bounce", "from_address", "bounced_letter")
    return list(rows.order_by("received_at", "pk"))


def note_reports(letter_ids: Iterable[int | None], *, now: datetime) -> None:
    """Bring what is known of these letters up to what is reported of them. In the caller's transaction.

    `letter_ids` may hold None, for a message that is about no letter. May run any number of times.
    """
    for letter_id in {one for one in letter_ids if one is not None}:
        _note(letter_id, now)


def _note(letter_id: int, now: datetime) -> None:
    reports = reports_on(letter_id)
    facts: dict[str, Any] = {}
    for action, (moment, message) in _FACTS.items():
        # The first that says so: a server repeats its warning every day, and each would make the fact younger.
        first = next((one for one in reports if one.bounce.get("kind") == action), None)
        facts |= {moment: first.received_at if first else None, message: first}
    rows = OutgoingLetter.objects.filter(pk=letter_id)
    came_back = facts["bounce_message"]
    # One of two workers finds the letter without a bounce, and only that one tells people.
    is_news = came_back is not None and bool(rows.filter(bounced_at__isnull=True).update(**facts))
    if is_news:
        _tell(letter_id, came_back, now)
    else:
        rows.update(**facts)


def _tell(letter_id: int, report: IncomingMessage, now: datetime) -> None:
    letter = (
        OutgoingLetter.objects.defer("raw")
        .select_related("request__agency", "request__filer", "request__assignee", "next_letter")
        .get(pk=letter_id)
    )
    said = report.bounce
    status, words = str(said.get("status", "")), str(said.get("diagnostic", ""))
    if refuses_address("failed", status, words) and speaks_of(letter.to_address, str(said.get("recipient", ""))):
        _mark_address(letter, " ".join(f"{status} {words}".split())[:500], now)
    for person, why in queries.whom_to_tell(letter.request):
        people.queue_notice(
            recipient=person,
            key=f"letter-came-back:{letter.pk}:{person.pk}",
            subject=_("%(reference)s: a letter did not arrive") % {"reference": letter.request.reference},
            text=_(
                "A mail server reports that the letter to %(address)s was not delivered. %(why)s The letter is kept, "
                "and no date was changed: the dates still count from the day it was sent. Look at the report, and "
                "send the letter again by another address or way."
            )
            % {"address": letter.to_address, "why": BLAME_WORDS[blame_of(status, words)]},
            why=why,
            path=letter.request.get_absolute_url(),
            send_after=now,
            now=now,
        )


def speaks_of(address: str, recipient: str) -> bool:
    """Return whether a report is about the address that we wrote to, and not about one to which that passes mail on.

    A report that names nobody is about it: our letters have one recipient.
    """
    return not recipient or recipient.strip().casefold() == address.strip().casefold()


def _mark_address(letter: OutgoingLetter, why: str, now: datetime) -> None:
    """Mark the address that the letter went to, whatever the request says today of how it is sent."""
    request: RecordsRequest = letter.request
    to_it = {"channel": ContactPoint.Channel.EMAIL, "value__iexact": letter.to_address}
    if letter.next_letter is not None and letter.next_letter.body_contact_id is not None:
        bodies = BodyContact.objects.filter(pk=letter.next_letter.body_contact_id, **to_it)
        for number in bodies.values_list("pk", flat=True):
            agencies.retire_body_contact(number, why=why or _("Mail to it came back."), by=None, now=now)
        return
    for number in ContactPoint.objects.filter(agency=request.agency, **to_it).values_list("pk", flat=True):
        agencies.record_bounce(number, why=why or _("Mail to it came back."), now=now)
