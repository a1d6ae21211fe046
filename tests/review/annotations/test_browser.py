"""Two reviewers mark the same page in real browsers: by mouse, by keyboard and by touch, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review.annotations import services
from requests_app.review.annotations.services import Said
from requests_app.review.models import Annotation, Label
from requests_app.review.targets import PageRegion, PageText
from tests.factories import NOON

pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("DAYLIGHT_PICTURES", "")  # a folder, to look at the pages


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


@pytest.fixture
def enter(live_server: Any, browser: Browser, dist: Any) -> Any:
    """Open a window in which somebody is signed in; its errors fail the test, but for those of a lost connection."""
    windows, complaints = [], []

    def opened(person: Person, **options: Any) -> Page:
        client = Client()
        client.force_login(person)
        window = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        window.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = window.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        windows.append(window)
        return page

    yield opened
    for window in windows:
        window.close()
    assert [words for words in complaints if "ERR_INTERNET_DISCONNECTED" not in words] == []


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def test_two_reviewers_mark_one_page(
    live_server: Any,
    enter: Callable[..., Page],
    report: Document,
    rita: Person,
    rob: Person,
    count_label: Label,
    passes_axe: Callable[[Page], None],
):
    address = live_server.url + reverse("documents:page", args=[report.pk, 1])
    ritas, robs = enter(rita), enter(rob)
    ritas.goto(address)
    robs.goto(address)
    cards = ritas.locator("[data-annotation]")
    expect(cards).to_have_count(0)

    # By keyboard: the sixth word and the seventh, labelled with one key.
    press(ritas, "a Home ArrowDown ArrowRight ArrowRight Shift+ArrowRight")
    expect(ritas.locator("[data-margin-chosen]")).to_have_text("Words: “1,204 queries”")
    look(ritas, "margin-chosen")
    ritas.keyboard.press("1")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("1,204 queries")
    made = Annotation.objects.get()
    assert (made.quote, made.label, made.author) == ("1,204 queries", count_label, rita)
    expect(ritas.locator(".dl-mark--blue")).to_have_count(1)

    # The other one sees it without doing anything, and writes back.
    expect(robs.locator("[data-annotation]")).to_have_count(1, timeout=12_000)
    robs.get_by_text("Reply", exact=True).click()
    robs.get_by_label(f"Your reply to annotation {made.pk}").fill("HSI stands in the next line.")
    robs.get_by_role("button", name="Send the reply").click()
    expect(robs.locator(".dl-annotation__replies")).to_contain_text("HSI stands in the next line.")

    # A box with the arrows, and a note; it survives a closed tab before it is kept.
    press(ritas, "b ArrowUp ArrowLeft Shift+ArrowRight Enter")
    note = ritas.get_by_label("Note", exact=True)
    expect(note).to_be_focused()
    ritas.keyboard.type("A box, @rob")
    ritas.reload()
    expect(note).to_have_value("A box, @rob")
    look(ritas, "margin-form")
    ritas.get_by_role("button", name="Keep it").click()
    expect(cards).to_have_count(2)
    expect(ritas.locator(".dl-annotation__replies")).to_contain_text("HSI stands")
    region = Annotation.objects.get(kind="region").where
    assert isinstance(region, PageRegion) and region.width == pytest.approx(0.31)

    # What cannot be sent is kept on the device and sent when the connection is back.
    ritas.context.set_offline(True)
    press(ritas, "m 1")
    expect(ritas.locator("[data-margin-said]")).to_contain_text("kept on this device")
    ritas.context.set_offline(False)
    expect(cards).to_have_count(3, timeout=12_000)

    # From one to the next, over pages.
    services.annotate(report, PageText(2, made.where.quote.__class__("No inquiry")), Said("far"), by=rob, now=NOON)
    ritas.reload()
    for _time in range(4):
        ritas.keyboard.press("]")
    expect(ritas.locator(".dl-annotation--current")).to_contain_text("far")
    expect(ritas).to_have_url(address.replace("/1/", "/2/"))
    passes_axe(ritas)
    look(ritas, "margin-second-page")

    ritas.goto(live_server.url + made.get_absolute_url())
    passes_axe(ritas)
    look(ritas, "annotation")


def test_words_and_boxes_are_marked_by_mouse_and_on_a_phone(
    live_server: Any, enter: Callable[..., Page], report: Document, rita: Person, count_label: Label
):
    address = live_server.url + reverse("documents:page", args=[report.pk, 1])
    desk = enter(rita)
    desk.goto(address)
    words = desk.locator("[data-reader-words] [data-word]")
    first, last = words.nth(6).bounding_box(), words.nth(7).bounding_box()
    assert first and last
    desk.mouse.move(first["x"] + 1, first["y"] + first["height"] / 2)
    desk.mouse.down()
    desk.mouse.move(last["x"] + last["width"] - 2, last["y"] + last["height"] / 2, steps=4)
    desk.mouse.up()
    desk.get_by_role("button", name="Count").click()
    expect(desk.locator("[data-annotation]")).to_have_count(1)
    assert Annotation.objects.get().quote == "1,204 queries"

    desk.get_by_role("button", name="Turn the page to the right").click()
    desk.get_by_role("button", name="Draw a box").click()
    frame = desk.locator("[data-reader-turn]").first.bounding_box()
    assert frame
    desk.mouse.move(frame["x"] + frame["width"] * 0.6, frame["y"] + frame["height"] * 0.1)
    desk.mouse.down()
    desk.mouse.move(frame["x"] + frame["width"] * 0.8, frame["y"] + frame["height"] * 0.3, steps=4)
    desk.mouse.up()
    desk.get_by_role("button", name="Count").click()
    expect(desk.locator("[data-annotation]")).to_have_count(2)
    box = Annotation.objects.get(kind="region").where
    assert isinstance(box, PageRegion)
    assert (box.left, box.top, box.width, box.height) == pytest.approx((0.1, 0.2, 0.2, 0.2), abs=0.01)

    phone = enter(rita, viewport={"width": 360, "height": 780}, has_touch=True)
    phone.goto(address)
    expect(phone.locator("[data-dl-margin]")).to_be_hidden()
    look(phone, "phone-closed")
    phone.get_by_role("button", name="Size and view").tap()
    phone.get_by_role("button", name="Annotations", exact=True).tap()
    expect(phone.locator("[data-annotation]")).to_have_count(2)
    look(phone, "phone-open")
    phone.get_by_role("button", name="Mark the page").tap()
    phone.get_by_role("button", name="Count").tap()
    expect(phone.locator("[data-annotation]")).to_have_count(3)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
