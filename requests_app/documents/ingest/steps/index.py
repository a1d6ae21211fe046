"""The last step of the reading: what was read can be found.

The database itself puts the words of every passage into the index. What is left to do: see that no page lost its text
on the way, take the fingerprint by which near-duplicates meet, and let the saved searches look.
"""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Document, Page, Passage
from requests_app.documents.search import near, services
from requests_app.documents.search.engines import LONGEST_PASSAGE


def step(work: Work) -> Outcome:
    """Bring in step what the search knows of this file.

    1. Count the pages that are said to have text and have no passage, and the passages too long to be found whole.
    2. Take the fingerprint of the text.
    3. Note for each of its documents that it can be found; the saved searches look at it next.
    """
    with_text = Page.objects.filter(blob=work.blob, text_from__in=[Page.TextFrom.FILE, Page.TextFrom.OCR])
    read = Passage.objects.filter(blob=work.blob)
    lost = with_text.exclude(number__in=read.filter(kind=Passage.Kind.PAGE).values("place")).count()
    too_long = read.annotate(length=Length("text")).filter(length__gt=LONGEST_PASSAGE).count()
    passages = read.filter(~Q(text="")).count()
    has_fingerprint = near.keep_fingerprint(work.blob)
    documents = Document.objects.filter(blob=work.blob).select_related("agency", "request")
    services.note_readable(documents, now=timezone.now())
    work.progress(passages, passages)
    found = {"passages": passages, "fingerprint": has_fingerprint, "too_long": too_long}
    return Outcome.failed("text_lost", lost=lost, **found) if lost else Outcome.done(**found)
