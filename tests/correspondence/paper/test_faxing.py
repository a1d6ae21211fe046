"""Faxes: through a gateway by a real mail server, and by a machine; what their reports say."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from foia.checks import fax_gateway_can_be_told_a_number
from requests_app.correspondence import queries
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.paper import faxing, printing
from requests_app.correspondence.paper.faxing import NotAFaxNumber, gateway_address
from requests_app.correspondence.paper.models import FaxSending
from requests_app.correspondence.paper.printing import Fax
from requests_app.filing.models import NextLetter, RecordsRequest
from requests_app.filing.our_addresses import address_of
from requests_app.people.models import Notice, Person
from tests import servers
from tests.correspondence.paper.conftest import PICTURE
from tests.factories import NOON, record
from tests.servers import Mailbox
from tests.test_permissions import _begun

pytestmark = pytest.mark.django_db
Ask = Callable[..., RecordsRequest]
MUCH_LATER = NOON + timedelta(hours=1)


@pytest.fixture
def quick_fax(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands on the pages is test_printing's concern."""
    monkeypatch.setattr(faxing, "fax", lambda letter, **facts: Fax(b"%PDF of a fax", 3))


@pytest.fixture
def gateway(settings: Any) -> Iterator[Mailbox]:
    with servers.mail_server(Mailbox) as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_TIMEOUT = 10
        settings.FAX_GATEWAY = "{number}@fax.example"
        yield mailbox


def go(name: str, *about: Any) -> str:
    return reverse(f"correspondence:{name}", args=about)


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode()).replace("&#x27;", "'")


# --- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "pattern", "address"),
    [
        ("(410) 555-0111", "{number}@fax.example", "14105550111@fax.example"),
        ("+1 410 555 0111", "{national}@fax.example", "4105550111@fax.example"),
        ("410.555.0111", "fax=1{national}@fax.example", "fax=14105550111@fax.example"),
    ],
)
def test_the_address_of_a_number(number: str, pattern: str, address: str) -> None:
    assert gateway_address(number, pattern) == address


@given(st.text(max_size=40))
def test_no_number_makes_another_address_than_its_own(number: str) -> None:
    try:
        address = gateway_address(number, "{number}@fax.example")
    except NotAFaxNumber:
        return
    assert re.fullmatch(r"1\d{10}@fax\.example", address), "no header, no second recipient, no other host"


@pytest.mark.parametrize(
    "number", ["", "411", "evil@host.example", "4105550111\r\nBcc: x@y.example", "44 20 7946 0000", "\x00"]
)
def test_what_is_no_number(number: str) -> None:
    with pytest.raises(NotAFaxNumber):
        gateway_address(number, "{number}@fax.example")


@pytest.mark.parametrize(
    ("pattern", "is_wrong"),
    [
        ("", False),
        ("{number}@fax.example", False),
        ("{national}@fax.example", False),
        ("fax.example", True),
        ("someone@fax.example", True),
        ("{number}", True),
        ("{number}{number}@fax.example", True),
    ],
)
def test_a_wrong_pattern_is_said_at_start(settings: Any, pattern: str, is_wrong: bool) -> None:
    settings.FAX_GATEWAY = pattern
    assert bool(fax_gateway_can_be_told_a_number(None)) == is_wrong


# --- through the gateway ----------------------------------------------------------------------------------------------


def test_a_fax_leaves_once_through_the_outbox_with_undo_and_proof(
    by_post: Ask, gateway: Mailbox, volunteer_client: Client, alice: Person
) -> None:
    made = by_post("fax")
    assert "Send it by fax" in said(volunteer_client.get(made.get_absolute_url()))
    assert "(410) 555-0111" in said(volunteer_client.get(go("fax", made.reference)))
    shown = said(volunteer_client.post(go("fax-send", made.reference), {"seen": "0"}, follow=True))
    assert "The fax waits in the outbox" in shown
    assert "Take it back" in shown
    volunteer_client.post(go("fax-send", made.reference), {"seen": "0"})  # a second click
    assert OutgoingLetter.objects.count() == FaxSending.objects.count() == 1
    volunteer_client.post(go("undo", made.reference))
    assert OutgoingLetter.send_due(MUCH_LATER) == 0
    made.refresh_from_db()
    assert made.status == "ready"
    volunteer_client.post(go("fax-send", made.reference), {"seen": "0"})
    assert OutgoingLetter.send_due(MUCH_LATER) == 1
    assert len(gateway.deliveries) == 1
    message = email.message_from_bytes(gateway.deliveries[0].raw, policy=email.policy.default)
    assert (message["To"], message["Subject"]) == ("14105550111@fax.example", f"Fax {made.reference}")
    assert message["From"] == address_of(made)
    assert "Alice" not in message.get_body().get_content(), "some gateways print the body"
    (attached,) = message.iter_attachments()
    row = FaxSending.objects.exclude(outgoing__state="cancelled").get()
    assert attached.get_content_type() == "application/pdf"
    assert len(pypdfium2.PdfDocument(attached.get_content())) == row.pages
    event = made.events.get(kind="sent")
    assert (event.details["method"], event.details["message_id"]) == ("fax", row.outgoing.message_id)
    assert "250" in event.details["answer"]
    assert faxing.sending_event(row) == event
    assert queries.thread_of(made) == (), "a gateway's mail is no part of our conversation with the agency"


