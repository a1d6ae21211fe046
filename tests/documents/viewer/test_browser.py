"""Reading in a real browser: by keyboard from end to end, on a phone, and without any script."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from requests_app.documents.models import Document
from requests_app.documents.viewer import views
from requests_app.people.models import Person
from requests_app.review import services as review
from tests.documents.viewer.paper import TALL, WIDE, a_document, words_of
from tests.factories import NOON, PersonFactory, RecordsRequestFactory

pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("DAYLIGHT_PICTURES", "")  # a folder, to look at the pages
COVER = ["Answer of the State Police", "to the request of March 2"]
COUNTS = ["Inquiries by agency, May 2025", "ICE asked 1,204 times and CBP", "asked 88 times, the State Police said."]


@pytest.fixture
def rita(transactional_db: Any) -> Person:
    return PersonFactory(handle="rita", roles=["reviewer", "coordinator"])


@pytest.fixture
def document(rita: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Document:
    """Forty pages, the first three with Roman numbers; blank pictures, since how they are drawn is tested elsewhere."""
    blank = tmp_path / "blank.webp"
    Image.new("RGB", (WIDE, TALL), "white").save(blank)
    monkeypatch.setattr(views, "page_picture", lambda blob, number, *, width: blank)
    pages = [COVER, COUNTS, *([f"Page {number}", "of the annex"] for number in range(3, 41))]
    labels = ["i", "ii", "iii", *map(str, range(1, 38))]
    letter = RecordsRequestFactory(filer=rita, with_deadline=True)
    kept = a_document(letter, pages, name="Answer of the State Police, May 2025.pdf", labels=labels)
    review.write_note(kept, page=2, text="1,204 is the figure for Table 3.", by=rita, now=NOON)
    return kept


def cookie_of(person: Person, where: str) -> Any:
    client = Client()
    client.force_login(person)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": where}


@pytest.fixture
def loud_page(page: Page, dist: Path, live_server: Any, rita: Person) -> Iterator[Page]:
    """Rita's page, which fails its test when the browser complains."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.context.add_cookies([cookie_of(rita, live_server.url)])
    page.set_viewport_size({"width": 1280, "height": 900})
    yield page
    assert complaints == []


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


def boxes_on_screen(page: Page) -> list[list[float]]:
    """Return the boxes of what was found, in points of the page, measured on the screen against its picture."""
    found: list[list[float]] = page.evaluate(
        """(wide) => {
            const page = document.querySelector("[data-reader-picture]").getBoundingClientRect();
            const scale = wide / page.width;
            return [...document.querySelectorAll("[data-reader-sheet]:not([hidden]) rect")].map((box) => {
                const at = box.getBoundingClientRect();
                return [at.left - page.left, at.top - page.top, at.right - page.left, at.bottom - page.top]
                    .map((pixels) => pixels * scale);
            });
        }""",
        WIDE,
    )
    return found


