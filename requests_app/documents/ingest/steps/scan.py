"""Scan: ask a ClamAV server about the bytes, where one is configured. What it finds infected is locked, not deleted."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from requests_app.documents import clamd, locks
from requests_app.documents.ingest.work import Outcome, TryLater, Work


def step(work: Work) -> Outcome:
    """Result: `found` is empty for a clean file; `unscanned` says why the server did not look at all of it.

    A server that is away is asked again later; nothing that needs the scan begins before, unless READ_UNSCANNED.
    """
    if not settings.CLAMD_ADDRESS:
        return Outcome.not_needed("no_scanner")
    try:
        with work.original().open("rb") as file:
            found = clamd.scan(file, address=settings.CLAMD_ADDRESS, seconds=settings.CLAMD_SECONDS)
    except clamd.Away as away:
        raise TryLater("scanner") from away
    except clamd.NotScanned as trouble:
        return Outcome.done(found="", unscanned=trouble.code)
    if not found:
        return Outcome.done(found="")
    with work.writing():
        if locks.lock_infected(work.blob, found, now=timezone.now()):
            return Outcome.failed("infected", found=found)
    return Outcome.done(found=found, let_pass=True)
