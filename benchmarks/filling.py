"""A large database to measure on: open requests with ten events and four dates each, each group of the desk full."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from foia import memory  # noqa: E402
from requests_app.agencies.models import Agency  # noqa: E402
from requests_app.filing.models import RecordsRequest  # noqa: E402
from requests_app.people.models import Notice, Person, RoleGrant  # noqa: E402
from requests_app.tracking import services  # noqa: E402
from requests_app.tracking.desk.models import Snooze  # noqa: E402

memory.settle()  # as every worker and web process does
REQUESTS = int(os.environ["BENCH_REQUESTS"])
EMPTY_LETTER: Any = {}
CODES = ("MD", "NY", "CA", "TX", "IL", "WA", "OR", "PA")
RECALCULATED = "MA"  # every fiftieth request: 2,000 of 100,000
EVERY = 50
BATCH = 5000
VOLUNTEERS = 12
NOTICES = 1000
EVENTS_EACH = 10

# Written by the database from its requests: 1,400,000 rows, one by one, would take longer than all that is measured.
EVENTS = """
    INSERT INTO filing_event (request_id, sequence, kind, happened_on, details, note, recorded_at, recorded_by_id)
    SELECT request.id, event.sequence, event.kind, %s, '{}', '', %s, %s FROM filing_recordsrequest AS request CROSS JOIN
        (SELECT 1 AS sequence, 'opened' AS kind UNION ALL SELECT 2, 'queued' UNION ALL SELECT 3, 'sent'
         UNION ALL SELECT 4, 'received' UNION ALL SELECT 5, 'reply' UNION ALL SELECT 6, 'follow_up'
         UNION ALL SELECT 7, 'reply' UNION ALL SELECT 8, 'follow_up' UNION ALL SELECT 9, 'reply'
         UNION ALL SELECT 10, 'assigned') AS event
"""
# Three that hold, where the request has a day at all, and one that was replaced: every request has four.
DEADLINES = """
    INSERT INTO filing_deadline
        (request_id, jurisdiction, kind, title, duty_of, rule_id, law_edition, duty, citation, trigger, trigger_date,
         earliest, latest, certainty, condition, consequence, body, level, state, trace, projected_at, watch_on,
         superseded_at)
    SELECT request.id, jurisdiction, duty.kind, '', COALESCE(NULLIF(next_due_duty_of, ''), 'agency'), duty.rule_id,
           law_edition,
           'grant or deny', '§ 1', 'receipt', %s, COALESCE(overdue_since, next_due_on),
           COALESCE(overdue_since, next_due_on), 'fixed', '', '', '', '',
           CASE WHEN duty.replaced = 1 THEN 'superseded' WHEN overdue_since IS NOT NULL THEN 'missed'
                WHEN next_due_on IS NULL THEN 'met' ELSE 'running' END,
           '["Received.", "Counted."]', %s,
           CASE WHEN duty.replaced = 0 AND COALESCE(overdue_since, next_due_on) IS NOT NULL THEN {watch_on} END,
           CASE WHEN duty.replaced = 1 THEN {now} END
    FROM filing_recordsrequest AS request
        CROSS JOIN (SELECT 'acknowledgment' AS kind, 'acknowledgment' AS rule_id, 0 AS replaced
                    UNION ALL SELECT 'determination', 'determination', 0 UNION ALL SELECT 'production', 'production', 0
                    UNION ALL SELECT 'determination', 'before', 1) AS duty
"""
TYPED = {
    "sqlite": {"watch_on": "%s", "now": "%s"},
    "postgresql": {"watch_on": "%s::date", "now": "%s::timestamptz"},
}


def fill(now: datetime) -> Person:
    """Store `REQUESTS` open requests, whose dates lie far in the future but for those that fill the desk's groups.

    Returns somebody who coordinates, files and reads, and has notices.
    """
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
        for code in (*CODES, RECALCULATED)
    ]
    today = now.date()
    for start in range(0, REQUESTS, BATCH):
        numbers = range(start, min(start + BATCH, REQUESTS))
        made = RecordsRequest.objects.bulk_create([_request(n, agencies, filers, today, now) for n in numbers])
        Snooze.objects.bulk_create(
            Snooze(
                request=one, by=person, until=today + timedelta(days=9), why="They asked for time.", made_at=now,
                sequence=EVENTS_EACH, overdue_since=one.overdue_since,
            )
            for n, one in zip(numbers, made, strict=True)
            if n % 100 in SLEEPING
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [today, now, person.pk])
        cursor.execute(DEADLINES.format(**TYPED[connection.vendor]), [today, now, today + timedelta(days=60), now])
    Notice.objects.bulk_create(
        Notice(
            recipient=person, key=f"bench:{n}", subject="A decision is due", text="It is due in a week.",
            why="You follow this request.", path="/desk/", made_at=now, send_after=now, state=Notice.State.SENT,
            message_id=f"<bench-{n}@example.org>", read_at=now if n % 3 else None,
        )
        for n in range(NOTICES)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return person


def _request(n: int, agencies: list[Agency], filers: list[Person], today: date, now: datetime) -> RecordsRequest:
    agency = agencies[-1] if n % EVERY == 0 else agencies[n % len(CODES)]
    filer = filers[n % len(filers)]
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
        last_sequence=EVENTS_EACH,
        opened_at=now,
        **_standing(n, today),
    )


SLEEPING = (6, 38)  # of a hundred: 2,000 of 100,000, as many as the desk still names one by one
STALE_FOR = timedelta(days=120)


def _standing(n: int, today: date) -> dict[str, Any]:
    """Return where a request stands. Five of twenty stand in the groups of the desk that hurt: all are full."""
    waiting = {"status": "received", "phase": "waiting_for_them", "next_due_duty_of": "agency"}
    ours = {"phase": "waiting_for_us", "next_due_duty_of": "requester"}
    silent = {"status": "received", "phase": "waiting_for_them", "next_due_duty_of": "", "next_due_kind": ""}
    hurting: dict[int, dict[str, Any]] = {
        15: {**silent, "quiet_since": today - STALE_FOR - timedelta(days=n % 40)},
        16: {**ours, "status": "refused", "next_due_on": today + timedelta(days=10)},
        17: {**waiting, "overdue_since": today - timedelta(days=1 + n % 60)},
        18: {**waiting, "next_due_on": today + timedelta(days=5)},
        19: {**ours, "status": "clarification", "next_due_on": today + timedelta(days=40)},
    }
    uneventful = {**waiting, "next_due_on": today + timedelta(days=30 + n % 60)}
    return {"next_due_kind": "determination", **hurting.get(n % 20, uneventful)}


def signed_in() -> Client:
    """Return a browser in which the person of `fill` is signed in, with sweeps that have run."""
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECOND_FACTOR_REQUIRED = False
    services.beat("sweep", datetime.now(UTC))
    client = Client()
    client.force_login(Person.objects.get(handle="bench"), backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


if __name__ == "__main__":
    for folder in (settings.STATIC_ROOT, settings.STORE_DIR):
        Path(folder).mkdir(exist_ok=True)
    fill(datetime.now(UTC))