def test_a_gateway_that_refuses_marks_no_contact_of_the_agency(
    by_post: Ask, gateway: Mailbox, alice: Person, quick_fax: None
) -> None:
    made = by_post("fax")
    gateway.refuse["14105550111@fax.example"] = "550 no such number"
    faxing.queue_fax(_paper(made), by=alice, now=NOON)
    OutgoingLetter.send_due(MUCH_LATER)
    made.refresh_from_db()
    made.contact_point.refresh_from_db()
    assert (made.status, made.contact_point.health) == ("undelivered", "confirmed")
    assert "could not be handed" in Notice.objects.get().text


def test_a_later_letter_by_fax_keeps_its_copy(
    by_post: Ask, gateway: Mailbox, alice: Person, volunteer_client: Client, quick_fax: None
) -> None:
    made = record(by_post("fax"), ("sent", "2026-03-02"))
    letter = _begun(made, alice)
    stale = volunteer_client.post(go("next-fax-send", made.reference, letter.pk), {"seen": "0"}, follow=True)
    assert "was changed" in said(stale)
    shown = volunteer_client.post(
        go("next-fax-send", made.reference, letter.pk), {"seen": str(letter.changes)}, follow=True
    )
    assert "The fax waits in the outbox" in said(shown)
    OutgoingLetter.send_due(MUCH_LATER)
    letter.refresh_from_db()
    assert (letter.state, letter.sent_event.details["method"]) == (NextLetter.State.SENT, "fax")
    assert letter.sent_copy.pdf


def test_without_a_gateway_nothing_is_queued(by_post: Ask, volunteer_client: Client, settings: Any) -> None:
    settings.FAX_GATEWAY = ""
    made = by_post("fax")
    assert "Through the fax gateway" not in said(volunteer_client.get(go("fax", made.reference)))
    answer = volunteer_client.post(go("fax-send", made.reference), follow=True)
    assert "This server has no fax gateway" in said(answer)
    assert not OutgoingLetter.objects.exists()


def test_an_office_without_a_fax_number_is_told_so(by_post: Ask, gateway: Mailbox, volunteer_client: Client) -> None:
    made = by_post()
    assert "No fax number of this office is on our list" in said(volunteer_client.get(go("fax", made.reference)))
    for where in ("fax-send", "fax-pdf"):
        answer = getattr(volunteer_client, "post" if where == "fax-send" else "get")(
            go(where, made.reference), follow=True
        )
        assert "No fax number of this office is on our list" in said(answer)


# --- by a machine -----------------------------------------------------------------------------------------------------


def faxed(**typed: Any) -> dict[str, Any]:
    return {"number": "410 555 0111", "pages": "3", "sent_on": "2026-03-02"} | typed


