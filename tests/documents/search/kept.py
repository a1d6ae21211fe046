"""Documents with text, made in the database as the steps of the reading make them."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from requests_app.documents.models import Blob, Document, Page, Passage
from requests_app.documents.search import services
from requests_app.filing.models import RecordsRequest
from tests.factories import NOON


def a_blob(name: str, *, kind: str = "pdf", **facts: Any) -> Blob:
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    columns = {"size": 1000, "media_type": "application/pdf", "kind": kind, "stored_at": NOON, **facts}
    return Blob.objects.get_or_create(sha256=sha256, defaults=columns)[0]


def a_document(
    records_request: RecordsRequest,
    name: str = "answer.pdf",
    *texts: str,
    kind: str = "pdf",
    place: str = Passage.Kind.PAGE,
    received_on: date | None = None,
    blob: Blob | None = None,
    minutes: int = 0,
) -> Document:
    """Return a document whose pages (or sheets) say these texts. Its bytes are its name's, unless a blob is given."""
    bytes_of_it = blob or a_blob(f"{records_request.pk} {name}", kind=kind)
    document = Document.objects.create(
        blob=bytes_of_it,
        agency=records_request.agency,
        request=records_request,
        original_name=name,
        kind=bytes_of_it.kind,
        via=Document.Via.UPLOAD,
        received_on=received_on or NOON.date(),
        brought_at=NOON + timedelta(minutes=minutes),
    )
    pages(bytes_of_it, *texts, place=place)
    services.keep_about(document)
    return document


def pages(blob: Blob, *texts: str, place: str = Passage.Kind.PAGE) -> None:
    """Let the pages of a blob say these texts."""
    for number, text in enumerate(texts, start=1):
        Passage.objects.create(blob=blob, kind=place, place=number, text=text)
        if place == Passage.Kind.PAGE:
            Page.objects.create(blob=blob, number=number, width=612, height=792, text_from=Page.TextFrom.FILE)
