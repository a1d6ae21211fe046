"""Many mails at once: read one after another, then judged and written down together.

Almost all that a small mail costs is asking the database for it alone. A group shares its queries and a transaction;
whatever goes wrong with the group, each of its mails is then taken by itself (`processing`), and nothing of the group
was written. What may be the trouble, a mail that was tried before or is large, is never in a group with others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction

from requests_app.correspondence.incoming import queries
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.reading import Reading
from requests_app.correspondence.incoming.services import processing
from requests_app.correspondence.incoming.services.files import keep_due_files, keep_files
from requests_app.correspondence.incoming.services.judging import open_mails, verdicts_on
from requests_app.correspondence.incoming.services.writing import Ready, count_wrong_addresses, ready, write_new

log = logging.getLogger(__name__)

BATCH = 500  # for one process that reads: starting it takes as long as reading a hundred mails
BATCH_SECONDS = 120  # well under CELERY_TASK_TIME_LIMIT; what is left waits for the next beat
TOGETHER = 50  # mails in a group
SMALL_BYTES = 128 * 1024  # of a mail in a group: what all of a group say is held in memory
GROUP_SECONDS = 30  # for reading a group: its claim must outlast that, one mail that hangs, and the filing


class _NotTogether(Exception):
    """These mails cannot be written in one transaction: each is written by itself."""


def process_waiting(now: datetime) -> bool:
    """Process what waits, one batch, then make documents of the files that are due. Returns whether more may wait."""
    began = monotonic()
    pending = list(queries.waiting(now).only("pk", "attempts", "size", "message")[:BATCH])
    with Reader() as reader:
        for group in _groups(pending):
            passed = monotonic() - began
            if passed > BATCH_SECONDS:
                return True
            _process_group([raw.pk for raw in group], now + timedelta(seconds=passed), reader)
        more_files = keep_due_files(now, reader=reader, until=began + BATCH_SECONDS)
    return len(pending) == BATCH or more_files


def _groups(pending: Iterable[RawMail]) -> Iterator[list[RawMail]]:
    """Cut what waits into groups that are processed together, in order.

    A mail that was tried or read before, or is large, is a group of its own: it may be what a worker died of.
    """
    group: list[RawMail] = []
    for raw in pending:
        if raw.attempts or raw.message_id is not None or raw.size > SMALL_BYTES:
            if group:
                yield group
            yield [raw]
            group = []
        else:
            group.append(raw)
            if len(group) == TOGETHER:
                yield group
                group = []
    if group:
        yield group


def _process_group(mails: list[str], now: datetime, reader: Reader) -> None:
    """Take the steps of `process` for a group; trouble with one mail holds back no other."""
    if len(mails) == 1:
        with _others_go_on(mails[0]):
            processing.process(mails[0], now=now, reader=reader)
        return
    began, read = monotonic(), []
    claimed = processing.claim(mails, now)
    for place, raw in enumerate(claimed):
        if monotonic() - began > GROUP_SECONDS:
            processing.give_back(claimed[place:])
            break
        with _others_go_on(raw.pk):
            reading = processing.read(raw, now, reader)
            if isinstance(reading, Reading):
                read.append((raw, reading))
    for filed in _file_all([ready(opened) for opened in open_mails(read)], now):
        if filed.files_pending:
            with _others_go_on(filed.raw_id):
                keep_files(filed.pk, now=now, reader=reader)


def _file_all(mails: Sequence[Ready], now: datetime) -> Iterator[IncomingMessage]:
    """File each of these mails, as many as can be in one transaction; yield their messages."""
    for run in _runs(mails):
        if len(run) > 1:
            try:
                filed = _file_together(run, now)
            except Exception as trouble:  # noqa: BLE001  nothing of it was written
                log.warning("%d mails go one by one: %s", len(run), type(trouble).__name__)
            else:
                yield from filed
                continue
        for mail in run:
            with _others_go_on(mail.raw.pk):
                _outcome, one = processing.file(mail, now)
                if one is not None:
                    yield one


def _runs(mails: Sequence[Ready]) -> Iterator[list[Ready]]:
    """Cut mails into runs in order, so that none answers or repeats another of its run: that one must be there."""
    known = set(
        IncomingMessage.objects.filter(fingerprint__in=[mail.fingerprint for mail in mails]).values_list(
            "fingerprint", flat=True
        )
    )
    run: list[Ready] = []
    names: set[str] = set()
    for mail in mails:
        if mail.fingerprint in names or mail.fingerprint in known or mail.opened.clues.asked_ids & names:
            yield run
            run, names = [], set()
        if mail.fingerprint in known:
            yield [mail]
            continue
        run.append(mail)
        names |= {mail.fingerprint, mail.opened.message.message_id}
    yield run


def _file_together(mails: Sequence[Ready], now: datetime) -> list[IncomingMessage]:
    """File mails that were not here before, all or none of them."""
    verdicts = verdicts_on([mail.opened for mail in mails])
    with transaction.atomic():
        if processing.say_processed([mail.raw for mail in mails]) != len(mails):
            raise _NotTogether  # a worker that took this one for dead was quicker with some of them
        count_wrong_addresses([(mail.raw, verdict) for mail, verdict in zip(mails, verdicts, strict=True)])
        filed = write_new(list(zip(mails, verdicts, strict=True)), now)
    for mail, message in zip(mails, filed, strict=True):
        log.info("mail %s is message %s: %s", mail.raw.pk[:12], message.pk, processing.where(message).name.lower())
    return filed


@contextmanager
def _others_go_on(sha256: str) -> Iterator[None]:
    """Note what went wrong with one mail: its claim lapses and opens it again."""
    try:
        yield
    except Exception as trouble:  # noqa: BLE001  the others must go on
        log.error("mail %s could not be processed: %s", sha256[:12], type(trouble).__name__)
