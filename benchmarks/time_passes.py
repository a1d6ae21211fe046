"""What time and the law change, over the large database of `filling`: the sweep, and dates counted anew."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.urls import reverse

from benchmarks.figures import Figure, peak_memory_mb, spread_ms
from benchmarks.filling import BATCH, CODES, RECALCULATED, REQUESTS  # it sets Django up
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.law.deadlines import project
from requests_app.law.timeline import Event as LawEvent
from requests_app.law.timeline import Timeline
from requests_app.people.models import Notice
from requests_app.tracking import services
from requests_app.tracking.looking import open_days_before
from requests_app.tracking.models import Reminder
from requests_app.tracking.recalculation import services as recalculation
from requests_app.tracking.recalculation.models import MovedDate
from requests_app.tracking.reminders.policy import seed

DUE = min(5000, REQUESTS // 2)
# Days after today on which the latest date of every request that is due in the second sweep has passed.
WEEK = timedelta(days=7)
MEMORY_MB = 500


def sweeping(now: datetime) -> list[Figure]:
    """Return the sweep's time with nothing due, and with many requests due, every row written.

    The requests that are due have the deadlines that their law projects, from a receipt so long ago that a reminder of
    the first date has come today. A week later that date has passed, and each agency is late.
    """
    idle, _own = spread_ms(lambda: services.sweep(now))
    awake = RecordsRequest.objects.filter(jurisdiction__in=CODES, snoozes=None)
    due = list(awake.order_by("pk").values_list("pk", flat=True)[:DUE])
    _give_real_deadlines(due, now)
    reminded = _time_of_sweeps(now)
    told = Reminder.objects.filter(deadline__request__in=due).values("deadline__request").distinct().count()
    late = _time_of_sweeps(now + WEEK)
    called_late = RecordsRequest.objects.filter(pk__in=due, overdue_since__isnull=False).count()
    if told != len(due) or called_late != len(due):
        raise SystemExit(f"Of {len(due)} requests that were due, {told} were told of and {called_late} became late.")
    return [
        Figure("sweep, nothing due: median", idle.median, "ms", 50),
        Figure("sweep, nothing due: 95th percentile", idle.p95, "ms", 150),
        Figure(f"sweep, {len(due):,} requests due: reminders written", reminded.seconds, "s", 10),
        Figure(f"sweep, {len(due):,} requests due: own time", reminded.own_seconds, "s", 10),
        Figure(f"sweep, {len(due):,} requests became late", late.seconds, "s", 10),
        Figure(f"sweep, {len(due):,} requests became late: own time", late.own_seconds, "s", 10),
    ]


def _give_real_deadlines(due: list[int], now: datetime) -> None:
    for code in CODES:
        received_on = _receipt_to_be_reminded_of(code, now.date())
        here = RecordsRequest.objects.filter(pk__in=due, jurisdiction=code)
        Event.objects.filter(request__in=here).update(happened_on=received_on)
    for start in range(0, len(due), BATCH // 10):
        filing.reproject_many(due[start : start + BATCH // 10], now=now)


def _receipt_to_be_reminded_of(code: str, today: date) -> date:
    """Return the last day on which a request was received whose first date is announced by now, and not yet over."""
    statute, calendar = lawbook.statute_of(code), lawbook.book().calendar(code)
    longest_lead = seed().rule("agency", "determination").moments[0].days
    for days in range(1, 100):
        received_on = today - timedelta(days=days)
        timeline = Timeline([LawEvent("sent", received_on), LawEvent("received", received_on)])
        duties = project(statute, timeline, calendar, as_of=today).deadlines
        dates = [d.latest for d in duties if d.duty_of == "agency" and d.certainty != "conditional" and d.latest]
        first = min(dates, default=date.max)
        if today < first < today + WEEK and open_days_before(first, longest_lead, calendar) <= today:
            return received_on
    raise SystemExit(f"The law of {code} sets no date to be reminded of.")


class Took(NamedTuple):
    """How long something took, and how much of that this process worked."""

    seconds: float
    own_seconds: float


def _time_of_sweeps(now: datetime) -> Took:
    """Sweep until nothing is due any more."""
    return _time_until_done(lambda: services.sweep(now))


def _time_until_done(batch: Callable[[], bool]) -> Took:
    start, own_start = time.perf_counter(), time.process_time()
    while batch():
        pass
    return Took(time.perf_counter() - start, time.process_time() - own_start)


def recalculating(now: datetime) -> list[Figure]:
    """Return how long it takes to count one changed state anew: every date of every request moves, and people are told.

    Its requests carry the dates of an earlier edition, each a day before the one that the law book gives now.
    """
    here = RecordsRequest.objects.filter(jurisdiction=RECALCULATED)
    numbers = list(here.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), BATCH // 10):
        filing.reproject_many(numbers[start : start + BATCH // 10], now=now)
    dates = Deadline.objects.filter(request__in=here, superseded_at=None, latest__isnull=False)
    day = timedelta(days=1)
    for earliest, latest in set(dates.values_list("earliest", "latest")):
        if earliest is None or latest is None:
            continue
        same = dates.filter(earliest=earliest, latest=latest, law_edition=lawbook.statute_of(RECALCULATED).edition)
        same.update(earliest=earliest - day, latest=latest - day, law_edition="before")
    notices = Notice.objects.count()
    one = recalculation.ask(RECALCULATED, by=None, now=now)
    took = _time_until_done(lambda: recalculation.go_on(now))
    one.refresh_from_db()
    moved = MovedDate.objects.filter(recalculation=one).values("request").distinct().count()
    if one.ended_at is None or one.troubled or moved != len(numbers) or Notice.objects.count() == notices:
        raise SystemExit(f"Of {len(numbers)} requests in {RECALCULATED}, the dates of {moved} moved.")
    return [
        Figure(f"one changed state, {len(numbers):,} requests counted anew", took.seconds, "s", 5),
        Figure(f"one changed state, {len(numbers):,} requests: own time", took.own_seconds, "s", 5),
    ]


def main() -> None:
    """Measure, print as JSON."""
    now = datetime.now(UTC)
    reverse("tracking:desk")  # a worker reads the addresses of all pages once, and not in a sweep
    figures = [*sweeping(now), *recalculating(now)]
    memory = Figure("memory of a process that did this", peak_memory_mb(), "MB", MEMORY_MB)
    print(json.dumps([figure.plain() for figure in (*figures, memory)]))


if __name__ == "__main__":
    main()
