"""Making collections, putting documents into them, and taking many files out at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from requests_app.documents.models import Collection, CollectionEntry, Document
from requests_app.people.models import AuditEntry, Person, audit

MOST_ENTRIES = 2000


class NotCollected(Exception):
    """The collection was not made or not changed. The text says why."""


def make(name: str, purpose: str, *, by: Person, now: datetime) -> Collection:
    """Make an empty collection. Raises NotCollected."""
    if not name.strip():
        raise NotCollected(_("Give the collection a name."))
    try:
        with transaction.atomic():
            made = Collection.objects.create(name=name.strip()[:80], purpose=purpose[:300], made_by=by, made_at=now)
            audit("collection made", made, by=by, now=now)
    except IntegrityError:
        raise NotCollected(_("There is a collection of this name already. Choose another name.")) from None
    return made


def add(collection: Collection, document: Document, *, by: Person, now: datetime) -> bool:
    """Put a document at the end. Returns False when it is in the collection already. Raises NotCollected."""
    with transaction.atomic():
        Collection.objects.select_for_update().get(pk=collection.pk)
        if collection.entries.count() >= MOST_ENTRIES:
            raise NotCollected(_("The collection is full: it holds %(most)d files.") % {"most": MOST_ENTRIES})
        last = collection.entries.aggregate(last=Max("position"))["last"] or 0
        given = {"position": last + 1, "added_by": by, "added_at": now}
        _entry, is_new = CollectionEntry.objects.get_or_create(collection=collection, document=document, defaults=given)
    return is_new


def remove(collection: Collection, document: Document) -> None:
    """Take a document out of a collection. The document itself stays where it is."""
    CollectionEntry.objects.filter(collection=collection, document=document).delete()


def move_up(collection: Collection, document: Document) -> None:
    """Let a document change places with the one before it."""
    with transaction.atomic():
        Collection.objects.select_for_update().get(pk=collection.pk)
        entry = CollectionEntry.objects.filter(collection=collection, document=document).first()
        if entry is None:
            return
        before = collection.entries.filter(position__lt=entry.position).order_by("-position").first()
        if before is not None:
            CollectionEntry.objects.filter(pk=entry.pk).update(position=before.position)
            CollectionEntry.objects.filter(pk=before.pk).update(position=entry.position)


def note_taken(documents: Iterable[Document], *, by: Person, now: datetime, what: str) -> None:
    """Put into the audit trail, for each document, that somebody took a copy of it among others."""
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                actor=by, action="document downloaded", subject=f"document:{document.pk}", facts={"in": what}, at=now
            )
            for document in documents
        ],
        batch_size=500,
    )
