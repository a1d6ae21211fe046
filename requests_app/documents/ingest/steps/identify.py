"""Identify: look at the bytes once more, for a later Daylight may know a kind that an earlier one did not."""

from __future__ import annotations

from requests_app.documents.identify import recognise
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Blob, Document


def step(work: Work) -> Outcome:
    """Put kind and media type right. Result: both, and the kind before where it was another.

    The name is part of the evidence where the bytes alone do not tell, so the first document's name speaks.
    """
    first = Document.objects.filter(blob=work.blob).order_by("brought_at", "pk").first()
    identity = recognise(work.original(), first.original_name if first else "")
    before = work.blob.kind
    with work.writing():
        if (identity.kind, identity.media_type) != (before, work.blob.media_type):
            Blob.objects.filter(pk=work.blob.pk).update(kind=identity.kind, media_type=identity.media_type)
            Document.objects.filter(blob=work.blob).update(kind=identity.kind)
            work.blob.kind, work.blob.media_type = identity.kind, identity.media_type
        if identity.kind == "program":
            Blob.objects.filter(pk=work.blob.pk).exclude(unlocked_why="program").update(locked_why="program")
    was = {"was": before} if identity.kind != before else {}
    return Outcome.done(kind=identity.kind, media_type=identity.media_type, **was)
