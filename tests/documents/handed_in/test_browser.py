"""An agency hands in files on a phone, with script: progress, what was not kept, the receipt; all of it accessible."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from requests_app.documents.models import Document
from tests.documents.handed_in.conftest import Give

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.same_everywhere]


def test_files_are_handed_in_on_a_phone(
    live_server: Any, page: Page, give: Give, dist: Path, passes_axe: Callable[[Page], None]
) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    given = give(now=timezone.now())
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}{given.url}")
    passes_axe(page)
    page.get_by_label("Files").set_input_files(
        [
            {"name": "totals.csv", "mimeType": "text/csv", "buffer": b"month,count\n2025-01,12\n"},
            {"name": "setup.exe", "mimeType": "x/y", "buffer": b"MZ\x90\0"},
        ]
    )
    page.get_by_label("Your name and office").fill("Pat Doe, Records Unit")
    page.get_by_role("button", name="Hand in these files").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("One file is kept")
    expect(page).to_have_url(re.compile(r"/hand-in/.*/receipts/"))
    expect(page.get_by_text("setup.exe")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.context.cookies() == [], "nothing stays in the agency's browser"
    passes_axe(page)
    page.reload()
    expect(page.get_by_text("One file is kept")).to_be_visible()
    assert Document.objects.count() == 1, "a receipt that is loaded again hands in nothing"
    assert complaints == []
