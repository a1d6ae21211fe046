"""The one door by which files come in."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.documents.identify import identify
from requests_app.documents.models import Blob, Document
from requests_app.documents.names import clean_name, hides_something
from requests_app.documents.store import Store, store_of
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
    2. In one transaction, note the blob and the document. The same bytes twice in one request are one document.

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
        document, is_new = Document.objects.get_or_create(
            request=request,
            blob=blob,
            parent=None,
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
    log.info("document %s kept for request %s", document.pk, request.pk)
    others = Document.objects.filter(blob=blob).exclude(request=request).values_list("request__reference", flat=True)
    return Received(document, tuple(others.order_by("request__reference")[:5]))


def note_download(document: Document, *, by: Person, now: datetime) -> None:
    """Put into the audit trail that somebody took a copy."""
    audit("document downloaded", document, by=by, now=now)
