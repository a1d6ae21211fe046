"""Read each mail that was taken in, once, and file it or lay it before a person."""

from __future__ import annotations

import enum
import hashlib
import logging
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from requests_app.correspondence.incoming import matching, queries
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.reading import PARSER_VERSION, Reading
from requests_app.correspondence.incoming.services.files import keep_due_files, keep_files, note_due_files
from requests_app.correspondence.incoming.services.judging import envelope_recipients, verdict_on
from requests_app.correspondence.incoming.services.taking_in import the_mail_store
from requests_app.correspondence.incoming.services.writing import (
    clear_files,
    columns_of,
    kind_of,
    learn_from_copy,
    note_files,
    place,
    read_again,
)
from requests_app.correspondence.incoming.suggested import writing as reading_help

log = logging.getLogger(__name__)

BATCH = 100
BATCH_SECONDS = 120  # well under CELERY_TASK_TIME_LIMIT; what is left waits for the next beat
TRIES = 5  # claims that ended without a word; then the mail lies before a person as it came

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


class Outcome(enum.Enum):
    """What became of one try to process a mail."""

    NOT_DUE = enum.auto()  # another worker has it or had it
    FILED = enum.auto()
    TRIAGE = enum.auto()
    COPY = enum.auto()  # of a message that was here already
    FAILED = enum.auto()


def process_waiting(now: datetime) -> bool:
    """Process what waits, one batch, then make documents of the files that are due. Returns whether more may wait."""
    began = monotonic()
    pending = list(queries.waiting(now).values_list("pk", flat=True)[:BATCH])
    done = 0
    with Reader() as reader:
        for sha256 in pending:
            passed = monotonic() - began
            if passed > BATCH_SECONDS:
                return True
            try:
                process(sha256, now=now + timedelta(seconds=passed), reader=reader)
            except Exception as trouble:  # noqa: BLE001  its claim lapses and opens it again; the others must go on
                log.error("mail %s could not be processed: %s", sha256[:12], type(trouble).__name__)
            done += 1
        more_files = keep_due_files(now, reader=reader, until=began + BATCH_SECONDS)
    return done == BATCH or more_files


def process(sha256: str, *, now: datetime, reader: Reader | None = None) -> Outcome:
    """Read one mail and file it or lay it before a person.

    1. Claim it: only one worker's update matches. A mail that has killed every worker so far goes to a person unread.
    2. Read it in a process apart, outside any transaction. What cannot be read goes to a person as it came.
    3. Match and judge.
    4. In one transaction, write the message, its files and where it belongs, and say that the mail is processed.
    5. Make documents of the files of a trusted mail, each a step of its own that can be repeated.
    """
    raw = _claim(sha256, now)
    if raw is None:
        return Outcome.NOT_DUE
    if reader is None:
        with Reader() as own:
            return _process_claimed(raw, now, own)
    return _process_claimed(raw, now, reader)


def _claim(sha256: str, now: datetime) -> RawMail | None:
    taken = queries.waiting(now).filter(pk=sha256).order_by()
    if not taken.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    return RawMail.objects.get(pk=sha256)


def _process_claimed(raw: RawMail, now: datetime, reader: Reader) -> Outcome:
    if raw.attempts > TRIES:
        return _fail(raw, "every_try_ended", now)
    path = the_mail_store().path(raw.pk)
    if not path.exists():
        return _fail(raw, "bytes_missing", now)
    try:
        reading = reader.read(path)
    except NotRead as trouble:
        return _fail(raw, trouble.code, now)
    if any(note.code == "unreadable" for note in reading.message.notes):
        return _fail(raw, "unreadable", now)
    outcome = _file(raw, reading, now)
    if outcome is Outcome.FILED and raw.message_id is not None:
        keep_files(raw.message_id, now=now, reader=reader)
    return outcome


