"""Make returned documents of the files of trusted mail, each a step of its own that can be repeated."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import queries
from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage, KeptFile, Placement
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.services.taking_in import the_mail_store
from requests_app.documents import services as documents
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Document
from requests_app.documents.store import EmptyFile, StoreTrouble, TooLarge
from requests_app.filing import lawbook
from requests_app.filing.models import RecordsRequest

log = logging.getLogger(__name__)

BATCH = 100
FILES_AGAIN = timedelta(minutes=5)

State = IncomingMessage.State


def note_due_files(filed: IncomingMessage) -> None:
    """Say whether files of a message are still to become documents. Call it in the transaction that changed that."""
    due = filed.state == State.FILED and bool(_missing(filed))
    IncomingMessage.objects.filter(pk=filed.pk).update(files_pending=due, files_due_at=None)
    filed.files_pending, filed.files_due_at = due, None


def _missing(filed: IncomingMessage) -> list[tuple[IncomingFile, int]]:
    """Return the files of a message that are records, each with a request of which it is no document yet."""
    requests = list(
        Placement.objects.filter(message=filed, ended_at__isnull=True)
        .order_by("pk")
        .values_list("request_id", flat=True)
    )
    files = list(IncomingFile.objects.filter(message=filed, is_record=True, trouble="").order_by("ordinal"))
    kept = set(KeptFile.objects.filter(file__in=files).values_list("file_id", "request_id"))
    return [(file, request) for file in files for request in requests if (file.pk, request) not in kept]


def keep_due_files(now: datetime, *, reader: Reader, until: float) -> bool:
    """Make documents of the files that are due. Returns whether some were left for want of time."""
    for message_id in list(queries.with_files_due(now).values_list("pk", flat=True)[:BATCH]):
        if monotonic() > until:
            return True
        try:
            keep_files(message_id, now=now, reader=reader)
        except Exception as trouble:  # noqa: BLE001  it stays due; the others must go on
            log.error("files of message %s could not be kept: %s", message_id, type(trouble).__name__)
            IncomingMessage.objects.filter(pk=message_id).update(files_due_at=now + FILES_AGAIN)
    return False


def keep_files(message_id: int, *, now: datetime, reader: Reader) -> int:
    """Make returned documents of the files of a filed message, one after another. Returns how many there are now.

    Each is a step of its own: after a crash, the next call makes those that are missing. What the house does not take,
    a program or an empty file, is marked with the reason. A full disk leaves the rest for later.
    """
    filed = IncomingMessage.objects.get(pk=message_id)
    if filed.state != State.FILED:
        return 0
    missing = _missing(filed)
    requests = RecordsRequest.objects.in_bulk({request for _file, request in missing})
    done = 0
    for file, request_id in missing:
        if file.trouble:
            continue  # of another request, a moment ago
        try:
            _keep(filed, file, requests[request_id], reader, now)
            done += 1
        except (NotKept, EmptyFile, TooLarge) as trouble:
            _mark(file, str(trouble))
        except NotRead as trouble:
            log.error("file %s could not be taken out of its mail: %s", file.pk, trouble.code)
            _mark(file, _("It could not be taken out of the mail. The mail itself is kept as it came."))
        except StoreTrouble as trouble:
            log.error("files of message %s must wait: %s", filed.pk, type(trouble).__name__)
            IncomingMessage.objects.filter(pk=filed.pk).update(files_due_at=now + FILES_AGAIN)
            return done
    with transaction.atomic():
        # Locked: a person may be placing it on another request at this moment.
        note_due_files(IncomingMessage.objects.select_for_update().get(pk=filed.pk))
    return done


def _keep(
    filed: IncomingMessage, file: IncomingFile, records_request: RecordsRequest, reader: Reader, now: datetime
) -> None:
    path = the_mail_store().path(filed.raw_id)
    with reader.part(path, file.sha256) as chunks:
        outcome = documents.receive_file(
            records_request,
            chunks,
            name=file.name,
            received_on=lawbook.local_day(records_request.jurisdiction, filed.received_at),
            via=Document.Via.REPLY,
            by=None,
            now=now,
        )
    KeptFile.objects.get_or_create(
        file=file, request=records_request, defaults={"document": outcome.document, "at": now}
    )


def _mark(file: IncomingFile, trouble: str) -> None:
    file.trouble = trouble[:500]
    file.save(update_fields=["trouble"])
