"""Another e-mail address: asked for, proved by a mailed link, told to the old one, and given to nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from requests_app.people import services
from requests_app.people.models import AddressMail, AuditEntry, Notice, Person, SignInLink
from requests_app.people.outbox import send_all_due
from requests_app.people.tokens import token_of
from tests.people.cast import NOW, PASSWORD, browser_of, make_person

pytestmark = pytest.mark.django_db

NEW = "alice@elsewhere.example"
PAGE = "/people/me/address/"


@pytest.fixture(autouse=True)
def on_a_monday() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def alice() -> Person:
    return make_person("alice", "volunteer", password=PASSWORD)


@pytest.fixture
def browser(alice: Person) -> Client:
    """Alice, who has just typed her password."""
    client = Client()
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def asked(person: Person, email: str = NEW) -> str:
    return reverse("people:confirm-address", args=[token_of(services.ask_new_address(person.pk, email, now=NOW).nonce)])


def email_of(person: Person) -> str:
    return Person.objects.get(pk=person.pk).email


def says(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- the way it should go ---------------------------------------------------------------------------------------------


def test_the_link_in_the_mail_changes_the_address_and_the_old_one_is_told(browser: Client, alice: Person) -> None:
    old = alice.email
    EmailAddress.objects.create(user=alice, email=old, verified=True, primary=True)
    page = browser.post(PAGE, {"email": NEW}, follow=True)
    assert "on its way to the new address" in says(page)
    assert email_of(alice) == old, "asking changes nothing"
    assert f"Changes to {NEW} when you open the link" in says(browser.get(reverse("people:me")))

    send_all_due(NOW)
    (sent,) = mail.outbox
    assert sent.to == [NEW]
    link = re.search(r"https?://[^/\s]+(/\S+)", str(sent.body))
    assert link is not None
    assert NEW in says(browser.get(link[1]))
    assert email_of(alice) == old, "a mail program that looks at the link changes nothing"
    page = browser.post(link[1], follow=True)
    assert "Your e-mail address is changed" in says(page)
    assert email_of(alice) == NEW

    mail.outbox.clear()
    send_all_due(NOW)
    (told,) = mail.outbox
    assert told.to == [old]
    assert "If not, tell an administrator at once" in str(told.body)
    assert NEW not in str(told.body)
    assert not EmailAddress.objects.filter(user=alice).exists(), "what allauth noted would still sign the old one in"
    kinds = AuditEntry.objects.filter(subject=f"person:{alice.pk}").values_list("action", flat=True)
    assert sorted(kinds) == ["address_asked", "address_changed"]
    assert "example" not in str(list(AuditEntry.objects.values_list("facts", flat=True)))


def test_one_signs_in_with_the_new_address_and_no_longer_with_the_old(browser: Client, alice: Person) -> None:
    old = alice.email
    browser.post(asked(alice))
    assert browser.get(reverse("people:me")).status_code == 200, "the present session goes on"
    assert Client().post(reverse("account_login"), {"login": NEW, "password": PASSWORD}).status_code == 302
    assert Client().post(reverse("account_login"), {"login": old, "password": PASSWORD}).status_code == 200


def test_a_mailed_link_for_the_password_dies_with_the_old_address(browser: Client, alice: Person) -> None:
    Client().post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))
    assert link is not None
    browser.post(asked(alice))
    assert "password1" not in says(Client().get(link[1], follow=True))


# --- who it is --------------------------------------------------------------------------------------------------------


def test_an_unlocked_screen_is_not_enough(alice: Person) -> None:
    client = browser_of(alice)
    assert client.get(PAGE).status_code == 200
    answer = client.post(PAGE, {"email": NEW})
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={PAGE.replace('/', '%2F')}"
    assert not SignInLink.objects.exists()
    wrong = client.post(answer["Location"], {"password": "a guess of mine"})
    assert wrong.status_code == 200
    assert not SignInLink.objects.exists()
    right = client.post(answer["Location"], {"password": PASSWORD, "next": PAGE}, follow=True)
    assert "on its way to the new address" in says(right), "what was typed is not lost"
    assert SignInLink.objects.get().email == NEW


def test_the_reader_of_a_mistyped_mailbox_gets_nothing(alice: Person) -> None:
    where = asked(alice, "alcie@elsewhere.example")
    stranger = Client()
    for answer in (stranger.get(where), stranger.post(where)):
        assert answer["Location"] == f"{reverse('account_login')}?next={where}"
    other = browser_of(make_person("charlie", "administrator"))
    for answer in (other.get(where), other.post(where)):
        assert answer.status_code == 410
        assert "alcie" not in says(answer)
    assert email_of(alice) == "alice@people.example"
    with pytest.raises(services.LinkClosed):
        services.use_new_address(where.split("/")[-2], by=make_person("mallory"), now=NOW)
    assert browser_of(alice).get(where).status_code == 200, "and the link still works for its owner"


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("", "This field is required", id="empty"),
        pytest.param("not an address", "Enter a valid email address", id="no address"),
        pytest.param("Alice@People.example", "This is your address already", id="one's own, in other letters"),
        pytest.param("CHARLIE@people.example", "Somebody else’s account has this e-mail address", id="another's"),
        pytest.param("a@b.example\nBcc: c@d.example", "Enter a valid email address", id="a second header"),
        pytest.param(f"{'a' * 250}@b.example", "at most 254 characters", id="longer than a mailbox can be"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(browser: Client, alice: Person, typed: str, said: str) -> None:
    make_person("charlie")
    answer = browser.post(PAGE, {"email": typed})
    assert answer.status_code == 200
    assert said in says(answer)
    assert not SignInLink.objects.exists()
    assert not AddressMail.objects.exists()


def test_somebody_else_got_the_address_meanwhile(browser: Client, alice: Person) -> None:
    where = asked(alice)
    Person.objects.create(email=NEW.upper(), handle="faster")
    answer = browser.post(where, follow=True)
    assert "Somebody else’s account has this e-mail address. Yours was not changed." in says(answer)
    assert email_of(alice) == "alice@people.example"
    assert not Notice.objects.exists()


def test_a_link_works_once_and_for_a_day(browser: Client, alice: Person, on_a_monday: Any) -> None:
    late = asked(alice)
    on_a_monday.move_to(NOW + services.NEW_ADDRESS_LASTS)
    # The session was proved a day ago; only the link matters here.
    assert browser_of(alice).post(late).status_code == 410
    on_a_monday.move_to(NOW)
    where = asked(alice)
    assert browser_of(alice).post(where).status_code == 302
    assert browser_of(alice).post(where).status_code == 410
    assert AuditEntry.objects.filter(action="address_changed").count() == 1


def test_only_the_newest_link_works_and_its_elder_mail_stays_here(browser: Client, alice: Person) -> None:
    first = asked(alice, "first@elsewhere.example")
    second = asked(alice)
    assert browser.post(first).status_code == 410
    send_all_due(NOW)
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert browser.post(second).status_code == 302


def test_one_can_keep_the_present_address(browser: Client, alice: Person) -> None:
    where = asked(alice)
    assert "Keep my present address" in says(browser.get(PAGE))
    answer = browser.post(reverse("people:withdraw-address"), follow=True)
    assert "Your address stays as it is" in says(answer)
    assert "Keep my present address" not in says(answer)
    assert browser.post(where).status_code == 410
    assert "No link was open" in says(browser.post(reverse("people:withdraw-address"), follow=True))
    assert send_all_due(NOW) == 0


def test_nobody_floods_a_strangers_mailbox(browser: Client, alice: Person) -> None:
    for number in range(services.NEW_ADDRESSES_A_DAY):
        asked(alice, f"victim{number}@elsewhere.example")
    assert "no further one was sent" in says(browser.post(PAGE, {"email": NEW}))
    services.ask_new_address(alice.pk, NEW, now=NOW + timedelta(days=1))


def test_a_closed_account_changes_nothing(alice: Person) -> None:
    ada = make_person("ada", "administrator")
    token = token_of(services.ask_new_address(alice.pk, NEW, now=NOW).nonce)
    services.close_account(alice.pk, by=ada, now=NOW)
    with pytest.raises(services.LinkClosed):
        services.use_new_address(token, by=alice, now=NOW)
    assert send_all_due(NOW) == 0, "the mail is taken back with the account"


@pytest.mark.parametrize("purpose", [SignInLink.Purpose.INVITATION, SignInLink.Purpose.RECOVERY])
def test_such_a_link_opens_no_other_door(alice: Person, purpose: SignInLink.Purpose) -> None:
    token = token_of(services.ask_new_address(alice.pk, NEW, now=NOW).nonce)
    assert services.open_link(token, purpose, NOW) is None
