"""Keep a mail as it came, before anything else."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from requests_app.correspondence.incoming.models import Arrival, RawMail
from requests_app.documents import services as documents
from requests_app.documents.store import Store

log = logging.getLogger(__name__)


def the_mail_store() -> Store:
    """Return the store of the mails as they came; the returned documents have another."""
    return documents.open_store("mail")


def mail_limit() -> int:
    """Return how large one mail may be, in bytes."""
    return int(settings.MAIL_IN_LIMIT_MB) * 1024 * 1024


def take_in(
    chunks: Iterable[bytes],
    *,
    way: str,
    envelope_from: str = "",
    envelope_to: Sequence[str] = (),
    source_key: str = "",
    headers_only: bool = False,
    now: datetime,
) -> RawMail:
    """Keep one mail as it came. When this returned, and not before, a way in may say that it is done.

    1. Store the bytes under their hash, flushed to the disk.
    2. In one transaction, note the mail and this arrival of it. A repeat finds both and changes nothing; one that was
       delivered to another address of ours lets the mail be read again, for that may be another request's.

    A mail that an administrator erased stays erased: only its arrival is noted.
    Raises StoreTrouble (empty, too large, disk full); OSError or DatabaseError when a later try may work.
    """
    store = the_mail_store()
    stored, _nothing = store.put(chunks, limit=mail_limit(), inspect=lambda path: None)
    arrival: dict[str, Any] = {
        "envelope_from": _storable(envelope_from),
        "envelope_to": [_storable(address) for address in envelope_to],
        "at": now,
    }
    with transaction.atomic():
        raw, is_new = RawMail.objects.get_or_create(
            sha256=stored.sha256, defaults={"size": stored.size, "stored_at": now, "headers_only": headers_only}
        )
        if not is_new and not set(arrival["envelope_to"]) <= _recipients_of(raw):
            _read_again(raw)
        if source_key:
            Arrival.objects.get_or_create(way=way, source_key=source_key, defaults={"raw": raw, **arrival})
        else:
            Arrival.objects.create(raw=raw, way=way, **arrival)
    if raw.erased_at is not None:
        remove_bytes(raw.pk)
    log.info("mail %s %s by %s", raw.pk[:12], "taken in" if is_new else "came again", way)
    return raw


def _recipients_of(raw: RawMail) -> set[str]:
    envelopes = Arrival.objects.filter(raw=raw).values_list("envelope_to", flat=True)
    return {address for envelope in envelopes for address in envelope}


def _read_again(raw: RawMail) -> None:
    """Let a mail be read again. A worker that reads it now finds its claim gone, and leaves it to the next."""
    mails = RawMail.objects.filter(pk=raw.pk, erased_at__isnull=True)
    mails.filter(state=RawMail.State.WAITING).update(claimed_at=None)
    mails.filter(state=RawMail.State.PROCESSED).update(state=RawMail.State.WAITING, claimed_at=None, attempts=0)


def remove_bytes(sha256: str) -> None:
    the_mail_store().remove(sha256, unless=lambda: False)


def _storable(address: str) -> str:
    """Return an address of an envelope as any database takes it: a way in passes on what it was given."""
    return address.replace("\x00", "").encode("utf-8", "replace").decode()[:640]
