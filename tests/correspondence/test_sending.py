"""Letters by e-mail: queued, taken back, sent, refused, and what follows, against a real mail server."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from requests_app.agencies.models import AgencyChange
from requests_app.correspondence import services, transport
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import lawbook
from requests_app.filing.choices import DraftChoices
from requests_app.filing.composing import Destination, Sender, letter_for
from requests_app.filing.models import Delivery, RecordsRequest
from requests_app.kits.addressees import custodians_for
from requests_app.kits.catalog import get_kit
from requests_app.kits.letters import dump
from requests_app.people.models import Notice, Person
from requests_app.people.outbox import TRIES, AddressRefused, Outcome, PermanentFailure
from tests import servers
from tests.factories import NOON, ContactPointFactory, RecordsRequestFactory
from tests.servers import Mailbox

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=11)  # the undo window lasts ten


class PickyMailbox(Mailbox):
    """Answers a whole message with `verdict` when there is one."""

    verdict = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        kept = await super().handle_DATA(server, session, envelope) if not self.verdict else ""
        await asyncio.sleep(0)
        return self.verdict or kept


@pytest.fixture
def mailbox(settings: Any) -> Iterator[PickyMailbox]:
    with servers.mail_server(PickyMailbox) as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_TIMEOUT = 10
        assert isinstance(mailbox, PickyMailbox)
        yield mailbox


@pytest.fixture
def made(alice: Person) -> RecordsRequest:
    """Alice's request to a Maryland agency, ready to be sent by e-mail."""
    contact = ContactPointFactory(agency__jurisdiction="MD", value="records@agency.example")
    made = RecordsRequestFactory(
        agency=contact.agency, contact_point=contact, filer=alice, assignee=alice, reply_token="k3v9x2ab"
    )
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
def letter(made: RecordsRequest, alice: Person) -> OutgoingLetter:
    return services.queue_letter(made, by=alice, now=NOON)


def kinds(made: RecordsRequest) -> list[str]:
    return list(made.events.order_by("sequence").values_list("kind", flat=True))


# --- into the outbox and back -----------------------------------------------------------------------------------------


def test_a_queued_letter_waits_for_the_undo_window(letter: OutgoingLetter, mailbox: Mailbox) -> None:
    assert OutgoingLetter.send_due(NOON + timedelta(minutes=9)) == 0
    assert mailbox.deliveries == []
    letter.request.refresh_from_db()
    assert letter.request.status == "sending"
    assert OutgoingLetter.send_due(LATER) == 1
    assert len(mailbox.deliveries) == 1


def test_it_leaves_byte_for_byte_as_kept_and_with_one_proof(letter: OutgoingLetter, mailbox: Mailbox) -> None:
    assert OutgoingLetter.send_due(LATER) == 1
    (delivery,) = mailbox.deliveries
    letter.refresh_from_db()
    assert delivery.raw == letter.raw.encode("ascii"), "what is kept is what left"
    assert delivery.recipients == ("records@agency.example",)
    message = delivery.message
    assert message["Message-ID"] == letter.message_id
    assert letter.request.reply_token not in letter.message_id, "it is quoted in other people's mail"
    assert f"{letter.request.reference.lower()}-k3v9x2ab@" in str(message["From"])
    assert "Alice Liddell" in message.get_content()
    assert (letter.state, letter.answer) == ("sent", "250 Kept")
    assert kinds(letter.request) == ["opened", "queued", "sent"]
    sent = letter.request.events.get(kind="sent")
    assert sent.details == {"method": "email", "message_id": letter.message_id, "answer": "250 Kept"}
    assert sent.recorded_by is None
    letter.request.refresh_from_db()
    assert letter.request.status == "sent"
    assert letter.request.next_due_on, "the clock runs"


def test_the_message_is_unreadable_in_the_database(letter: OutgoingLetter) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw FROM correspondence_outgoingletter")
        (stored,) = cursor.fetchone()
    assert "Liddell" in letter.raw
    assert "Liddell" not in stored


def test_a_second_click_mails_nobody_twice(made: RecordsRequest, alice: Person, mailbox: Mailbox) -> None:
    first = services.queue_letter(made, by=alice, now=NOON)
    assert services.queue_letter(made, by=alice, now=NOON) == first
    OutgoingLetter.send_due(LATER)
    with pytest.raises(services.NotSendable, match="already left"):
        services.queue_letter(made, by=alice, now=LATER)
    assert len(mailbox.deliveries) == 1


def test_a_letter_that_cannot_be_written_leaves_everything_as_it_was(made: RecordsRequest, alice: Person) -> None:
    made.letter = {}
    made.save(update_fields=["letter"])
    with pytest.raises(Exception, match=r".+"):
        services.queue_letter(made, by=alice, now=NOON)
    made.refresh_from_db()
    assert (made.status, kinds(made)) == ("ready", ["opened"])


