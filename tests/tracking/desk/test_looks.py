"""Saved views and how one likes the desk: one's own, shared, and the first one that opens."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.people.models import Person
from requests_app.tracking.desk import services
from requests_app.tracking.desk.models import DeskChoice, SavedView
from tests.factories import NOON, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
DESK, VIEWS, LOOK = reverse("tracking:desk"), reverse("tracking:desk-views"), reverse("tracking:desk-look")


@pytest.fixture
def other() -> tuple[Person, Client]:
    person, client = PersonFactory(handle="cora", roles=["coordinator"]), Client()
    client.force_login(person)
    return person, client


def test_a_view_is_kept_from_the_filters_and_opens_again(bob: Person, coordinator_client: Client) -> None:
    page = coordinator_client.get(DESK + "?state=MD&person=me").content.decode()
    assert "Keep this view" in page
    assert coordinator_client.get(VIEWS + "?query=state%3DMD").context["form"].initial["query"] == "state=MD"
    answer = coordinator_client.post(VIEWS, {"name": "Maryland", "query": "state=MD&evil=1"})
    assert answer["Location"] == DESK + "?state=MD"
    shown = coordinator_client.get(DESK + "?state=MD")
    assert shown.context["view"].name == "Maryland"
    assert "<h1>Maryland</h1>" in shown.content.decode()


def test_one_name_is_one_view(bob: Person) -> None:
    services.save_view(name="Late", query="group=late", shared=False, by=bob, now=NOON)
    services.save_view(name="LATE", query="group=late&state=MD", shared=True, by=bob, now=NOON)
    assert list(SavedView.objects.values_list("name", "query", "shared")) == [("LATE", "group=late&state=MD", True)]


def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner(
    bob: Person, coordinator_client: Client, other: tuple[Person, Client]
) -> None:
    cora, theirs = other
    mine = services.save_view(name="Late", query="group=late", shared=False, by=bob, now=NOON)
    assert mine not in theirs.get(VIEWS).context["views"]
    coordinator_client.post(reverse("tracking:desk-view-share", args=[mine.pk]), {"shared": "yes"})
    assert mine in theirs.get(VIEWS).context["views"]
    for name in ("share", "remove"):
        assert theirs.post(reverse(f"tracking:desk-view-{name}", args=[mine.pk])).status_code == 404
    assert services.open_with(mine.pk, by=cora)
    coordinator_client.post(reverse("tracking:desk-view-share", args=[mine.pk]), {"shared": "no"})
    assert DeskChoice.objects.get(person=cora).default_view is None, "no desk opens with a view that is hidden from it"


@pytest.mark.parametrize(("shared", "removed"), [(True, True), (False, False)])
def test_a_shared_view_of_somebody_who_left_can_be_removed_by_those_who_stay(
    shared: bool, removed: bool, bob: Person, other: tuple[Person, Client]
) -> None:
    _cora, theirs = other
    view = services.save_view(name="Late", query="group=late", shared=shared, by=bob, now=NOON)
    remove = reverse("tracking:desk-view-remove", args=[view.pk])
    assert theirs.post(remove).status_code == 404
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    assert (remove in theirs.get(VIEWS).content.decode()) is removed
    theirs.post(remove)
    assert SavedView.objects.filter(pk=view.pk).exists() is not removed


def test_the_desk_opens_with_the_view_one_chose(bob: Person, coordinator_client: Client) -> None:
    view = services.save_view(name="Late", query="group=late", shared=False, by=bob, now=NOON)
    coordinator_client.post(reverse("tracking:desk-first-view"), {"view": view.pk})
    assert coordinator_client.get(DESK)["Location"] == DESK + "?group=late"
    assert coordinator_client.get(DESK + "?everything").status_code == 200
    coordinator_client.post(reverse("tracking:desk-view-remove", args=[view.pk]))
    assert coordinator_client.get(DESK).status_code == 200


@pytest.mark.parametrize("number", ["x", "²", "999999", "9" * 30])
def test_a_view_that_is_not_there_opens_no_desk(number: str, coordinator_client: Client) -> None:
    answer = coordinator_client.post(reverse("tracking:desk-first-view"), {"view": number})
    assert answer.status_code == (404 if number == "999999" else 302)
    assert not DeskChoice.objects.filter(default_view__isnull=False).exists()


def test_columns_are_left_out_and_keys_turned_off_for_oneself_alone(
    coordinator_client: Client, other: tuple[Person, Client]
) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    before = coordinator_client.get(DESK).content.decode()
    assert "Maryland · K1" in before
    assert "data-dl-desk-keys" in before
    coordinator_client.post(LOOK, {"columns": ["owner", "status"]})
    after = coordinator_client.get(DESK).content.decode()
    assert "Maryland · K1" not in after
    assert "data-dl-desk-keys" not in after
    assert made.reference in after
    assert "data-dl-desk-keys" in other[1].get(DESK).content.decode()
