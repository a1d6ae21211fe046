"""The clock of truth: one for all workers and timers, whatever each one's own machine believes.

A clock that runs ahead would send mails before their time, call an agency late that is not, and take a living worker's
claim for abandoned. One that runs behind would hold mails back. The database's clock is the one that all share: on
PostgreSQL that of its server, on SQLite that of the one machine on which everything runs.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from celery import Task
from celery.beat import PersistentScheduler
from celery.exceptions import Ignore
from django.conf import settings
from django.db import connection
from django.utils import timezone

log = logging.getLogger(__name__)


def database_clock() -> datetime:
    """Return what the database takes for the present moment, to the second. One query that reads no table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        (said,) = cursor.fetchone()
    # SQLite answers in text, in UTC.
    moment: datetime = datetime.fromisoformat(said) if isinstance(said, str) else said
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds_ahead() -> float:
    """Return by how many seconds this process's clock is ahead of the database's; below zero when it is behind."""
    return (timezone.now() - database_clock()).total_seconds()


class TimedTask(Task):
    """A task that a worker leaves alone while its clock is wrong.

    Nothing is lost by that: a task is only a trigger, the next one comes within a minute, and when no worker of a right
    clock is left, the desk and `/readyz` say that sweeps have stopped.
    """

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Ask the database for the time before each run. A call from Python, without a worker, asks nothing."""
        ahead = seconds_ahead()
        if abs(ahead) > settings.CLOCK_TOLERANCE_SECONDS:
            log.error(
                "%s left alone: this machine's clock differs from the database's by %.0f seconds. Set it right.",
                self.name,
                ahead,
            )
            raise Ignore


class Timer(PersistentScheduler):
    """Celery's timer, without the silence after a clock is set back.

    There, what is next due at a moment that is suddenly far in the future stays quiet until that moment comes: after a
    clock that was a day ahead for a minute, for a day. Here, whatever ran in the future counts as having just run.
    """

    last_look: datetime | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due and return in how many seconds to look again."""
        now = self.app.now()
        if self.last_look is None or now < self.last_look:
            for entry in self.schedule.values():
                entry.last_run_at = min(entry.last_run_at, now)
            self._heap = None  # its moments are those of the other clock; it is filled anew
        self.last_look = now
        seconds: float = super().tick(*args, **kwargs)
        return seconds
