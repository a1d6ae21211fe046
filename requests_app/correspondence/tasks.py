"""Celery's entry points: triggers, nothing more. Each may run twice, late or never; the rows hold the truth."""

import logging
import time
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from requests_app.correspondence import filing_runs
from requests_app.correspondence.incoming import services as incoming
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.suggested import reminding
from requests_app.correspondence.incoming.ways import imap
from requests_app.correspondence.paper import batches
from requests_app.correspondence.paper.queries import batches_to_make

log = logging.getLogger(__name__)

SECONDS = 240  # for one call; the next beat takes what is left. Well under CELERY_TASK_TIME_LIMIT


@shared_task(ignore_result=True)
def go_on_filing() -> None:
    """File what the running filing runs still hold, one part after another, the runs in turn."""
    began = time.monotonic()
    runs = filing_runs.running_runs()
    while runs and time.monotonic() - began < SECONDS:
        runs = [run_id for run_id in runs if filing_runs.file_next(run_id, now=timezone.now())]


@shared_task(ignore_result=True)
def poll_mail() -> None:
    """Take in what is new in the mailbox, where one is named."""
    if not settings.MAIL_IN_IMAP_URL:
        return
    try:
        mailbox = imap.Mailbox.from_url(settings.MAIL_IN_IMAP_URL)
        imap.poll(mailbox, filed_folder=settings.MAIL_IN_FILED_FOLDER, now=timezone.now)
    except (ValueError, imap.NotPolled) as trouble:
        log.error("%s", trouble)


@shared_task(ignore_result=True)
def keep_mail_files() -> None:
    """Make documents of the files of mail that a person has just filed."""
    with Reader() as reader:
        incoming.keep_due_files(timezone.now(), reader=reader, until=time.monotonic() + SECONDS)


def nudge(task: Any) -> None:
    """Wake a worker for a task. A lost nudge costs nothing: the next beat finds the work."""
    try:
        task.apply_async(retry=False)
    except Exception as trouble:  # noqa: BLE001  the broker may be down; the rows hold the truth
        log.warning("a worker could not be woken: %s", type(trouble).__name__)


@shared_task(ignore_result=True)
def process_mail() -> None:
    """Read, match and file the mails that were taken in, batch after batch."""
    began = time.monotonic()
    while incoming.process_waiting(timezone.now()) and time.monotonic() - began < SECONDS:
        pass


@shared_task(ignore_result=True)
def remind_of_links() -> None:
    """Tell people before a link to records stops working."""
    reminding.remind_of_links(timezone.now())


@shared_task(ignore_result=True)
def make_prints() -> None:
    """Make the PDFs of letters that are to be printed together."""
    for batch_id in batches_to_make(timezone.now()):
        batches.make_next(batch_id, now=timezone.now())
