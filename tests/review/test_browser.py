"""Files come in and are read, in a real browser against the running site."""

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
from requests_app.review.models import PageNote
from tests.documents.bodies import CSV, PDF
from tests.factories import PersonFactory, RecordsRequestFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
TOO_WIDE = """[...document.querySelectorAll("body *")]
    .filter((part) => part.getBoundingClientRect().right > innerWidth).map((part) => part.outerHTML.slice(0, 80))"""
PICTURES = os.environ.get("DAYLIGHT_PICTURES", "")  # a folder, to look at the pages


@pytest.fixture
def sign_in(live_server: Any, settings: Any, tmp_path: Path, context: Any) -> Callable[[Any], None]:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.UPLOAD_LIMIT_MB = 1

    def enter(person: Any) -> None:
        client = Client()
        client.force_login(person)
        value = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])

    return enter


@pytest.fixture
def loud_page(page: Page, dist: Path) -> Iterator[Page]:
    """A page that fails its test when the browser complains; of an answer 422, which we want, it also says a word."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [words for words in complaints if "status of 422" not in words] == []


@pytest.fixture
def fits(loud_page: Page, passes_axe: Callable[[Page], None]) -> Callable[[str], None]:
    """Check the page as it stands at both widths: axe, and nothing wider than the window."""

    def check(name: str) -> None:
        for size in (DESK, PHONE):
            loud_page.set_viewport_size(size)
            width = loud_page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name} is {width} px wide: {loud_page.evaluate(TOO_WIDE)}"
            if PICTURES:
                loud_page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)
        passes_axe(loud_page)

    return check


def test_files_come_in_are_listed_and_get_a_note(
    live_server: Any,
    loud_page: Page,
    sign_in: Callable[[Any], None],
    fits: Callable[[str], None],
):
    person = PersonFactory(handle="rita", roles=["reviewer", "coordinator"])
    letter = RecordsRequestFactory(filer=person, with_deadline=True)
    long_name = "Nlets_transaction_totals_by_message_key_and_month_2019-01_to_2025-12_FINAL_v2.csv"
    sign_in(person)

    loud_page.goto(live_server.url + reverse("documents:upload", args=[letter.reference]))
    expect(loud_page.get_by_text("Drop files here, or choose them.")).to_be_visible()
    fits("upload")
    loud_page.get_by_label("Files", exact=True).set_input_files(
        [
            {"name": long_name, "mimeType": "text/csv", "buffer": CSV},
            {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": PDF * 4000},
            {"name": "setup.exe", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00\x03"},
            {"name": "scan.csv", "mimeType": "text/csv", "buffer": b"x" * (1024 * 1024 + 1)},
        ]
    )
    expect(loud_page.locator("[data-dl-drop-files] li")).to_have_count(4)
    expect(loud_page.locator("[data-dl-drop-files] li").last).to_contain_text("too large to send")
    with loud_page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        loud_page.get_by_role("button", name="Keep these files").click()
    assert sent.value.request.headers["accept"] == "text/html", "sent with progress, by the script"
    expect(loud_page.locator("[data-dl-error-summary]")).to_be_focused()
    expect(loud_page.get_by_role("heading", name="2 files were not kept")).to_be_visible()
    expect(loud_page.get_by_text("2 files are kept.")).to_be_visible()
    fits("upload-refused")

    loud_page.get_by_label("Files", exact=True).set_input_files(
        [{"name": "more.csv", "mimeType": "text/csv", "buffer": CSV + CSV}]
    )
    loud_page.get_by_role("button", name="Keep these files").click()
    expect(loud_page.get_by_text("1 file is kept.")).to_be_visible()
    loud_page.wait_for_url(f"**{letter.get_absolute_url()}")
    assert Document.objects.count() == 3

    loud_page.goto(live_server.url + reverse("documents:list"))
    fits("shelves")
    loud_page.goto(live_server.url + reverse("review:queue"))
    expect(loud_page.get_by_text("0 of 3 returned documents have a note.")).to_be_visible()
    fits("queue")
    loud_page.get_by_role("link", name="Open the oldest").click()
    expect(loud_page.get_by_role("heading", name=long_name)).to_be_visible()
    loud_page.get_by_label("Page").fill("1")
    loud_page.get_by_label("Note", exact=True).fill("Totals by month.\nBroadcasts are counted twice.")
    loud_page.get_by_role("button", name="Keep the note").click()
    expect(loud_page.get_by_text("Your note is kept.")).to_be_visible()
    fits("document")
    loud_page.get_by_role("link", name="Change note 1").click()
    fits("change-note")
    loud_page.get_by_label("Note", exact=True).fill("Totals by month.\nBroadcasts are counted once.")
    loud_page.get_by_role("button", name="Keep the change").click()
    expect(loud_page.get_by_text("The earlier wording is kept with it.")).to_be_visible()
    assert PageNote.objects.get().revision == 1

    with loud_page.expect_download() as download:
        loud_page.get_by_role("link", name="Download the original").first.click()
    assert download.value.suggested_filename == long_name
    assert Path(download.value.path()).read_bytes() == CSV
