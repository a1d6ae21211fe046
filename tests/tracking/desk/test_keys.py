"""The keys of the desk in a real browser: they press what stands on the page, and keep quiet while somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from requests_app.filing.models import RecordsRequest
from requests_app.tracking.desk.models import DeskChoice
from tests.factories import NOON, PersonFactory, RecordsRequestFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rows(transactional_db: Any) -> Iterator[list[RecordsRequest]]:
    """Two requests that wait for their agencies, on Monday, March 2, 2026."""
    with time_machine.travel(NOON, tick=True):
        yield [RecordsRequestFactory(with_deadline=True) for _n in range(2)]


@pytest.fixture
def desk(browser: Browser, live_server: Any, rows: list[RecordsRequest]) -> Iterator[Page]:
    """The desk of a coordinator. The test fails when the browser complains."""
    client = Client()
    client.force_login(PersonFactory(handle="cora", roles=["coordinator"]))
    name = django_settings.SESSION_COOKIE_NAME
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(reverse("tracking:desk"))
    yield page
    context.close()
    assert complaints == []


def expect_focus_on(page: Page, reference: str) -> None:
    expect(page.locator(f"#row-{reference} [data-dl-open]")).to_be_focused()


def test_keys_move_open_choose_and_leave(desk: Page, rows: list[RecordsRequest]) -> None:
    first, second = (row.reference for row in rows)
    desk.keyboard.press("j")
    expect_focus_on(desk, first)
    desk.keyboard.press("j")
    desk.keyboard.press("j")  # there is no third row
    expect_focus_on(desk, second)
    desk.keyboard.press("k")
    expect_focus_on(desk, first)
    desk.keyboard.press("x")
    expect(desk.get_by_label(f"Choose {first}")).to_be_checked()
    expect(desk.locator("[data-dl-chosen]")).to_have_text("(1)")
    acts = {"r": "What happened?", "s": "Let it sleep", "a": "Who follows it?", "n": "Leave a note"}
    for key, opened in acts.items():
        desk.keyboard.press(key)
        expect(desk.get_by_role("heading", name=opened)).to_be_visible()
        desk.locator(f"#row-{first} [data-dl-cancel]").focus()
        desk.keyboard.press("Escape")
        expect(desk.get_by_role("heading", name=opened)).to_have_count(0)
        expect_focus_on(desk, first)
    desk.keyboard.press("?")
    expect(desk.get_by_text("leave the form")).to_be_visible()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/requests/{second}/")


def test_escape_leaves_the_form_when_nothing_has_the_focus(desk: Page, rows: list[RecordsRequest]) -> None:
    heading = desk.get_by_role("heading", name="Leave a note")
    desk.keyboard.press("j")
    desk.keyboard.press("n")
    expect(heading).to_be_visible()
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("Escape")
    expect(heading).to_have_count(0)
    expect_focus_on(desk, rows[0].reference)


def test_what_somebody_types_is_text_and_no_key(desk: Page, rows: list[RecordsRequest]) -> None:
    typed = "jk rlsanuw x / ?"
    desk.keyboard.press("/")
    box = desk.get_by_label("Reference or words")
    expect(box).to_be_focused()
    desk.keyboard.type(typed)
    expect(box).to_have_value(typed)

    desk.locator("[data-dl-open]").first.focus()
    desk.keyboard.press("n")
    note = desk.locator(f"#row-{rows[0].reference} textarea")
    expect(note).to_be_focused()
    desk.keyboard.type(typed)
    expect(note).to_have_value(typed)
    expect(desk.locator(".dl-desk-row--open")).to_have_count(1)
    expect(desk.locator("input.dl-tick:checked")).to_have_count(0)
    desk.keyboard.press("Escape")
    desk.locator("[data-dl-open]").first.focus()
    desk.keyboard.press("Control+a")  # the browser's own
    expect(desk.locator(".dl-desk-row--open")).to_have_count(0)


def test_who_turns_the_keys_off_has_none(desk: Page, rows: list[RecordsRequest]) -> None:
    desk.get_by_role("link", name="How it looks").click()
    desk.locator("label").filter(has_text="Single keys act on the desk").click()
    desk.get_by_role("button", name="Keep it so").click()
    expect(desk.get_by_role("heading", name="What needs you today")).to_be_visible()
    assert not DeskChoice.objects.get().keys
    expect(desk.get_by_text("Keys on this page")).to_have_count(0)
    desk.locator("[data-dl-open]").first.focus()
    for key in "jrsanx/?":
        desk.keyboard.press(key)
    expect_focus_on(desk, rows[0].reference)
    expect(desk.locator(".dl-desk-row--open")).to_have_count(0)
    expect(desk.locator("input.dl-tick:checked")).to_have_count(0)
    desk.get_by_role("link", name=f"Note {rows[0].reference}").click()  # the links stay
    expect(desk.get_by_role("heading", name="Leave a note")).to_be_visible()
