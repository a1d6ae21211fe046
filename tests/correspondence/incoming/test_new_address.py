"""“Please send it to our new address”: whoever writes that, later letters go where they went before.

A person may propose the address, a coordinator may find it elsewhere, too, and even then nothing that is under way
moves by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import ContactPoint
from requests_app.agencies.proposals.models import ContactProposal
from requests_app.correspondence.incoming import services, settling
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.settling import NotSettled
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import Event, RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.kept import a_message
from tests.correspondence.incoming.mails import mail
from tests.correspondence.test_next_letters import ask, browser, clock, later, mailbox, quick_pdf, send, write
from tests.factories import NOON
from tests.servers import Mailbox

__all__ = ["ask", "clock", "mailbox", "quick_pdf"]  # fixtures, used by name
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
NEW = "records@new-agency.example"
ASKS = f"We have moved. Please resend your request to our new address {NEW}.\n"


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize(
    ("sender", "proven"),
    [
        pytest.param("Records Office <records@agency.example>", True, id="the-agency-itself"),
        pytest.param("Records Office <records@agency.example>", False, id="forged"),
        pytest.param(f"Records Office <{NEW}>", True, id="from-the-new-address"),
        pytest.param("Agency Records <agency.records@gmail.com>", None, id="from-a-provider"),
    ],
)
def test_the_story_of_a_new_address(
    sender: str, proven: bool | None, ask: Callable[..., RecordsRequest], alice: Person, coordinator_client: Client,
    mailbox: Mailbox, clock: time_machine.Traveller, reader: Reader,
):  # fmt: skip
    made = ask()
    RecordsRequest.objects.filter(pk=made.pk).update(reply_token="k3v9x2ab")
    contacts = list(ContactPoint.objects.values_list("value", "health"))
    events = Event.objects.count()
    address = f"records+{made.reference.lower()}-k3v9x2ab@reply.example"

    # It waits, whoever wrote it, and says what it wants.
    raw = mail(sender=sender, to=address, text=ASKS, proven=proven, Reply_To=NEW)
    taken = services.take_in([raw], way="lmtp", now=NOON)
    services.process(taken.pk, now=NOON, reader=reader)
    message = IncomingMessage.objects.get()
    assert (message.state, message.triage_reason) == ("triage", "quarantined")
    where = reverse("correspondence:message", args=[message.pk])

    # Accepting files it. It changes no address and proposes nothing by itself.
    coordinator_client.post(f"{where}accept/", {"seen": message.changes})
    assert (ContactProposal.objects.count(), Event.objects.count()) == (0, events)
    assert "Propose an address as a contact of the agency" in body(coordinator_client.get(where))

    # A person proposes it: still nothing moves.
    said = {"seen": 1, "agency": made.agency_id, "address": NEW}
    html = body(coordinator_client.post(f"{where}propose/", said, follow=True))
    assert "letters go where they went before" in html
    assert list(ContactPoint.objects.values_list("value", "health")) == contacts
    listed = body(coordinator_client.get(reverse("agencies:proposals")))
    assert NEW in listed and f'href="{where}"' in listed

    # A coordinator found it on the agency's page: it is an address of the agency, not confirmed.
    proposal = ContactProposal.objects.get()
    accept = reverse("agencies:proposal-accept", args=[proposal.pk])
    html = body(coordinator_client.post(accept, {"where_seen": "https://agency.example/records"}, follow=True))
    assert "Requests that are under way go on as before" in html
    known = ContactPoint.objects.get(value=NEW)
    assert (known.health, known.may_be_used_unasked) == ("unconfirmed", False)

    # The next letter of the request goes where the first went.
    now = later(made, clock, "2026-05-01")
    client = browser(alice)
    send(client, write(client, made, "determination_overdue"))
    assert OutgoingLetter.send_due(later(made, clock, "2026-05-02")) == 1
    (left,) = mailbox.messages
    assert left["To"] == "records@agency.example" and now is not None
    made.refresh_from_db()
    assert made.contact_point.value == "records@agency.example"


def test_an_address_can_be_proposed_only_for_an_agency_of_the_message(
    letter: RecordsRequest, alice: Person, bob: Person, coordinator_client: Client
):
    other = a_request(alice, "MD-2026-0008", "zzzz2222", "other.example")
    message = a_message(on=[letter], state="filed", from_address="new@third.example")
    for address, agency, words in (
        ("new@third.example", other.agency_id, "no request to that agency"),
        ("records@agency.example", letter.agency_id, "has this address already"),
        ("nobody", letter.agency_id, "not an e-mail address"),
        ("a\x00@third.example", letter.agency_id, "cannot be printed"),
        ("", letter.agency_id, "empty"),
    ):
        with pytest.raises(NotSettled, match=words):
            settling.propose_contact(message.pk, agency_id=agency, address=address, by=bob, now=NOON)
    assert not ContactProposal.objects.exists() and not AuditEntry.objects.exists()
    where = reverse("correspondence:message-propose", args=[message.pk])
    wrong = {"seen": 0, "agency": other.agency_id, "address": "new@third.example"}
    assert "Select a valid choice" in body(coordinator_client.post(where, wrong), 422)
    settling.propose_contact(message.pk, agency_id=letter.agency_id, address="New@Third.example", by=bob, now=NOON)
    again = settling.propose_contact(
        message.pk, agency_id=letter.agency_id, address="New@third.example", by=bob, now=NOON
    )
    assert ContactProposal.objects.get() == again and again.message_number == message.pk
    message.refresh_from_db()
    assert message.changes == 0  # where the message is did not change, so nobody has to look again


def test_a_known_sender_who_asks_for_nothing_is_not_proposed(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter], state="filed", reasons=["known_sender", "proven"])
    assert "Propose an address" not in body(
        coordinator_client.get(reverse("correspondence:message", args=[message.pk]))
    )
    waiting = a_message(on=[letter])
    assert "Propose an address" not in body(
        coordinator_client.get(reverse("correspondence:message", args=[waiting.pk]))
    )


def test_mail_of_a_proposed_address_is_still_a_strangers(letter: RecordsRequest, bob: Person, reader: Reader):
    message = a_message(on=[letter], state="filed", from_address=NEW)
    settling.propose_contact(message.pk, agency_id=letter.agency_id, address=NEW, by=bob, now=NOON)
    taken = services.take_in([mail(sender=NEW)], way="lmtp", now=NOON)
    services.process(taken.pk, now=NOON, reader=reader)
    taken.refresh_from_db()
    assert taken.message is not None and "unknown_sender" in taken.message.reasons
