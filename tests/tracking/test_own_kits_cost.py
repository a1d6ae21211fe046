"""Lists, desk and sweep cost the same whether one request or many were written from kits of the group's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.filing import services as filing
from requests_app.filing.models import RecordsRequest
from requests_app.kits import own_kits
from requests_app.kits.catalog import get_kit
from requests_app.people.models import Person
from requests_app.tracking import services
from tests.factories import NOON, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db


def own_kit(by: Person, number: int) -> str:
    fields = msgspec.to_builtins(get_kit("K2")) | {"title": f"Our kit {number}"}
    return own_kits.write_kit(fields, by=by, now=NOON).kit.code


def overdue(bob: Person, count: int) -> list[RecordsRequest]:
    """Requests whose agency is late, each from a kit of its own: the desk offers letters for every one."""
    made = []
    for number in range(count):
        one = RecordsRequestFactory(filer=bob, assignee=bob, kit_id=own_kit(bob, number))
        record(one, ("sent", "2026-01-05", {"method": "email"}), ("received", "2026-01-05"))
        made.append(one)
    return made


def statements(asked: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("name", ["tracking:desk", "tracking:letters", "tracking:requests"])
def test_a_list_reads_the_own_kits_once(name: str, coordinator_client: Client, bob: Person) -> None:
    counted = []
    with time_machine.travel(NOON, tick=False):
        for more in (1, 6):
            overdue(bob, more)
            with CaptureQueriesContext(connection) as asked:
                page = coordinator_client.get(reverse(name))
            assert page.status_code == 200
            counted.append(statements(asked))
    assert len(counted[0]) == len(counted[1]), name
    assert sum("kits_kitedition" in one for one in counted[1]) <= 1


@pytest.mark.parametrize("due", [1, 7])
def test_a_sweep_reads_the_own_kits_once(bob: Person, due: int) -> None:
    made = overdue(bob, due)
    later: datetime = NOON + timedelta(days=90)
    for one in made:
        filing.reproject(one.pk, now=NOON)
    with CaptureQueriesContext(connection) as asked:
        services.sweep(later)
    found: Any = statements(asked)
    assert sum("kits_kitedition" in one for one in found) == 1, "read, and read once"
