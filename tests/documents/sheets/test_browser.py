"""A sheet of 3,000 rows in a real browser: it scrolls, is walked by keyboard, finds, and reads well on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from requests_app.documents.models import Document
from tests.documents.sheets.conftest import Bring
from tests.documents.sheets.test_step import workbook

pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("DAYLIGHT_PICTURES", "")  # a folder, to look at the pages


@pytest.fixture
def quiet_page(page: Page, dist: Path) -> Iterator[Page]:
    """A page that fails its test when the browser complains."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def document(bring: Bring, live_server: Any, context: Any) -> Document:
    document = bring(workbook(3000), "counts.xlsx")
    client = Client()
    client.force_login(document.request.filer)
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    return document


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def active(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_sheet_is_scrolled_walked_and_searched(
    live_server: Any, quiet_page: Page, document: Document, passes_axe: Callable[[Page], None]
):
    page = quiet_page
    page.set_viewport_size({"width": 1280, "height": 900})
    here = live_server.url + reverse("documents:sheet", args=[document.pk, 1])
    page.goto(here)
    box = page.locator("[data-dl-sheet]")
    expect(page.locator("#A2")).to_be_visible()
    picture(page, "sheet-1280")
    passes_axe(page)

    # It scrolls over all rows, and keeps only those near by.
    box.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    expect(page.locator("#A3000")).to_be_visible()
    assert page.locator("tbody tr[data-row]").count() <= 1000
    box.evaluate("box => { box.scrollTop = 0; }")
    expect(page.locator("#A2")).to_be_visible()

    # It is walked by keyboard, past what was fetched.
    page.locator("#B2").click()
    expect(page.locator("[data-dl-cell-name]")).to_have_text("B2")
    expect(page.locator("[data-dl-cell-comment]")).to_contain_text("Counted twice")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-dl-cell-formula]")).to_contain_text("=B2*2")
    page.keyboard.press("Home")
    assert active(page) == "A2"
    page.keyboard.press("Control+End")
    expect(page.locator("#C3000")).to_be_focused()
    page.keyboard.press("PageUp")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#A2")).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-dl-cell-name]")).to_have_text("A2:B3")
    expect(page.locator("td.is-chosen")).to_have_count(4)

    # Words are found, and lead to their cell.
    page.get_by_label("Find", exact=True).fill("Agency 2750")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="1 place of")).to_be_visible()
    picture(page, "sheet-found-1280")
    page.get_by_role("link", name="A2751").click()
    expect(page.locator("#A2751")).to_be_focused()

    # A cell in the address is gone to, in the order that was chosen, too.
    page.goto(here + "?sort=-B#A9")
    expect(page.locator("#A9")).to_be_focused()
    page.get_by_label("Go to a cell").fill("B1500")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#B1500")).to_be_focused()

    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(here)
    expect(page.locator("#A2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "sheet-360")
    passes_axe(page)


def test_without_a_script_it_is_read_page_by_page(live_server: Any, browser: Any, document: Document, context: Any):
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(live_server.url + reverse("documents:sheet", args=[document.pk, 1]))
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#A102")).to_be_visible()
    page.goto(live_server.url + reverse("documents:sheet", args=[document.pk, 1]) + "?cell=B2")
    expect(page.get_by_text("Counted twice").first).to_be_visible()
    plain.close()
