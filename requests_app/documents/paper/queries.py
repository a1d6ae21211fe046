"""Lists of what comes on paper."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from requests_app.documents.models import Photograph, PhotographedLetter, Scan
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person

RECENT = 30  # scans shown below those that wait


def letter_of(person: Person, request: RecordsRequest) -> PhotographedLetter | None:
    """Return the letter that this person photographs for this request, if there is one. It is nobody else's."""
    return PhotographedLetter.objects.filter(by=person, request=request).first()


def photographs_of(person: Person, request: RecordsRequest) -> QuerySet[Photograph]:
    """Return the pages of that letter, in order."""
    return Photograph.objects.filter(letter__by=person, letter__request=request).select_related("file", "letter")


def photograph(person: Person, request: RecordsRequest, pk: uuid.UUID) -> Photograph | None:
    """Return one of them."""
    return photographs_of(person, request).filter(pk=pk).first()


def waiting_scans() -> QuerySet[Scan]:
    """Return the scans that a person must place, oldest first."""
    return Scan.objects.filter(state__in=[Scan.State.WAITING, Scan.State.LEFT]).order_by("seen_at", "pk")


def settled_scans() -> QuerySet[Scan]:
    """Return what became of scans lately."""
    settled = Scan.objects.filter(state__in=[Scan.State.PLACED, Scan.State.SET_ASIDE])
    return settled.select_related("settled_by").prefetch_related("documents__request").order_by("-settled_at", "-pk")
