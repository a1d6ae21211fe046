"""The one door by which files come in."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from requests_app.documents.identify import Identity, identify, recognise
from requests_app.documents.ingest.services import Urgency, begin
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.models import Blob, Document
from requests_app.documents.names import LONGEST, clean_name, hides_something
from requests_app.documents.search.services import keep_about
from requests_app.documents.store import Interrupted, Store, Stored, store_of
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Received:
    """A file that is now kept. `also_in` names other requests whose agencies returned the very same bytes."""

    document: Document
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Duplicate:
    """A file that this request has already. Nothing was added and nothing is lost."""

    document: Document
    given_name: str


def the_store() -> Store:
    """Return the store that the settings name."""
    return open_store()


def open_store(part: str = "") -> Store:
    """Return the store that the settings name, or one of its own beside it: `part`, such as "mail"."""
    return store_of(
        settings.STORE_URL,
        Path(settings.STORE_DIR),
        part=part,
        cache_bytes=int(settings.STORE_CACHE_MB) * 1024 * 1024,
        timeout=float(settings.STORE_TIMEOUT),
    )


def upload_limit() -> int:
    """Return how large one file may be, in bytes."""
    return int(settings.UPLOAD_LIMIT_MB) * 1024 * 1024


def receive_file(
    request: RecordsRequest,
    chunks: Iterable[bytes],
    *,
    name: str,
    received_on: date,
    via: str,
    by: Person | None,
    now: datetime,
) -> Received | Duplicate:
    """Keep one returned file under its request and agency.

    1. Keep the bytes, named by their hash, unless they are a program (outside any transaction: disk work can be long).
    2. In one transaction, note the blob and the document, and ask that it be read: proofs, too, since a reader looks
       for the number on a receipt. The same bytes twice in one request are one document.
    3. After the commit, wake a worker.

    Raises StoreTrouble (empty, too large, disk full, interrupted) or NotKept; then no row was written.
    """
    given = clean_name(name)
    remarks = (
        [_("Its name came with a path or hidden signs, which are left out here.")] if hides_something(name) else []
    )
    stored, identity = the_store().put(chunks, limit=upload_limit(), inspect=lambda path: identify(path, given))
    with transaction.atomic():
        blob, _is_new = Blob.objects.get_or_create(
            sha256=stored.sha256,
            defaults={
                "size": stored.size,
                "media_type": identity.media_type,
                "kind": identity.kind,
                "stored_at": now,
            },
        )
        if blob.erased_at is not None:
            _keep_again(blob, now=now)
        document, is_new = Document.objects.get_or_create(
            request=request,
            blob=blob,
            parent=None,
            erased_at=None,
            defaults={
                "agency_id": request.agency_id,
                "original_name": given,
                "kind": identity.kind,
                "remarks": [*remarks, *identity.remarks],
                "via": via,
                "received_on": received_on,
                "brought_by": by,
                "brought_at": now,
            },
        )
        if not is_new:
            return Duplicate(document, given)
        audit("document received", document, by=by, now=now, sha256=stored.sha256, request=request.reference)
        keep_about(document)
        begin(blob, now=now, urgency=Urgency.WAITED_FOR if by else Urgency.ORDINARY)
        transaction.on_commit(nudge)
        _share_later(blob, now)
    log.info("document %s kept for request %s", document.pk, request.pk)
    others = Document.objects.filter(blob=blob).exclude(request=request).values_list("request__reference", flat=True)
    return Received(document, tuple(others.order_by("request__reference")[:5]))


def _keep_again(blob: Blob, *, now: datetime) -> None:
    """Let bytes that were erased be kept again: an agency sent them anew, and a receipt is never refused.

    The documents that were erased stay erased; that they were, by whom and why, stays in their rows and in the audit
    trail. Raises Interrupted when the erasing is still going on and took the bytes that have just come.
    """
    if not the_store().exists(blob.pk):
        raise Interrupted
    audit("erased bytes came again", blob, by=None, now=now, erased_at=str(blob.erased_at), why=blob.erased_why)
    blob.erased_at, blob.erased_by, blob.erased_why, blob.locked_why = None, None, "", ""
    blob.save(update_fields=["erased_at", "erased_by", "erased_why", "locked_why"])


def note_download(document: Document, *, by: Person, now: datetime) -> None:
    """Put into the audit trail that somebody took a copy."""
    audit("document downloaded", document, by=by, now=now)


def receive_part(
    parent: Document,
    chunks: Iterable[bytes],
    *,
    inner_path: str,
    now: datetime,
    remarks: Iterable[str] = (),
    via: str = Document.Via.PART,
) -> Document:
    """Keep one file that came inside another, as a document under it. A second call for the same place finds the first.

    `inner_path`: its place in the parent, cleaned (names.clean_inner_path). A program is kept too, and locked at once.
    Raises StoreTrouble (empty, too large, disk full). Whoever keeps many wakes a worker when done (waking.nudge).
    """
    here = Document.objects.filter(parent=parent, inner_path=inner_path, erased_at=None)
    known = here.select_related("blob").first()
    if known is not None:
        return known
    name = clean_name(inner_path)
    stored, identity = the_store().put(chunks, limit=upload_limit(), inspect=lambda path: recognise(path, name))
    with transaction.atomic():  # a member without its steps would never be read
        blob = _blob_of_part(stored, identity, now)
        if blob.erased_at is not None:
            _keep_again(blob, now=now)
        document, _is_new = Document.objects.get_or_create(
            parent=parent,
            inner_path=inner_path,
            erased_at=None,
            defaults={
                **_from_parent(parent, now),
                "via": via,
                "blob": blob,
                "original_name": name[:LONGEST],
                "kind": identity.kind,
                "remarks": [*remarks, *identity.remarks],
            },
        )
        keep_about(document)
        begin(blob, now=now)
        _share_later(blob, now)
    return document


def share_members(blob: Blob, *, now: datetime) -> int:
    """Give every document with these bytes the members that one of them has, and theirs, and so on. Returns how many.

    Bytes are unpacked once, however often they came. Nothing is copied below the depth or beyond the number of files
    that the settings allow.
    """
    copied, open_ones = 0, [blob.pk]
    while open_ones:
        sha256 = open_ones.pop()
        holders = list(Document.objects.filter(blob=sha256, erased_at=None).order_by("depth", "brought_at", "pk"))
        if len(holders) < 2:
            continue
        members = _members_of_one(holders)
        for holder in holders if members else []:
            for member in _copy_members(holder, members, now):
                copied += 1
                if member.blob_id not in open_ones:
                    open_ones.append(member.blob_id)
    return copied


def _share_later(blob: Blob, now: datetime) -> None:
    """After the commit, give a new document the members that others with its bytes have.

    Not before: the step that unpacks looks for documents at its end, and must see this one or be seen by it.
    """
    if Document.objects.filter(parent__blob=blob).exists():
        transaction.on_commit(partial(share_members, blob, now=now))


def room_for_members(document: Document) -> int:
    """Return how many more files may come out of the file that the agency sent, at all depths together."""
    outermost = document.outermost_id or document.pk
    return int(settings.UNPACK_MOST_FILES) - Document.objects.filter(outermost=outermost).count()


def _blob_of_part(stored: Stored, identity: Identity, now: datetime) -> Blob:
    blob, _is_new = Blob.objects.get_or_create(
        sha256=stored.sha256,
        defaults={
            "size": stored.size,
            "media_type": identity.media_type,
            "kind": identity.kind,
            "stored_at": now,
            "locked_why": "program" if identity.kind == "program" else "",
        },
    )
    return blob


def _from_parent(parent: Document, now: datetime) -> dict[str, Any]:
    return {
        "request_id": parent.request_id,
        "agency_id": parent.agency_id,
        "outermost_id": parent.outermost_id or parent.pk,
        "depth": parent.depth + 1,
        "via": Document.Via.PART,
        "received_on": parent.received_on,
        "brought_by": None,
        "brought_at": now,
    }


def _members_of_one(holders: list[Document]) -> list[Document]:
    """Return the members of the holder that has most."""
    counted = (
        Document.objects.filter(parent__in=holders, erased_at=None).values_list("parent").annotate(number=Count("pk"))
    )
    by_number = sorted(counted, key=lambda row: row[1])
    return list(Document.objects.filter(parent=by_number[-1][0], erased_at=None)) if by_number else []


def _copy_members(holder: Document, members: list[Document], now: datetime) -> list[Document]:
    if holder.depth >= settings.UNPACK_DEPTH:
        return []
    there = set(holder.members.filter(erased_at=None).values_list("inner_path", flat=True))
    missing = [member for member in members if member.inner_path not in there]
    if not missing:
        return []
    missing = missing[: max(0, room_for_members(holder))]
    own = _from_parent(holder, now)
    copies = [
        Document(
            parent=holder, blob_id=member.blob_id, inner_path=member.inner_path, original_name=member.original_name,
            kind=member.kind, remarks=member.remarks, **own,
        )
        for member in missing
    ]  # fmt: skip
    Document.objects.bulk_create(copies, ignore_conflicts=True, batch_size=500)
    return list(Document.objects.filter(parent=holder, pk__in=[copy.pk for copy in copies]))
