"""The vocabulary: labels that differ in name, look and key, and are retired, never lost."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from requests_app.people.models import AuditEntry, Person
from requests_app.review.annotations import queries
from requests_app.review.labels import services
from requests_app.review.labels.services import Facts, IsTaken
from requests_app.review.models import Label
from tests.factories import NOON

pytestmark = pytest.mark.django_db
COUNT = Facts("Count", "blue", "solid", "1")


def test_a_label_is_made_and_audited(bob: Person):
    made = services.make_label(COUNT, by=bob, now=NOON)
    assert (made.slug, made.name) == ("count", "Count")
    assert AuditEntry.objects.filter(action="label made").count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        pytest.param(Facts("COUNT", "red", "dotted"), "name", id="same-name"),
        pytest.param(Facts("Total", "blue", "solid"), "pattern", id="same-look"),
        pytest.param(Facts("Total", "blue", "dotted", "1"), "key", id="same-key"),
    ],
)
def test_two_labels_are_never_taken_for_each_other(bob: Person, facts: Facts, field: str):
    services.make_label(COUNT, by=bob, now=NOON)
    with pytest.raises(IsTaken) as refused:
        services.make_label(facts, by=bob, now=NOON)
    assert refused.value.field == field and "Count" in str(refused.value)


def test_the_database_keeps_looks_apart_too(bob: Person):
    services.make_label(COUNT, by=bob, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.create(slug="x", name="Other", colour="blue", pattern="solid")


def test_a_retired_label_gives_its_look_free_and_cannot_come_back_into_it(bob: Person):
    old = services.make_label(COUNT, by=bob, now=NOON)
    services.retire_label(old, by=bob, now=NOON)
    new = services.make_label(Facts("Total", "blue", "solid", "1"), by=bob, now=NOON)
    assert list(queries.offered_labels()) == [new]
    with pytest.raises(IsTaken):
        services.bring_back_label(old, by=bob, now=NOON)
    services.change_label(new, Facts("Total", "red", "solid", "2"), by=bob, now=NOON)
    services.bring_back_label(old, by=bob, now=NOON)
    assert set(queries.offered_labels()) == {old, new}


def test_the_first_labels_come_once(bob: Person):
    assert services.start_vocabulary(by=bob, now=NOON) == len(services.first_labels())
    assert services.start_vocabulary(by=bob, now=NOON) == 0
