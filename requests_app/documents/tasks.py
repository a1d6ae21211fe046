"""Celery's entry points: triggers, nothing more. Each may run twice, late or never; the rows hold the truth."""

import time

from celery import shared_task
from django.utils import timezone

from requests_app.documents.ingest import running

SECONDS = 240  # for one call; the next beat takes what is left. Well under CELERY_TASK_TIME_LIMIT


@shared_task(ignore_result=True)
def read_documents() -> None:
    """Run the steps that wait, one after another, until there are none or the time is up."""
    began = time.monotonic()
    while time.monotonic() - began < SECONDS and running.run_next(timezone.now):
        pass
