"""Celery's entry points: triggers, nothing more. Each may run twice, late or never; the rows hold the truth."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from requests_app.people.outbox import outboxes
from requests_app.tracking import services
from requests_app.tracking.recalculation import services as recalculation
from requests_app.tracking.reminders import digests
from requests_app.tracking.statistics import monthly
from requests_app.tracking.statistics import services as statistics

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

ROUNDS = 50  # batches in one run; the next beat takes what is left
SECONDS = 240  # for one run, and a last batch; well under CELERY_TASK_TIME_LIMIT, which kills in the middle of a mail


@shared_task(ignore_result=True)
def sweep() -> None:
    """Count dates anew where the law book changed; then look at the deadlines whose day has come, batch after batch."""
    began, now = time.monotonic(), _steady_clock()
    _recalculate(began, now)
    for _round in range(ROUNDS):
        if not services.sweep(now()) or time.monotonic() - began > SECONDS:
            return


def _steady_clock() -> Clock:
    """Return a clock for one run: right when the run began (`foia.clock` saw to that), and set by nobody since."""
    at, began = timezone.now(), time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - began)


def _recalculate(began: float, now: Clock) -> None:
    """Before the sweep: once it has projected by the new law, nobody could say any more what moved."""
    try:
        recalculation.notice_changes(now())
        while recalculation.go_on(now()) and time.monotonic() - began < SECONDS / 2:
            pass
    except Exception as trouble:  # noqa: BLE001  the reminders must go out; the next beat comes back to it
        log.error("dates could not be counted anew: %s", type(trouble).__name__)


@shared_task(ignore_result=True)
def write_digests() -> None:
    """Write the daily and weekly digests that came due where their readers are."""
    digests.write_digests(timezone.now())


@shared_task(ignore_result=True)
def send_outboxes() -> None:
    """Send what waits in every room's outbox, batch after batch. One outbox in trouble holds back no other."""
    began, now = time.monotonic(), _steady_clock()
    for outbox in outboxes():
        try:
            for _round in range(ROUNDS):
                if not outbox.send_due(now()) or time.monotonic() - began > SECONDS:
                    break
        except Exception as trouble:  # noqa: BLE001  the next beat comes back to it
            log.error("the outbox of %s: %s", outbox.__name__, type(trouble).__name__)
    services.beat("outboxes", now())


@shared_task(ignore_result=True)
def count_statistics() -> None:
    """Fold the requests that changed, round after round, and count the tables again."""
    began, now = time.monotonic(), _steady_clock()
    for _round in range(ROUNDS):
        if not statistics.keep_up(now()):
            services.beat("statistics", now())
            return
        if time.monotonic() - began > SECONDS:
            return


@shared_task(ignore_result=True)
def make_monthly_reports() -> None:
    """Make the reports of the last month that are not made yet; on most days there is nothing to do."""
    monthly.make_due_reports(timezone.now())