def test_a_document_is_read_by_keyboard_from_end_to_end(
    live_server: Any, loud_page: Page, document: Document, passes_axe: Callable[[Page], None]
):
    page = loud_page
    base = live_server.url + reverse("documents:page", args=[document.pk, 1])
    page.goto(base)
    stage, number = page.locator("[data-reader-stage]"), page.locator("[data-reader-number]")
    expect(stage).to_have_accessible_name("Page i (1 of 40)")
    look(page, "reader")

    # Turning pages: the address follows, nothing is loaded anew, and the way back leads to where one jumped from.
    page.evaluate("window.isTheSame = true")
    page.keyboard.press("ArrowRight")
    expect(number).to_have_value("ii")
    expect(page).to_have_url(base.replace("/1/", "/2/"))
    expect(page.get_by_text("1,204 is the figure for Table 3.")).to_be_visible()
    page.keyboard.press("End")
    expect(page).to_have_url(base.replace("/1/", "/40/"))
    expect(page.locator("[data-reader-next]")).to_have_attribute("aria-disabled", "true")
    expect(page.locator('.dl-thumb[aria-current="page"]')).to_have_accessible_name("Page 40 of 40")
    page.go_back()
    expect(number).to_have_value("ii")
    page.keyboard.press("k")
    expect(number).to_have_value("i")
    page.keyboard.press("g")
    expect(number).to_be_focused()
    number.fill("III")
    page.keyboard.press("Enter")
    expect(page).to_have_url(base.replace("/1/", "/3/"))
    expect(stage).to_be_focused()

    # Finding: what begins with it, on which page, in boxes where the words are.
    page.keyboard.press("/")
    page.keyboard.type("state police")
    page.keyboard.press("Enter")
    expect(page.locator("[data-reader-found-words]")).to_have_text("Hits: 2. Pages with hits: 2.")
    expect(number).to_have_value("i")  # none on or after page 3: it begins again
    page.keyboard.press("Escape")
    expect(page.locator("[data-reader-found]")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("CBP asked 88")
    page.keyboard.press("Enter")
    expect(number).to_have_value("ii")
    expect(page.locator("rect.dl-current")).to_have_count(2)  # it goes over the end of a line
    words = words_of(COUNTS)
    (cbp,) = (word for word in words if word.text == "CBP")
    asked, eighty = words[11], words[12]
    wanted = [[cbp.left, cbp.top, cbp.right, cbp.bottom], [asked.left, asked.top, eighty.right, asked.bottom]]
    for _size in range(2):
        for box, expected in zip(boxes_on_screen(page), wanted, strict=True):
            assert box == pytest.approx(expected, abs=2.5)  # it stands out by a point and its line
        page.locator("[data-reader-stage]").focus()
        page.keyboard.press("+")
    look(page, "reader-found")
    passes_axe(page)

    # The words can be selected as they are seen, and are the words of the page.
    line = page.locator(".dl-leaf__line").nth(1)
    assert line.text_content() == COUNTS[1]
    box, picture = line.bounding_box(), page.locator("[data-reader-picture]").first.bounding_box()
    assert box is not None and picture is not None
    scale = picture["width"] / WIDE
    second = [word for word in words if word.top == words[5].top]
    assert (box["x"] - picture["x"]) / scale == pytest.approx(second[0].left, abs=1)
    assert box["width"] / scale == pytest.approx(second[-1].right - second[0].left, abs=3)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('[data-reader-words]'))")
    assert page.evaluate("getSelection().toString().split(/\\s+/).join(' ').trim()") == " ".join(COUNTS)
    page.evaluate("getSelection().removeAllRanges()")

    # Larger, turned, two at once, words only, the list of keys.
    before = page.locator("[data-reader-picture]").first.bounding_box()
    page.keyboard.press("p")
    whole = page.locator("[data-reader-picture]").first.bounding_box()
    assert before is not None and whole is not None and whole["height"] < 850 < before["height"]
    page.keyboard.press("r")
    turned = page.locator("[data-reader-picture]").first.bounding_box()
    assert turned is not None and turned["width"] > turned["height"]
    for _more in range(3):
        page.keyboard.press("r")
    page.keyboard.press("2")
    expect(page.locator("[data-reader-sheet]:visible")).to_have_count(2)
    page.keyboard.press("j")
    expect(stage).to_have_accessible_name("Page 1 (4 of 40)")
    look(page, "reader-two")
    page.keyboard.press("2")
    page.keyboard.press("t")
    expect(page.locator("[data-reader-text-words]")).to_have_text("Page 4\nof the annex")
    page.keyboard.press("t")
    page.keyboard.press("s")
    expect(page.locator("[data-reader-strip]")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    passes_axe(page)
    page.keyboard.press("Escape")
    assert page.evaluate("window.isTheSame"), "the page was never loaded anew"
    page.keyboard.press("d")
    page.wait_for_url("**" + document.get_absolute_url())


def test_a_document_is_read_on_a_phone(
    live_server: Any, loud_page: Page, document: Document, passes_axe: Callable[[Page], None]
):
    page = loud_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_server.url + document.get_absolute_url())
    passes_axe(page)
    look(page, "document-phone")
    page.get_by_role("link", name="Read it", exact=True).click()
    stage = page.locator("[data-reader-stage]")
    expect(stage).to_have_accessible_name("Page i (1 of 40)")
    page.get_by_role("link", name="Next page").click()
    expect(stage).to_have_accessible_name("Page ii (2 of 40)")
    page.evaluate(
        """() => {
            const stage = document.querySelector("[data-reader-stage]");
            const touch = (x) => new Touch({ identifier: 1, target: stage, clientX: x, clientY: 300 });
            stage.dispatchEvent(new TouchEvent("touchstart", { touches: [touch(300)], changedTouches: [touch(300)] }));
            stage.dispatchEvent(new TouchEvent("touchend", { touches: [], changedTouches: [touch(80)] }));
        }"""
    )
    expect(stage).to_have_accessible_name("Page iii (3 of 40)")
    page.get_by_role("button", name="Size and view").click()
    page.get_by_role("button", name="Larger").click()
    page.get_by_role("searchbox").fill("ICE")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("[data-reader-found-words]")).to_have_text("Hits: 1. Pages with hits: 1.")
    look(page, "reader-phone")
    passes_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll("[data-dl-reader] button, [data-dl-reader] a, [data-dl-reader] input")]
            .filter((part) => part.checkVisibility() && !part.matches(".usa-sr-only, .dl-reader__from a"))
            .filter((part) => { const at = part.getBoundingClientRect(); return Math.min(at.width, at.height) < 24; })
            .map((part) => part.outerHTML.slice(0, 90))"""
    )
    assert small == [], "a thumb needs room"


def test_a_document_is_read_without_any_script(
    live_server: Any, browser: Browser, dist: Path, rita: Person, document: Document
):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    context.add_cookies([cookie_of(rita, live_server.url)])
    page = context.new_page()
    page.goto(live_server.url + reverse("documents:page", args=[document.pk, 1]))
    expect(page.get_by_text("to the request of March 2")).to_be_visible()
    assert page.locator("[data-reader-tools]").is_hidden()
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("[data-reader-number]")).to_have_value("ii")
    page.get_by_role("searchbox").fill("asked")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_role("heading", name="2 hits")).to_be_visible()
    page.get_by_role("link", name="asked 88").last.click()
    expect(page.locator("rect")).to_have_count(2)
    look(page, "reader-plain")
    page.locator("[data-reader-number]").fill("40")
    page.locator("[data-reader-number]").press("Enter")
    expect(page).to_have_url(live_server.url + reverse("documents:page", args=[document.pk, 40]))
    context.close()