def test_a_request_without_an_address_is_not_queued(made: RecordsRequest, alice: Person) -> None:
    made.contact_point.channel = "post"
    with pytest.raises(services.NotSendable, match="no e-mail address"):
        services.queue_letter(made, by=alice, now=NOON)


def test_taken_back_it_never_leaves_and_can_be_queued_anew(
    letter: OutgoingLetter, alice: Person, mailbox: Mailbox
) -> None:
    assert services.take_back(letter.pk, by=alice, now=NOON)
    assert not services.take_back(letter.pk, by=alice, now=NOON), "only once"
    assert OutgoingLetter.send_due(LATER) == 0
    letter.request.refresh_from_db()
    assert letter.request.status == "ready"
    again = services.queue_letter(letter.request, by=alice, now=LATER)
    assert again.message_id != letter.message_id
    assert OutgoingLetter.send_due(LATER + timedelta(minutes=11)) == 1
    assert kinds(letter.request) == ["opened", "queued", "taken_back", "queued", "sent"]


def test_what_has_left_cannot_be_taken_back(letter: OutgoingLetter, alice: Person, mailbox: Mailbox) -> None:
    OutgoingLetter.send_due(LATER)
    assert not services.take_back(letter.pk, by=alice, now=LATER)
    assert kinds(letter.request) == ["opened", "queued", "sent"]


