"""Signing in with django-allauth: what is reachable, what is closed, and the second factor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from requests_app.people import sign_in_urls
from requests_app.people.middleware import WITHOUT_SECOND_FACTOR
from requests_app.people.models import Notice, Person
from tests.people.cast import PASSWORD, browser_of, make_person

pytestmark = pytest.mark.django_db

FOR_STRANGERS = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
FOR_THE_SIGNED_IN = {
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
}


def patterns(found: list[Any]) -> list[URLPattern]:
    flat: list[URLPattern] = []
    for one in found:
        flat += patterns(one.url_patterns) if isinstance(one, URLResolver) else [one]
    return flat


ADDRESSES = patterns(sign_in_urls.urlpatterns)
ARGUMENTS = {
    "account_reset_password_from_key": ["1", "set-password"],
    "mfa_remove_webauthn": [1],
    "mfa_edit_webauthn": [1],
}


@pytest.fixture
def alice() -> Person:
    return make_person("alice", "volunteer", password=PASSWORD)


def sign_in(client: Client, person: Person, password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": person.email, "password": password})


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def test_exactly_the_wanted_pages_of_allauth_are_reachable() -> None:
    assert {pattern.name for pattern in ADDRESSES} == FOR_STRANGERS | FOR_THE_SIGNED_IN


@pytest.mark.parametrize("name", sorted(FOR_STRANGERS | FOR_THE_SIGNED_IN))
def test_a_stranger_reaches_only_the_pages_for_strangers(name: str) -> None:
    response = Client().get(reverse(name, args=ARGUMENTS.get(name, [])))
    to_sign_in = response.status_code == 302 and response["Location"].startswith(f"{reverse('account_login')}?next=")
    assert to_sign_in is (name in FOR_THE_SIGNED_IN)


@pytest.mark.parametrize("name", ["account_email", "account_confirm_email", "account_request_login_code"])
def test_other_ways_in_do_not_exist(name: str) -> None:
    from django.urls import NoReverseMatch

    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_sign_up_is_closed() -> None:
    page = Client().get(reverse("account_signup"))
    assert "Accounts come by invitation" in page.content.decode()
    Client().post(
        reverse("account_signup"), {"email": "x@people.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert Person.objects.count() == 0


def test_one_signs_in_by_e_mail_in_any_case(alice: Person) -> None:
    client = Client()
    response = client.post(reverse("account_login"), {"login": "ALICE@people.example", "password": PASSWORD})
    assert response.status_code == 302
    assert client.get(reverse("people:me")).status_code == 200


def test_a_wrong_password_and_an_unknown_address_look_the_same(alice: Person) -> None:
    wrong = sign_in(Client(), alice, "not the password")
    unknown = Client().post(reverse("account_login"), {"login": "nobody@people.example", "password": PASSWORD})
    said = [re.sub(r"\s+", " ", " ".join(r.context["form"].non_field_errors())) for r in (wrong, unknown)]
    assert said[0] == said[1] != ""


def test_a_closed_account_cannot_sign_in_and_loses_its_session(alice: Person) -> None:
    client = Client()
    sign_in(client, alice)
    Person.objects.update(is_active=False)
    assert client.get(reverse("people:me")).status_code == 302
    assert sign_in(Client(), alice)["Location"] == reverse("account_inactive")


def test_guessing_is_slowed_down(alice: Person, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/key"}
    client = Client()
    for _ in range(3):
        sign_in(client, alice, "not the password")
    assert "Too many" in sign_in(client, alice).content.decode()


# --- forgotten passwords ----------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_set_anew_by_mail(alice: Person) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": alice.email})
    (sent,) = mail.outbox
    link = re.search(r"https?://\S+", str(sent.body))
    assert link is not None
    page = client.get(link[0], follow=True)
    form_path = page.redirect_chain[-1][0]
    new = "four other plain words"
    client.post(form_path, {"password1": new, "password2": new})
    assert sign_in(Client(), alice, new).status_code == 302


def test_a_stranger_gets_the_same_answer_and_no_mail(alice: Person) -> None:
    known = Client().post(reverse("account_reset_password"), {"email": alice.email})
    unknown = Client().post(reverse("account_reset_password"), {"email": "nobody@people.example"})
    assert known["Location"] == unknown["Location"]
    assert [message.to for message in mail.outbox] == [[alice.email]]


def test_a_mail_server_that_is_down_is_said_plainly(alice: Person, dead_mail_server: None) -> None:
    response = Client().post(reverse("account_reset_password"), {"email": alice.email})
    assert response.status_code == 503
    assert "The mail was not sent" in response.content.decode()


def test_a_changed_password_is_told_to_its_owner_and_ends_the_session(alice: Person) -> None:
    client = Client()
    sign_in(client, alice)
    new = "four other plain words"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get(reverse("people:me")).status_code == 302
    assert Notice.objects.get(recipient=alice).subject == "Your password was changed."


# --- an account without a password ------------------------------------------------------------------------------------


def test_who_has_no_password_is_led_to_set_one() -> None:
    passkey_only = make_person("kay", "volunteer")
    client = browser_of(passkey_only)
    page = client.get(reverse("account_change_password"), follow=True)
    assert page.redirect_chain == [(reverse("account_set_password"), 302)]
    assert "Choose a password" in page.content.decode()
    weak = client.post(reverse("account_set_password"), {"password1": "short", "password2": "short"})
    assert "too short" in weak.content.decode()
    differing = client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": f"{PASSWORD}!"})
    assert "same password" in differing.content.decode()
    assert not Person.objects.get(pk=passkey_only.pk).has_usable_password()

    done = client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert done.status_code == 200
    assert Person.objects.get(pk=passkey_only.pk).check_password(PASSWORD)
    assert Notice.objects.get(recipient=passkey_only).subject == "A password was set for your account."
    again = Client()
    again.post(reverse("account_login"), {"login": passkey_only.email, "password": PASSWORD})
    assert again.get(reverse("people:me")).status_code == 200


def test_who_has_a_password_must_name_it_to_change_it(alice: Person) -> None:
    client = Client()
    sign_in(client, alice)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.get(reverse("account_set_password"))
    assert answer["Location"] == reverse("account_change_password")


# --- the second factor ------------------------------------------------------------------------------------------------


def set_up_totp(client: Client) -> str:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    response = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert response.status_code == 302
    return str(secret)


def test_an_authenticator_app_guards_the_next_sign_in(alice: Person, django_capture_on_commit_callbacks: Any) -> None:
    client = Client()
    sign_in(client, alice)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_totp(client)
    stored = Authenticator.objects.get(user=alice, type="totp").data
    assert secret not in str(stored)
    assert Notice.objects.filter(recipient=alice, subject__contains="authenticator app").exists()

    fresh = Client()
    assert sign_in(fresh, alice)["Location"] == reverse("mfa_authenticate")
    assert fresh.get(reverse("people:me")).status_code == 302
    fresh.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert fresh.get(reverse("people:me")).status_code == 302
    code = TOTP(Authenticator.objects.get(user=alice, type="totp"))
    assert code.validate_code(code_for(secret)) is True


def test_a_recovery_code_works_once(alice: Person) -> None:
    client = Client()
    sign_in(client, alice)
    set_up_totp(client)
    codes = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    for expected in (200, 302):
        fresh = Client()
        sign_in(fresh, alice)
        fresh.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert fresh.get(reverse("people:me")).status_code == expected


def test_without_a_second_factor_everything_leads_to_its_set_up(alice: Person, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = browser_of(alice)
    for name in ("people:me", "people:welcome", "agencies:list", "admin:index"):
        assert client.get(reverse(name))["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get("/healthz").status_code == 200
    htmx = client.get(reverse("people:notices"), headers={"HX-Request": "true"})
    assert htmx["HX-Redirect"] == reverse("mfa_index")


def test_with_a_second_factor_or_without_the_rule_nothing_is_in_the_way(alice: Person, settings: Any) -> None:
    assert browser_of(alice).get(reverse("people:me")).status_code == 200
    settings.SECOND_FACTOR_REQUIRED = True
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert browser_of(alice).get(reverse("people:me")).status_code == 200


def test_one_can_sign_out_without_a_second_factor(alice: Person, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = browser_of(alice)
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_the_set_up_pages_exist_and_no_page_that_removes_a_factor_is_among_them() -> None:
    known = {pattern.name for pattern in ADDRESSES} | {"healthz", "readyz"}
    assert known >= WITHOUT_SECOND_FACTOR
    assert not WITHOUT_SECOND_FACTOR & {"mfa_deactivate_totp", "mfa_remove_webauthn", "account_change_password"}


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password", "account_inactive"])
def test_pages_for_strangers_speak_our_words(name: str) -> None:
    page = Client().get(reverse(name)).content.decode()
    assert "Daylight" in page
    assert 'style="' not in page  # the content policy would drop it
    assert "onclick" not in page
