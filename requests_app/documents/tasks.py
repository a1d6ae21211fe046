"""Celery's entry points: triggers, nothing more. Each may run twice, late or never; the rows hold the truth."""

import logging
import time
from pathlib import Path
from typing import Any

from celery import shared_task, signals
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from requests_app.documents import derived
from requests_app.documents.handed_in import services as handed_in
from requests_app.documents.ingest import running, services
from requests_app.documents.ingest.work import STOPPING
from requests_app.documents.paper import photographing, scanning
from requests_app.documents.search import alerts, spelling
from requests_app.documents.search import services as search

log = logging.getLogger(__name__)

SECONDS = 240  # for one call; the next beat takes what is left. Well under CELERY_TASK_TIME_LIMIT
NAMES = 200  # documents in one round


@shared_task(ignore_result=True)
def read_documents() -> None:
    """Run the steps that wait, one after another, until there are none or the time is up."""
    try:
        for _part in running.parts(timezone.now, until=time.monotonic() + SECONDS, enough=STOPPING.is_set):
            pass
    except (OperationalError, InterfaceError) as trouble:
        log.warning("reading stops for now, the database does not answer: %s", type(trouble).__name__)


@shared_task(ignore_result=True)
def tidy_reading() -> None:
    """Sweep away what killed workers left behind, and let go what may have got stuck."""
    swept = derived.sweep()
    mended = services.mend(timezone.now())
    handed_in.finish_left(timezone.now())
    if swept or mended:
        log.info("swept away what %s killed pieces of work left, and let %s steps go", swept, mended)


@shared_task(ignore_result=True)
def keep_up_search() -> None:
    """Learn names and words that the search does not know yet, and tell people of what fits their saved searches."""
    until = time.monotonic() + SECONDS
    while search.keep_all_about(NAMES) and time.monotonic() < until:
        pass
    while alerts.tell_of_new_documents(timezone.now()) and time.monotonic() < until:
        pass
    while spelling.learn() and time.monotonic() < until:
        pass


@shared_task(ignore_result=True)
def take_in_scans() -> None:
    """Take in what the scanner left in its folder."""
    if not settings.SCAN_FOLDER:
        return
    until = time.monotonic() + SECONDS
    try:
        for _taken in scanning.take_in(Path(settings.SCAN_FOLDER), now=timezone.now()):
            if time.monotonic() > until or STOPPING.is_set():
                return
    except OSError as trouble:
        log.warning("the folder of scans cannot be read or written: %s", type(trouble).__name__)


@shared_task(ignore_result=True)
def tidy_photographs() -> None:
    """Warn of photographed letters that nobody goes on with, and throw away those that were warned of."""
    photographing.tidy(timezone.now())


@signals.worker_shutting_down.connect
def _end_soon(**_facts: Any) -> None:
    """Let each step end at its next chance when this worker is asked to end; the rest of it waits for another."""
    STOPPING.set()
