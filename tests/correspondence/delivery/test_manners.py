"""Mail of programs: whoever answers by itself gets one letter and never an answer; limits hold at the mail server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as MAIL
from itertools import count
from typing import Any

import pytest
import time_machine
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import Client

from requests_app.correspondence import services
from requests_app.correspondence.delivery import queries
from requests_app.correspondence.incoming import services as incoming
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import Campaign, CampaignTarget, Deadline, RecordsRequest
from requests_app.people.models import Notice, Person
from requests_app.people.outbox import outboxes, send_all_due
from tests import servers
from tests.correspondence.delivery.conftest import LATER, kinds, report
from tests.correspondence.incoming.mails import AUTHSERV
from tests.factories import NOON, ContactPointFactory, DraftFactory, RecordsRequestFactory
from tests.servers import Mailbox

pytestmark = pytest.mark.django_db
_numbers = count(1)


class AnsweringMailbox(Mailbox):
    """Answers every mail that it takes, at once and by itself, as `answer` writes it; a storm where it says so."""

    times = 1
    answer: Any = None

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.answers: list[tuple[str, bytes]] = []  # to whom, and the mail

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        kept = await super().handle_DATA(server, session, envelope)
        delivery = self.deliveries[-1]
        for _ in range(self.times):
            self.answers.append((delivery.sender, type(self).answer(delivery)))
        await asyncio.sleep(0)
        return kept


def away(delivery: Any, **headers: str) -> bytes:
    """Return an answer to a mail, from the address that it went to. Without headers it is as rude as old programs."""
    made = EmailMessage(policy=MAIL)
    made["From"] = f"Records Office <{delivery.recipients[0]}>"
    made["To"], made["Subject"] = delivery.sender, headers.pop("subject", "Automatic reply: your request")
    made["Date"], made["Message-ID"] = "Mon, 02 Mar 2026 12:30:00 -0500", f"<away{next(_numbers)}@agency.example>"
    made["In-Reply-To"] = str(delivery.message["Message-ID"])
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("I am out of the office until Monday. For urgent matters write to clerk@agency.example.\n")
    domain = delivery.recipients[0].rpartition("@")[2]
    return f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}\r\n".encode() + made.as_bytes()


KINDS: dict[str, Callable[[Any], bytes]] = {
    "out of office (RFC 3834)": lambda mail: away(mail, Auto_Submitted="auto-replied"),
    "out of office, as Exchange marks it": lambda mail: away(mail, X_Auto_Response_Suppress="All"),
    "out of office without any mark": lambda mail: away(mail),
    "a robot that thanks for every mail": lambda mail: away(mail, subject="Thank you for contacting us"),
    "a challenge": lambda mail: away(mail, subject="Please confirm your message", Auto_Submitted="auto-generated"),
    "a read receipt": lambda mail: away(mail, subject="Read: your request", Disposition_Notification_To="x@y.example"),
    "asks for a receipt itself": lambda mail: away(mail, Return_Receipt_To="records@agency.example"),
    "a delivery report": lambda mail: report(str(mail.message["Message-ID"]), to=mail.sender or "x@reply.example"),
}


@pytest.fixture
def robot(settings: Any) -> Iterator[AnsweringMailbox]:
    with servers.mail_server(AnsweringMailbox) as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_TIMEOUT = 10
        assert isinstance(mailbox, AnsweringMailbox)
        yield mailbox


def mail_goes_to_and_fro(robot: AnsweringMailbox, reader: Reader, start: datetime) -> None:
    """Let what is due leave and what the robot answers come in, every six hours; for longer than both are at it."""
    for round_ in range(8):
        now = start + timedelta(hours=6 * round_)
        with time_machine.travel(now, tick=False):
            send_all_due(now)
            answers, robot.answers = robot.answers, []
            for to, raw in answers:
                incoming.take_in([raw], way="lmtp", envelope_from="", envelope_to=[to], now=now)
            for raw_id in RawMail.objects.filter(state="waiting").values_list("pk", flat=True):
                incoming.process(raw_id, now=now, reader=reader)


@pytest.mark.parametrize("kind", KINDS)
def test_a_robot_gets_one_letter_and_no_answer_ever(
    made: RecordsRequest, alice: Person, robot: AnsweringMailbox, reader: Reader, kind: str
) -> None:
    type(robot).answer = staticmethod(KINDS[kind])
    services.queue_letter(made, by=alice, now=NOON)
    mail_goes_to_and_fro(robot, reader, LATER)
    to = Counter(recipient for delivery in robot.deliveries for recipient in delivery.recipients)
    assert to.pop("records@agency.example") == 1
    # A bounce is told to the filer, once; the robot answers that, too, and nobody answers the robot.
    assert set(to) <= {alice.email} and to.total() == Notice.objects.count() <= 1
    waiting = [row for outbox in outboxes() for row in outbox._default_manager.filter(state__in=["queued", "sending"])]
    assert waiting == []
    assert RawMail.objects.count() == len(robot.deliveries), "each of its answers is kept"
    assert not RawMail.objects.exclude(state="processed").exists()
    assert kinds(made) == ["opened", "queued", "sent"], "and changes nothing by itself"


def test_what_we_send_tells_programs_not_to_answer_or_is_a_persons_own(
    made: RecordsRequest, alice: Person, robot: AnsweringMailbox, reader: Reader
) -> None:
    """RFC 3834, section 5: a program's mail says so. A letter is a person's, and must not look like a program's."""
    type(robot).answer = staticmethod(KINDS["a delivery report"])
    services.queue_letter(made, by=alice, now=NOON)
    mail_goes_to_and_fro(robot, reader, LATER)
    by_recipient = {delivery.recipients[0]: delivery.message for delivery in robot.deliveries}
    letter, notice = by_recipient["records@agency.example"], by_recipient[alice.email]
    assert letter["Auto-Submitted"] is None and letter["Precedence"] is None
    assert notice["Auto-Submitted"] == "auto-generated" and notice["X-Auto-Response-Suppress"] == "All"
    for name in ("Return-Receipt-To", "Disposition-Notification-To"):
        assert letter[name] is None, "nobody is asked to say that they opened it"