def _file(raw: RawMail, reading: Reading, now: datetime) -> Outcome:
    message = reading.message
    kind, verdict = kind_of(message), verdict_on(raw, message)
    said = columns_of(raw, reading, kind)
    help_found = reading_help.find(message, kind, raw.stored_at)
    with transaction.atomic():
        if not _own_claim(raw).update(
            state=RawMail.State.PROCESSED, claimed_at=None, trouble="", parser_version=PARSER_VERSION
        ):
            return Outcome.NOT_DUE  # a worker that took this one for dead was quicker
        fingerprint = said.pop("fingerprint")
        # Locked: a person may be settling it at this moment, and what a person decided stays.
        locked = IncomingMessage.objects.select_for_update()
        known = locked.filter(raw=raw).first()
        if known is not None:
            filed = read_again(known, fingerprint, said, verdict, now)
            outcome = Outcome.COPY if filed != known else _where(filed)
        elif raw.message_id is not None:
            # A copy stays a copy, though the parser of today may see a difference between the two.
            filed, outcome = locked.get(pk=raw.message_id), Outcome.COPY
            learn_from_copy(filed, verdict, now)
        else:
            filed, is_new = IncomingMessage.objects.get_or_create(
                fingerprint=fingerprint, defaults={"raw": raw, **said, **verdict.columns()}
            )
            outcome = Outcome.COPY
            if is_new:
                place(filed, verdict.match, now)
                outcome = _where(filed)
            else:
                filed = locked.get(pk=filed.pk)
                learn_from_copy(filed, verdict, now)
        if outcome is not Outcome.COPY:
            note_files(filed, reading, kind, clear_files(filed) if known is not None else [])
            reading_help.note(filed, help_found, again=known is not None)
        note_due_files(filed)
        RawMail.objects.filter(pk=raw.pk).update(message=filed)
        raw.message = filed
    log.info("mail %s is message %s: %s", raw.pk[:12], filed.pk, outcome.name.lower())
    return outcome


def _where(filed: IncomingMessage) -> Outcome:
    return Outcome.FILED if filed.state == State.FILED else Outcome.TRIAGE


def _fail(raw: RawMail, trouble: str, now: datetime) -> Outcome:
    """Lay a mail before a person as it came, with what its envelope says. `reprocess_mail` tries again."""
    clues = matching.clues_in(
        envelope_to=envelope_recipients(raw), recipients=(), in_reply_to="", references=(), subject="",
        form=matching.Form(settings.REPLY_MAILBOX, settings.REPLY_DOMAIN),
    )  # fmt: skip
    match = matching.match(clues, queries.known_for(clues, sender=""))
    sender = Arrival.objects.filter(raw=raw).exclude(envelope_from="").values_list("envelope_from", flat=True).first()
    with transaction.atomic():
        if not _own_claim(raw).update(
            state=RawMail.State.FAILED, claimed_at=None, trouble=trouble, parser_version=PARSER_VERSION
        ):
            return Outcome.NOT_DUE
        if raw.message_id is None:
            # A message that was read once stays as it was read.
            filed, _is_new = IncomingMessage.objects.get_or_create(
                fingerprint=hashlib.sha256(f"not read: {raw.pk}".encode()).hexdigest(),
                defaults={
                    "raw": raw,
                    "from_address": sender or "",
                    "received_at": raw.stored_at,
                    "state": State.TRIAGE,
                    "triage_reason": Reason.FAILED,
                    "suggestions": list(match.requests),
                },
            )
            RawMail.objects.filter(pk=raw.pk).update(message=filed)
    log.error("mail %s could not be read: %s", raw.pk[:12], trouble)
    return Outcome.FAILED


def _own_claim(raw: RawMail) -> QuerySet[RawMail]:
    # A worker that was thought dead must not write after its successor.
    return RawMail.objects.filter(pk=raw.pk, state=RawMail.State.WAITING, claimed_at=raw.claimed_at)


def reprocess(mails: QuerySet[RawMail]) -> int:
    """Let these mails be read again, after a fix; the next processing takes them. Returns how many."""
    return mails.filter(erased_at__isnull=True).update(
        state=RawMail.State.WAITING, claimed_at=None, attempts=0, trouble=""
    )
