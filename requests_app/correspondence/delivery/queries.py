"""Which letters did not arrive and wait for a person, each try of a letter, and the ways that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from requests_app.agencies import queries as agencies
from requests_app.agencies.models import BodyContact, ContactPoint
from requests_app.correspondence.delivery.noting import reports_on
from requests_app.correspondence.delivery.reports import Standing, blame_of, server_words, standing_of, status_in
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import Phase, Status
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.filing.writing import Way
from requests_app.people.models import Person

COUNTED_TO: Final = 100  # counting further would read on, and nobody acts on the number

State = OutgoingLetter.State
_TROUBLE = Q(state=State.FAILED) | Q(bounced_at__isnull=False)


def not_delivered() -> QuerySet[OutgoingLetter]:
    """Return the letters that did not arrive and wait for a person to choose another way; the newest first.

    Not those that somebody settled, that went out once more, or that something recorded since overtook: a first letter
    that the agency acknowledged has arrived, whatever a mail server says.
    """
    newer = OutgoingLetter.objects.filter(pk__gt=OuterRef("pk")).exclude(state=State.CANCELLED)
    first, later = Q(next_letter__isnull=True), Q(next_letter__isnull=False)
    failed, back = Q(state=State.FAILED), Q(bounced_at__isnull=False)
    waits = (
        first & failed & Q(request__status=Status.UNDELIVERED)
        | first & back & Q(request__status__in=[Status.SENT, Status.UNDELIVERED])
        | later & failed & Q(next_letter__state=NextLetter.State.DRAFT)
        | later & back & Q(next_letter__state=NextLetter.State.SENT)
    )
    return (
        OutgoingLetter.objects.filter(_TROUBLE, waits, settled_at__isnull=True)
        .exclude(request__phase=Phase.DONE)
        .exclude(first & Exists(newer.filter(request=OuterRef("request"), next_letter__isnull=True)))
        .exclude(later & Exists(newer.filter(next_letter=OuterRef("next_letter"))))
        .order_by("-pk")
    )


def letter_is_back() -> Exists:
    """Return, as a column of requests, whether a letter of theirs did not arrive and waits for a person."""
    return Exists(not_delivered().order_by().filter(request=OuterRef("pk")))


def for_list(rows: QuerySet[OutgoingLetter]) -> QuerySet[OutgoingLetter]:
    """Add what a line about a letter shows, without its sealed text. Still one query."""
    return rows.select_related("request__agency", "queued_by", "bounce_message", "next_letter", "fax").only(
        "to_address", "way", "subject", "state", "queued_at", "sent_at", "send_after", "failure", "answer",
        "message_id", "bounced_at", "delivered_at", "delayed_at", "settled_at", "settled_why",
        "delay_message", "delivery_message", "bounce_message__bounce", "bounce_message__received_at",
        "queued_by__handle", "request__reference", "request__subject", "request__status", "request__agency__name",
        "next_letter__key", "next_letter__state", "fax__number",
    )  # fmt: skip


def visible_to(person: Person | AnonymousUser) -> QuerySet[OutgoingLetter]:
    """Return the letters this person may see: those of their requests."""
    return OutgoingLetter.objects.filter(request__in=filing.visible_to(person))


def count_of_not_delivered() -> RawSQL:
    """Return how many letters did not arrive and wait for a person, to COUNTED_TO, as a column for another query."""
    sql, values = not_delivered().order_by().values("pk")[:COUNTED_TO].query.sql_with_params()
    return RawSQL(f"SELECT COUNT(*) FROM ({sql}) AS back", list(values), output_field=IntegerField())  # noqa: S608, S611


@dataclass(frozen=True)
class Try:
    """One try to send a letter by e-mail, and what became of it. `later`: the later letter, None for the first one."""

    letter: OutgoingLetter
    is_open: bool

    @property
    def standing(self) -> Standing:
        return standing_of(self.letter)

    @property
    def said(self) -> str:
        """What the mail server said when it refused, or reported; in its own words."""
        if self.letter.bounce_message is not None:
            report = self.letter.bounce_message.bounce
            return server_words(str(report.get("diagnostic") or report.get("status") or ""))
        return self.letter.failure

    @property
    def blame(self) -> str:
        """Where the fault lies, as `reports.BLAME_WORDS` has it; empty for a letter without trouble."""
        if self.letter.bounce_message is not None:
            report = self.letter.bounce_message.bounce
            return blame_of(str(report.get("status", "")), str(report.get("diagnostic", "")))
        return blame_of(status_in(self.letter.failure), self.letter.failure) if self.letter.state == "failed" else ""


def tries_of(records_request: RecordsRequest) -> list[Try]:
    """Return every try to send a letter of a request by e-mail, first and later ones, newest first. One query."""
    rows = OutgoingLetter.objects.filter(request=records_request).order_by("-pk")
    found = list(
        rows.select_related("bounce_message", "next_letter").only(
            "request", "next_letter", "to_address", "state", "send_after", "sent_at", "queued_at", "failure", "answer",
            "message_id", "bounced_at", "delivered_at", "delayed_at", "settled_at", "settled_why", "delivery_message",
            "delay_message", "bounce_message__bounce", "next_letter__key", "next_letter__state",
        )
    )  # fmt: skip
    newest: set[int | None] = set()
    tries = []
    for letter in found:
        is_newest = letter.next_letter_id not in newest
        if letter.state != State.CANCELLED:
            newest.add(letter.next_letter_id)
        tries.append(Try(letter, is_newest and _waits_for_a_person(letter, records_request)))
    return tries


def waiting_first_letter(tries: Sequence[Try]) -> OutgoingLetter | None:
    """Return the first letter while it can still be taken back, of the tries of one request, newest first."""
    waiting = (one.letter for one in tries if one.letter.next_letter_id is None and one.letter.state == State.QUEUED)
    return next(waiting, None)


def _waits_for_a_person(letter: OutgoingLetter, records_request: RecordsRequest) -> bool:
    """Return whether the newest try of a letter is a task; the same rule as `not_delivered`, which a test holds."""
    if letter.settled_at is not None or records_request.phase == Phase.DONE:
        return False
    failed, back = letter.state == State.FAILED, letter.bounced_at is not None
    if letter.next_letter is None:
        undelivered = records_request.status == Status.UNDELIVERED
        return (failed and undelivered) or (back and (undelivered or records_request.status == Status.SENT))
    state = letter.next_letter.state
    return (failed and state == NextLetter.State.DRAFT) or (back and state == NextLetter.State.SENT)


def reports_of(letter: OutgoingLetter) -> list[IncomingMessage]:
    """Return what mail servers reported of a letter, the oldest first. One query."""
    return reports_on(letter.pk)


def reports_by_letter(letter_ids: Sequence[int]) -> dict[int, list[IncomingMessage]]:
    """Return what mail servers reported of these letters, by letter, the oldest first. At most one query."""
    found: dict[int, list[IncomingMessage]] = {}
    for report in reports_on(*letter_ids) if letter_ids else ():
        found.setdefault(report.bounced_letter_id or 0, []).append(report)
    return found


# --- the ways that are left -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alternative:
    """One way by which a letter may go now.

    `came_back`: mail to this very address came back, or a letter of this request did. `needs_a_look`: nobody confirmed
    it, so whoever chooses it says where they saw it.
    """

    way: Way
    came_back: bool = False

    @property
    def key(self) -> str:
        """How a form names it."""
        known = self.way.contact or self.way.body_contact
        kind = "contact" if self.way.contact is not None else "body" if self.way.body_contact is not None else "hand"
        return f"{kind}:{known.pk}" if known is not None else kind

    @property
    def contact(self) -> ContactPoint | BodyContact | None:
        return self.way.contact or self.way.body_contact

    @property
    def needs_a_look(self) -> bool:
        return self.way.contact is not None and not self.way.contact.may_be_used_unasked


def alternatives_for(records_request: RecordsRequest, later: NextLetter | None = None) -> list[Alternative]:
    """Return the ways by which a letter can go: to the agency, or to the body that hears it; the best first.

    Addresses whose mail came back come last. A telephone is no way for a letter; see `phones_of`.
    """
    back = _addresses_that_came_back(records_request)
    if later is not None and later.contact_point_id is None and later.body:
        bodies = BodyContact.objects.filter(
            jurisdiction=records_request.jurisdiction, body=later.body, retired_at__isnull=True
        ).order_by("-confirmed_at")
        found = [Way(Delivery(one.channel), None, later.body, one) for one in bodies]
    else:
        found = [
            Way(Delivery(one.channel), one)
            for one in _contacts(records_request)
            if one.channel in Delivery.values  # not by telephone
        ]
    offered = [
        Alternative(
            way,
            came_back=way.address.casefold() in back
            or (way.contact is not None and way.contact.health == ContactPoint.Health.BOUNCED),
        )
        for way in found
    ]
    offered.sort(key=lambda one: (one.came_back, one.needs_a_look))
    return [*offered, Alternative(Way(Delivery.HAND, None, later.body if later is not None else ""))]


def main_way(offered: Sequence[Alternative]) -> Alternative | None:
    """Return the way to offer first: the best that can be used at once.

    None: every one that is known came back or is not confirmed, and what is needed is a better address. Handing it over
    in person is left, but nobody is sent there first.
    """
    usable = (one for one in offered if not one.came_back and not one.needs_a_look and one.contact is not None)
    return next(usable, None)


def phones_of(records_request: RecordsRequest) -> list[ContactPoint]:
    """Return the telephone numbers of the agency: to ask for the right address."""
    return [one for one in _contacts(records_request) if one.channel == ContactPoint.Channel.PHONE]


def _contacts(records_request: RecordsRequest) -> Sequence[ContactPoint]:
    return list(agencies.current_contacts().filter(agency=records_request.agency_id))


def _addresses_that_came_back(records_request: RecordsRequest) -> set[str]:
    rows = OutgoingLetter.objects.filter(_TROUBLE, request=records_request)
    return {address.casefold() for address in rows.values_list("to_address", flat=True)}
