"""Who is away, who stands in, and what the page says of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from requests_app.people.absences import queries, services
from requests_app.people.absences.models import Absence
from requests_app.people.models import Person
from tests.factories import NOON, PersonFactory

TODAY = date(2026, 3, 2)
PAGE = reverse("people:absences")


def away(person: Person, delegate: Person | None = None, first: int = 0, last: int = 5) -> Absence:
    return services.go_away(
        person.pk,
        starts_on=TODAY + timedelta(days=first),
        ends_on=TODAY + timedelta(days=last),
        delegate_id=None if delegate is None else delegate.pk,
        by=person,
        now=NOON,
    )


@pytest.mark.parametrize(("day", "here"), [(-1, True), (0, False), (5, False), (6, True)])
def test_both_days_are_days_away(day: int, here: bool, alice: Person, bob: Person) -> None:
    away(alice, bob)
    assert queries.fold_delegates(queries.away_on(TODAY + timedelta(days=day))) == ({} if here else {alice.pk: bob})


def test_a_delegate_who_is_away_passes_it_on(alice: Person, bob: Person, charlie: Person) -> None:
    away(alice, bob)
    away(bob, charlie)
    assert queries.fold_delegates(queries.away_on(TODAY)) == {alice.pk: charlie, bob.pk: charlie}
    assert queries.absent_for(charlie.pk, queries.away_on(TODAY)) == sorted([alice.pk, bob.pk])


def test_a_circle_and_a_closed_account_lead_to_nobody(alice: Person, bob: Person, charlie: Person) -> None:
    away(alice, bob)
    away(bob, alice)
    Person.objects.filter(pk=charlie.pk).update(is_active=False)
    away(PersonFactory(), charlie)
    assert queries.fold_delegates(queries.away_on(TODAY)) == {}


@given(st.dictionaries(st.integers(1, 6), st.none() | st.integers(1, 6), max_size=6))
def test_whoever_stands_in_is_here(arrows: dict[int, int | None]) -> None:
    people = {number: Person(pk=number, handle=f"p{number}", is_active=True) for number in range(1, 7)}
    chain = {
        number: Absence(person=people[number], delegate=None if to is None else people[to])
        for number, to in arrows.items()
    }
    for person_id, delegate in queries.fold_delegates(chain).items():
        assert person_id in arrows
        assert delegate.pk not in arrows


def test_days_that_overlap_are_refused(alice: Person) -> None:
    away(alice)
    with pytest.raises(services.AwayAlready, match="March 2, 2026"):
        away(alice, first=5, last=9)
    away(alice, first=6, last=9)


@pytest.fixture
def today() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def test_somebody_says_it_of_themselves_and_takes_it_back(
    today: None, alice: Person, bob: Person, volunteer_client: Client
) -> None:
    posted = {"starts_on": "2026-03-03", "ends_on": "2026-03-05", "delegate": bob.pk, "person": bob.pk}
    assert volunteer_client.post(PAGE, posted).status_code == 302
    kept = Absence.objects.get()
    assert (kept.person, kept.delegate) == (alice, bob), "a volunteer speaks for nobody else"
    assert "bob stands in" in volunteer_client.get(PAGE).content.decode()
    volunteer_client.post(reverse("people:come-back", args=[kept.pk]))
    assert not Absence.objects.exists()


def test_a_coordinator_says_it_of_others(today: None, alice: Person, coordinator_client: Client) -> None:
    coordinator_client.post(PAGE, {"person": alice.pk, "starts_on": "2026-03-02", "ends_on": "2026-03-02"})
    assert Absence.objects.get().person == alice


def test_a_volunteer_sees_nothing_of_others(
    today: None, alice: Person, charlie: Person, volunteer_client: Client
) -> None:
    kept = away(charlie)
    assert "charlie" not in volunteer_client.get(PAGE).content.decode().split("<form")[0]
    assert volunteer_client.post(reverse("people:come-back", args=[kept.pk])).status_code == 404


WRONG = {
    "ends before it starts": ("2026-03-05", "2026-03-04", "Turn them around"),
    "is over": ("2026-02-01", "2026-02-05", "This day is over"),
    "lasts for years": ("2026-03-05", "2028-03-04", "longer than a year"),
    "overlaps": ("2026-03-02", "2026-03-09", "overlap with others"),
    "is no day": ("soon", "2026-03-09", "Enter a valid date"),
}


@pytest.mark.parametrize("case", WRONG)
def test_days_that_cannot_be(case: str, today: None, alice: Person, volunteer_client: Client) -> None:
    away(alice, first=3, last=7)
    first, last, words = WRONG[case]
    answer = volunteer_client.post(PAGE, {"starts_on": first, "ends_on": last})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_nobody_stands_in_for_themselves(today: None, alice: Person, volunteer_client: Client) -> None:
    posted = {"starts_on": "2026-03-03", "ends_on": "2026-03-04", "delegate": alice.pk}
    assert "stand in for themselves" in volunteer_client.post(PAGE, posted).content.decode()
