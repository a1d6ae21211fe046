"""Joining and signing in with a passkey, in a real browser, under the real content policy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from requests_app.people import services
from requests_app.people.mail import link_url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def finger(page: Page) -> None:
    """A device that can hold passkeys, and a finger that is always the right one."""
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**device, "isUserVerified": True}})


@pytest.fixture
def check(page: Page, passes_axe: Callable[[Page], None]) -> Callable[[], None]:
    """Check the page as it stands: no axe rule broken, not too wide, and no complaint of the browser so far."""
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)

    def look() -> None:
        passes_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert trouble == []

    return look


def test_a_newcomer_joins_sets_up_a_passkey_and_comes_back_with_it(
    page: Page, live_server: Any, settings: Any, finger: None, check: Callable[[], None]
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    settings.SITE_URL = live_server.url
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    page.set_viewport_size({"width": 360, "height": 800})
    link = services.first_administrator_link(email="ada@people.example", now=timezone.now())
    assert link is not None

    page.goto(link_url(link))
    check()
    page.get_by_label("Handle").fill("ada")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("The same password again").fill("correct horse battery")
    page.get_by_role("button", name="Open the account").click()

    # Welcome is not open yet: first the second factor.
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second factor")
    check()
    page.get_by_role("link", name="Add a passkey").click()
    check()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    check()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("1 passkey")).to_be_visible()
    check()
    page.get_by_role("button", name="Sign out").click()

    page.goto(f"{live_server.url}/account/sign-in/")
    check()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/people/welcome/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, ada")
    check()
