"""Answers by mail, told through the browser: what comes back of two letters, and where each of it ends.

Vera asks two agencies in Maryland. Their letters go out through a real SMTP server; everything else comes in through a
real mailbox that the program polls: an out-of-office, an acknowledgment with an extension, a letter that came back, a
forged "please resend to", and the records, a ZIP and a spreadsheet. Bob coordinates.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence import tasks as correspondence_tasks
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking import tasks
from tests.correspondence.incoming.mails import PDF, bounce, mail
from tests.factories import AgencyFactory, ContactPointFactory, PersonFactory
from tests.servers import Mailbox, Mailboxes, imap_server
from tests.story.test_the_whole_story import (
    PASSWORD,
    choose_state_and_kit,
    letters_to,
    spreadsheet,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POLICE, MOTOR_VEHICLES, NEW_ADDRESS = "records@police.example", "records@vehicles.example", "pia@vehicles.example"


@pytest.fixture
def people(transactional_db: Any) -> dict[str, Person]:
    for code, name, address in (("police", "Harbor State Police", POLICE), ("mva", "Vehicle Office", MOTOR_VEHICLES)):
        agency = AgencyFactory(code=f"md-{code}", jurisdiction="MD", name=name, short_name=code.upper())
        ContactPointFactory(agency=agency, channel="email", value=address)
    found = {
        "vera": PersonFactory(handle="vera", roles=["volunteer"], legal_name="Vera Example", home_state="MD"),
        "bob": PersonFactory(handle="bob", roles=["coordinator"]),
    }
    for person in found.values():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return found


@pytest.fixture
def inbox(settings: Any) -> Iterator[Mailboxes]:
    """The mailbox to which all answers come, at a server that says which senders it proved."""
    with imap_server() as boxes:
        settings.MAIL_IN_IMAP_URL = boxes.url("records")
        settings.MAIL_AUTHSERV_ID = "mx.reply.example"
        yield boxes


def let_time_work() -> None:
    """What beat triggers."""
    correspondence_tasks.poll_mail()
    correspondence_tasks.process_mail()
    tasks.sweep()
    tasks.send_outboxes()


def a_zip_of_pdfs() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for month in ("january", "february"):
            made.writestr(f"queries {month}.pdf", PDF)
    return out.getvalue()


def production(letter: EmailMessage) -> bytes:
    """The police's answer with the records, as their mail program writes it."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = f"Records Office <{POLICE}>", reply_address(letter)
    made["Subject"], made["Date"] = "The records you asked for", "Wed, 18 Mar 2026 10:00:00 -0400"
    made["Message-ID"], made["In-Reply-To"] = "<records@police.example>", str(letter["Message-ID"])
    made.set_content("Attached are all records responsive to your request.\n")
    made.add_attachment(a_zip_of_pdfs(), maintype="application", subtype="zip", filename="queries.zip")
    made.add_attachment(spreadsheet(), maintype="application", subtype="octet-stream", filename="totals.xlsx")
    proof = "Authentication-Results: mx.reply.example; dmarc=pass header.from=police.example\r\n"
    return proof.encode() + made.as_bytes()


def the_files(request: RecordsRequest) -> set[str]:
    return set(Document.objects.filter(request=request).values_list("original_name", flat=True))


def reply_address(letter: EmailMessage) -> str:
    return parseaddr(str(letter["From"]))[1]


