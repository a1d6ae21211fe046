"""Read each mail that was taken in, once, and file it or lay it before a person."""

from __future__ import annotations

import enum
import hashlib
import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from requests_app.correspondence.delivery.noting import note_reports
from requests_app.correspondence.incoming import matching, queries, searching
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.reading import Reading, version_of
from requests_app.correspondence.incoming.services.files import keep_files, note_due_files
from requests_app.correspondence.incoming.services.judging import Verdict, open_mails, verdicts_on
from requests_app.correspondence.incoming.services.taking_in import the_mail_store
from requests_app.correspondence.incoming.services.writing import (
    Ready,
    clear_files,
    count_wrong_addresses,
    learn_from_copy,
    note_files,
    read_again,
    ready,
    write_new,
)
from requests_app.correspondence.incoming.suggested import writing as reading_help
from requests_app.filing.our_addresses import address_form

log = logging.getLogger(__name__)

TRIES = 5  # claims that ended without a word; then the mail lies before a person as it came

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


class Outcome(enum.Enum):
    """What became of one try to process a mail."""

    NOT_DUE = enum.auto()  # another worker has it or had it
    FILED = enum.auto()
    TRIAGE = enum.auto()
    SET_ASIDE = enum.auto()  # by a rule about its sender
    COPY = enum.auto()  # of a message that was here already
    FAILED = enum.auto()


def process(sha256: str, *, now: datetime, reader: Reader | None = None) -> Outcome:
    """Read one mail and file it or lay it before a person.

    1. Claim it: only one worker's update matches. A mail that has killed every worker so far goes to a person unread.
    2. Read it in a process apart, outside any transaction. What cannot be read goes to a person as it came.
    3. Look at signatures, match and judge.
    4. In one transaction, write the message, its files and where it belongs, and say that the mail is processed.
    5. Make documents of the files of a trusted mail, each a step of its own that can be repeated.

    `batches` takes these steps for many small mails at once, and for each by itself where that fails.
    """
    if reader is None:
        with Reader() as own:
            return process(sha256, now=now, reader=own)
    claimed = claim([sha256], now)
    if not claimed:
        return Outcome.NOT_DUE
    (raw,) = claimed
    reading = read(raw, now, reader)
    if isinstance(reading, Outcome):
        return reading
    (opened,) = open_mails([(raw, reading)])
    outcome, filed = file(ready(opened), now)
    if filed is not None and filed.files_pending:
        keep_files(filed.pk, now=now, reader=reader)
    return outcome


def claim(mails: Collection[str], now: datetime) -> list[RawMail]:
    """Claim those of these mails that wait. Of two workers at once, one gets a mail; who writes proves it once more."""
    with transaction.atomic():
        taken = list(queries.waiting(now).filter(pk__in=mails).select_for_update(skip_locked=True))
        RawMail.objects.filter(pk__in=[raw.pk for raw in taken]).update(claimed_at=now, attempts=F("attempts") + 1)
    for raw in taken:
        raw.claimed_at, raw.attempts = now, raw.attempts + 1
    return taken


def give_back(mails: Sequence[RawMail]) -> None:
    """Let mails that were claimed for the first time and not looked at wait as before."""
    for raw in mails:
        _own_claims([raw]).update(claimed_at=None, attempts=0)


def _own_claims(mails: Sequence[RawMail]) -> QuerySet[RawMail]:
    # All of one claim. A worker that was thought dead must not write after its successor.
    return RawMail.objects.filter(
        pk__in=[raw.pk for raw in mails], state=RawMail.State.WAITING, claimed_at=mails[0].claimed_at
    )


def say_processed(mails: Sequence[RawMail]) -> int:
    """Say that mails of one claim are processed, first in the transaction that writes them. Returns how many were."""
    return _own_claims(mails).update(
        state=RawMail.State.PROCESSED, claimed_at=None, trouble="", parser_version=version_of()
    )


def read(raw: RawMail, now: datetime, reader: Reader) -> Reading | Outcome:
    """Read a mail in the process apart. An outcome: it could not be read, and lies before a person as it came."""
    path = the_mail_store().path(raw.pk)
    trouble = ""
    if raw.attempts > TRIES:
        trouble = "every_try_ended"
    elif not path.exists():
        trouble = "bytes_missing"
    else:
        try:
            reading = reader.read(path)
        except NotRead as failed:
            trouble = failed.code
        else:
            if all(note.code != "unreadable" for note in reading.message.notes):
                return reading
            trouble = "unreadable"
    return _fail(raw, trouble)


