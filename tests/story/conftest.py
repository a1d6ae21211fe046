"""What the whole story needs: a browser for each person, a clock that moves, a mail server that keeps what it gets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests.servers import Mailbox, mail_server

FRIDAY_MORNING = datetime(2026, 2, 6, 15, 0, tzinfo=UTC)  # 10 am in Annapolis and in Dover


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The program's clock, set to a Friday in February 2026; `clock.move_to` moves it for the server, too."""
    with time_machine.travel(FRIDAY_MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Iterator[Mailbox]:
    """A real SMTP server, and the program set to use it and a store of its own."""
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.STORE_DIR = tmp_path
        settings.REPLY_DOMAIN = "harbor.example"
        settings.ORGANISATION_NAME = "Harbor Records Group"
        yield box


@pytest.fixture
def page_of(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """A browser window of one person, signed in through the real page. It fails the test when the browser complains."""
    complaints: list[str] = []
    contexts = []

    def open_page(email: str, password: str, width: int = 1280) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 900})
        context.clock.install(time=datetime.now(UTC))  # the browser lives in the same year as the program
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(reverse("account_login"))
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/account/" not in url)
        return page

    yield open_page
    pictures = os.environ.get("STORY_PICTURES")  # a folder, to look at the last page of each person
    for number, context in enumerate(contexts):
        if pictures:
            context.pages[-1].screenshot(path=Path(pictures) / f"last-page-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def looks_right(passes_axe: Callable[[Page], None]) -> Callable[[Page], None]:
    """Check the page as it stands: no axe rule broken, nothing wider than the window."""

    def check(page: Page) -> None:
        passes_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} is too wide"

    return check
