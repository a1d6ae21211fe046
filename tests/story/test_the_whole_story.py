"""One story, told through the browser: from a volunteer's form to a note on what came back.

Vera lives in Delaware. She asks Maryland for query statistics (anyone may ask) and Delaware for its agreements
(citizens only). Bob coordinates. The clock moves, the reminder arrives, Maryland answers, and Rita reads the answer.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import openpyxl
import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from requests_app.agencies import services as agencies
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking import tasks
from tests.factories import PersonFactory
from tests.servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long harbor password"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj trailer<</Root 1 0 R>>"


def spreadsheet() -> bytes:
    book = openpyxl.Workbook()
    for row in (("month", "component", "transactions"), ("2025-01", "ICE", 412), ("2025-02", "ICE", 388)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def cast(transactional_db: Any) -> dict[str, Person]:
    agencies.seed(timezone.now())
    people = {
        "vera": PersonFactory(handle="vera", roles=["volunteer"], legal_name="Vera Example", home_state="DE"),
        "bob": PersonFactory(handle="bob", roles=["coordinator"]),
        "rita": PersonFactory(handle="rita", roles=["reviewer"]),
    }
    for person in people.values():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return people


def choose_state_and_kit(page: Page, code: str, state: str, kit: str) -> None:
    page.goto(f"/ask/?state={code}")
    page.get_by_role("button", name=f"Continue with {state}").click()
    tick(page, kit)
    page.get_by_role("button", name="Continue").click()


def tick(within: Page | Locator, words: str) -> None:
    """Choose a radio button or a box as a person does: by its words. (The control itself is drawn by the style.)"""
    within.locator("label").filter(has_text=words).first.click()


def ask_only(page: Page, agency: str) -> None:
    """Leave one agency chosen of those that the wizard offers."""
    for label in page.locator("label").filter(has_text="Ask ").all():
        box = page.locator(f"#{label.get_attribute('for')}")
        if box.is_checked() != ((label.text_content() or "").strip() == f"Ask {agency}"):
            label.click()


def letters_to(mailbox: Mailbox, address: str) -> list[EmailMessage]:
    return [message for message in mailbox.messages if address in str(message["To"])]


def let_time_work() -> None:
    """What beat triggers every minute."""
    tasks.sweep()
    tasks.send_outboxes()


def test_from_a_form_to_a_note_on_the_answer(
    clock: time_machine.Traveller,
    mailbox: Mailbox,
    cast: dict[str, Person],
    page_of: Callable[..., Page],
    looks_right: Callable[[Page], None],
) -> None:
    vera = page_of("vera@people.example", PASSWORD, width=360)

    # Maryland, kit K1, to the State Police, by an e-mail address that Vera looked up.
    choose_state_and_kit(vera, "MD", "Maryland", "Nlets query statistics")
    expect(vera.get_by_role("heading", name="Whom to ask")).to_be_visible()
    looks_right(vera)
    police = vera.locator("section", has=vera.get_by_role("heading", name="Maryland Department of State Police"))
    police.get_by_role("link", name="Add an address that you found").click()
    vera.get_by_label("What did you find?").select_option("email")
    vera.get_by_label("The address").fill("pia@mdsp.example")
    vera.get_by_label("Where did you see it?").fill("https://mdsp.example/pia, seen today")
    vera.get_by_role("button", name="Keep this address").click()
    ask_only(vera, "MDSP")
    tick(police, "E-mail")
    vera.get_by_role("button", name="Continue").click()
    expect(vera.get_by_role("heading", name="The details")).to_be_visible()
    looks_right(vera)
    vera.get_by_role("button", name="See the letter").click()
    expect(vera.get_by_text("Md. Code Ann., Gen. Prov. § 4-101 et seq.").first).to_be_visible()
    expect(vera.get_by_text("Vera Example").first).to_be_visible()
    looks_right(vera)
    vera.get_by_role("button", name="File it").click()
    expect(vera.get_by_role("heading", name="MD-2026-0001")).to_be_visible()
    expect(vera.get_by_role("button", name="Take it back")).to_be_visible()
    looks_right(vera)

    # Delaware, kit K2: citizens only. Without saying so, the letter cannot go; Vera is one.
    choose_state_and_kit(vera, "DE", "Delaware", "Data-sharing agreements")
    ask_only(vera, "DSP")
    vera.get_by_role("button", name="Continue").click()
    expect(vera.get_by_role("heading", name="Is this address right?")).to_be_visible()
    looks_right(vera)
    vera.get_by_label("Where did you see this address?").fill("The portal's own page, today")
    tick(vera, "I looked it up")
    vera.get_by_role("button", name="Confirm and continue").click()
    expect(vera.get_by_text("any citizen of Delaware").first).to_be_visible()
    tick(vera, "No")
    vera.get_by_role("button", name="See the letter").click()
    expect(vera.get_by_role("heading", name="Who signs this letter")).to_be_visible()
    looks_right(vera)
    vera.goto(vera.url.replace("/signer/", "/details/"))
    tick(vera, "Yes: the letter states it")
    vera.get_by_role("button", name="See the letter").click()
    expect(vera.get_by_text("I am a citizen of Delaware").first).to_be_visible()
    looks_right(vera)
    vera.get_by_role("button", name="File it").click()
    expect(vera.get_by_role("heading", name="DE-2026-0001")).to_be_visible()

    # The undo window passes; the Maryland letter leaves for the State Police alone.
    clock.move_to(datetime(2026, 2, 6, 15, 15, tzinfo=UTC))
    let_time_work()
    (letter,) = letters_to(mailbox, "pia@mdsp.example")
    assert "harbor.example" in str(letter["From"])
    assert "4-203" in letter.get_content()

    # Delaware's letter goes through the portal by hand; the confirmation number is the proof.
    vera.goto("/requests/DE-2026-0001/")
    vera.get_by_role("link", name="I have sent it").click()
    vera.get_by_label("Confirmation or tracking number").fill("DSP-4711")
    looks_right(vera)
    vera.get_by_role("button", name="Record that it was sent").click()
    expect(vera.get_by_text("DSP-4711")).to_be_visible()

    # Bob confirms receipt and sees the dates of shared/examples: notice February 23, decision March 9.
    bob = page_of("bob@people.example", PASSWORD)
    expect(bob.get_by_role("heading", name="What needs you today")).to_be_visible()
    looks_right(bob)
    bob.get_by_role("link", name="MD-2026-0001", exact=True).click()
    bob.get_by_text("Record something else").click()
    bob.get_by_role("link", name="Received by the agency").click()
    bob.get_by_role("button", name="Record").click()
    expect(bob.get_by_text("Monday, February 23, 2026").first).to_be_visible()
    expect(bob.get_by_text("Monday, March 9, 2026").first).to_be_visible()
    bob.locator("summary", has_text="How we counted").first.click()
    expect(bob.get_by_text("Presidents' Day").first).to_be_visible()
    looks_right(bob)

    # The clock moves past the last day for a notice of delay: one reminder each, with reason, citation and link.
    clock.move_to(datetime(2026, 2, 24, 14, 0, tzinfo=UTC))
    let_time_work()
    let_time_work()
    late = [m for m in letters_to(mailbox, "vera@people.example") if "MD-2026-0001" in str(m["Subject"])]
    assert len(late) == 1
    body = late[0].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "4-203(b)(2)" in text
    link = re.search(r"https?://[^/]+(/\S*notices/\S+)", text)
    assert link is not None
    vera = page_of("vera@people.example", PASSWORD)  # two weeks later the old sessions have run out
    vera.goto(link[1])
    expect(vera).to_have_url(re.compile("/requests/MD-2026-0001/$"))
    bob = page_of("bob@people.example", PASSWORD)
    expect(bob.get_by_role("heading", name="Agencies that are late")).to_be_visible()

    # Maryland answers with a spreadsheet and a letter.
    bob.goto("/requests/MD-2026-0001/reply/")
    tick(bob, "All records came")
    bob.get_by_label("Files").set_input_files(
        [
            {"name": "nlets totals.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": spreadsheet()},
            {"name": "cover letter.pdf", "mimeType": "application/pdf", "buffer": PDF},
        ]
    )
    looks_right(bob)
    bob.get_by_role("button", name="Record the reply").click()
    expect(bob.get_by_role("link", name="nlets totals.xlsx", exact=True)).to_be_visible()
    expect(bob.get_by_role("link", name="cover letter.pdf", exact=True)).to_be_visible()
    looks_right(bob)
    assert RecordsRequest.objects.get(reference="MD-2026-0001").resolution == "records"

    # Rita reads both, and notes what matters on the sheet.
    rita = page_of("rita@people.example", PASSWORD)
    expect(rita.get_by_role("heading", name="Read the next document")).to_be_visible()
    looks_right(rita)
    rita.get_by_role("link", name="nlets totals.xlsx", exact=True).click()
    with rita.expect_download() as download:
        rita.get_by_role("link", name="Download the original").click()
    assert download.value.suggested_filename == "nlets totals.xlsx"
    rita.get_by_label("Page").fill("1")
    rita.get_by_label("Note", exact=True).fill("412 and 388: are broadcast messages counted?")
    rita.get_by_role("button", name="Keep the note").click()
    expect(rita.get_by_text("are broadcast messages counted?")).to_be_visible()
    looks_right(rita)

    # A volunteer who had nothing to do with it sees nothing of it.
    charlie = PersonFactory(handle="charlie", roles=["volunteer"])
    charlie.set_password(PASSWORD)
    charlie.save(update_fields=["password"])
    stranger = page_of("charlie@people.example", PASSWORD)
    answer = stranger.request.get("/requests/MD-2026-0001/")
    assert answer.status == 404