@pytest.mark.django_db(transaction=True)
def test_of_sending_and_taking_back_at_once_exactly_one_wins(
    letter: OutgoingLetter, alice: Person, mailbox: Mailbox
) -> None:
    outcome: dict[str, Any] = {}
    together = threading.Barrier(2)

    def run(name: str, work: Any) -> None:
        try:
            together.wait(timeout=20)
            outcome[name] = work()
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=("sent", lambda: OutgoingLetter.send_due(LATER) == 1)),
        threading.Thread(target=run, args=("back", lambda: services.take_back(letter.pk, by=alice, now=LATER))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert outcome["sent"] != outcome["back"]
    assert len(mailbox.deliveries) == outcome["sent"]
    assert kinds(letter.request)[-1] == ("sent" if outcome["sent"] else "taken_back")


def test_send_now_ends_the_wait(letter: OutgoingLetter, mailbox: Mailbox) -> None:
    assert services.send_now(letter.pk, now=NOON)
    assert not services.send_now(letter.pk, now=NOON)
    assert OutgoingLetter.send_due(NOON) == 1


def test_a_letter_in_the_outbox_is_not_marked_as_sent_by_hand(letter: OutgoingLetter, alice: Person) -> None:
    with pytest.raises(services.NotSendable, match="Take it back first"):
        services.mark_sent(letter.request, method="post", sent_on=date(2026, 3, 2), by=alice, now=NOON)
    assert kinds(letter.request) == ["opened", "queued"]


# --- what the mail server says ------------------------------------------------------------------------------------


def test_a_refused_address_is_marked_and_the_filer_is_told(letter: OutgoingLetter, mailbox: Mailbox) -> None:
    mailbox.refuse["records@agency.example"] = "550 5.1.1 No such mailbox"
    assert OutgoingLetter.attempt(letter.pk, LATER) is Outcome.FAILED
    letter.refresh_from_db()
    assert (letter.state, letter.answer) == ("failed", "550 5.1.1 No such mailbox")
    request = RecordsRequest.objects.get(pk=letter.request_id)
    assert (request.status, request.next_due_on) == ("undelivered", None)
    contact = request.contact_point
    assert contact.health == "bounced"
    assert AgencyChange.objects.get(what="contact_bounced").why == "550 5.1.1 No such mailbox"
    notice = Notice.objects.get()
    assert notice.recipient == request.filer
    assert "refused the address" in notice.text


def test_after_a_refusal_the_letter_goes_to_another_address(
    letter: OutgoingLetter, alice: Person, mailbox: Mailbox
) -> None:
    mailbox.refuse["records@agency.example"] = "550 5.1.1 No such mailbox"
    OutgoingLetter.send_due(LATER)
    request = RecordsRequest.objects.get(pk=letter.request_id)
    request.contact_point = ContactPointFactory(agency=request.agency, value="clerk@agency.example")
    request.save(update_fields=["contact_point"])
    services.queue_letter(request, by=alice, now=LATER)
    assert OutgoingLetter.send_due(LATER + timedelta(minutes=11)) == 1
    assert mailbox.deliveries[0].recipients == ("clerk@agency.example",)
    request.refresh_from_db()
    assert request.status == "sent"


def test_a_letter_that_came_back_after_it_was_sent_can_be_sent_again(
    letter: OutgoingLetter, alice: Person, mailbox: Mailbox
) -> None:
    from requests_app.filing import services as filing

    OutgoingLetter.send_due(LATER)
    filing.record_event(letter.request_id, "send_failed", by=alice, now=LATER + timedelta(hours=1))
    request = RecordsRequest.objects.select_related("contact_point").get(pk=letter.request_id)
    services.queue_letter(request, by=alice, now=LATER + timedelta(hours=2))
    assert OutgoingLetter.send_due(LATER + timedelta(hours=3)) == 1


def test_a_refused_message_says_nothing_against_the_address(letter: OutgoingLetter, mailbox: PickyMailbox) -> None:
    mailbox.verdict = "554 5.7.1 Looks like advertising"
    assert OutgoingLetter.attempt(letter.pk, LATER) is Outcome.FAILED
    request = RecordsRequest.objects.get(pk=letter.request_id)
    assert request.status == "undelivered"
    assert request.contact_point.health == "confirmed"
    assert "could not be handed" in Notice.objects.get().text


@pytest.mark.parametrize("trouble", ["451 4.7.1 Greylisted", "452 4.2.2 Mailbox full"])
def test_a_passing_refusal_is_tried_again_and_starts_no_clock(
    letter: OutgoingLetter, mailbox: PickyMailbox, trouble: str
) -> None:
    mailbox.verdict = trouble
    assert OutgoingLetter.attempt(letter.pk, LATER) is Outcome.LATER
    assert kinds(letter.request) == ["opened", "queued"]
    mailbox.verdict = ""
    assert OutgoingLetter.send_due(LATER + timedelta(minutes=1)) == 1
    assert [message["Message-ID"] for message in mailbox.messages] == [letter.message_id]


def test_a_server_that_never_answers_is_given_up_after_every_try(letter: OutgoingLetter, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers.free_port()
    moment = LATER
    for _ in range(TRIES):
        moment += timedelta(days=1)
        outcome = OutgoingLetter.attempt(letter.pk, moment)
    assert outcome is Outcome.FAILED
    request = RecordsRequest.objects.get(pk=letter.request_id)
    assert request.status == "undelivered"
    assert request.contact_point.health == "confirmed", "our own trouble says nothing against the address"
    assert Notice.objects.count() == 1


def test_somebody_is_told_although_the_filer_left(letter: OutgoingLetter, bob: Person, mailbox: Mailbox) -> None:
    mailbox.refuse["records@agency.example"] = "550 5.1.1 No such mailbox"
    Person.objects.filter(pk=letter.queued_by_id).update(is_active=False)
    OutgoingLetter.send_due(LATER)
    assert Notice.objects.get(key__startswith="letter-failed").recipient == bob


# --- twice --------------------------------------------------------------------------------------------------------


def test_one_letter_leaves_one_event_however_often_it_is_recorded(letter: OutgoingLetter, mailbox: Mailbox) -> None:
    OutgoingLetter.send_due(LATER)
    for _ in range(2):
        services.record_sent(letter, "250 Kept", now=LATER)
    assert kinds(letter.request) == ["opened", "queued", "sent"]


def test_a_failure_is_recorded_and_told_once(letter: OutgoingLetter) -> None:
    for _ in range(2):
        services.record_failed(letter, "550 gone", address_refused=True, now=LATER)
    assert kinds(letter.request) == ["opened", "queued", "send_failed"]
    assert Notice.objects.count() == 1
    assert AgencyChange.objects.filter(what="contact_bounced").count() == 1


@pytest.mark.parametrize("ends", ["sent", "failed"])
def test_what_follows_is_made_up_for_without_another_mail(
    letter: OutgoingLetter, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """The event cannot be written at the moment at which the mail server answers."""
    if ends == "failed":
        mailbox.refuse["records@agency.example"] = "550 5.1.1 No such mailbox"
    record_event = services.filing.record_event

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(services.filing, "record_event", broken)
    OutgoingLetter.attempt(letter.pk, LATER)
    letter.refresh_from_db()
    assert (letter.state, letter.follow_up_pending) == (ends, True)
    assert kinds(letter.request) == ["opened", "queued"]
    monkeypatch.setattr(services.filing, "record_event", record_event)
    OutgoingLetter.send_due(LATER + timedelta(days=1))
    letter.refresh_from_db()
    assert (letter.state, letter.follow_up_pending) == (ends, False)
    assert kinds(letter.request)[-1] == ("sent" if ends == "sent" else "send_failed")
    assert len(mailbox.deliveries) == (ends == "sent")


def test_a_worker_that_died_after_sending_leaves_the_same_message_id(letter: OutgoingLetter, mailbox: Mailbox) -> None:
    claimed = OutgoingLetter.claim(letter.pk, LATER)
    assert claimed is not None
    claimed.deliver()  # and here it dies
    assert OutgoingLetter.send_due(LATER + timedelta(seconds=60)) == 0, "its claim still holds"
    assert OutgoingLetter.send_due(LATER + timedelta(hours=1)) == 1
    assert {message["Message-ID"] for message in mailbox.messages} == {letter.message_id}
    assert mailbox.deliveries[0].raw == mailbox.deliveries[1].raw
    assert kinds(letter.request) == ["opened", "queued", "sent"]


# --- the conversation ---------------------------------------------------------------------------------------------


RAW = b"From: a@example.org\r\nSubject: x\r\n\r\nA line.\r\n.A line with a dot.\r\n"


def test_bytes_arrive_as_they_are_and_the_answer_comes_back(mailbox: Mailbox) -> None:
    assert transport.send_raw(RAW, "records@agency.example") == "250 Kept"
    assert mailbox.deliveries[0].raw == RAW
    assert mailbox.deliveries[0].sender == "a@example.org"


class ReportingServer(SMTP):
    """A mail server that reports deliveries (RFC 3461), and keeps what it was asked for. aiosmtpd itself cannot."""

    asked: ClassVar[dict[str, str]] = {}

    def _getparams(self, params: Sequence[str]) -> dict[str, str | bool] | None:
        found: dict[str, str | bool] = super()._getparams(params) or {}
        for name in ("RET", "ENVID", "NOTIFY", "ORCPT"):
            if name in found:
                self.asked[name] = str(found.pop(name))
        return found


def test_a_report_is_asked_for_where_the_server_can_and_comes_to_the_requests_own_address(
    letter: OutgoingLetter, mailbox: Mailbox, made: RecordsRequest, settings: Any
) -> None:
    class Door:
        handle_RCPT, handle_DATA = mailbox.handle_RCPT, mailbox.handle_DATA  # noqa: N815  the names are aiosmtpd's

        async def handle_EHLO(  # noqa: N802
            self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
        ) -> list[str]:
            session.host_name = hostname
            return [responses[0], "250-DSN", *responses[1:]]

    class Reporting(Controller):
        def factory(self) -> SMTP:
            return ReportingServer(self.handler, **self.SMTP_kwargs)

    door = Reporting(Door(), hostname="127.0.0.1", port=servers.free_port())
    settings.EMAIL_PORT = door.port
    ReportingServer.asked.clear()
    door.start()
    try:
        assert OutgoingLetter.send_due(LATER) == 1
    finally:
        door.stop()
    name = letter.message_id.strip("<>").upper()  # aiosmtpd reads all parameters in capitals
    assert ReportingServer.asked == {
        "RET": "HDRS",
        "ENVID": name,
        "NOTIFY": "SUCCESS,FAILURE,DELAY",
        "ORCPT": "RFC822;RECORDS@AGENCY.EXAMPLE",
    }
    assert mailbox.deliveries[0].sender == services.address_for(made.reference, made.reply_token)


@pytest.mark.parametrize(
    ("text", "as_carried"),
    [("md-1.2@example.org", "md-1.2@example.org"), ("a+b=c d", "a+2Bb+3Dc+20d"), ("<é>", "<+E9>"), ("", "")],
)
def test_a_name_as_a_parameter_carries_it(text: str, as_carried: str) -> None:
    assert transport._as_xtext(text) == as_carried


def test_refusals_have_their_own_kind(mailbox: PickyMailbox) -> None:
    mailbox.refuse["gone@agency.example"] = "550 5.1.1 gone"
    mailbox.refuse["busy@agency.example"] = "450 4.2.1 busy"
    with pytest.raises(AddressRefused, match=r"550 5\.1\.1 gone"):
        transport.send_raw(RAW, "gone@agency.example")
    with pytest.raises(smtplib.SMTPResponseException):
        transport.send_raw(RAW, "busy@agency.example")
    with pytest.raises(AddressRefused, match="cannot read"):
        transport.send_raw(RAW, "büro@agency.example")
    mailbox.verdict = "554 no"
    with pytest.raises(PermanentFailure) as refusal:
        transport.send_raw(RAW, "records@agency.example")
    assert not isinstance(refusal.value, AddressRefused)


def test_a_server_without_starttls_gets_no_letter_in_the_clear(mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_USE_TLS = True
    with pytest.raises(smtplib.SMTPNotSupportedError):
        transport.send_raw(RAW, "records@agency.example")
    assert mailbox.deliveries == []


def test_without_a_mail_server_a_letter_is_one_file_however_often_it_is_sent(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    for _ in range(2):
        assert "no mail server is configured" in transport.send_raw(RAW, "records@agency.example")
    (file,) = (tmp_path / "mail").iterdir()
    assert file.read_bytes() == RAW
