"""The request page, the lists and the sweep over a large database: queries and milliseconds."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.figures import Figure, median_ms, median_own_ms  # noqa: E402
from requests_app.agencies.models import Agency  # noqa: E402
from requests_app.filing import lawbook  # noqa: E402
from requests_app.filing import services as filing  # noqa: E402
from requests_app.filing.models import Event, RecordsRequest  # noqa: E402
from requests_app.law.deadlines import project  # noqa: E402
from requests_app.law.timeline import Event as LawEvent  # noqa: E402
from requests_app.law.timeline import Timeline  # noqa: E402
from requests_app.people.models import Person, RoleGrant  # noqa: E402
from requests_app.tracking import services  # noqa: E402
from requests_app.tracking.calendar import services as feeds  # noqa: E402
from requests_app.tracking.looking import open_days_before  # noqa: E402
from requests_app.tracking.models import Reminder  # noqa: E402
from requests_app.tracking.reminders.policy import seed  # noqa: E402

REQUESTS = int(os.environ["BENCH_REQUESTS"])
EMPTY_LETTER: Any = {}
CODES = ("MD", "NY", "CA", "TX", "IL", "WA", "OR", "PA")
BATCH = 5000
VOLUNTEERS = 12
DUE = min(5000, REQUESTS)
# Days after today on which the latest date of every request that is due in the second sweep has passed.
WEEK = timedelta(days=7)

# Written by the database from its requests: 500,000 rows, one by one, would take longer than all that is measured.
EVENTS = """
    INSERT INTO filing_event (request_id, sequence, kind, happened_on, details, note, recorded_at, recorded_by_id)
    SELECT request.id, event.sequence, event.kind, %s, '{}', '', %s, %s FROM filing_recordsrequest AS request CROSS JOIN
        (SELECT 1 AS sequence, 'opened' AS kind UNION ALL SELECT 2, 'sent' UNION ALL SELECT 3, 'received') AS event
"""
DEADLINES = """
    INSERT INTO filing_deadline
        (request_id, kind, title, duty_of, rule_id, law_edition, duty, citation, trigger, trigger_date, earliest,
         latest, certainty, condition, consequence, body, level, state, trace, projected_at, watch_on)
    SELECT request.id, duty.kind, '', next_due_duty_of, duty.kind, law_edition, 'grant or deny', '§ 1', 'receipt', %s,
           COALESCE(overdue_since, next_due_on), COALESCE(overdue_since, next_due_on), 'fixed', '', '', '', '',
           CASE WHEN overdue_since IS NULL THEN 'running' ELSE 'missed' END, '["Received.", "Counted."]', %s, %s
    FROM filing_recordsrequest AS request
        CROSS JOIN (SELECT 'acknowledgment' AS kind UNION ALL SELECT 'determination') AS duty
