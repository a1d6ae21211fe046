"""A letter of Alice's that left through a real mail server, and the reports that come back of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from requests_app.correspondence import services
from requests_app.correspondence.incoming import services as incoming
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import lawbook
from requests_app.filing.choices import DraftChoices
from requests_app.filing.composing import Destination, Sender, letter_for
from requests_app.filing.models import Delivery, RecordsRequest
from requests_app.kits.addressees import custodians_for
from requests_app.kits.catalog import get_kit
from requests_app.kits.letters import dump
from requests_app.people.models import Person
from tests import servers
from tests.correspondence.incoming.conftest import reader, store
from tests.factories import NOON, ContactPointFactory, RecordsRequestFactory
from tests.servers import Mailbox

__all__ = ["reader", "store"]

LATER = NOON + timedelta(minutes=11)  # the undo window lasts ten
_numbers = count(1)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A real mail server that takes our letters."""
    with servers.mail_server(Mailbox) as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_TIMEOUT = 10
        yield mailbox


@pytest.fixture
def made(alice: Person, store: Any) -> RecordsRequest:
    """Alice's request to a Maryland agency, ready to be sent by e-mail."""
    contact = ContactPointFactory(agency__jurisdiction="MD", value="records@agency.example")
    made = RecordsRequestFactory(
        agency=contact.agency, contact_point=contact, filer=alice, assignee=alice, reference="MD-2026-0007",
        reply_token="k3v9x2ab",
    )  # fmt: skip
    custodians = custodians_for(get_kit("K1"), "MD")
    letter = letter_for(
        kit=get_kit("K1"),
        statute=lawbook.statute_of("MD"),
        to=Destination(custodians[0], Delivery.EMAIL, contact),
        custodians=custodians,
        chosen=DraftChoices(requester_name=alice.legal_name, period_start=date(2024, 1, 1)),
        sender=Sender("", services.address_for(made.reference, made.reply_token)),
        on=date(2026, 3, 2),
        reference=made.reference,
    )
    made.letter = dump(letter)
    made.save(update_fields=["letter"])
    return made


@pytest.fixture
def sent(made: RecordsRequest, alice: Person, mailbox: Mailbox) -> OutgoingLetter:
    """The letter, taken by the mail server at LATER."""
    letter = services.queue_letter(made, by=alice, now=NOON)
    assert OutgoingLetter.send_due(LATER) == 1
    letter.refresh_from_db()
    return letter


def report(
    original: str,
    action: str = "failed",
    *,
    status: str = "5.1.1",
    words: str = "550 5.1.1 no such user",
    recipient: str = "records@agency.example",
    to: str = "records+md-2026-0007-k3v9x2ab@reply.example",
) -> bytes:
    """Return a mail server's report on the letter with this Message-ID (RFC 3464)."""
    return (
        "Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@relay.example>\r\n"
        f"To: {to}\r\nSubject: Delivery Status Notification\r\nDate: Tue, 03 Mar 2026 10:00:00 -0500\r\n"
        f"Message-ID: <report{next(_numbers)}@relay.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nAbout your mail.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def arrives(store: Any, reader: Reader) -> Callable[..., IncomingMessage]:
    """Let a mail come in and be read, and return the message."""

    def come(raw: bytes, now: datetime | None = None) -> IncomingMessage:
        moment = now or timezone.now()
        kept = incoming.take_in([raw], way="lmtp", now=moment)
        incoming.process(kept.pk, now=moment, reader=reader)
        kept.refresh_from_db()
        assert kept.message is not None
        return kept.message

    return come


def kinds(made: RecordsRequest) -> list[str]:
    """Return the kinds of a request's events, in the order in which they were recorded."""
    return list(made.events.order_by("sequence").values_list("kind", flat=True))
