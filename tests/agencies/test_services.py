"""Editing agencies and their contact points: what changes, what the history says, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from requests_app.agencies import services
from requests_app.agencies.contact_values import ContactValueError
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.agencies.services import RoleChoice
from requests_app.people.models import Person
from tests.agencies.conftest import make_agency
from tests.people.cast import NOW, make_person

pytestmark = pytest.mark.django_db
DMV = RoleChoice(frozenset({"dmv"}), "It keeps the files.", "medium")


@pytest.fixture
def bob() -> Person:
    return make_person("bob", "coordinator")


def email_of(agency: Agency) -> ContactPoint:
    return agency.contact_points.get(channel="email")


def test_an_edit_keeps_what_it_was_what_it_is_and_why(police: Agency, bob: Person) -> None:
    services.edit_agency(
        police.pk,
        fields={"website": "https://new.example", "name": police.name},
        roles=RoleChoice(frozenset({"nlets_control_point", "dmv"}), "It keeps the files.", "medium"),
        why="Their page says so.",
        by=bob,
        now=NOW,
    )
    change = police.changes.get()
    assert change.before == {"website": "", "roles": ["nlets_control_point"]}
    assert change.after == {"website": "https://new.example", "roles": ["dmv", "nlets_control_point"]}
    assert (change.by, change.why, change.at) == (bob, "Their page says so.", NOW)
    assert {(role.kind, role.evidence) for role in police.roles.all()} == {
        ("nlets_control_point", "It says so."),
        ("dmv", "It keeps the files."),
    }
    assert [(one["label"], one["before"], one["after"]) for one in change.fields] == [
        ("Website", "", "https://new.example"),
        ("Roles", "Nlets control point", "Motor-vehicle agency, Nlets control point"),
    ]


def test_saving_without_a_change_leaves_no_history(police: Agency, bob: Person) -> None:
    services.edit_agency(police.pk, fields={"name": police.name}, why="Nothing.", by=bob, now=NOW)
    assert not police.changes.exists()


def test_two_editors_do_not_overwrite_each_other(police: Agency, bob: Person) -> None:
    seen = police.updated_at
    later = NOW + timedelta(minutes=1)
    services.edit_agency(police.pk, fields={"parent": "A"}, why="First.", by=bob, now=later, seen_at=seen)
    with pytest.raises(services.ChangedMeanwhile):
        services.edit_agency(police.pk, fields={"parent": "B"}, why="Second.", by=bob, now=later, seen_at=seen)
    police.refresh_from_db()
    assert police.parent == "A"


def test_an_agency_is_added_once_in_its_state(police: Agency, bob: Person) -> None:
    facts = {"name": police.name, "short_name": "MD-POLICE"}
    with pytest.raises(ValidationError, match="already has an agency"):
        services.add_agency(jurisdiction="MD", fields=facts, roles=DMV, why="Found.", by=bob, now=NOW)
    other = services.add_agency(jurisdiction="DE", fields=facts, roles=DMV, why="Found.", by=bob, now=NOW)
    again = services.add_agency(
        jurisdiction="DE", fields=facts | {"name": "Another"}, roles=DMV, why="Found.", by=bob, now=NOW
    )
    assert (other.code, again.code) == ("de-md-police", "de-md-police-2")
    assert other.changes.get().what == "added"


def test_a_confirmation_says_who_when_and_where(police: Agency, bob: Person) -> None:
    contact = services.confirm_contact(email_of(police).pk, by=bob, where_seen="https://x.example/foia", now=NOW)
    assert (contact.health, contact.confirmed_by, contact.confirmed_at) == ("confirmed", bob, NOW)
    assert contact.confirmed_where == "https://x.example/foia"
    assert contact.may_be_used_unasked
    change = police.changes.get()
    assert (change.what, change.why) == ("contact_confirmed", "https://x.example/foia")


def test_a_proposed_address_waits_for_its_confirmation(police: Agency, bob: Person) -> None:
    contact = services.add_contact(
        police.pk, channel="phone", value="410 555 0100", where_seen="phoned", by=bob, now=NOW
    )
    assert (contact.value, contact.health, contact.confidence) == ("(410) 555-0100", "unconfirmed", "low")
    assert (contact.source, contact.as_of) == ("phoned", "2026-03-02")
    assert not contact.may_be_used_unasked


def test_a_second_click_adds_no_second_address(police: Agency, bob: Person) -> None:
    first, second = (
        services.add_contact(police.pk, channel="fax", value=value, where_seen="x", by=bob, now=NOW)
        for value in ("410-555-0100", "(410) 555-0100")
    )
    assert first.pk == second.pk
    assert police.changes.count() == 1


def test_a_bad_address_is_refused_and_nothing_is_stored(police: Agency, bob: Person) -> None:
    with pytest.raises(ContactValueError):
        services.add_contact(police.pk, channel="email", value="nobody", where_seen="x", by=bob, now=NOW)
    assert police.contact_points.count() == 1
    assert not police.changes.exists()


def test_a_corrected_address_is_a_new_one_and_the_old_one_stays_for_its_letters(police: Agency, bob: Person) -> None:
    old = email_of(police)
    new = services.edit_contact(
        old.pk, value="foia@new.example", office_or_title="FOIA", where_seen="page", by=bob, now=NOW
    )
    old.refresh_from_db()
    assert (old.value, old.health) == ("records@md-police.example", "retired")
    assert (new.value, new.health) == ("foia@new.example", "unconfirmed")


def test_a_corrected_office_stays_the_same_contact_point(police: Agency, bob: Person) -> None:
    old = email_of(police)
    same = services.edit_contact(
        old.pk, value=old.value, office_or_title="Records Desk", where_seen="page", by=bob, now=NOW
    )
    assert same.pk == old.pk
    assert same.office_or_title == "Records Desk"


def test_a_retired_address_is_not_confirmed_but_can_be_added_again(police: Agency, bob: Person) -> None:
    contact = services.confirm_contact(email_of(police).pk, by=bob, where_seen="x", now=NOW)
    services.retire_contact(contact.pk, why="Closed.", by=bob, now=NOW)
    services.retire_contact(contact.pk, why="Second click.", by=bob, now=NOW)
    with pytest.raises(services.ContactRetired):
        services.confirm_contact(contact.pk, by=bob, where_seen="x", now=NOW)
    again = services.add_contact(police.pk, channel="email", value=contact.value, where_seen="page", by=bob, now=NOW)
    assert (again.pk, again.health, again.confirmed_at) == (contact.pk, "unconfirmed", None)
    assert police.changes.filter(what="contact_retired").count() == 1


def test_mail_that_comes_back_stops_the_next_filer(police: Agency) -> None:
    contact = services.record_bounce(email_of(police).pk, why="550 no such user", now=NOW)
    services.record_bounce(contact.pk, why="550 again", now=NOW)
    assert not contact.may_be_used_unasked
    assert police.changes.get().by is None


@pytest.mark.parametrize(
    ("facts", "may"),
    [
        pytest.param({"confidence": "high"}, True, id="well-sourced"),
        pytest.param({"confidence": "high", "doubt": "From an older page."}, False, id="doubted"),
        pytest.param({"confidence": "medium"}, False, id="probable"),
        pytest.param({"confidence": "low", "health": "confirmed"}, True, id="confirmed-by-a-person"),
        pytest.param({"confidence": "high", "health": "bounced"}, False, id="bounced"),
        pytest.param({"confidence": "high", "health": "retired"}, False, id="retired"),
    ],
)
def test_only_a_sure_address_is_used_unasked(facts: dict[str, str], may: bool) -> None:
    assert ContactPoint(channel="email", value="x@y.example", **facts).may_be_used_unasked is may


def test_the_database_keeps_a_confirmation_without_a_date_out(police: Agency) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactPoint.objects.filter(agency=police).update(health="confirmed")


def test_the_history_of_one_agency_is_not_that_of_another(police: Agency, bob: Person) -> None:
    other = make_agency("md-other")
    services.confirm_contact(email_of(other).pk, by=bob, where_seen="x", now=NOW)
    assert not police.changes.exists()
