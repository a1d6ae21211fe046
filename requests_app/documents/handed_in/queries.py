"""Reads links, what came over them, and what nobody has recorded yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Func, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from requests_app.agencies.models import ContactPoint
from requests_app.documents.handed_in import codes
from requests_app.documents.models import AgencyLink, Document, HandedFile, HandIn
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, RecordsRequest
from requests_app.people.models import Person
from requests_app.people.tokens import hash_of

COUNTED_TO: Final = 100
# What a person records of an answer. Once one of these was recorded after a handing in, somebody has seen to it.
_SAYS_WHAT_CAME: Final = (
    *(EventKind.ACKNOWLEDGED, EventKind.EXTENSION, EventKind.CLARIFICATION_REQUESTED, EventKind.FEE_ESTIMATED),
    *(EventKind.WAIVER_DECIDED, EventKind.DETERMINED, EventKind.DENIED, EventKind.NO_RECORDS),
    *(EventKind.PRODUCED_PART, EventKind.PRODUCED, EventKind.APPEAL_DECIDED, EventKind.REPLY, EventKind.CLOSED),
)


def by_code(typed: str) -> AgencyLink | None:
    """Return the link of a secret, with its request and agency, whatever its state. No query for what is no secret."""
    code = codes.understood(typed)
    if not code:
        return None
    # The letter holds a legal name, and opening it takes long: nothing here needs it.
    rows = AgencyLink.objects.select_related("request__agency").defer("request__letter")
    return rows.filter(secret_sha256=hash_of(code)).first()


def links_of(records_request: RecordsRequest) -> QuerySet[AgencyLink]:
    """Return the links of a request, newest first, with what came over each. Three queries."""
    hand_ins = HandIn.objects.filter(told_at__isnull=False).select_related("settled_by", "receipt_mail")
    return (
        AgencyLink.objects.filter(request=records_request)
        .select_related("made_by", "revoked_by")
        .prefetch_related(Prefetch("hand_ins", hand_ins.prefetch_related(_kept_files()), to_attr="came"))
    )


def usable(records_request: RecordsRequest, now: datetime) -> QuerySet[AgencyLink]:
    """Return the links of a request that somebody could still use."""
    return AgencyLink.objects.filter(request=records_request, revoked_at=None, expires_at__gt=now)


def has_hand_ins() -> Exists:
    """Return whether something was handed in for a request, as a column of a query for requests."""
    return Exists(HandIn.objects.filter(link__request=OuterRef("pk"), told_at__isnull=False))


def came_in(records_request: RecordsRequest) -> list[HandIn]:
    """Return what was handed in for a request, newest first, each with its files and `waits`. Two queries."""
    rows = HandIn.objects.filter(link__request=records_request, told_at__isnull=False)
    rows = rows.select_related("link", "settled_by").prefetch_related(_kept_files())
    return list(rows.annotate(waits=_waits()))


def waiting(person: Person | AnonymousUser) -> QuerySet[HandIn]:
    """Return what was handed in and nobody has recorded, of the requests this person may see, the oldest first."""
    rows = HandIn.objects.filter(told_at__isnull=False, link__request__in=filing.visible_to(person))
    return (
        rows.filter(_waits())
        .select_related("link__request__agency")
        .defer("link__request__letter")
        .prefetch_related(_kept_files())
        .order_by("at", "id")
    )


def count_of_waiting(most: int = COUNTED_TO) -> Coalesce:
    """Return how many there are, counted to `most`, as a part of another statement."""
    few = HandIn.objects.filter(_waits(), told_at__isnull=False).order_by()[:most].values("pk")
    # Not Count: Django would group by every row.
    counted = HandIn.objects.filter(pk__in=few).order_by().annotate(number=Func("pk", function="COUNT"))
    return Coalesce(Subquery(counted.values("number")), 0, output_field=IntegerField())


def hand_in_of(link: AgencyLink, pk: UUID) -> HandIn | None:
    """Return one handing in over this very link, with its files: for its receipt."""
    rows = HandIn.objects.filter(link=link, told_at__isnull=False).prefetch_related(_kept_files())
    return rows.filter(pk=pk).first()


def times_since(link: AgencyLink, since: datetime) -> int:
    """Return how often files were handed in over a link since a moment."""
    return HandIn.objects.filter(link=link, at__gt=since).count()


def origin_of(document: Document) -> list[HandedFile]:
    """Return how these bytes were handed in for this request, the first time first. One query."""
    rows = HandedFile.objects.filter(sha256=document.blob_id, hand_in__link__request=document.request_id)
    rows = rows.exclude(state=HandedFile.State.COMING).select_related("hand_in__link")
    return list(rows.order_by("hand_in__at", "ordinal"))


def documents_of(files: Collection[HandedFile], records_request: RecordsRequest) -> dict[str, Document]:
    """Return the documents that the request has of these files, by SHA-256. One query."""
    named = {file.sha256 for file in files}
    found = Document.objects.filter(request=records_request, parent=None, erased_at=None, blob__in=named)
    return {document.blob_id: document for document in found}


def is_known_address(records_request: RecordsRequest, email: str) -> bool:
    """Return whether an address is one of the agency's own, as we knew it before anybody typed it."""
    known = ContactPoint.objects.filter(agency=records_request.agency_id, channel=ContactPoint.Channel.EMAIL)
    known = known.exclude(health__in=[ContactPoint.Health.RETIRED, ContactPoint.Health.BOUNCED])
    return bool(email) and known.filter(value__iexact=email.strip()).exists()


def has_live_link(text: str, now: datetime) -> bool:
    """Return whether a text holds a link that still opens something. One query, and none where nothing looks so."""
    hashes = {hash_of(code) for code in codes.candidates(text)}
    if not hashes:
        return False
    return AgencyLink.objects.filter(secret_sha256__in=hashes, revoked_at=None, expires_at__gt=now).exists()


def _waits() -> Q:
    """Return the condition that nobody has said or recorded what a handing in means."""
    recorded = Event.objects.filter(
        request=OuterRef("link__request"),
        recorded_at__gte=OuterRef("told_at"),
        recorded_by__isnull=False,
        kind__in=_SAYS_WHAT_CAME,
    )
    return Q(settled_at__isnull=True) & ~Q(Exists(recorded))


def _kept_files() -> Prefetch[str, QuerySet[HandedFile], str]:
    return Prefetch("files", HandedFile.objects.exclude(state=HandedFile.State.COMING), to_attr="kept")
