"""The public pages in a real browser: axe, width, and the calculator with and without a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from requests_app.agencies import services as agencies
from tests.frontend.browser import HOST, open_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.same_everywhere,
    pytest.mark.django_db,
    pytest.mark.usefixtures("today", "dist"),
]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
ANSWER = "/law/calculator/?state=ID&receipt=received&on=2026-03-02"


def show(page: Page, address: str) -> None:
    """Open an address of the site, as Django answers it, and let forms and links lead on."""
    visitor = Client()

    def reply(route: Route) -> None:
        answer = visitor.get(route.request.url.removeprefix(HOST).split("#")[0])
        route.fulfill(status=answer.status_code, body=answer.content, content_type="text/html; charset=utf-8")

    path = address.split("?")[0]
    html = visitor.get(address).content.decode()
    open_page(page, html, answers={path: reply})
    page.goto(f"{HOST}{address}")


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_every_public_page_passes_axe_and_fits_its_window(
    page: Page, passes_axe: Callable[[Page], None], size: dict[str, int]
):
    agencies.seed(timezone.now())
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.set_viewport_size(size)  # type: ignore[arg-type]
    for address in (
        "/",
        "/law/",
        "/law/md/",
        "/law/compare/",
        "/law/calculator/",
        ANSWER,
        "/law/calculator/?state=XX&on=2026-02-31",
        "/states/wa/",
    ):
        show(page, address)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        passes_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        assert page.locator("h1").count() == 1, address
    assert complaints == []


def test_on_a_desk_the_answer_is_the_wide_column(page: Page):
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    show(page, ANSWER)
    form, answer = page.locator("form.dl-form").bounding_box(), page.locator(".dl-answer").bounding_box()
    assert form and answer
    assert answer["x"] > form["x"] + form["width"]
    assert answer["width"] > 1.5 * form["width"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_on_a_phone_the_form_comes_first_and_after_asking_the_answer_is_seen_first(browser: Browser, script: bool):
    context = browser.new_context(java_script_enabled=script, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    show(page, "/law/calculator/?state=MD")
    if not script:  # with the script the list becomes a box to type in; the state stands in it either way
        expect(page.locator("#id_state")).to_have_value("MD")
    page.locator("#id_on").fill("2026-03-02")
    page.get_by_role("button", name="Show the dates").click()
    heading = page.get_by_role("heading", name="Dates in Maryland")
    expect(heading).to_be_in_viewport()
    box = heading.bounding_box()
    assert box and box["y"] < 200
    expect(page.get_by_text("Monday, March 16, 2026").first).to_be_attached()
    assert page.url.endswith("#answer")
    context.close()


def test_the_front_page_leads_to_a_state_by_its_map_and_by_its_box(page: Page, dist: Path):
    show(page, "/")
    expect(page.get_by_role("link", name="Maryland: not a state")).to_have_attribute("href", "/states/md/")
    assert dict[str, Any](
        page.locator("form.dl-pick").evaluate("f => ({method: f.method, field: f.elements[0].name})")
    ) == {
        "method": "get",
        "field": "state",
    }
