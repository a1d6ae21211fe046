"""Wakes a worker when something waits to be read."""

from __future__ import annotations

import logging

from celery import current_app

log = logging.getLogger(__name__)

READ = "requests_app.documents.tasks.read_documents"  # by its name: the task itself imports the room that calls this
LASTS = 60  # seconds; by then the beat has called, too


def nudge() -> None:
    """Wake a worker. A lost nudge costs nothing: the next beat finds the steps. Call it after the commit."""
    try:
        current_app.send_task(READ, retry=False, expires=LASTS, ignore_result=True)
    except Exception as trouble:  # noqa: BLE001  the broker may be down; the rows hold the truth
        log.warning("a worker could not be woken: %s", type(trouble).__name__)
