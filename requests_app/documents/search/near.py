"""Documents whose text is nearly the same: another scan, a later edition, the same attachment once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count

from requests_app.documents.models import Blob, Document, Fingerprint, FingerprintBand, Passage
from requests_app.documents.search import fingerprints, queries
from requests_app.documents.search.folding import words_in
from requests_app.people.models import Person

ALIKE: Final = 0.5  # from this likeness on a document is shown
COMPARED: Final = 200  # blobs that share a band; those that share most come first


@dataclass(frozen=True)
class Near:
    """A document whose text is like another's. `likeness`: about which share of it is the same, 0 to 1."""

    document: Document
    likeness: float
    is_same_file: bool = False

    @property
    def percent(self) -> int:
        """The likeness, for a sentence."""
        return round(self.likeness * 100)


def near_duplicates_of(document: Document, person: Person | AnonymousUser, *, most: int = 10) -> list[Near]:
    """Return the documents this person may see whose text is most like this one's, the most alike first. Four queries.

    The same bytes that came another time stand first.
    """
    mine = Fingerprint.objects.filter(blob=document.blob_id).first()
    alike = {document.blob_id: 1.0}
    if mine is not None:
        fingerprint = fingerprints.unpacked(mine.smallest)
        sharing = (
            FingerprintBand.objects.filter(band__in=fingerprints.bands(fingerprint))
            .exclude(blob=document.blob_id)
            .values("blob")
            .annotate(shared=Count("pk"))
            .order_by("-shared", "blob")
            .values_list("blob", flat=True)[:COMPARED]
        )
        for other in Fingerprint.objects.filter(blob__in=list(sharing), version=mine.version):
            likeness = fingerprints.likeness(fingerprint, fingerprints.unpacked(other.smallest))
            if likeness >= ALIKE:
                alike[other.blob_id] = likeness
    found = queries.findable_by(person).filter(blob__in=alike).exclude(pk=document.pk)
    rows = found.select_related("agency", "request", "blob")
    near = [Near(row, alike[row.blob_id], row.blob_id == document.blob_id) for row in rows[: COMPARED * 2]]
    near.sort(key=lambda one: (not one.is_same_file, -one.likeness, one.document.brought_at, str(one.document.pk)))
    return near[:most]


def keep_fingerprint(blob: Blob) -> bool:
    """Take the fingerprint of a blob's text anew. Returns False where there is too little text for one."""
    gatherer = fingerprints.Gatherer()
    passages = Passage.objects.filter(blob=blob).order_by("kind", "place", "part").values_list("text", flat=True)
    for text in passages.iterator(chunk_size=200):
        gatherer.add(words_in(text))
    fingerprint = gatherer.fingerprint()
    with transaction.atomic():
        FingerprintBand.objects.filter(blob=blob).delete()
        Fingerprint.objects.filter(blob=blob).delete()
        if fingerprint:
            Fingerprint.objects.create(
                blob=blob,
                version=fingerprints.VERSION,
                words=gatherer.words,
                smallest=fingerprints.packed(fingerprint),
            )
            FingerprintBand.objects.bulk_create(
                [FingerprintBand(blob=blob, band=band) for band in sorted(set(fingerprints.bands(fingerprint)))]
            )
    return bool(fingerprint)
