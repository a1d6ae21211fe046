"""Dates that an older Daylight called missed after a request had ended are put right by the sweep."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps

from requests_app.filing.models import Deadline
from requests_app.people.models import Notice
from requests_app.tracking import services as tracking
from requests_app.tracking.statistics import folding
from requests_app.tracking.statistics.models import RequestFacts
from tests.factories import RecordsRequestFactory

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)
LIFE = [("sent", "2026-03-02"), ("received", "2026-03-04")]


def test_a_date_of_a_done_request_that_was_called_missed_is_projected_again() -> None:
    ended = RecordsRequestFactory(events=[*LIFE, ("withdrawn", "2026-03-10")], seen_at=LATER)
    late = RecordsRequestFactory(events=[*LIFE, ("withdrawn", "2026-06-10")], seen_at=LATER)
    running = RecordsRequestFactory(events=LIFE, seen_at=LATER)
    while tracking.sweep(LATER):
        pass
    right = set(Deadline.objects.filter(request=late, superseded_at=None).values_list("pk", "state"))
    assert ("missed" in {state for _pk, state in right}) is True
    # As it was stored before the law judged by the day of the end.
    model = Deadline.objects.filter(request=running, kind="determination", superseded_at=None).get()
    model.pk, model.request, model.state, model.watch_on = None, ended, "missed", None
    model.save()
    folding.refold([ended.pk], now=LATER)
    assert RequestFacts.objects.get(pk=ended.pk).determination_duty == "missed"
    folding.fold_changed(LATER)
    told = Notice.objects.count()

    import_module("requests_app.filing.migrations.0013_look_at_done_requests_again").look_again(apps, None)
    looked_at = Deadline.objects.filter(watch_on__isnull=False).values_list("request_id", flat=True)
    assert set(looked_at) >= {ended.pk, late.pk}
    Deadline.objects.filter(watch_on__gt=LATER.date()).update(watch_on=LATER.date())
    while tracking.sweep(LATER):
        pass

    assert not Deadline.objects.filter(request=ended, state="missed", superseded_at=None).exists()
    assert set(Deadline.objects.filter(request=late, superseded_at=None).values_list("pk", "state")) == right
    assert Notice.objects.count() == told  # nobody is told of what is over
    folding.fold_changed(LATER)
    assert RequestFacts.objects.get(pk=ended.pk).determination_duty == ""
