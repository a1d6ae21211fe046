"""Celery's entry points of the review room: triggers, nothing more."""

import logging
from datetime import timedelta
from typing import Final

from celery import shared_task
from django.utils import timezone

from requests_app.review.annotations import queries, services

log = logging.getLogger(__name__)

BACK: Final = timedelta(hours=6)  # what was read before that is `manage.py anchor_annotations`' to look for
MOST: Final = 2_000  # annotations in one call; the next beat takes what is left


@shared_task(ignore_result=True)
def anchor_annotations() -> None:
    """Look for marked words whose pages were read anew."""
    now = timezone.now()
    changed = services.anchor_again(list(queries.stale(now - BACK)[:MOST]), now=now)
    if changed:
        log.info("the words of %s annotations are found otherwise than before", changed)