"""


def fill(now: datetime) -> Person:
    """Store `REQUESTS` open requests with three events and two deadlines each, far in the future. Returns somebody who
    coordinates, files and reads."""
    call_command("migrate", verbosity=0)
    person = Person.objects.create(email="bench@example.org", handle="bench")
    for role in ("coordinator", "volunteer", "reviewer"):
        RoleGrant.objects.create(person=person, role=role, granted_at=now)
    volunteers = [Person.objects.create(email=f"v{n}@example.org", handle=f"volunteer-{n}") for n in range(VOLUNTEERS)]
    filers = [person, *volunteers]
    RoleGrant.objects.bulk_create(RoleGrant(person=one, role="volunteer", granted_at=now) for one in volunteers)
    agencies = [
        Agency.objects.create(
            code=f"{code.lower()}-bench", jurisdiction=code, name=f"Agency of {code}", short_name=code, updated_at=now
        )
        for code in CODES
    ]
    today = now.date()
    for start in range(0, REQUESTS, BATCH):
        numbers = range(start, min(start + BATCH, REQUESTS))
        RecordsRequest.objects.bulk_create([_request(n, agencies, filers, today, now) for n in numbers])
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [today, now, person.pk])
        cursor.execute(DEADLINES, [today, now, today + timedelta(days=60)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return person


def _request(n: int, agencies: list[Agency], filers: list[Person], today: date, now: datetime) -> RecordsRequest:
    agency, filer = agencies[n % len(agencies)], filers[n % len(filers)]
    return RecordsRequest(
        reference=f"{agency.jurisdiction}-2026-{n:06}"[:16],
        jurisdiction=agency.jurisdiction,
        agency=agency,
        delivery="email",
        kit_id="K1",
        kit_version="1",
        subject="Nlets query statistics",
        letter=EMPTY_LETTER,
        law_edition="2026-11-21",
        filer=filer,
        assignee=filer if n % 3 else None,
        reply_token=f"token{n}",
        last_sequence=3,
        opened_at=now,
        **_standing(n, today),
    )


def _standing(n: int, today: date) -> dict[str, Any]:
    """Return where a request stands. Four of twenty stand in the groups of the desk that hurt: all are full."""
    waiting = {"status": "received", "phase": "waiting_for_them", "next_due_duty_of": "agency"}
    ours = {"phase": "waiting_for_us", "next_due_duty_of": "requester"}
    hurting: dict[int, dict[str, Any]] = {
        16: {**ours, "status": "refused", "next_due_on": today + timedelta(days=10)},
        17: {**waiting, "overdue_since": today - timedelta(days=1 + n % 60)},
        18: {**waiting, "next_due_on": today + timedelta(days=5)},
        19: {**ours, "status": "clarification", "next_due_on": today + timedelta(days=40)},
    }
    uneventful = {**waiting, "next_due_on": today + timedelta(days=30 + n % 60)}
    return {"next_due_kind": "determination", **hurting.get(n % 20, uneventful)}


def page(client: Client, name: str, path: str) -> list[Figure]:
    """Return how many queries one page needs and how long the server takes for it, at the median."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(path)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    return [
        Figure(f"{name}: queries", len(queries), "queries", 15),
        Figure(f"{name}: time", median_ms(lambda: client.get(path)), "ms", 50),
        Figure(f"{name}: own time", median_own_ms(lambda: client.get(path)), "ms", 50),
    ]


def sweeping(now: datetime) -> list[Figure]:
    """Return the sweep's time with nothing due, and with many requests due, every row written.

    The requests that are due have the deadlines that their law projects, from a receipt so long ago that a reminder of
    the first date has come today. A week later that date has passed, and each agency is late.
    """
    idle = median_ms(lambda: services.sweep(now))
    due = list(RecordsRequest.objects.order_by("pk").values_list("pk", flat=True)[:DUE])
    _give_real_deadlines(due, now)
    reminded = _time_of_sweeps(now)
    told = Reminder.objects.filter(deadline__request__in=due).values("deadline__request").distinct().count()
    late = _time_of_sweeps(now + WEEK)
    called_late = RecordsRequest.objects.filter(pk__in=due, overdue_since__isnull=False).count()
    if told != len(due) or called_late != len(due):
        raise SystemExit(f"Of {len(due)} requests that were due, {told} were told of and {called_late} became late.")
    return [
        Figure("sweep, nothing due", idle, "ms", 50),
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
    start, own_start = time.perf_counter(), time.process_time()
    while services.sweep(now):
        pass
    return Took(time.perf_counter() - start, time.process_time() - own_start)


def _feed_of(person: Person, now: datetime) -> str:
    """Return the secret of a feed of Maryland: an eighth of all requests, cut off at its bound."""
    return feeds.make_feed(feeds.About(state="MD"), by=person, now=now)[1]


def main() -> None:
    """Fill, measure, print."""
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECOND_FACTOR_REQUIRED = False
    for folder in (settings.STATIC_ROOT, settings.STORE_DIR):
        Path(folder).mkdir(exist_ok=True)
    now = datetime.now(UTC)
    person = fill(now)
    services.beat("sweep", now)
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    reference = RecordsRequest.objects.order_by("-pk").values_list("reference", flat=True)[0]
    feed = f"/feeds/{_feed_of(person, now)}.ics"
    figures = [
        *page(client, "request page", f"/requests/{reference}/"),
        *page(client, "desk", "/desk/"),
        *page(client, "desk, one state", "/desk/?state=MD"),
        *page(client, "all requests", "/requests/"),
        *page(client, "a volunteer's letters", "/letters/"),
        *page(client, "calendar, a month", f"/calendar/?day={now.date() + timedelta(days=45)}"),
        *page(client, "calendar, a month of one state", f"/calendar/?day={now.date() + timedelta(days=45)}&state=MD"),
        *page(client, "calendar, the list", "/calendar/?form=agenda"),
        Figure("calendar feed of a thousand dates", median_ms(lambda: client.get(feed), 5), "ms", 2000),
        *sweeping(now),
    ]
    print(json.dumps([figure.plain() for figure in figures]))


if __name__ == "__main__":
    main()
