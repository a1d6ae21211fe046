"""Erasing for good: bytes and everything made of them go; that they were here, who erased them and why stays.

What is erased is planned first, and the plan is what a person confirms: every document with these bytes, in whatever
request, and everything that came inside them. A room above that keeps copies of its own, or words taken from them,
says so through `also`.

What people wrote in their own words may repeat what must not be kept, so it goes, too: descriptions and tags here, what
other rooms name as `written`. What only points at the document stays as its tombstone does: its name and its origin,
the ids of its pages, its places in collections, ticks of items it answered, these taken back.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.agencies.models import Agency
from requests_app.documents import services
from requests_app.documents.derived import Derived
from requests_app.documents.keeping import holds, permissions
from requests_app.documents.models import (
    AnsweredItem,
    Blob,
    Description,
    Document,
    DocumentTag,
    Findable,
    Hold,
    Passage,
)
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)


class NotErased(Exception):
    """Nothing was erased. The text says why."""


@dataclass(frozen=True)
class Written:
    """Rows in which people wrote about documents in their own words. `said`: how many there are, for a person.

    `take_out`: takes the words out of the rows; without it the rows themselves go.
    """

    rows: models.QuerySet[Any]
    said: Callable[[int], str]
    take_out: Callable[[models.QuerySet[Any]], object] = lambda rows: rows.delete()


@dataclass(frozen=True)
class Other:
    """What a room above adds.

    `copies`: sentences on where else these bytes are. `written`: what people wrote about these documents, which goes in
    the order given.
    """

    copies: Callable[[str], Iterable[str]] = lambda sha256: ()
    written: Callable[[Collection[uuid.UUID]], Iterable[Written]] = lambda documents: ()


_others: dict[str, Other] = {}


def also(name: str, other: Other) -> None:
    """Let a room above take part. A second call with the same name changes nothing."""
    _others.setdefault(name, other)


@dataclass
class Plan:
    """What erasing one document would erase, and what stands against it."""

    documents: list[Document] = field(default_factory=list)  # all that go, with their requests and agencies
    blobs: list[str] = field(default_factory=list)
    held_by: list[Hold] = field(default_factory=list)
    containers: list[Document] = field(default_factory=list)  # files that stay, and have these bytes inside
    copies: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # what people wrote that goes, such as "2 notes"

    @property
    def fingerprint(self) -> str:
        """What the person confirmed: the plan of the moment must be the same."""
        named = " ".join(sorted(str(each.pk) for each in self.documents))
        return hashlib.sha256(named.encode()).hexdigest()[:32]


def plan(document: Document) -> Plan:
    """Return what goes with the bytes of a document: every document that has them, and everything inside those.

    A file inside that also came by itself, or inside another file, goes only here: its bytes stay where others have
    them. It is no erasing of those; but the file that was asked for goes everywhere.
    """
    found = Plan()
    sharing = list(_rows().filter(blob=document.blob_id))
    inside: list[Document] = []
    level = sharing
    while level:
        level = list(_rows().filter(parent__in=[row.pk for row in level]))
        inside += level
    going = {row.pk: row for row in [*sharing, *inside]}
    found.documents = sorted(going.values(), key=lambda row: (row.request.reference, row.depth, row.original_name))
    of_inside = {row.blob_id for row in inside} - {document.blob_id}
    elsewhere = set(
        Document.objects.filter(blob__in=of_inside, erased_at=None)
        .exclude(pk__in=going)
        .values_list("blob_id", flat=True)
    )
    found.blobs = [document.blob_id, *sorted(of_inside - elsewhere)]
    found.held_by = list(holds.keeping(found.documents)) if found.documents else []
    parents = {row.parent_id for row in sharing if row.parent_id} - set(going)
    found.containers = list(_rows().filter(pk__in=parents))
    found.copies = [words for other in _others.values() for sha256 in found.blobs for words in other.copies(sha256)]
    counted = [(each, each.rows.count()) for each in _written_about(list(going))]
    found.written = [each.said(number) for each, number in counted if number]
    return found


def erase(document: Document, *, confirmed: str, why: str, by: Person, now: datetime) -> Plan:
    """Erase a document for good, as planned and confirmed (`Plan.fingerprint`).

    1. Plan anew under lock; a hold, or another plan than was confirmed, ends it here.
    2. In one transaction: tombstones, the audit trail, and no row left of what was read in the bytes or written about
       them.
    3. After it: the bytes, the derivatives, and what other rooms have. What fails here is done by a second call, and
       `check_store` names it until then.

    Raises NotErased; StorageUnreachable after the tombstones stand.
    """
    if not permissions.can_erase(by):
        raise NotErased(_("Only an administrator erases a file. Nothing was erased."))
    if not why.strip():
        raise NotErased(_("Say why the file is erased: the reason stays. Nothing was erased."))
    with transaction.atomic():
        first = plan(document)
        list(Blob.objects.select_for_update().filter(pk__in=first.blobs).order_by("pk"))
        requests = {row.request_id for row in first.documents}
        list(RecordsRequest.objects.select_for_update().filter(pk__in=requests).order_by("pk"))
        agencies = {row.agency_id for row in first.documents}
        list(Agency.objects.select_for_update().filter(pk__in=agencies).order_by("pk"))
        found = plan(document)
        if found.held_by:
            raise NotErased(
                _("A hold keeps this file: %(scope)s. Nothing was erased. An administrator lifts the hold first.")
                % {"scope": found.held_by[0].scope}
            )
        if found.documents and confirmed != found.fingerprint:
            raise NotErased(
                _(
                    "What would be erased has changed since this page was opened. Nothing was erased. Read the list "
                    "again."
                )
            )
        _note(found, why=why.strip()[:500], by=by, now=now)
    blobs = found.blobs if found.documents else [document.blob_id]
    for sha256 in blobs:
        remove_what_is_left(sha256)
    log.info("%d documents erased, %d blobs", len(found.documents), len(blobs))
    return found


def remove_what_is_left(sha256: str) -> None:
    """Delete the bytes and derivatives of an erased blob. Does nothing to one that is kept."""
    if not _is_erased(sha256):
        return
    Derived(sha256).remove()
    services.the_store().remove(sha256, unless=lambda: not _is_erased(sha256))


def _is_erased(sha256: str) -> bool:
    return Blob.objects.filter(pk=sha256, erased_at__isnull=False).exists()


def _note(found: Plan, *, why: str, by: Person, now: datetime) -> None:
    written = 0
    for each in _written_about([row.pk for row in found.documents]):
        written += each.rows.count()
        each.take_out(each.rows)
    for row in found.documents:
        facts = {"sha256": row.blob_id, "request": row.request.reference, "why": why, "written_about_all": written}
        audit("document erased", row, by=by, now=now, **facts)
    gone = Document.objects.filter(pk__in=[row.pk for row in found.documents])
    gone.update(erased_at=now, erased_why=why)
    Passage.objects.filter(document__in=gone).delete()
    Findable.objects.filter(document__in=gone).delete()
    DocumentTag.objects.filter(document__in=gone).delete()
    standing = AnsweredItem.objects.filter(document__in=gone, taken_back_at=None)
    standing.update(taken_back_by=by, taken_back_at=now)
    blobs = Blob.objects.filter(pk__in=found.blobs, erased_at=None)
    for relation in _made_of_blobs():
        relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": found.blobs}).delete()
    blobs.update(erased_at=now, erased_by=by, erased_why=why, locked_why="erased", unlocked_why="")


def _written_about(documents: Collection[uuid.UUID]) -> list[Written]:
    descriptions = Description.objects.filter(document__in=documents)
    ours = Written(descriptions, lambda n: ngettext("%(n)d description", "%(n)d descriptions", n) % {"n": n})
    return [*(each for other in _others.values() for each in other.written(documents)), ours]


def _made_of_blobs() -> list[models.ManyToOneRel]:
    """Return every table of what was read in bytes: those that the database deletes with a blob."""
    return [
        relation
        for relation in Blob._meta.related_objects
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.CASCADE
    ]


def _rows() -> models.QuerySet[Document]:
    return Document.objects.filter(Q(erased_at=None)).select_related("request", "agency", "blob")
