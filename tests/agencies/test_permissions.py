"""Who may open what: one truth table over every address of the room and every role, strangers included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.agencies import services, urls
from requests_app.agencies.models import Agency
from requests_app.agencies.proposals import services as proposals
from requests_app.people.models import Person
from tests.agencies.conftest import make_agency, make_exchange, make_line, make_official
from tests.people.cast import EVERYBODY, NOW, browser_of

SIGNED_IN = frozenset(EVERYBODY) - {"anonymous"}
EDITORS = frozenset({"coordinator", "administrator"})
WRITERS = EDITORS | {"volunteer"}
WITH_A_ROLE = WRITERS | {"reviewer"}


@dataclass(frozen=True)
class Door:
    """One address with one verb, and who may pass."""

    name: str
    method: str
    may: frozenset[str]
    arguments: Callable[[dict[str, Any]], list[Any]] = lambda things: []


def _agency(things: dict[str, Any]) -> list[Any]:
    return [things["police"].code]


def _proposal(things: dict[str, Any]) -> list[Any]:
    return [things["proposal"].pk]


def _contact(things: dict[str, Any]) -> list[Any]:
    return [things["police"].code, things["police"].contact_points.get().pk]


def _official(things: dict[str, Any]) -> list[Any]:
    return [things["official"].pk]


def _entry(things: dict[str, Any]) -> list[Any]:
    return [things["official"].pk, things["official"].exchanges.get().pk]


def _state(things: dict[str, Any]) -> list[Any]:
    return ["md"]


def _line(things: dict[str, Any]) -> list[Any]:
    return ["md", things["line"].pk]


TABLE = [
    Door("proposals", "get", EDITORS),
    Door("proposal-accept", "post", EDITORS, _proposal),
    Door("proposal-decline", "post", EDITORS, _proposal),
    Door("officials", "get", WITH_A_ROLE),
    Door("official", "get", WITH_A_ROLE, _official),
    Door("official-add", "get", EDITORS),
    Door("official-add", "post", EDITORS),
    Door("official-edit", "get", EDITORS, _official),
    Door("official-edit", "post", EDITORS, _official),
    Door("official-retire", "get", EDITORS, _official),
    Door("official-retire", "post", EDITORS, _official),
    Door("official-log", "get", WRITERS, _official),
    Door("official-log", "post", WRITERS, _official),
    Door("official-settle", "post", WRITERS, _entry),
    Door("official-strike", "post", WRITERS, _entry),  # the volunteer's own entry
    Door("official-import", "get", EDITORS),
    Door("official-import", "post", EDITORS),
    Door("official-export", "get", EDITORS),
    Door("status", "get", SIGNED_IN, _state),
    Door("status-add", "get", EDITORS, _state),
    Door("status-add", "post", EDITORS, _state),
    Door("status-withdraw", "get", EDITORS, _line),
    Door("status-withdraw", "post", EDITORS, _line),
    Door("list", "get", SIGNED_IN),
    Door("detail", "get", SIGNED_IN, _agency),
    Door("add", "get", EDITORS),
    Door("add", "post", EDITORS),
    Door("edit", "get", EDITORS, _agency),
    Door("edit", "post", EDITORS, _agency),
    Door("contact-add", "get", WRITERS, _agency),
    Door("contact-add", "post", WRITERS, _agency),
    Door("contact-confirm", "get", WRITERS, _contact),
    Door("contact-confirm", "post", WRITERS, _contact),
    Door("contact-edit", "get", EDITORS, _contact),
    Door("contact-edit", "post", EDITORS, _contact),
    Door("contact-retire", "get", EDITORS, _contact),
    Door("contact-retire", "post", EDITORS, _contact),
    Door("import", "get", EDITORS),
    Door("import", "post", EDITORS),
    Door("export", "get", EDITORS),
]
# An editor's own file: see below.
OWNERS_ONLY = {
    "import-preview",
    "import-apply",
    "official-import-preview",
    "official-import-apply",
}


@pytest.fixture
def things(house_cast: dict[str, Person], police: Agency) -> dict[str, Any]:
    official = make_official()
    make_exchange(official, house_cast["volunteer"])
    proposal = proposals.propose(police.pk, channel="email", value="a@b.example", by=house_cast["volunteer"], now=NOW)
    return house_cast | {"police": police, "official": official, "line": make_line(), "proposal": proposal}


def ask(client: Client, door: Door, things: dict[str, Any]) -> int:
    response = getattr(client, door.method)(reverse(f"agencies:{door.name}", args=door.arguments(things)))
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return 401
    return response.status_code


@pytest.mark.parametrize("door", TABLE, ids=[f"{door.name}-{door.method}" for door in TABLE])
def test_every_address_opens_for_exactly_the_roles_it_is_for(door: Door, things: dict[str, Any]) -> None:
    answers = {who: ask(browser_of(things.get(who)), door, things) for who in EVERYBODY}
    assert {who for who, answer in answers.items() if answer in {200, 302}} == door.may
    assert {answers[who] for who in SIGNED_IN - door.may} <= {403}
    assert answers["anonymous"] == 401


def test_the_table_names_every_address_of_the_room() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == {door.name for door in TABLE} | OWNERS_ONLY


def test_every_address_refuses_other_verbs(things: dict[str, Any]) -> None:
    client = browser_of(things["administrator"])
    for door in TABLE:
        path = reverse(f"agencies:{door.name}", args=door.arguments(things))
        for verb in {"get", "post", "put"} - {other.method for other in TABLE if other.name == door.name}:
            assert getattr(client, verb)(path).status_code == 405, (door.name, verb)


def test_an_import_is_its_makers_own(things: dict[str, Any]) -> None:
    kept = services.preview_import(
        raw=b"state,name,roles\nDE,New,dmv", file_name="x.csv", by=things["coordinator"], now=NOW
    )
    preview, apply = (reverse(f"agencies:{name}", args=[kept.pk]) for name in ("import-preview", "import-apply"))
    expected = {"anonymous": 302, "nobody": 403, "volunteer": 403, "reviewer": 403, "administrator": 404}
    for who, status in expected.items():
        assert browser_of(things.get(who)).get(preview).status_code == status
        assert browser_of(things.get(who)).post(apply, {"plan": "x"}).status_code == status
    assert browser_of(things["coordinator"]).get(preview).status_code == 200
    assert browser_of(things["coordinator"]).get(apply).status_code == 405
    assert Agency.objects.count() == 1


@pytest.mark.parametrize("name", ["contact-confirm", "contact-edit", "contact-retire"])
def test_an_address_of_another_agency_is_not_found(name: str, things: dict[str, Any]) -> None:
    other = make_agency("md-other")
    path = reverse(f"agencies:{name}", args=[other.code, things["police"].contact_points.get().pk])
    assert browser_of(things["administrator"]).get(path).status_code == 404


@pytest.mark.parametrize("who", ["nobody", "reviewer"])
def test_whoever_may_only_read_sees_no_button_that_leads_nowhere(who: str, things: dict[str, Any]) -> None:
    page = browser_of(things[who]).get(things["police"].get_absolute_url()).content.decode()
    for name in ("edit", "contact-add", "contact-confirm", "contact-edit", "contact-retire"):
        arguments = _contact(things) if name.startswith("contact-") and name != "contact-add" else _agency(things)
        assert f'"{reverse(f"agencies:{name}", args=arguments)}"' not in page
