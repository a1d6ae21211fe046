"""Every kind of page in a real Chromium at the width of a small phone: axe, no overflow, no complaint, one h1, a title.

And at the widths of a desk and of a desk at 200 % zoom, which leaves half of it: nothing wider than the screen.

One house, one server, one browser; each page is opened signed in as somebody who works with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests.axe import broken_rules
from tests.test_permissions import ACTS, PAGES, House, house, table

__all__ = ["house"]  # the fixture, used by name
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.same_everywhere]
PHONE: ViewportSize = {"width": 360, "height": 800}
DESK: ViewportSize = {"width": 1280, "height": 900}
ZOOMED: ViewportSize = {"width": 640, "height": 450}  # a desk at 200 % zoom, in the pixels that a page is laid out in
IN_ORDER = ("filer", "coordinator", "reviewer", "administrator", "anonymous", "roleless")

# Not pages: files, signs of life, and what only sends one on. Each name is either here or opened.
NOT_PAGES = {
    "healthz",
    "readyz",
    "people:notice-open",
    "account_logout",  # opened by tests/frontend, like what needs a fresh password or a second factor
    "agencies:export",
    "correspondence:next-letter-pdf",
    "correspondence:next-letter-text",
    "correspondence:next-letter-word",
    *("correspondence:post-pack", "correspondence:next-post-pack", "correspondence:post-log-csv"),
    *("correspondence:fax-pdf", "correspondence:next-fax-pdf", "correspondence:print-batch-pdf"),
    "correspondence:print-batch-progress",  # a part of a page
    "agencies:official-export",
    "correspondence:message-raw",
    "correspondence:message-frame",  # the inside of a frame; tests/correspondence/incoming/test_html_view.py opens it
    "correspondence:request-mail-pdf",
    "correspondence:run-progress",  # a part of a page
    "tracking:campaign-csv",
    "tracking:campaign-pdf",
    "tracking:recalculation-csv",
    *("documents:progress", "documents:page-words", "documents:page-picture"),  # parts of pages
    *("documents:reading-rows", "documents:reading-of", "documents:reading-document"),  # parts of pages
    "documents:origin-csv",
    *("documents:download", "documents:searchable", "documents:cover-sheet"),
    *("documents:photograph-picture", "documents:scan-picture"),  # parts of pages
    "documents:sheet-csv",
    *("documents:sheets", "documents:sheet-rows"),  # leads to a page; a part of one
    "documents:zip",
    "kits:export",
    "filing:draft-pdf",
    "filing:draft-text",
    "filing:draft-word",
    "filing:letter-authority",
    "filing:letter-eml",
    "filing:letter-pdf",
    "filing:letter-text",
    "filing:letter-word",
    "tracking:dates",
    "tracking:evidence-pdf",
    "tracking:evidence-zip",
    "tracking:feed",
    "tracking:report-pdf",
    "tracking:statistics-csv",
    "tracking:statistics-requests",
    "tracking:statistics-xlsx",
}

SENT_ON = {
    *("documents:read", "documents:go", "documents:sheets"),  # to a page of the document
    "documents:searchable",  # to the document, where it has no such copy
    "documents:saved-search",  # leads to the search
    *("people:notice-open", "tracking:dates", "correspondence:mail-next"),  # these lead to another page, whoever asks
    *("correspondence:post-pack", "correspondence:next-post-pack"),  # without a choice
    *("correspondence:fax-pdf", "correspondence:next-fax-pdf"),  # without a number
}


def worker_on(row: dict[str, int]) -> str:
    """Return who opens a page here: the first of those who see it, the anonymous only where it is for them alone."""
    return next((who for who in IN_ORDER if row[who] == 200), "")


def signed_in(browser: Browser, base_url: str, who: str, house: House) -> BrowserContext:
    context = browser.new_context(base_url=base_url, viewport=PHONE)
    if who in house.people:
        client = Client()
        client.force_login(house.people[who])
        session = client.cookies[project.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": project.SESSION_COOKIE_NAME, "value": session, "url": base_url}])
    return context


@pytest.fixture
def contexts(browser: Browser, live_server: Any, house: House) -> Iterator[dict[str, BrowserContext]]:
    opened = {who: signed_in(browser, live_server.url, who, house) for who in IN_ORDER}
    yield opened
    for context in opened.values():
        context.close()


def test_every_page_on_a_phone(house: House, contexts: dict[str, BrowserContext], dist: Path) -> None:
    complaints: list[str] = []  # of the browser, about the page that is open
    pages = {who: context.new_page() for who, context in contexts.items()}
    for page in pages.values():
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
    wrong: list[str] = []
    where_of = {name: (worker_on(row), house.address(name)) for name, row in table(PAGES).items()}
    errors = {
        "not there": ("coordinator", "/requests/XX-2026-9999/", 404),
        "not theirs": ("filer", reverse("tracking:desk"), 403),
    }
    visits = [(name, who, where, 200) for name, (who, where) in where_of.items() if who and name not in NOT_PAGES]
    visits += [(name, who, where, status) for name, (who, where, status) in errors.items()]
    for name, who, where, status in visits:
        page = pages[who]
        complaints.clear()
        response = page.goto(where)
        found = []
        if response is None or response.status != status:
            found.append(f"answered {response.status if response else 'nothing'}")
        found += [text for text in complaints if not (status >= 400 and f"status of {status}" in text)]
        for screen in (DESK, ZOOMED, PHONE):
            page.set_viewport_size(screen)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"is wider than a screen of {screen['width']}")
        if (headings := page.locator("h1").count()) != 1:
            found.append(f"has {headings} h1")
        if not page.title().strip():
            found.append("has no title")
        found += broken_rules(page)
        wrong += [f"{name} ({who}, {where}): {text}" for text in found]
    assert len(visits) > 55
    assert not wrong, "\n".join(wrong)


def test_no_page_is_forgotten() -> None:
    unseen = {name for name, row in table(PAGES).items() if not worker_on(row)}
    assert (
        unseen
        <= {name for name in table(PAGES) if name.startswith(("account_", "mfa_"))}
        | {"readyz", "tracking:no-feed", "hand_in:nothing"}
        | SENT_ON
    )
    assert not NOT_PAGES & set(table(ACTS))