def test_a_fax_by_a_machine_is_recorded_with_its_moment_and_report(by_post: Ask, volunteer_client: Client) -> None:
    made = by_post("fax")
    report = SimpleUploadedFile("report.png", PICTURE)
    answer = volunteer_client.post(go("fax-sent", made.reference), faxed(sent_time="09:30", proof=report))
    assert answer.status_code == 302, said(answer)
    row = FaxSending.objects.get()
    assert (row.number, row.pages, row.outgoing, row.result) == ("(410) 555-0111", 3, None, "waiting")
    event = made.events.get(kind="sent")
    assert (row.sent_event, event.details["method"]) == (event, "fax")
    assert event.happened_at.isoformat() == "2026-03-02T14:30:00+00:00", "half past nine in Maryland"
    assert [document.original_name for document in row.proofs.all()] == ["report.png"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"number": "411"}, "This is not a telephone number"),
        ({"pages": "0"}, "usa-error-message"),
        ({"pages": "9" * 30}, "usa-error-message"),
        ({"sent_on": "2026-02-01"}, "before the letter was written"),
        ({"sent_time": "23:00"}, "usa-error-message"),
        ({"confirmation": "\x00"}, "Null characters are not allowed"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said(by_post: Ask, volunteer_client: Client, typed: dict[str, str], why: str) -> None:
    made = by_post("fax")
    answer = volunteer_client.post(go("fax-sent", made.reference), faxed(**typed))
    assert (answer.status_code, why in said(answer)) == (422, True)
    assert not FaxSending.objects.exists()


@pytest.mark.parametrize(
    ("result", "kind", "status"), [("arrived", "received", "received"), ("failed", "send_failed", "undelivered")]
)
def test_what_the_report_says_stands_on_the_timeline(
    by_post: Ask, volunteer_client: Client, result: str, kind: str, status: str
) -> None:
    made = by_post("fax")
    volunteer_client.post(go("fax-sent", made.reference), faxed())
    row = FaxSending.objects.get()
    typed = {"result": result, "on": "2026-03-02", "on_timeline": "on", "note": "Report 7"}
    assert volunteer_client.post(row.get_absolute_url(), typed).status_code == 302
    made.refresh_from_db()
    assert made.status == status
    assert made.events.get(kind=kind).details["method"] == "fax"
    assert "meanwhile" in said(volunteer_client.post(row.get_absolute_url(), typed, follow=True))
    assert made.events.filter(kind=kind).count() == 1


def test_a_report_without_the_timeline_changes_nothing_there(by_post: Ask, volunteer_client: Client) -> None:
    made = by_post("fax")
    volunteer_client.post(go("fax-sent", made.reference), faxed())
    row = FaxSending.objects.get()
    proof = SimpleUploadedFile("report.png", PICTURE)
    volunteer_client.post(row.get_absolute_url(), {"result": "arrived", "on": "2026-03-02", "proof": proof})
    assert not made.events.filter(kind="received").exists()
    assert FaxSending.objects.get().proofs.count() == 1


def test_a_fax_that_has_not_left_has_no_report(
    by_post: Ask, gateway: Mailbox, alice: Person, volunteer_client: Client, quick_fax: None
) -> None:
    made = by_post("fax")
    faxing.queue_fax(_paper(made), by=alice, now=NOON)
    row = FaxSending.objects.get()
    assert "What does the report say?" not in said(volunteer_client.get(row.get_absolute_url()))
    answer = volunteer_client.post(row.get_absolute_url(), {"result": "arrived", "on": "2026-03-02"}, follow=True)
    assert "This fax has not left yet" in said(answer)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_log_and_who_sees_it(
    by_post: Ask,
    volunteer_client: Client,
    coordinator_client: Client,
    stranger_client: Client,
    reviewer_client: Client,
    monday: time_machine.Traveller,
) -> None:
    made = by_post("fax")
    volunteer_client.post(go("fax-sent", made.reference), faxed())
    row = FaxSending.objects.get()
    assert made.reference in said(coordinator_client.get(go("fax-log")))
    for hostile in ("\x00", "x", "9" * 40):
        assert coordinator_client.get(go("fax-log"), {"after": hostile}).status_code == 200
    for client in (stranger_client, reviewer_client):
        assert client.get(go("fax-log")).status_code == 403
        for where in (go("fax", made.reference), go("fax-pdf", made.reference), row.get_absolute_url()):
            assert client.get(where).status_code in (403, 404)


def test_the_pdf_is_for_whoever_may_read_the_letter(by_post: Ask, volunteer_client: Client, quick_fax: None) -> None:
    answer = volunteer_client.get(go("fax-pdf", by_post("fax").reference))
    assert (answer.status_code, answer.content) == (200, b"%PDF of a fax")
    assert printing.Options().duplex


def _paper(made: RecordsRequest) -> Any:
    from requests_app.correspondence.paper import queries as paper_queries
    from requests_app.correspondence.paper import sheets

    contacts = paper_queries.contacts_by_agency([made.agency_id])[made.agency_id]
    return sheets.first_letter(made, contacts=contacts)