def file(mail: Ready, now: datetime) -> tuple[Outcome, IncomingMessage | None]:
    """File one mail, whether its message is new, was here before or is read again."""
    raw, opened = mail.raw, mail.opened
    (verdict,) = verdicts_on([opened])
    with transaction.atomic():
        if not say_processed([raw]):
            return Outcome.NOT_DUE, None
        count_wrong_addresses([(raw, verdict)])
        # Locked: a person may be settling it at this moment, and what a person decided stays.
        locked = IncomingMessage.objects.select_for_update()
        known = locked.filter(raw=raw).first()
        reported_on = known.bounced_letter_id if known is not None else None
        if known is not None:
            filed = read_again(known, mail.fingerprint, mail.said, verdict, now)
            outcome = Outcome.COPY if filed != known else where(filed)
            if outcome is not Outcome.COPY:
                note_files(filed, opened.reading, mail.kind, clear_files(filed))
                searching.keep([filed.pk])
                reading_help.note_again(filed, mail.found)
        elif raw.message_id is not None:
            # A copy stays a copy, though the parser of today may see a difference between the two.
            filed, outcome = locked.get(pk=raw.message_id), Outcome.COPY
            learn_from_copy(filed, verdict, now)
        else:
            filed, is_new = _write_one(mail, verdict, now)
            outcome = where(filed) if is_new else Outcome.COPY
            if not is_new:
                learn_from_copy(filed, verdict, now)
        if outcome is Outcome.COPY or known is not None:
            note_due_files(filed)
            note_reports([reported_on, filed.bounced_letter_id], now=now)
            RawMail.objects.filter(pk=raw.pk).update(message=filed)
    raw.message = filed
    log.info("mail %s is message %s: %s", raw.pk[:12], filed.pk, outcome.name.lower())
    return outcome, filed


def _write_one(mail: Ready, verdict: Verdict, now: datetime) -> tuple[IncomingMessage, bool]:
    """Return the message of a mail and whether it is new; else another copy of it is here, perhaps since a moment."""
    locked = IncomingMessage.objects.select_for_update()
    twin = locked.filter(fingerprint=mail.fingerprint).first()
    if twin is not None:
        return twin, False
    try:
        with transaction.atomic():
            (filed,) = write_new([(mail, verdict)], now)
    except IntegrityError:
        return locked.get(fingerprint=mail.fingerprint), False
    return filed, True


def where(filed: IncomingMessage) -> Outcome:
    return {State.FILED.value: Outcome.FILED, State.SET_ASIDE.value: Outcome.SET_ASIDE}.get(filed.state, Outcome.TRIAGE)


def _fail(raw: RawMail, trouble: str) -> Outcome:
    """Lay a mail before a person as it came, with what its envelope says. `reprocess_mail` tries again."""
    envelope_to = queries.deliveries_of([raw.pk])[raw.pk].recipients
    clues = matching.clues_in(
        envelope_to=envelope_to, recipients=(), in_reply_to="", references=(), subject="", form=address_form()
    )
    known = queries.known_for([clues])
    match = matching.match(clues, known)
    sender = Arrival.objects.filter(raw=raw).exclude(envelope_from="").values_list("envelope_from", flat=True).first()
    with transaction.atomic():
        if not _own_claims([raw]).update(
            state=RawMail.State.FAILED, claimed_at=None, trouble=trouble, parser_version=version_of()
        ):
            return Outcome.NOT_DUE
        if raw.message_id is None:
            # A message that was read once stays as it was read.
            filed, is_new = IncomingMessage.objects.get_or_create(
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
            if is_new:
                searching.keep([filed.pk])
            RawMail.objects.filter(pk=raw.pk).update(message=filed)
    log.error("mail %s could not be read: %s", raw.pk[:12], trouble)
    return Outcome.FAILED


def reprocess(mails: QuerySet[RawMail]) -> int:
    """Let these mails be read again, after a fix; the next processing takes them. Returns how many."""
    return mails.filter(erased_at__isnull=True).update(
        state=RawMail.State.WAITING, claimed_at=None, attempts=0, trouble=""
    )
