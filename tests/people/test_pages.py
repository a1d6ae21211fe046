"""The pages of the room as people meet them: joining, settings, notices, commands."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.people import services
from requests_app.people.context import shell
from requests_app.people.models import Notice, Person
from tests.people.cast import NOW, PASSWORD, browser_of, make_person

pytestmark = pytest.mark.django_db

FORM = {
    "handle": "newcomer",
    "password": PASSWORD,
    "password_again": PASSWORD,
    "home_state": "MD",
    "time_zone": "America/Chicago",
}


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def path_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found is not None
    return found[1]


def test_the_first_administrator_comes_in_by_the_printed_link() -> None:
    path = path_in(run("first_administrator"))
    assert path_in(run("first_administrator")) == path
    client = Client()
    assert client.get(path).status_code == 200
    response = client.post(path, {**FORM, "email": "first@people.example"})
    assert response["Location"] == reverse("people:welcome")
    assert client.get(reverse("people:list")).status_code == 200
    assert "an administrator already" in run("first_administrator")
    assert Client().get(path).status_code == 410


def test_a_first_link_for_an_address_asks_for_no_address() -> None:
    path = path_in(run("first_administrator", "--email", "boss@people.example"))
    page = Client().get(path).content.decode()
    assert "boss@people.example" in page
    Client().post(path, {**FORM, "email": "somebody-else@people.example"})
    assert Person.objects.get().email == "boss@people.example"


def test_a_link_from_the_shell_brings_a_person_back() -> None:
    alice = make_person("alice", "volunteer")
    path = path_in(run("sign_in_link", "ALICE@people.example"))
    client = Client()
    client.post(path, {"password": PASSWORD, "password_again": PASSWORD})
    assert client.get(reverse("people:me")).status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_link_from_the_shell_keeps_the_second_factor_in_place() -> None:
    from allauth.mfa.models import Authenticator

    alice = make_person("alice", "volunteer")
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = Client()
    path = path_in(run("sign_in_link", alice.email))
    response = client.post(path, {"password": PASSWORD, "password_again": PASSWORD})
    assert response["Location"] == reverse("account_login")
    assert client.get(reverse("people:me")).status_code == 302


@pytest.mark.parametrize(("active", "said"), [(None, "Nobody here"), (False, "is closed")])
def test_the_shell_says_plainly_whom_it_cannot_help(active: bool | None, said: str) -> None:
    if active is not None:
        make_person("alice", is_active=active)
    with pytest.raises(CommandError, match=said):
        run("sign_in_link", "alice@people.example")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"password_again": "something else here"}, "password_again", id="passwords-differ"),
        pytest.param({"password": "short", "password_again": "short"}, "password", id="short-password"),
        pytest.param({"handle": "ada"}, "handle", id="handle-taken"),
        pytest.param({"handle": "a b"}, "handle", id="handle-with-a-blank"),
        pytest.param({"time_zone": "Mars/Olympus"}, "time_zone", id="no-such-zone"),
        pytest.param({"home_state": "ZZ"}, "home_state", id="no-such-state"),
    ],
)
def test_a_mistake_while_joining_is_said_at_its_field(changes: dict[str, str], field: str) -> None:
    ada = make_person("ada", "administrator")
    link = services.invite(email="new@people.example", roles=["volunteer"], by=ada, now=timezone.now())
    from requests_app.people.mail import link_url

    response = Client().post(path_in(link_url(link)), {**FORM, **changes})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert Person.objects.count() == 1


def test_one_changes_ones_own_settings() -> None:
    alice = make_person("alice", "volunteer", home_state="MD")
    facts = {"handle": "alice2", "home_state": "DE", "time_zone": "Pacific/Honolulu", "legal_name": " Alice   Liddell "}
    response = browser_of(alice).post(reverse("people:me"), {**facts, "postal_address": "1 Road\r\n\r\nDover, DE"})
    assert response.status_code == 302
    alice = Person.objects.get(pk=alice.pk)
    assert (alice.handle, alice.home_state, alice.legal_name) == ("alice2", "DE", "Alice Liddell")
    assert alice.postal_address == "1 Road\nDover, DE"
    page = browser_of(alice).get(reverse("people:me")).content.decode()
    assert "Alice Liddell" in page


def test_the_hours_on_a_page_are_the_readers_own() -> None:
    alice = make_person("alice", time_zone="Pacific/Honolulu")
    services.queue_notice(alice, "k", "S", "T", "W.", now=NOW)  # 17:00 UTC
    assert "7 a.m." in browser_of(alice).get(reverse("people:notices")).content.decode().replace(":00", "")


def test_a_handle_is_shown_and_never_obeyed_as_markup() -> None:
    alice = make_person("alice", "administrator")
    services.queue_notice(alice, "k", "<b>bold</b>", "<script>alert(1)</script>", "W.", now=NOW)
    page = browser_of(alice).get(reverse("people:notices")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;bold" in page


def test_all_notices_can_be_read_at_once() -> None:
    alice = make_person("alice")
    for number in range(3):
        services.queue_notice(alice, f"k{number}", "S", "T", "W.", now=NOW)
    client = browser_of(alice)
    assert client.get(reverse("people:notices")).context["unread_notices"] == 3
    client.post(reverse("people:notices-read"))
    assert client.get(reverse("people:notices")).context["unread_notices"] == 0


def test_old_notices_are_found_by_paging() -> None:
    alice = make_person("alice")
    services.queue_notices(
        [services.NoticeDraft(alice.pk, f"k{n}", f"Subject {n}", "T", "W.") for n in range(120)],
        send_after=NOW,
        now=NOW,
    )
    client = browser_of(alice)
    seen: list[str] = []
    path = reverse("people:notices")
    while path:
        context = client.get(path).context
        seen += [notice.subject for notice in context["notices"]]
        path = context["next_url"]
    assert sorted(seen) == sorted(f"Subject {n}" for n in range(120))
    assert client.get(f"{reverse('people:notices')}?before=nonsense").status_code == 200


@pytest.mark.parametrize("rows", [1, 12])
def test_the_lists_cost_the_same_for_few_and_many(rows: int, django_assert_num_queries: Any) -> None:
    ada = make_person("ada", "administrator")
    for number in range(rows):
        make_person(f"p{number}", "volunteer", "reviewer")
        services.invite(email=f"i{number}@people.example", roles=["volunteer"], by=ada, now=timezone.now())
        services.queue_notice(ada, f"k{number}", "S", "T", "W.", "/people/me/", now=NOW)
    client = browser_of(ada)
    for name, queries in (("people:list", 6), ("people:notices", 4)):
        client.get(reverse(name))
        with django_assert_num_queries(queries):
            client.get(reverse(name))


@pytest.mark.parametrize(
    ("roles", "keys"),
    [
        pytest.param(("volunteer",), {"file"}, id="volunteer"),
        pytest.param(("coordinator",), {"track"}, id="coordinator"),
        pytest.param(("reviewer",), {"review"}, id="reviewer"),
        pytest.param(("administrator",), {"track", "review"}, id="administrator"),
        pytest.param((), set(), id="nobody"),
    ],
)
def test_each_role_finds_its_doors(
    roles: tuple[str, ...], keys: set[str], rf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_app.people import context

    monkeypatch.setattr(context, "reverse", lambda name: f"/{name}/")
    request = rf.get("/")
    request.user, request.resolver_match = make_person("p", *roles), None
    assert {door["key"] for door in shell(request)["doors"]} == keys


def test_a_stranger_has_no_door_and_no_notice(rf: Any) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/")
    request.user = AnonymousUser()
    assert shell(request) == {"doors": [], "roles": frozenset(), "unread_notices": 0, "demo": False}


def test_a_second_click_while_joining_finds_the_link_used() -> None:
    path = path_in(run("first_administrator"))
    client = Client()
    client.post(path, {**FORM, "email": "first@people.example"})
    assert client.post(path, {**FORM, "email": "second@people.example"}).status_code == 410
    assert Person.objects.count() == 1


def test_roles_and_accounts_are_managed_on_the_persons_page() -> None:
    ada, vic = make_person("ada", "administrator"), make_person("vic", "volunteer")
    client = browser_of(ada)
    client.post(reverse("people:grant", args=[vic.pk, "reviewer"]))
    client.post(reverse("people:revoke", args=[vic.pk, "volunteer"]))
    assert Person.objects.get(pk=vic.pk).roles == {"reviewer"}
    client.post(reverse("people:close", args=[vic.pk]))
    assert not Person.objects.get(pk=vic.pk).is_active
    client.post(reverse("people:reopen", args=[vic.pk]))
    assert Person.objects.get(pk=vic.pk).is_active
    page = client.get(reverse("people:person", args=[vic.pk])).content.decode()
    assert "Got the role Reviewer." in page
    refused = client.post(reverse("people:revoke", args=[ada.pk, "administrator"]), follow=True)
    assert "last administrator" in refused.content.decode()
    assert client.post(f"/people/{vic.pk}/give/emperor/").status_code == 404


def test_a_notice_that_could_not_be_mailed_says_so() -> None:
    alice = make_person("alice")
    services.queue_notice(alice, "k", "S", "T", "W.", now=NOW)
    Notice.objects.update(state="failed", failure="550")
    assert "could not be mailed" in browser_of(alice).get(reverse("people:notices")).content.decode()
