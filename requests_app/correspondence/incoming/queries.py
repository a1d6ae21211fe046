"""What is known of the things that a mail names, and which mails and files still wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence.incoming.matching import Clues, Known
from requests_app.correspondence.incoming.models import (
    Arrival,
    IncomingMessage,
    Placement,
    RawMail,
    RetypedToken,
)
from requests_app.correspondence.incoming.trust import KnownSender
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, RecordsRequest

# Reading one mail is cut off after a minute and tried twice; a claim must outlast that and the filing after it.
CLAIM_LASTS = timedelta(minutes=10)


def waiting(now: datetime) -> QuerySet[RawMail]:
    """Return the mails that a worker may take: waiting ones, and those whose worker died; the least tried first."""
    unclaimed = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - CLAIM_LASTS)
    return RawMail.objects.filter(unclaimed, state=RawMail.State.WAITING, erased_at__isnull=True).order_by(
        "attempts", "stored_at", "pk"
    )


def with_files_due(now: datetime) -> QuerySet[IncomingMessage]:
    """Return the filed messages of which files are still to become documents."""
    due = Q(files_due_at__isnull=True) | Q(files_due_at__lte=now)
    return IncomingMessage.objects.filter(due, files_pending=True, state=IncomingMessage.State.FILED).order_by("pk")


def kept_mails() -> QuerySet[RawMail]:
    """Return the mails whose bytes must be in the store."""
    return RawMail.objects.filter(erased_at__isnull=True)


def known_sources(way: str, keys: Collection[str]) -> dict[str, bool]:
    """Return those of the sources from which a mail has been taken in already, each with whether it is here whole."""
    found = Arrival.objects.filter(way=way, source_key__in=keys).values_list("source_key", "raw__headers_only")
    return {key: not headers_only for key, headers_only in found}


def last_source(way: str, prefix: str) -> str:
    """Return the source taken in last, of those that begin so; "" for none."""
    found = Arrival.objects.filter(way=way, source_key__startswith=prefix).order_by("-pk")
    return found.values_list("source_key", flat=True).first() or ""


def known_for(clues: Clues, *, sender: str) -> Known:
    """Look up what the clues of one mail name, in the same few queries however many they are."""
    return Known(
        tokens=_tokens(clues.asked_references),
        thread=_thread(clues.asked_ids),
        numbers=_numbers(sender) if any(sign.isdecimal() for sign in clues.subject) else (),
        corrections=dict(
            RetypedToken.objects.filter(local_part__in=clues.local_parts).values_list("local_part", "request_id")
        ),
    )


def _tokens(references: Collection[str]) -> dict[str, tuple[int, str]]:
    # By the reference, which is no secret: the token is compared apart, in constant time.
    found = RecordsRequest.objects.filter(reference__in=references).values_list("reference", "pk", "reply_token")
    return {reference: (pk, token) for reference, pk, token in found}


def _thread(message_ids: Collection[str]) -> Mapping[str, set[int]]:
    """Return the requests of our letters and of filed mail by these Message-IDs."""
    found: dict[str, set[int]] = defaultdict(set)
    for message_id, request in OutgoingLetter.objects.filter(message_id__in=message_ids).values_list(
        "message_id", "request_id"
    ):
        found[message_id].add(request)
    # Only of filed mail: what is in quarantine must not draw other mail after it.
    filed = Placement.objects.filter(
        message__message_id__in=message_ids, message__state=IncomingMessage.State.FILED, ended_at__isnull=True
    )
    for message_id, request in filed.values_list("message__message_id", "request_id"):
        found[message_id].add(request)
    return dict(found)


def _numbers(sender: str) -> list[tuple[str, int]]:
    """Return the numbers that the agencies at the sender's address gave to requests, as people wrote them down."""
    agencies = agencies_at(sender)
    if not agencies:
        return []
    by_hand = Q(details__has_key="agency_number")
    by_portal = Q(details__has_key="confirmation") & (Q(kind=EventKind.ACKNOWLEDGED) | Q(details__method="portal"))
    events = Event.objects.filter(by_hand | by_portal, request__agency_id__in=agencies).values_list(
        "details", "request_id"
    )
    found = []
    for details, request in events:
        number = details.get("agency_number") or details.get("confirmation")
        if number:
            found.append((str(number), request))
    return found


def agencies_at(address: str) -> set[int]:
    """Return the agencies one of whose addresses this is, or is at a domain of theirs."""
    domain = address.lower().rpartition("@")[2]
    labels = domain.split(".")
    above = [".".join(labels[place:]) for place in range(max(1, len(labels) - 1))][:6] if domain else []
    if not above:
        return set()
    ends = Q()
    for name in above:
        ends |= Q(value__iendswith=f"@{name}")
    addresses: dict[int, set[str]] = defaultdict(set)
    for agency, value in _mail_contacts().filter(ends).values_list("agency_id", "value"):
        addresses[agency].add(value.strip().lower())
    return {agency for agency, known in addresses.items() if KnownSender(frozenset(known)).knows(address)}


def senders_of(requests: Collection[int]) -> dict[int, KnownSender]:
    """Return who may answer each of these requests: the agency's addresses, and those we wrote to about it."""
    facts = list(
        RecordsRequest.objects.filter(pk__in=requests).values_list(
            "pk", "agency_id", "agency__name", "agency__short_name"
        )
    )
    of_agency: dict[int, set[str]] = defaultdict(set)
    contacts = _mail_contacts().filter(agency_id__in={agency for _pk, agency, *_names in facts})
    for agency, value in contacts.values_list("agency_id", "value"):
        of_agency[agency].add(value.strip().lower())
    written_to: dict[int, set[str]] = defaultdict(set)
    letters = OutgoingLetter.objects.filter(request__in=requests, state=OutgoingLetter.State.SENT)
    for request, value in letters.values_list("request_id", "to_address"):
        written_to[request].add(value.strip().lower())
    return {
        pk: KnownSender(frozenset(of_agency[agency] | written_to[pk]), tuple(filter(None, names)))
        for pk, agency, *names in facts
    }


def _mail_contacts() -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(channel=ContactPoint.Channel.EMAIL).exclude(health=ContactPoint.Health.RETIRED)


def letter_reported_on(message_id: str, recipient: str, requests: Iterable[int]) -> int | None:
    """Return the letter that a delivery report is about: by its Message-ID, else the only letter sent there."""
    if message_id:
        found = OutgoingLetter.objects.filter(message_id=message_id).values_list("pk", flat=True).first()
        if found is not None:
            return found
    if not recipient:
        return None
    to_it = OutgoingLetter.objects.filter(request__in=list(requests), to_address__iexact=recipient)
    letters = list(to_it.values_list("pk", flat=True)[:2])
    return letters[0] if len(letters) == 1 else None


def conversation(records_request: RecordsRequest) -> QuerySet[IncomingMessage]:
    """Return the filed mail of a request, newest first, with its files."""
    placed = Placement.objects.filter(request=records_request, ended_at__isnull=True).values("message")
    return (
        IncomingMessage.objects.filter(pk__in=placed, state=IncomingMessage.State.FILED)
        .prefetch_related("files__kept__document")
        .order_by("-received_at", "-pk")
    )
