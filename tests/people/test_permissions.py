"""Who may open what: one truth table over every address of the room and every role, strangers included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from requests_app.people import services, urls
from requests_app.people.backends import PeopleBackend
from requests_app.people.models import Person
from requests_app.people.tokens import token_of
from requests_app.people.way_out import WayOut, token_for
from tests.factories import PersonFactory
from tests.people.cast import EVERYBODY, NOW, browser_of, make_person

ALL = frozenset(EVERYBODY)
SIGNED_IN = ALL - {"anonymous"}
LEADERS = frozenset({"coordinator", "administrator"})
ADMINISTRATORS = frozenset({"administrator"})
VOLUNTEERS = frozenset({"volunteer"})


@dataclass(frozen=True)
class Door:
    """One address with one verb: who may pass, and to whom it is simply not there."""

    name: str
    method: str
    may: frozenset[str]
    arguments: Callable[[dict[str, Any]], list[Any]] = lambda things: []


TABLE = [
    Door("list", "get", LEADERS),
    Door("me", "get", SIGNED_IN),
    Door("me", "post", SIGNED_IN),
    Door("my-address", "get", SIGNED_IN),
    Door("my-address", "post", SIGNED_IN),
    Door("withdraw-address", "post", SIGNED_IN),
    Door("confirm-address", "get", VOLUNTEERS, lambda things: [token_of(things["address_link"].nonce)]),
    Door("confirm-address", "post", VOLUNTEERS, lambda things: [token_of(things["address_link"].nonce)]),
    Door("welcome", "get", SIGNED_IN),
    Door("notices", "get", SIGNED_IN),
    Door("notices-read", "post", SIGNED_IN),
    Door("preferences", "get", SIGNED_IN),
    Door("preferences", "post", SIGNED_IN),
    Door("absences", "get", SIGNED_IN),
    Door("absences", "post", SIGNED_IN),
    Door("unsubscribe", "get", ALL, lambda things: [token_for(WayOut(things["somebody"].pk, "theirs"))]),
    Door("unsubscribe", "post", ALL, lambda things: [token_for(WayOut(things["somebody"].pk, "theirs"))]),
    Door("invite", "get", LEADERS),
    Door("invite", "post", LEADERS),
    Door("withdraw-invitation", "post", LEADERS, lambda things: [things["volunteer_link"].pk]),
    Door("withdraw-invitation", "post", ADMINISTRATORS, lambda things: [things["administrator_link"].pk]),
    Door("accept", "get", ALL, lambda things: [token_of(things["volunteer_link"].nonce)]),
    Door("accept", "post", ALL, lambda things: [token_of(things["volunteer_link"].nonce)]),
    Door("way-in", "get", ALL, lambda things: [token_of(things["way_in"].nonce)]),
    Door("way-in", "post", ALL, lambda things: [token_of(things["way_in"].nonce)]),
    Door("person", "get", ADMINISTRATORS, lambda things: [things["somebody"].pk]),
    Door("grant", "post", ADMINISTRATORS, lambda things: [things["somebody"].pk, "reviewer"]),
    Door("revoke", "post", ADMINISTRATORS, lambda things: [things["somebody"].pk, "volunteer"]),
    Door("close", "post", ADMINISTRATORS, lambda things: [things["somebody"].pk]),
    Door("reopen", "post", ADMINISTRATORS, lambda things: [things["somebody"].pk]),
]
# Not by role alone but by owner: test_a_notice_opens_for_its_recipient_only, tests/people/absences/test_absences.py.
OWNERS_ONLY = {"notice-open", "notice-read", "come-back"}


@pytest.fixture
def things(house_cast: dict[str, Person], settings: Any) -> dict[str, Any]:
    """What the addresses name. The links are open today, whatever today is."""
    from django.utils import timezone

    now = timezone.now()
    ada = house_cast["administrator"]
    somebody = make_person("somebody", "volunteer")
    return house_cast | {
        "somebody": somebody,
        "volunteer_link": services.invite(email="v@people.example", roles=["volunteer"], by=ada, now=now),
        "administrator_link": services.invite(email="a@people.example", roles=["administrator"], by=ada, now=now),
        "way_in": services.make_way_in(somebody.pk, now=now),
        "address_link": services.ask_new_address(house_cast["volunteer"].pk, "v2@people.example", now=now),
    }


def ask(client: Client, door: Door, things: dict[str, Any]) -> int:
    response = getattr(client, door.method)(reverse(f"people:{door.name}", args=door.arguments(things)))
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return 401
    return response.status_code


@pytest.mark.parametrize("door", TABLE, ids=[f"{door.name}-{door.method}-{len(door.may)}" for door in TABLE])
def test_every_address_opens_for_exactly_the_roles_it_is_for(door: Door, things: dict[str, Any]) -> None:
    answers = {who: ask(browser_of(things.get(who)), door, things) for who in EVERYBODY}
    passed = {
        who for who, answer in answers.items() if answer in {200, 302, 422}
    }  # 422: theirs, but it lacks something
    assert passed == door.may
    # A link to a new address is gone for everybody but the person who asked, whoever holds it.
    assert {answers[who] for who in SIGNED_IN - door.may} <= ({410} if door.name == "confirm-address" else {403})
    assert door.may >= {"anonymous"} or answers["anonymous"] == 401


def test_the_table_names_every_address_of_the_room() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == {door.name for door in TABLE} | OWNERS_ONLY


def test_every_address_refuses_other_verbs(things: dict[str, Any]) -> None:
    client = browser_of(things["administrator"])
    for door in TABLE:
        path = reverse(f"people:{door.name}", args=door.arguments(things))
        for verb in {"get", "post", "put"} - {other.method for other in TABLE if other.name == door.name}:
            assert getattr(client, verb)(path).status_code == 405, (door.name, verb)


def test_a_coordinator_invites_volunteers_and_nobody_else(house_cast: dict[str, Person]) -> None:
    client = browser_of(house_cast["coordinator"])
    path = reverse("people:invite")
    client.post(path, {"email": "x@people.example", "roles": ["administrator"]})
    client.post(path, {"email": "y@people.example", "roles": ["volunteer", "administrator"]})
    assert services.SignInLink.objects.count() == 0
    client.post(path, {"email": "z@people.example", "roles": ["volunteer"]})
    assert services.SignInLink.objects.get().roles == ["volunteer"]


def test_a_coordinator_sees_no_e_mail_address_of_people_and_no_other_invitations(things: dict[str, Any]) -> None:
    page = browser_of(things["coordinator"]).get(reverse("people:list")).content.decode()
    assert "v@people.example" in page
    assert "a@people.example" not in page
    assert things["somebody"].email not in page
    assert "somebody" in page


def test_a_notice_opens_for_its_recipient_only(house_cast: dict[str, Person]) -> None:
    notice = services.queue_notice(house_cast["volunteer"], "k", "S", "T", "W.", "/people/me/", now=NOW)
    path = reverse("people:notice-open", args=[notice.pk])
    assert browser_of(house_cast["administrator"]).post(path).status_code == 404
    assert browser_of(None).post(path)["Location"].startswith(reverse("account_login"))
    notice.refresh_from_db()
    assert notice.read_at is None
    assert browser_of(house_cast["volunteer"]).post(path)["Location"] == "/people/me/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_stranger_learns_nothing_of_who_is_here(things: dict[str, Any]) -> None:
    client = browser_of(things["coordinator"])
    there, not_there = reverse("people:person", args=[things["somebody"].pk]), reverse("people:person", args=[99999])
    assert client.get(there).status_code == client.get(not_there).status_code == 403


def test_no_page_shows_a_legal_name_to_another_person(house_cast: dict[str, Person]) -> None:
    Person.objects.filter(pk=house_cast["volunteer"].pk).update(legal_name="Hidden Name", postal_address="Hidden Road")
    own = browser_of(house_cast["volunteer"]).get(reverse("people:me")).content.decode()
    assert "Hidden Name" in own
    client = browser_of(house_cast["administrator"])
    pages = ["/people/", f"/people/{house_cast['volunteer'].pk}/", "/admin/people/person/"]
    pages.append(f"/admin/people/person/{house_cast['volunteer'].pk}/change/")
    for path in pages:
        response = client.get(path)
        assert response.status_code == 200
        assert "Hidden" not in response.content.decode()


def test_the_admin_is_a_reading_room_for_administrators(house_cast: dict[str, Person]) -> None:
    ada = browser_of(house_cast["administrator"])
    assert ada.get("/admin/").status_code == 200
    assert ada.get("/admin/people/person/add/").status_code == 403
    change = f"/admin/people/person/{house_cast['volunteer'].pk}/change/"
    assert ada.post(change, {"handle": "changed"}).status_code == 403
    assert browser_of(house_cast["coordinator"]).get("/admin/").status_code in {302, 403}


def test_the_admin_has_no_sign_in_form_that_forgets_the_second_factor() -> None:
    response = Client().post("/admin/login/", {"username": "a", "password": "b"})
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_secrets_of_second_factors_are_not_in_the_admin() -> None:
    names = {str(pattern.pattern) for pattern in get_resolver("foia.urls").url_patterns[-1].url_patterns}
    assert not any("authenticator" in name or "emailaddress" in name for name in names)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("roles", "is_active", "known"),
    [
        pytest.param(["volunteer", "reviewer"], True, {"volunteer", "reviewer"}, id="with roles"),
        pytest.param([], True, set(), id="without a role"),
        pytest.param(["administrator"], False, None, id="a closed account is nobody"),
        pytest.param([], False, None, id="a closed account without a role, too"),
    ],
)
def test_a_session_knows_the_person_with_the_roles(
    roles: list[str], is_active: bool, known: set[str] | None, django_assert_max_num_queries: Any
) -> None:
    person: Any = PersonFactory(roles=roles, is_active=is_active)
    with django_assert_max_num_queries(3):
        found = PeopleBackend().get_user(person.pk)
        assert (None if found is None else set(found.roles)) == known
    assert PeopleBackend().get_user(10**9) is None
