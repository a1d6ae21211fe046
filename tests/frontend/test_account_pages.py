"""The pages of django-allauth wear our frame, pass axe and need no inline script."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from requests_app.people.models import Person
from tests.frontend.browser import open_page

pytestmark = pytest.mark.django_db
PHONE = {"width": 360, "height": 780}
PASSWORD = "a long enough password"
ENTRANCE = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_inactive",
]
OWN = [
    "account_logout",
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def heron(client: Client) -> Client:
    """A signed-in person who has just proved who they are."""
    person = Person(email="heron@example.org", handle="heron", legal_name="H", postal_address="1 Street", phone="1")
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": "heron@example.org", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def is_ours(html: str) -> bool:
    """Return whether a page has our frame, one h1 and only our fields."""
    fields = html.count('class="usa-input') + html.count("usa-checkbox__input") + html.count('type="hidden"')
    fields += html.count("usa-radio__input")
    return html.count("<h1") == 1 and 'class="dl-header"' in html and html.count("<input") == fields


@pytest.mark.parametrize("name", ENTRANCE)
def test_a_page_for_strangers_is_ours(client: Client, name: str):
    assert is_ours(client.get(reverse(name)).content.decode())


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_ones_own_account_is_ours(heron: Client, name: str):
    answer = heron.get(reverse(name))
    assert answer.status_code == 200
    assert is_ours(answer.content.decode())


def look(page: Page, html: str, passes_axe: Callable[[Page], None]) -> None:
    page.set_viewport_size(PHONE)
    open_page(page, html)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    passes_axe(page)


@pytest.mark.browser
def test_sign_in_with_a_wrong_password_says_so_in_the_summary(
    client: Client, loud_page: Page, passes_axe: Callable[[Page], None]
):
    answer = client.post(reverse("account_login"), {"login": "heron@example.org", "password": "wrong"})
    assert b"data-dl-error-summary" in answer.content
    look(loud_page, answer.content.decode(), passes_axe)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["mfa_index", "mfa_activate_totp"])
def test_the_second_factor_pages_pass_axe_on_a_phone(
    heron: Client, loud_page: Page, passes_axe: Callable[[Page], None], name: str
):
    look(loud_page, heron.get(reverse(name)).content.decode(), passes_axe)