def test_a_storm_of_fifty_out_of_office_mails_changes_nothing(
    made: RecordsRequest, alice: Person, robot: AnsweringMailbox, reader: Reader, volunteer_client: Client
) -> None:
    type(robot).answer = staticmethod(KINDS["out of office (RFC 3834)"])
    robot.times = 50
    services.queue_letter(made, by=alice, now=NOON)
    send_all_due(LATER)
    before = list(Deadline.objects.filter(request=made).order_by("pk").values_list("kind", "latest", "state"))
    mail_goes_to_and_fro(robot, reader, LATER + timedelta(hours=1))
    made.refresh_from_db()
    assert (made.status, kinds(made)) == ("sent", ["opened", "queued", "sent"])
    assert list(Deadline.objects.filter(request=made).order_by("pk").values_list("kind", "latest", "state")) == before
    assert IncomingMessage.objects.filter(kind="auto_reply", state="filed").count() == 50
    assert len(robot.deliveries) == 1 and not Notice.objects.exists()
    assert not queries.not_delivered().exists()
    assert volunteer_client.get(made.get_absolute_url()).status_code == 200


def test_two_reports_at_once_are_both_noted(made: RecordsRequest, alice: Person, mailbox: Mailbox, store: Any) -> None:
    """However the worker groups what it reads."""
    first = services.queue_letter(made, by=alice, now=NOON)
    other = RecordsRequestFactory(
        filer=alice, reference="MD-2026-0008", reply_token="aaaabbbb", agency=made.agency,
        contact_point=made.contact_point, letter=made.letter,
    )  # fmt: skip
    second = services.queue_letter(other, by=alice, now=NOON)
    assert OutgoingLetter.send_due(LATER) == 2
    incoming.take_in([report(first.message_id)], way="lmtp", now=LATER)
    incoming.take_in([report(second.message_id, "delivered", status="2.1.5")], way="lmtp", now=LATER)
    incoming.process_waiting(LATER)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.bounced_at and second.delivered_at
    assert first.bounced_at is not None and second.bounced_at is None


def test_the_limit_for_one_receiver_holds_at_the_mail_server(
    alice: Person, mailbox: Mailbox, settings: Any, store: Any, made: RecordsRequest
) -> None:
    """Letters of a campaign whose moments all passed while nothing could be sent: the agency still gets two an hour."""
    settings.LETTERS_PER_RECEIVER_PER_HOUR, settings.LETTERS_PER_HOUR = 2, 100
    left: list[tuple[datetime, str]] = []
    campaign = Campaign.objects.create(name="Five", made_by=alice, made_at=NOON, changed_at=NOON)
    for number in range(5):
        domain = "agency.example" if number < 4 else "elsewhere.example"
        contact = ContactPointFactory(value=f"office{number}@{domain}")
        draft = DraftFactory(filer=alice)
        CampaignTarget.objects.create(campaign=campaign, jurisdiction="MD", kit_id=f"K{number + 1}", draft=draft)
        asked = RecordsRequestFactory(
            filer=alice, agency=contact.agency, contact_point=contact, draft=draft, letter=made.letter
        )
        services.queue_letter(asked, by=alice, now=NOON)
    for minutes in range(0, 200, 10):
        now = LATER + timedelta(minutes=minutes)
        before = len(mailbox.deliveries)
        OutgoingLetter.send_due(now)
        left += [(now, delivery.recipients[0].rpartition("@")[2]) for delivery in mailbox.deliveries[before:]]
    assert Counter(domain for _now, domain in left) == {"agency.example": 4, "elsewhere.example": 1}
    for moment, _domain in left:
        within = [
            one for one, domain in left if domain == "agency.example" and moment <= one < moment + timedelta(hours=1)
        ]
        assert len(within) <= 2
    assert left[0][0] == left[1][0] == LATER, "and nobody waits without need"
