"""The example organisation: made through the real services, on any day, once, and never among real data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from requests_app.agencies import services as agencies
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import Campaign, CampaignTarget, RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking import example

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.STORE_DIR = tmp_path
    agencies.seed(NOW)


def test_it_shows_letters_in_every_state_of_their_life_and_a_planned_campaign(demo: None) -> None:
    handles = example.organise(NOW)
    assert set(handles) == set(Person.objects.values_list("handle", flat=True))
    shown = set(RecordsRequest.objects.values_list("status", flat=True))
    assert {Status.READY, Status.SENT, Status.REFUSED, Status.APPEAL, Status.DONE} <= shown
    campaign = Campaign.objects.get()
    states = dict(campaign.targets.values_list("jurisdiction", "state"))
    assert len(states) == 6
    assert states["WI"] == CampaignTarget.State.SKIPPED
    assert campaign.targets.get(jurisdiction="TN").assignee == Person.objects.get(handle="vic")
    assert all(target.group.exists() for target in campaign.targets.all())

    filed = RecordsRequest.objects.count()
    assert example.organise(NOW) == handles
    assert RecordsRequest.objects.count() == filed


def test_it_refuses_a_database_that_is_not_an_example(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(example.NotAnExample):
        example.organise(NOW)
    assert not Person.objects.exists()
