"""Addresses that somebody saw in a mail: proposed, looked up, accepted or left out; each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from requests_app.agencies import services as agencies
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.agencies.proposals import queries, services
from requests_app.agencies.proposals.models import ContactProposal
from requests_app.agencies.proposals.services import NotDecided, NotProposed
from requests_app.people.models import Person
from tests.factories import NOON, ContactPointFactory

pytestmark = pytest.mark.django_db
NEW = "desk@agency.example"
LIST = "/agencies/proposed/"


@pytest.fixture
def agency() -> Agency:
    found: Agency = ContactPointFactory(value="records@agency.example").agency
    return found


def propose(agency: Agency, by: Person, value: str = NEW, **more: Any) -> ContactProposal:
    return services.propose(agency.pk, channel="email", value=value, by=by, now=NOON, **more)


def test_a_proposal_changes_no_contact(agency: Agency, bob: Person):
    made = propose(agency, bob, message_number=7)
    assert propose(agency, bob) == made  # a second click
    assert ContactPoint.objects.count() == 1 and list(queries.open_proposals()) == [made]


def test_what_the_agency_has_is_not_proposed_but_what_it_had_may_be(agency: Agency, bob: Person):
    with pytest.raises(NotProposed, match="already"):
        propose(agency, bob, "Records@agency.example")
    agencies.retire_contact(agency.contact_points.get().pk, why="Moved.", by=bob, now=NOON)
    propose(agency, bob, "records@agency.example")


@pytest.mark.parametrize(
    "value", ["", "nobody", "a\x00@b.example", "x" * 600 + "@b.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_no_address_is_refused(value: str, agency: Agency, bob: Person):
    with pytest.raises(NotProposed):
        propose(agency, bob, value)
    assert not ContactProposal.objects.exists()


def test_accepted_it_is_an_address_that_nobody_confirmed(agency: Agency, alice: Person, bob: Person):
    made = propose(agency, alice)
    with pytest.raises(NotDecided, match="Say where"):
        services.accept(made.pk, where_seen=" ", by=bob, now=NOON)
    contact = services.accept(made.pk, where_seen=" agency.example/records ", by=bob, now=NOON)
    assert (contact.value, contact.health, contact.source) == (NEW, "unconfirmed", "agency.example/records")
    assert not contact.may_be_used_unasked
    assert agency.changes.get(what="contact_added").by == bob
    with pytest.raises(NotDecided, match="Somebody else"):
        services.decline(made.pk, why="Late", by=alice, now=NOON)
    made.refresh_from_db()
    assert (made.state, made.decided_by) == ("accepted", bob)


def test_declined_it_is_left_out_and_may_be_proposed_anew(agency: Agency, bob: Person):
    made = propose(agency, bob)
    services.decline(made.pk, why="A forgery", by=bob, now=NOON)
    assert ContactPoint.objects.count() == 1 and not queries.open_proposals()
    assert list(queries.decided_proposals()) == [made]
    assert propose(agency, bob) != made


def test_the_tables_refuse_a_decision_without_a_reason(agency: Agency, bob: Person):
    made = propose(agency, bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactProposal.objects.filter(pk=made.pk).update(state="accepted", decided_by=bob, decided_at=NOON)


def test_the_page_asks_where_it_was_seen(agency: Agency, bob: Person, coordinator_client: Client):
    made = propose(agency, bob)
    assert NEW in coordinator_client.get(LIST).content.decode()
    accept, decline = (reverse(f"agencies:proposal-{act}", args=[made.pk]) for act in ("accept", "decline"))
    response = coordinator_client.post(accept, {})
    assert response.status_code == 200 and "This field is required." in response.content.decode()
    assert "Null characters" in coordinator_client.post(decline, {"why": "\x00"}).content.decode()
    html = coordinator_client.post(decline, {"why": "Not theirs"}, follow=True).content.decode()
    assert "Left out." in html and "Not theirs" in html and "No address waits" in html
    html = coordinator_client.post(accept, {"where_seen": "x"}, follow=True).content.decode()
    assert "Somebody else decided" in html
    assert coordinator_client.post(reverse("agencies:proposal-accept", args=[10**9]), {}).status_code == 404


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_asks_the_same_for_one_and_many(
    size: int, bob: Person, coordinator_client: Client, django_assert_num_queries: Callable[..., Any]
):
    for number in range(size):
        contact = ContactPointFactory(value=f"records@agency{number}.example")
        propose(contact.agency, bob)
        services.decline(propose(contact.agency, bob, "old@agency.example").pk, why="x", by=bob, now=NOON)
    with django_assert_num_queries(5):
        assert coordinator_client.get(LIST).content.decode().count("I found it elsewhere") == size