def test_every_answer_ends_where_it_belongs(
    clock: time_machine.Traveller,
    mailbox: Mailbox,
    inbox: Mailboxes,
    people: dict[str, Person],
    page_of: Callable[..., Page],
    looks_right: Callable[[Page], None],
) -> None:
    # Vera asks both agencies. The undo window passes, and the two letters leave.
    vera = page_of("vera@people.example", PASSWORD, width=360)
    choose_state_and_kit(vera, "MD", "Maryland", "Nlets query statistics")
    vera.get_by_role("button", name="Continue").click()
    vera.get_by_role("button", name="See the letter").click()
    vera.get_by_role("button", name="File").click()
    vera.wait_for_url("**/requests/**")
    clock.move_to(datetime(2026, 2, 6, 15, 30, tzinfo=UTC))
    let_time_work()
    (letter,), (other,) = letters_to(mailbox, POLICE), letters_to(mailbox, MOTOR_VEHICLES)
    police = RecordsRequest.objects.get(contact_point__value=POLICE)
    vehicles = RecordsRequest.objects.get(contact_point__value=MOTOR_VEHICLES)
    assert {one.status for one in (police, vehicles)} == {"sent"}

    # An out-of-office comes, and the other letter comes back.
    clock.move_to(datetime(2026, 2, 6, 15, 40, tzinfo=UTC))
    inbox.put(
        "records",
        mail(
            sender=f"Records Office <{POLICE}>", to=reply_address(letter), subject="Out of office",
            text="I am away until Monday.\n", Auto_Submitted="auto-replied", In_Reply_To=str(letter["Message-ID"]),
        ),
        bounce(str(other["Message-ID"]), MOTOR_VEHICLES, to=reply_address(other)),
    )  # fmt: skip
    let_time_work()
    assert police.status == "sent"
    vera.goto(police.get_absolute_url())
    expect(vera.get_by_text("automatic reply").first).to_be_visible()
    looks_right(vera)

    # The task is on Bob's desk: not delivered, no date moved. One click sends it again, to the address he looked up.
    bob = page_of("bob@people.example", PASSWORD)
    bob.goto(vehicles.get_absolute_url())
    expect(bob.get_by_role("heading", name="A letter did not arrive")).to_be_visible()
    looks_right(bob)
    bob.get_by_role("link", name="Choose another way").first.click()
    looks_right(bob)
    bob.get_by_label("The right e-mail address").fill(NEW_ADDRESS)
    bob.get_by_role("textbox", name="Where did you see it?").fill("Their own page, today")
    bob.get_by_role("button", name="Send again to this address").click()
    expect(bob.get_by_role("button", name="Take it back")).to_be_visible()
    clock.move_to(datetime(2026, 2, 6, 17, 0, tzinfo=UTC))
    let_time_work()
    (again,) = letters_to(mailbox, NEW_ADDRESS)
    assert reply_address(again) == reply_address(other) and again["Message-ID"] != other["Message-ID"]
    assert len(letters_to(mailbox, MOTOR_VEHICLES)) == 1

    # The police acknowledge, and take an extension. It is filed; Bob records it with one click, and the date moves.
    clock.move_to(datetime(2026, 2, 10, 15, 0, tzinfo=UTC))
    inbox.put(
        "records",
        mail(
            sender=f"Records Office <{POLICE}>", to=reply_address(letter), subject=f"Re: {letter['Subject']}",
            text="We received your request on February 9, 2026.\n\n"
            "We need more time and will respond to your request by March 20, 2026.\n",
            In_Reply_To=str(letter["Message-ID"]),
        ),
    )  # fmt: skip
    let_time_work()
    police.refresh_from_db()
    assert police.status == "sent"
    bob = page_of("bob@people.example", PASSWORD)
    bob.goto("/mail/?list=asks")
    looks_right(bob)
    bob.get_by_role("link", name=f"Re: {letter['Subject']}").first.click()
    looks_right(bob)
    bob.get_by_role("button", name=f"Record on {police.reference}: Extension claimed").click()
    police.refresh_from_db()
    assert police.status == "extended"
    bob.goto(police.get_absolute_url())
    expect(bob.get_by_text("Friday, March 20, 2026").first).to_be_visible()

    # A mail in the police's name, from elsewhere, wants later letters at a new address. It waits, and Bob rejects it.
    inbox.put(
        "records",
        mail(
            sender=f"Records Office <{POLICE}>", to=reply_address(letter), subject="Please resend to our new address",
            text="Our mailbox has changed. Please resend your request to records@police-office.example.\n",
            Reply_To="records@police-office.example", proven=False,
        ),
    )  # fmt: skip
    let_time_work()
    bob.goto("/mail/")
    bob.get_by_role("link", name="Please resend to our new address").click()
    expect(bob.get_by_role("heading", name="Why it is here")).to_be_visible()
    looks_right(bob)
    bob.get_by_role("button", name="Reject it").click()
    police.refresh_from_db()
    assert police.contact_point is not None and police.contact_point.value == POLICE
    assert not ContactPoint.objects.filter(value__contains="police-office").exists()

    # The records come: a ZIP of PDFs and a spreadsheet. They are documents of this request, once.
    clock.move_to(datetime(2026, 3, 18, 15, 0, tzinfo=UTC))
    inbox.put("records", production(letter))
    let_time_work()
    assert the_files(police) == {"queries.zip", "totals.xlsx"} and not the_files(vehicles)
    vera = page_of("vera@people.example", PASSWORD, width=360)
    vera.goto(police.get_absolute_url())
    for name in ("queries.zip", "totals.xlsx"):
        expect(vera.get_by_role("link", name=name, exact=True)).to_be_visible()
    vera.goto(f"{police.get_absolute_url()}mail/")
    expect(vera.get_by_text("Please resend to our new address")).to_have_count(0)
    looks_right(vera)
    vera.get_by_role("link", name="The records you asked for").first.click()
    looks_right(vera)
    vera.get_by_role("button", name="Record on").first.click()
    police.refresh_from_db()
    assert (police.status, police.resolution) == ("done", "records")

    # Nothing was answered by the program itself, and nothing got lost: five mails came, five are listed.
    assert len(letters_to(mailbox, "example")) == len(mailbox.messages)
    assert IncomingMessage.objects.count() == 5
    assert sorted(IncomingMessage.objects.values_list("state", flat=True)) == ["filed"] * 4 + ["set_aside"]
