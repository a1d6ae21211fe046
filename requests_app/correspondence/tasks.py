"""Celery's entry points: triggers, nothing more. Each may run twice, late or never; the rows hold the truth."""

import logging
import time

from celery import shared_task
from django.utils import timezone

from requests_app.correspondence import filing_runs

log = logging.getLogger(__name__)

SECONDS = 240  # for one call; the next beat takes what is left. Well under CELERY_TASK_TIME_LIMIT


@shared_task(ignore_result=True)
def go_on_filing() -> None:
    """File what the running filing runs still hold, one part after another, the runs in turn."""
    began = time.monotonic()
    runs = filing_runs.running_runs()
    while runs and time.monotonic() - began < SECONDS:
        runs = [run_id for run_id in runs if filing_runs.file_next(run_id, now=timezone.now())]
