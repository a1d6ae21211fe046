"""Passwords of locked files: tried when they are given, kept sealed when they fit, tried on the others of the request.

No password is ever written into a log, a result or the audit trail.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from django.db import transaction

from requests_app.documents import sandbox
from requests_app.documents import services as documents
from requests_app.documents.ingest import services as ingest
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.models import Blob, Document, FilePassword, Step
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.unlocking import Fits, TryOrder
from requests_app.documents.sandbox import Limits, NotRead
from requests_app.people.models import Person, audit

MOST = 20  # passwords tried on one file, those given for it first: each costs a tenth of a second and more
FITS = "requests_app.documents.readers.unlocking:fits"
LIMITS = Limits(seconds=60, cpu_seconds=60)
LOCKED = "password"  # the trouble of a step that needs one


def known_for(blob: Blob) -> tuple[str, ...]:
    """Return the passwords to try on these bytes: those that opened them, then those of the same requests."""
    requests = Document.objects.filter(blob=blob).values("request")
    known = list(FilePassword.objects.filter(blob=blob)[:MOST])
    known += list(FilePassword.objects.filter(request__in=requests).exclude(blob=blob)[:MOST])
    return tuple(dict.fromkeys(row.password for row in known))[:MOST]


def needs_password(blob: Blob) -> bool:
    """Return whether reading came to a lock that no password known so far opens. One query."""
    for step in Step.objects.filter(blob=blob).only("trouble", "result", "state"):
        if step.state == Step.State.FAILED and step.trouble == LOCKED:
            return True
        if step.result.get("locked"):
            return True
    return False


def give_password(document: Document, password: str, *, by: Person | None, now: datetime) -> bool:
    """Try a password. Where it fits, keep it, read the file, and try it on the other locked files of the request.

    Returns False, and keeps nothing, where it does not fit. Raises Refused or NotRead where nobody can tell.
    """
    if not _fits(document.blob, password):
        return False
    with transaction.atomic():
        FilePassword.objects.create(
            request_id=document.request_id, blob=document.blob, password=password, given_by=by, given_at=now
        )
        audit("password of a document kept", document, by=by, now=now)
        for blob in _locked_in(document):
            ingest.again(blob, now=now, only=_locked_steps(blob), urgency=ingest.Urgency.WAITED_FOR)
        transaction.on_commit(nudge)
    return True


def _fits(blob: Blob, password: str) -> bool:
    order = TryOrder(blob.media_type, blob.kind, password)
    path = documents.the_store().path(blob.pk)
    with tempfile.TemporaryDirectory(prefix="daylight-password-") as folder:
        found = sandbox.run(FITS, path, order=order, kind=Fits, limits=LIMITS, output=Path(folder))
        return any(answer.opens and answer.needed for answer in found)


def _locked_in(document: Document) -> list[Blob]:
    in_request = Blob.objects.filter(documents__request=document.request_id)
    stuck = Step.objects.filter(blob__in=in_request, state=Step.State.FAILED, trouble=LOCKED)
    blobs = {document.blob_id, *stuck.values_list("blob_id", flat=True)}
    blobs |= set(Step.objects.filter(blob__in=in_request, result__locked=True).values_list("blob_id", flat=True))
    return list(Blob.objects.filter(pk__in=blobs))


def _locked_steps(blob: Blob) -> set[str]:
    steps = Step.objects.filter(blob=blob)
    return {step.name for step in steps if step.trouble == LOCKED or step.result.get("locked")}


__all__ = ["NotRead", "Refused", "give_password", "known_for", "needs_password"]
