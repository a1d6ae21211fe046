"""Three hundred pages, a spreadsheet and a ZIP of mail come back; Rita finds the counts in them and ticks them off.

The files go through the real steps of reading, in the real sandbox. Workers are stood in for by the test, which runs
one step after another, so that it can look at the screen between them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from requests_app.documents.ingest import running
from requests_app.documents.models import Document, Step
from requests_app.filing.models import RecordsRequest
from tests.documents.viewer.paper import a_pdf
from tests.factories import PersonFactory, RecordsRequestFactory
from tests.story.test_the_whole_story import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ASKED = [
    "Monthly numbers of lookups by each federal agency.",
    "The list of terminals that belong to federal agencies.",
    "The agreement under which they have access.",
]
PAGES = 300
TABLE = 212  # the page with the counts


@pytest.fixture
def letter(transactional_db: Any, settings: Any, tmp_path: Path) -> RecordsRequest:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.DERIVED_DIR = str(tmp_path / "derived")
    rita = PersonFactory(handle="rita", roles=["reviewer", "coordinator"])
    rita.set_password(PASSWORD)
    rita.save(update_fields=["password"])
    sections = [{"key": "records", "parts": [{"text": "", "items": ASKED}]}]
    return RecordsRequestFactory(filer=rita, letter={"sections": sections}, with_deadline=True)


def the_production() -> bytes:
    """Return three hundred pages of which one has the counts."""
    pages = [[f"State Police, page {number}", "Nothing of interest stands here."] for number in range(1, PAGES + 1)]
    pages[TABLE - 1] = ["Transactions by federal agency, 2025", "January ICE 412 CBP 88", "February ICE 388 CBP 91"]
    return a_pdf(pages)


def the_counts() -> bytes:
    book = openpyxl.Workbook()
    for row in (("month", "component", "transactions"), ("2025-01", "ICE", 412), ("2025-02", "ICE", 388)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def the_mails() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number, words in enumerate(("The list of terminals is attached.", "We met about access."), start=1):
            mail = EmailMessage()
            mail["From"], mail["To"] = "Pat <pat@police.example>", "Kim <kim@police.example>"
            mail["Subject"], mail["Date"] = f"Federal terminals {number}", "Wed, 18 Mar 2026 10:00:00 -0400"
            mail.set_content(f"{words}\n")
            made.writestr(f"mails/{number}.eml", mail.as_bytes())
    return out.getvalue()


def work(steps: int = 10_000) -> None:
    """Do what a worker does: one step after another."""
    while steps and running.run_next(timezone.now):
        steps -= 1


def test_a_reviewer_finds_the_counts_and_ticks_them_off(
    letter: RecordsRequest, page_of: Callable[..., Page], looks_right: Callable[[Page], None], dist: Path
) -> None:
    # The files arrive.
    rita = page_of(letter.filer.email, PASSWORD)
    rita.set_default_timeout(60_000)
    rita.goto(reverse("documents:upload", args=[letter.reference]))
    rita.get_by_label("Files", exact=True).set_input_files(
        [
            {"name": "production.pdf", "mimeType": "application/pdf", "buffer": the_production()},
            {"name": "counts.xlsx", "mimeType": "application/octet-stream", "buffer": the_counts()},
            {"name": "mails.zip", "mimeType": "application/zip", "buffer": the_mails()},
        ]
    )
    rita.get_by_role("button", name="Keep these files").click()
    rita.wait_for_url(f"**{letter.get_absolute_url()}")
    production = Document.objects.get(original_name="production.pdf")

    # She watches them being read.
    rita.goto(production.get_absolute_url())
    expect(rita.get_by_role("heading", name="Being made readable")).to_be_visible()
    work()
    assert not Step.objects.filter(state="failed").exists(), list(
        Step.objects.filter(state="failed").values_list("blob__kind", "name", "trouble")
    )
    expect(rita.get_by_role("heading", name="Readable and searchable")).to_be_visible()
    rita.reload()
    expect(rita.get_by_text("300 pages.")).to_be_visible()

    # She reads, and finds the page with the counts.
    rita.get_by_role("link", name="Read it", exact=True).click()
    expect(rita.locator("[data-reader-stage]")).to_have_accessible_name("Page 1 of 300")
    rita.keyboard.press("/")
    rita.keyboard.type("ice 412")
    rita.keyboard.press("Enter")
    expect(rita.locator("[data-reader-stage]")).to_have_accessible_name(f"Page {TABLE} of 300")
    expect(rita.locator("rect.dl-current")).to_be_visible()
    looks_right(rita)

    # A search over everything leads to the mail that came in the ZIP, and to the sheet.
    rita.goto(reverse("documents:search") + "?q=terminals")
    expect(rita.get_by_text("1.eml").first).to_be_visible()
    rita.goto(reverse("documents:read", args=[Document.objects.get(original_name="1.eml").pk]))
    expect(rita.get_by_text("The list of terminals is attached.")).to_be_visible()
    expect(rita.get_by_text("Federal terminals 1").first).to_be_visible()
    rita.goto(reverse("documents:read", args=[Document.objects.get(original_name="mails.zip").pk]))
    expect(rita.get_by_role("heading", name="2 files in it")).to_be_visible()
    rita.goto(reverse("documents:read", args=[Document.objects.get(original_name="counts.xlsx").pk]))
    expect(rita.get_by_text("412").first).to_be_visible()

    # She ticks off what the production answers; one thing more is said to be missing.
    rita.goto(production.get_absolute_url())
    rita.get_by_role("link", name="Tick what it answers").click()
    rita.get_by_text("Monthly numbers of lookups").click()
    rita.get_by_text("The agreement under which").click()
    rita.get_by_role("button", name="Keep these ticks").click()
    expect(rita.get_by_text("that nothing answers yet: 1.")).to_be_visible()
    rita.get_by_role("link", name="What is still missing").click()
    expect(rita.get_by_role("heading", name="1 item is still missing")).to_be_visible()
    expect(rita.get_by_text("The list of terminals that belong")).to_be_visible()
    looks_right(rita)
