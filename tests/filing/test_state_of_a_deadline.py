"""A deadline carries the state of its request, so that the calendar of one state is read from an index."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import F

from requests_app.filing.models import Deadline
from tests.factories import RecordsRequestFactory, record

pytestmark = pytest.mark.django_db


def test_a_deadline_has_the_state_of_its_request_also_when_it_is_counted_anew() -> None:
    for state in ("MD", "NY"):
        asked = RecordsRequestFactory(jurisdiction=state)
        record(asked, ("sent", "2026-02-23"), ("received", "2026-02-24"), ("acknowledged", "2026-02-25"))
    assert set(Deadline.objects.values_list("jurisdiction", flat=True)) == {"MD", "NY"}
    assert not Deadline.objects.exclude(jurisdiction=F("request__jurisdiction")).exists()


def test_the_migration_writes_the_state_of_each_request_to_its_deadlines() -> None:
    for state in ("MD", "NY"):
        record(RecordsRequestFactory(jurisdiction=state), ("sent", "2026-02-23"))
    right = set(Deadline.objects.values_list("pk", "jurisdiction"))
    Deadline.objects.update(jurisdiction="")
    import_module("requests_app.filing.migrations.0015_state_of_a_deadline").from_the_requests(apps, None)
    assert set(Deadline.objects.values_list("pk", "jurisdiction")) == right
