"""The request page, the desk and the sweep over a large database: queries and milliseconds."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.figures import Figure, median_ms  # noqa: E402
from requests_app.agencies.models import Agency  # noqa: E402
from requests_app.filing.models import Deadline, Event, RecordsRequest  # noqa: E402
from requests_app.people.models import Person, RoleGrant  # noqa: E402
from requests_app.tracking import services  # noqa: E402

REQUESTS = int(os.environ["BENCH_REQUESTS"])
EMPTY_LETTER: Any = {}
CODES = ("MD", "NY", "CA", "TX", "IL", "WA", "OR", "PA")
BATCH = 5000


def fill(now: datetime) -> Person:
    """Store `REQUESTS` open requests with three events and two deadlines each, far in the future unless moved."""
    call_command("migrate", verbosity=0)
    person = Person.objects.create(email="bench@example.org", handle="bench")
    for role in ("coordinator", "volunteer", "reviewer"):
        RoleGrant.objects.create(person=person, role=role, granted_at=now)
    agencies = [
        Agency.objects.create(
            code=f"{code.lower()}-bench", jurisdiction=code, name=f"Agency of {code}", short_name=code, updated_at=now
        )
        for code in CODES
    ]
    today = now.date()
    for start in range(0, REQUESTS, BATCH):
        numbers = range(start, min(start + BATCH, REQUESTS))
        requests = RecordsRequest.objects.bulk_create([_request(n, agencies, person, today, now) for n in numbers])
        Event.objects.bulk_create(
            [
                Event(request=one, sequence=i, kind=kind, happened_on=today, recorded_at=now, recorded_by=person)
                for one in requests
                for i, kind in enumerate(("opened", "sent", "received"), start=1)
            ]
        )
        Deadline.objects.bulk_create([row for one in requests for row in _deadlines(one, today, now)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return person


def _request(n: int, agencies: list[Agency], person: Person, today: date, now: datetime) -> RecordsRequest:
    agency = agencies[n % len(agencies)]
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
        filer=person,
        assignee=person if n % 3 else None,
        reply_token=f"token{n}",
        status="received",
        phase="waiting_for_them",
        last_sequence=3,
        next_due_on=today + timedelta(days=30 + n % 60),
        next_due_kind="determination",
        next_due_duty_of="agency",
        opened_at=now,
    )


def _deadlines(one: RecordsRequest, today: date, now: datetime) -> list[Deadline]:
    due = one.next_due_on or today
    return [
        Deadline(
            request=one,
            kind=kind,
            duty_of="agency",
            rule_id=f"bench.{kind}",
            law_edition="2026-11-21",
            duty="grant or deny",
            citation="§ 1",
            trigger="receipt",
            trigger_date=today,
            earliest=due,
            latest=due,
            certainty="fixed",
            state="running",
            trace=["Received.", "Counted."],
            projected_at=now,
            watch_on=due - timedelta(days=5),
        )
        for kind in ("acknowledgment", "determination")
    ]


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
    ]


def sweeping(now: datetime) -> list[Figure]:
    """Return the sweep's time with nothing due, and with 5,000 requests due, every row written."""
    idle = median_ms(lambda: services.sweep(now))
    due = list(RecordsRequest.objects.order_by("pk").values_list("pk", flat=True)[: min(5000, REQUESTS)])
    yesterday = now.date() - timedelta(days=1)
    Event.objects.filter(request__in=due).update(happened_on=now.date() - timedelta(days=12))
    Deadline.objects.filter(request__in=due, kind="determination").update(watch_on=yesterday)
    start = timezone.now()
    while services.sweep(now):
        pass
    seconds = (timezone.now() - start).total_seconds()
    if Deadline.objects.filter(request__in=due, watch_on=yesterday).exists():
        raise SystemExit("The sweep left requests that were due.")
    return [
        Figure("sweep, nothing due", idle, "ms", 50),
        Figure(f"sweep, {len(due):,} requests due, all rows written", seconds, "s", 10),
    ]


def main() -> None:
    """Fill, measure, print."""
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECOND_FACTOR_REQUIRED = False
    now = datetime.now(UTC)
    person = fill(now)
    services.beat("sweep", now)
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    reference = RecordsRequest.objects.order_by("-pk").values_list("reference", flat=True)[0]
    figures = [
        *page(client, "request page", f"/requests/{reference}/"),
        *page(client, "desk", "/desk/"),
        *page(client, "desk, one state", "/desk/?state=MD"),
        *page(client, "all requests", "/requests/"),
        *sweeping(now),
    ]
    print(json.dumps([figure.plain() for figure in figures]))


if __name__ == "__main__":
    main()
