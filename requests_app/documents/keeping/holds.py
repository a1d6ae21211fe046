"""Placing and lifting legal holds, and which of them keep a document."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from requests_app.agencies.models import Agency
from requests_app.documents.keeping import permissions
from requests_app.documents.models import Document, Hold
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, audit

SCOPES = ("document", "request", "agency")


class NotHeld(Exception):
    """The hold was not placed or not lifted. The text says why."""


def place(document: Document, scope: str, *, why: str, by: Person, now: datetime) -> Hold:
    """Keep a document, or everything of its request or agency, until an administrator lifts it. Raises NotHeld."""
    if not permissions.can_hold(by):
        raise NotHeld(_("Only a coordinator or an administrator places a hold. Nothing was changed."))
    if scope not in SCOPES or not why.strip():
        raise NotHeld(_("Say what is to be kept and why. Nothing was changed."))
    with transaction.atomic():
        # Locked, as erasing locks it: either the hold comes first, or it finds the file erased.
        RecordsRequest.objects.select_for_update().get(pk=document.request_id)
        Agency.objects.select_for_update().get(pk=document.agency_id)
        if Document.objects.filter(pk=document.pk, erased_at__isnull=False).exists():
            raise NotHeld(_("This file was erased before, so there is nothing left to keep."))
        of = {"document": document.pk, "request": document.request_id, "agency": document.agency_id}
        kept: dict[str, Any] = {f"{scope}_id": of[scope]}
        hold = Hold.objects.create(why=why.strip()[:500], placed_by=by, placed_at=now, **kept)
        audit("hold placed", hold, by=by, now=now, scope=scope, document=str(document.pk))
    return hold


def lift(hold_id: int, *, why: str, by: Person, now: datetime) -> Hold:
    """End a hold; its row stays. Raises NotHeld."""
    if not permissions.can_lift(by):
        raise NotHeld(_("Only an administrator lifts a hold. It stays as it was."))
    if not why.strip():
        raise NotHeld(_("Say why the hold is lifted: the reason stays with it. It stays as it was."))
    with transaction.atomic():
        changed = Hold.objects.filter(pk=hold_id, lifted_at=None).update(
            lifted_by=by, lifted_at=now, lifted_why=why.strip()[:500]
        )
        hold = Hold.objects.get(pk=hold_id)
        if changed:
            audit("hold lifted", hold, by=by, now=now, why=hold.lifted_why)
    return hold


def keeping(documents: Iterable[Document]) -> QuerySet[Hold]:
    """Return the open holds that keep any of these documents: by themselves, by what they came in, or what is in them.

    Four queries at most, however many documents there are and however deep they lie.
    """
    rows = list(documents)
    outermost = {row.outermost_id or row.pk for row in rows}
    nearby = Document.objects.filter(Q(pk__in=outermost) | Q(outermost__in=outermost)).values_list("pk", "parent")
    parents = dict(nearby)
    wanted = {row.pk for row in rows}
    around = {ancestor for pk in wanted for ancestor in _up_from(pk, parents)}
    around |= {pk for pk in parents if wanted & set(_up_from(pk, parents))}
    return open_holds().filter(
        Q(document__in=around)
        | Q(request__in={row.request_id for row in rows})
        | Q(agency__in={row.agency_id for row in rows})
    )


def open_holds() -> QuerySet[Hold]:
    """Return the holds that nobody lifted, newest first."""
    return Hold.objects.filter(lifted_at=None).select_related("request", "agency", "document", "placed_by")


def _up_from(pk: uuid.UUID | None, parents: dict[uuid.UUID, uuid.UUID | None]) -> Iterator[uuid.UUID]:
    seen: set[uuid.UUID] = set()
    while pk is not None and pk not in seen:
        seen.add(pk)
        yield pk
        pk = parents.get(pk)
