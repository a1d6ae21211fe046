"""Invitations, roles, ways back in and notices: the one door, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import connection

from requests_app.people import services
from requests_app.people.mail import link_url
from requests_app.people.models import AuditEntry, InvitationMail, Notice, Person, Role, SignInLink
from requests_app.people.services import NoticeDraft, Profile
from requests_app.people.tokens import token_of
from tests.people.cast import NOW, PASSWORD, make_person
from tests.people.conftest import Postman

pytestmark = pytest.mark.django_db

PROFILE = Profile(handle="newcomer", home_state="MD", time_zone="America/Chicago", legal_name="New Comer")


@pytest.fixture
def ada() -> Person:
    return make_person("ada", "administrator")


def invited(by: Person, email: str = "new@people.example", roles: tuple[str, ...] = ("volunteer",)) -> str:
    return token_of(services.invite(email=email, roles=roles, by=by, now=NOW).nonce)


def accept(token: str, **changes: Any) -> Person:
    facts: dict[str, Any] = {"profile": PROFILE, "password": PASSWORD, "now": NOW + timedelta(days=1)}
    return services.accept_invitation(token, **(facts | changes))


# --- invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_becomes_a_person_with_its_roles(ada: Person) -> None:
    person = accept(invited(ada, roles=("volunteer", "reviewer")))
    person = Person.objects.get(pk=person.pk)
    assert person.email == "new@people.example"
    assert person.roles == {"volunteer", "reviewer"}
    assert person.check_password(PASSWORD)
    assert (person.handle, person.legal_name, person.home_state) == ("newcomer", "New Comer", "MD")
    assert AuditEntry.objects.filter(action="joined", subject=f"person:{person.pk}").count() == 1


def test_the_database_alone_opens_no_account(ada: Person) -> None:
    token = invited(ada)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith("people_"):
                cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  a table of our own
                assert token not in str(cursor.fetchall())


def test_the_mail_brings_the_very_link(ada: Person, postman: Postman, settings: Any) -> None:
    settings.SITE_URL = "https://records.example.org"
    token = invited(ada)
    row = InvitationMail.objects.get()
    with time_machine.travel(NOW):
        assert InvitationMail.send(row.pk, NOW)
    body = postman.received[0].get_body(("plain",))
    assert body is not None
    assert f"https://records.example.org/people/join/{token}/" in body.get_content()
    assert "ada invites you" in body.get_content()
    assert postman.recipients == ["new@people.example"]


def test_a_withdrawn_invitation_opens_nothing_and_its_mail_stays_here(ada: Person, postman: Postman) -> None:
    token = invited(ada)
    link = SignInLink.objects.get()
    assert services.withdraw_invitation(link.pk, by=ada, now=NOW)
    assert not services.withdraw_invitation(link.pk, by=ada, now=NOW)
    assert InvitationMail.send_due(NOW) == 0
    with pytest.raises(services.LinkClosed):
        accept(token)
    assert postman.received == []


def test_a_second_invitation_replaces_the_first(ada: Person) -> None:
    first, second = invited(ada), invited(ada, email="NEW@people.example")
    assert services.open_link(first, SignInLink.Purpose.INVITATION, NOW) is None
    assert services.open_link(second, SignInLink.Purpose.INVITATION, NOW) is not None


def test_a_link_works_once(ada: Person) -> None:
    token = invited(ada)
    accept(token)
    with pytest.raises(services.LinkClosed):
        accept(token, profile=Profile(handle="another"))
    assert Person.objects.filter(handle="another").count() == 0


def test_a_link_runs_out(ada: Person) -> None:
    token = invited(ada)
    with pytest.raises(services.LinkClosed):
        accept(token, now=NOW + services.INVITATION_LASTS)


def test_an_invitation_is_no_way_back_in(ada: Person) -> None:
    with pytest.raises(services.LinkClosed):
        services.use_way_in(invited(ada), password=PASSWORD, now=NOW)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"profile": Profile(handle="ADA")}, services.HandleTaken, id="handle-taken-in-other-case"),
        pytest.param({"password": "short"}, ValidationError, id="short-password"),
        pytest.param({"password": "newcomer12345"}, ValidationError, id="password-like-the-handle"),
    ],
)
def test_a_refused_acceptance_leaves_the_link_open(ada: Person, changes: dict[str, Any], refusal: type) -> None:
    token = invited(ada)
    with pytest.raises(refusal):
        accept(token, **changes)
    assert Person.objects.count() == 1
    assert accept(token).handle == "newcomer"


def test_nobody_is_invited_twice(ada: Person) -> None:
    with pytest.raises(services.AlreadyHere):
        invited(ada, email="ADA@people.example")


# --- the first administrator, and ways back in ------------------------------------------------------------------------


def test_the_first_administrator_gets_the_same_link_until_it_is_used() -> None:
    first = services.first_administrator_link(now=NOW)
    again = services.first_administrator_link(now=NOW + timedelta(days=1))
    assert first is not None
    assert again is not None
    assert link_url(first) == link_url(again)
    person = accept(token_of(first.nonce), email="first@people.example")
    assert Person.objects.get(pk=person.pk).roles == set(Role.values)
    assert services.first_administrator_link(now=NOW) is None


def test_a_new_address_or_a_late_day_makes_a_new_first_link() -> None:
    first = services.first_administrator_link(now=NOW)
    named = services.first_administrator_link(email="boss@people.example", now=NOW)
    late = services.first_administrator_link(email="boss@people.example", now=NOW + timedelta(days=30))
    assert first and named and late
    assert len({first.pk, named.pk, late.pk}) == 3
    assert services.open_link(token_of(first.nonce), SignInLink.Purpose.INVITATION, NOW) is None


def test_a_way_back_in_sets_a_password_once(ada: Person) -> None:
    link = services.make_way_in(ada.pk, now=NOW)
    services.use_way_in(token_of(link.nonce), password=PASSWORD, now=NOW)
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    with pytest.raises(services.LinkClosed):
        services.use_way_in(token_of(link.nonce), password="another good password", now=NOW)


@pytest.mark.parametrize("resets", [True, False])
def test_a_way_back_in_removes_the_second_factor_only_if_it_says_so(ada: Person, resets: bool) -> None:
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={"secret": "x"})
    link = services.make_way_in(ada.pk, resets_second_factor=resets, now=NOW)
    services.use_way_in(token_of(link.nonce), password=PASSWORD, now=NOW)
    assert Authenticator.objects.filter(user=ada).exists() is not resets


def test_a_new_way_in_closes_the_earlier_one(ada: Person) -> None:
    first = services.make_way_in(ada.pk, now=NOW)
    services.make_way_in(ada.pk, now=NOW)
    with pytest.raises(services.LinkClosed):
        services.use_way_in(token_of(first.nonce), password=PASSWORD, now=NOW)


# --- roles and accounts -----------------------------------------------------------------------------------------------


def test_roles_are_given_and_taken_with_a_trace(ada: Person) -> None:
    vic = make_person("vic")
    assert services.grant_role(vic.pk, "volunteer", by=ada, now=NOW)
    assert not services.grant_role(vic.pk, "volunteer", by=ada, now=NOW)
    assert services.revoke_role(vic.pk, "volunteer", by=ada, now=NOW)
    assert not services.revoke_role(vic.pk, "volunteer", by=ada, now=NOW)
    entries = AuditEntry.objects.filter(subject=f"person:{vic.pk}").order_by("pk")
    assert [(entry.action, entry.actor_id, entry.sentence) for entry in entries] == [
        ("role_granted", ada.pk, "Got the role Volunteer."),
        ("role_revoked", ada.pk, "Lost the role Volunteer."),
    ]


def test_the_last_administrator_stays(ada: Person) -> None:
    with pytest.raises(services.LastAdministrator):
        services.revoke_role(ada.pk, "administrator", by=ada, now=NOW)
    with pytest.raises(services.LastAdministrator):
        services.close_account(ada.pk, by=ada, now=NOW)
    assert Person.objects.get(pk=ada.pk).has_role("administrator")


def test_a_closed_administrator_does_not_count(ada: Person) -> None:
    other = make_person("other", "administrator")
    assert services.close_account(other.pk, by=ada, now=NOW)
    with pytest.raises(services.LastAdministrator):
        services.revoke_role(ada.pk, "administrator", by=ada, now=NOW)


def test_with_a_second_administrator_the_first_may_go(ada: Person) -> None:
    make_person("other", "administrator")
    assert services.revoke_role(ada.pk, "administrator", by=ada, now=NOW)


def test_a_closed_account_holds_no_role_and_opens_again_with_all(ada: Person) -> None:
    vic = make_person("vic", "volunteer")
    link = services.make_way_in(vic.pk, now=NOW)
    assert services.close_account(vic.pk, by=ada, now=NOW)
    assert not Person.objects.get(pk=vic.pk).has_role("volunteer")
    with pytest.raises(services.LinkClosed):
        services.use_way_in(token_of(link.nonce), password=PASSWORD, now=NOW)
    assert services.reopen_account(vic.pk, by=ada, now=NOW)
    assert Person.objects.get(pk=vic.pk).has_role("volunteer")


def test_a_taken_handle_changes_nothing(ada: Person) -> None:
    vic = make_person("vic", "volunteer", home_state="MD")
    with pytest.raises(services.HandleTaken):
        services.save_profile(vic.pk, Profile(handle="Ada", home_state="DE"), now=NOW)
    assert Person.objects.get(pk=vic.pk).home_state == "MD"


def test_the_audit_trail_names_fields_and_never_their_contents() -> None:
    vic = make_person("vic", "volunteer")
    services.save_profile(vic.pk, Profile(handle="vic", legal_name="Victor Real"), now=NOW)
    entry = AuditEntry.objects.get(action="profile_changed")
    assert entry.facts == {"fields": ["legal_name"]}
    assert "Victor" not in str(AuditEntry.objects.values())


# --- notices ----------------------------------------------------------------------------------------------------------


def test_many_notices_cost_few_statements_and_repeats_nothing(ada: Person, django_assert_max_num_queries: Any) -> None:
    drafts = [NoticeDraft(ada.pk, f"key-{n}", "Subject", "Text", "Why.") for n in range(300)]
    services.queue_notices(drafts[:100], send_after=NOW, now=NOW)
    with django_assert_max_num_queries(8):  # readers' wishes, and five statements of 999 values each on SQLite
        services.queue_notices(drafts, send_after=NOW + timedelta(days=1), now=NOW)
    assert Notice.objects.count() == 300
    assert Notice.objects.filter(send_after=NOW).count() == 100


def test_a_key_twice_in_one_batch_is_told_once_in_its_first_words(ada: Person) -> None:
    drafts = [NoticeDraft(ada.pk, "one", subject, "Text", "Why.") for subject in ("First", "Second")]
    services.queue_notices(drafts, send_after=NOW, now=NOW)
    assert Notice.objects.get().subject == "First"


def test_one_marks_only_ones_own_notices(ada: Person) -> None:
    vic = make_person("vic")
    mine = services.queue_notice(vic, "mine", "S", "T", "W.", now=NOW)
    hers = services.queue_notice(ada, "hers", "S", "T", "W.", now=NOW)
    assert services.mark_read(vic, now=NOW, notice_id=hers.pk) == 0
    assert services.mark_read(vic, now=NOW) == 1
    assert Notice.objects.get(pk=mine.pk).read_at == NOW
    assert Notice.objects.get(pk=hers.pk).read_at is None
