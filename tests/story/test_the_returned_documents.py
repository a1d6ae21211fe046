"""A scan of three hundred pages, a spreadsheet and a ZIP of mail come back; Rita finds the counts and ticks them off.

The scan is of folded cards, of which each is four pages and one is printed. So it is 300 pages, all of them pictures,
and tesseract reads 75. The files go through the real steps of reading, in the real sandbox. Workers are stood in for by
the test, which runs one step after another, so that it can look at the screen between them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from requests_app.documents.ingest import running
from requests_app.documents.models import Document, Step
from requests_app.documents.readers import pdfium
from requests_app.filing.models import RecordsRequest
from tests.documents.pdf import making
from tests.factories import PersonFactory, RecordsRequestFactory
from tests.story.test_the_whole_story import PASSWORD

pytestmark = [
    pytest.mark.browser, pytest.mark.processes, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True),
]  # fmt: skip

ASKED = [
    "Monthly numbers of lookups by each federal agency.",
    "The list of terminals that belong to federal agencies.",
    "The agreement under which they have access.",
]
CARDS = 75
SIDES = 4
PAGES = CARDS * SIDES
TABLE = 213  # the page with the counts
CARD = (300, 70)  # points
SCANNED_AT = 200  # dots to the inch
PATIENCE = 60_000  # milliseconds


@pytest.fixture
def letter(transactional_db: Any, settings: Any, tmp_path: Path) -> RecordsRequest:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.DERIVED_DIR = str(tmp_path / "derived")
    rita = PersonFactory(handle="rita", roles=["reviewer", "coordinator"])
    rita.set_password(PASSWORD)
    rita.save(update_fields=["password"])
    sections = [{"key": "records", "parts": [{"text": "", "items": ASKED}]}]
    return RecordsRequestFactory(filer=rita, letter={"sections": sections}, with_deadline=True)


def the_production(folder: Path) -> bytes:
    """Return a scan of three hundred pages, each a picture without a text, of which one has the counts."""
    cards = [[f"State Police, card {number}"] for number in range(1, CARDS + 1)]
    cards[TABLE // SIDES] = ["Transactions by federal agency", "January ICE 412 CBP 88"]
    printed = making.pdf(
        *(making.said(*lines, x=20, y=CARD[1] - 28, font_size=14, leading=20) for lines in cards), size=CARD
    )
    pixels = tuple(round(side * SCANNED_AT / 72) for side in CARD)
    blank = Image.new("1", pixels, 1)
    pages: list[Image.Image] = []
    with pdfium.Pdf(making.written(printed, folder / "cards.pdf")) as pdf:
        for number in range(1, CARDS + 1):
            pages += [pdf.image(number, *pixels, grey=True).convert("1"), *[blank] * (SIDES - 1)]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=SCANNED_AT)
    return out.getvalue()


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


def work() -> None:
    """Do what a worker does: one step after another."""
    while running.run_next(timezone.now):
        pass


def work_until_some_are_read(scan: Document) -> None:
    """The same, until a part of the scan is read and not all of it."""
    reading = Step.objects.filter(blob=scan.blob_id, name="ocr", units_done__gt=0)
    while not reading.exists() and running.run_next(timezone.now):
        pass


def test_a_reviewer_finds_the_counts_and_ticks_them_off(
    letter: RecordsRequest,
    page_of: Callable[..., Page],
    looks_right: Callable[[Page], None],
    dist: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The files arrive.
    rita = page_of(letter.filer.email, PASSWORD)
    rita.set_default_timeout(60_000)
    rita.goto(reverse("documents:upload", args=[letter.reference]))
    rita.get_by_label("Files", exact=True).set_input_files(
        [
            {"name": "production.pdf", "mimeType": "application/pdf", "buffer": the_production(tmp_path)},
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
    with monkeypatch.context() as for_now:
        for_now.setattr(running, "SLICE", 2.0)  # a part of a step ends after so many seconds
        work_until_some_are_read(production)
    rita.reload()
    expect(rita.get_by_role("heading", name="Being made readable")).to_be_visible()
    rita.get_by_text("Step by step").click()
    some = rita.get_by_text(re.compile(rf"Reading the text in its pictures: .*, \d+ of {PAGES} pages"))
    expect(some).to_be_visible()
    work()
    assert not Step.objects.filter(state="failed").exists(), list(
        Step.objects.filter(state="failed").values_list("blob__kind", "name", "trouble")
    )
    expect(rita.get_by_role("heading", name="Readable and searchable")).to_be_visible()
    rita.reload()
    expect(rita.get_by_text(f"{PAGES} pages.")).to_be_visible()

    # She reads, and finds the page with the counts.
    rita.get_by_role("link", name="Read it", exact=True).click()
    expect(rita.locator("[data-reader-stage]")).to_have_accessible_name(f"Page 1 of {PAGES}", timeout=PATIENCE)
    rita.keyboard.press("/")
    rita.keyboard.type("ice 412")
    rita.keyboard.press("Enter")
    expect(rita.locator("[data-reader-stage]")).to_have_accessible_name(f"Page {TABLE} of {PAGES}", timeout=PATIENCE)
    expect(rita.locator("rect.dl-current")).to_be_visible(timeout=PATIENCE)
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
