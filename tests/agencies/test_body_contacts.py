"""Where bodies that hear appeals are reached: entered by people, with source and history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from requests_app.agencies import queries, services
from requests_app.agencies.contact_values import ContactValueError
from requests_app.agencies.models import BodyContact
from requests_app.people.models import Person
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def add(by: Person, **more: Any) -> BodyContact:
    facts = {
        "jurisdiction": "PA",
        "body": "the Office of Open Records",
        "level": "administrative",
        "name": "Office of Open Records",
        "channel": "email",
        "value": "appeals@body.example",
        "where_seen": "https://body.example",
        "now": NOON,
    }
    return services.add_body_contact(by=by, **(facts | more))


def test_an_address_says_who_saw_it_where_and_when(alice: Person) -> None:
    kept = add(alice)
    assert (kept.confirmed_by, kept.confirmed_at, kept.source) == (alice, NOON, "https://body.example")
    assert list(queries.body_contacts("PA")) == [kept]
    assert not queries.body_contacts("MD")


def test_looked_up_anew_the_earlier_row_stays_as_history(alice: Person, bob: Person) -> None:
    first = add(alice)
    second = add(bob, now=NOON + timedelta(days=1))
    assert list(queries.body_contacts("PA")) == [second]
    (past,) = queries.past_body_contacts("PA", "the Office of Open Records")
    assert (past, past.retired_by) == (first, bob)


def test_an_address_that_is_none_is_refused(alice: Person) -> None:
    with pytest.raises(ContactValueError):
        add(alice, value="nobody")
    assert not BodyContact.objects.exists()


def test_retired_once(alice: Person) -> None:
    kept = add(alice)
    assert services.retire_body_contact(kept.pk, why="Mail came back.", by=None, now=NOON)
    assert not services.retire_body_contact(kept.pk, why="Again.", by=None, now=NOON)
    assert not queries.body_contacts("PA")
