"""From the bytes to the request: filed, or before a person with the reason; once, whatever dies."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app.correspondence.incoming import queries, services
from requests_app.correspondence.incoming import reader as reader_module
from requests_app.correspondence.incoming.models import (
    IncomingFile,
    IncomingMessage,
    KeptFile,
    Placement,
    RawMail,
    RetypedToken,
)
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.services import Outcome, files, processing, writing
from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents.models import Document
from requests_app.documents.store import DiskFull, Store
from requests_app.filing.models import Event, RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.mails import ADDRESS, CSV, PDF, bounce, mail
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
LATER = NOON + timedelta(hours=1)


def receive(raw: bytes, reader: Reader, **facts: Any) -> tuple[Outcome, IncomingMessage]:
    kept = services.take_in([raw], **{"way": "lmtp", "now": NOON, **facts})
    outcome = services.process(kept.pk, now=NOON, reader=reader)
    kept.refresh_from_db()
    assert kept.message is not None
    return outcome, kept.message


def sent_letter(letter: RecordsRequest, **facts: Any) -> OutgoingLetter:
    given = {
        "to_address": "records@agency.example", "subject": "x", "raw": "x", "queued_by": letter.filer,
        "queued_at": NOON, "send_after": NOON, "state": "sent", "message_id": "<md-2026-0007.1.k3v9x2ab@reply.example>",
    }  # fmt: skip
    return OutgoingLetter.objects.create(request=letter, **{**given, **facts})


def test_an_answer_from_the_agency_is_filed_with_its_request(letter: RecordsRequest, reader: Reader):
    events = Event.objects.count()
    outcome, message = receive(mail(subject="Received", text="We have it.\n"), reader)
    assert outcome is Outcome.FILED
    assert (message.state, message.trust, message.reasons) == ("filed", "trusted", ["known_sender", "proven"])
    assert (message.subject, message.text, message.kind) == ("Received", "We have it.\n", "message")
    placement = Placement.objects.get()
    assert (placement.request, placement.how, placement.by) == (letter, "token", None)
    assert list(queries.conversation(letter)) == [message]
    assert Event.objects.count() == events  # a person says what it means


@pytest.mark.parametrize(
    ("facts", "reason", "trust", "placed"),
    [
        pytest.param({"sender": "x@other.example"}, "quarantined", "unknown", 1, id="stranger"),
        pytest.param({"proven": None}, "quarantined", "unknown", 1, id="unproven"),
        pytest.param({"proven": False}, "quarantined", "suspicious", 1, id="forged"),
        pytest.param({"to": "records@reply.example"}, "unmatched", "unknown", 0, id="no-request-named"),
        pytest.param(
            {"to": "records@reply.example", "subject": "MD-2026-9999"}, "unmatched", "unknown", 0, id="unknown"
        ),
    ],
)
def test_everything_else_waits_for_a_person(
    letter: RecordsRequest, reader: Reader, facts: dict[str, Any], reason: str, trust: str, placed: int
):
    outcome, message = receive(mail(**facts, files=(("a.pdf", PDF),)), reader)
    assert (outcome, message.state, message.triage_reason) == (Outcome.TRIAGE, "triage", reason)
    assert message.trust == trust and message.reasons
    assert Placement.objects.count() == placed
    assert list(queries.conversation(letter)) == [] and not Document.objects.exists()
    assert IncomingFile.objects.count() == 1  # shown by name, and nothing more


def test_only_our_own_mail_servers_word_counts(letter: RecordsRequest, reader: Reader):
    forged = "Authentication-Results: mx.evil.example; dmarc=pass header.from=agency.example"
    _outcome, message = receive(mail(proven=None, top=(forged,)), reader)
    assert message.reasons == ["known_sender", "not_checked"]


def test_files_of_a_trusted_mail_become_documents_once(letter: RecordsRequest, reader: Reader, tmp_path: Path):
    raw = mail(files=(("../../etc/report.pdf", PDF), ("numbers.csv", CSV), ("again.csv", CSV)))
    _outcome, message = receive(raw, reader)
    assert sorted(Document.objects.values_list("original_name", flat=True)) == ["numbers.csv", "report.pdf"]
    document = Document.objects.get(original_name="report.pdf")
    assert (document.via, document.request, document.brought_by) == ("reply", letter, None)
    assert document.received_on == NOON.date()
    assert KeptFile.objects.count() == 3  # the third is the second again
    message.refresh_from_db()
    assert not message.files_pending
    assert services.keep_files(message.pk, now=LATER, reader=reader) == 0
    assert KeptFile.objects.count() == 3


def test_a_program_is_refused_with_the_reason_and_the_rest_is_kept(letter: RecordsRequest, reader: Reader):
    _outcome, message = receive(mail(files=(("setup.pdf", b"MZ" + b"\0" * 200), ("numbers.csv", CSV))), reader)
    troubles = dict(message.files.values_list("name", "trouble"))
    assert "program" in troubles["setup.pdf"] and troubles["numbers.csv"] == ""
    assert Document.objects.count() == 1
    message.refresh_from_db()
    assert not message.files_pending


def test_a_full_disk_leaves_the_files_for_later(
    letter: RecordsRequest, reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    def full(*args: Any, **kwargs: Any) -> Any:
        raise DiskFull

    with monkeypatch.context() as broken:
        broken.setattr("requests_app.documents.services.receive_file", full)
        outcome, message = receive(mail(files=(("a.pdf", PDF),)), reader)
    assert outcome is Outcome.FILED
    message.refresh_from_db()
    assert message.files_pending and message.files_due_at == NOON + files.FILES_AGAIN
    services.process_waiting(NOON)
    assert not Document.objects.exists()
    services.process_waiting(LATER)
    assert Document.objects.count() == 1


def test_a_crash_between_two_files_goes_on_with_the_second(
    letter: RecordsRequest, reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    from requests_app.documents import services as documents

    real, calls = documents.receive_file, []

    def dies(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    kept = services.take_in([mail(files=(("a.pdf", PDF), ("b.csv", CSV)))], way="lmtp", now=NOON)
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(documents, "receive_file", dies)
        services.process(kept.pk, now=NOON, reader=reader)
    assert Document.objects.count() == 1 and IncomingMessage.objects.get().files_pending
    services.process_waiting(LATER)
    assert Document.objects.count() == 2 and not IncomingMessage.objects.get().files_pending


def test_a_mail_that_names_two_requests_is_filed_with_both(letter: RecordsRequest, alice: Person, reader: Reader):
    other = RecordsRequest.objects.get(pk=a_request(alice, "MD-2026-0008", "p4r5s6t7", "second.example").pk)
    other.agency_id = letter.agency_id
    other.save(update_fields=["agency"])
    raw = mail(Cc="records+md-2026-0008-p4r5s6t7@reply.example", files=(("a.pdf", PDF),))
    outcome, _message = receive(raw, reader)
    assert outcome is Outcome.FILED
    assert set(Placement.objects.values_list("request_id", flat=True)) == {letter.pk, other.pk}
    assert set(Document.objects.values_list("request_id", flat=True)) == {letter.pk, other.pk}


def test_a_mail_to_two_agencies_requests_is_filed_only_when_both_know_its_sender(
    letter: RecordsRequest, alice: Person, reader: Reader
):
    a_request(alice, "MD-2026-0008", "p4r5s6t7", "second.example")
    outcome, message = receive(mail(Cc="records+md-2026-0008-p4r5s6t7@reply.example"), reader)
    assert outcome is Outcome.TRIAGE and message.triage_reason == "quarantined"


def test_the_same_message_by_another_way_is_one_message(letter: RecordsRequest, reader: Reader):
    raw = mail(message_id="<same@agency.example>")
    assert receive(raw, reader)[0] is Outcome.FILED
    again = b"Received: from a.example by b.example; Tue, 3 Mar 2026 10:00:05 -0500\r\n" + raw
    outcome, message = receive(again, reader)
    assert outcome is Outcome.COPY
    assert IncomingMessage.objects.count() == 1 == Placement.objects.count()
    assert RawMail.objects.count() == 2 == message.copies.count()


def test_two_messages_that_share_a_message_id_are_two(letter: RecordsRequest, reader: Reader):
    for text in ("One.\n", "Two.\n"):
        receive(mail(message_id="<same@agency.example>", text=text), reader)
    assert IncomingMessage.objects.count() == 2


def test_a_copy_to_another_address_of_ours_adds_that_request(letter: RecordsRequest, alice: Person, reader: Reader):
    other = a_request(alice, "MD-2026-0008", "p4r5s6t7", "second.example")
    RecordsRequest.objects.filter(pk=other.pk).update(agency=letter.agency_id)
    raw = mail(to="undisclosed@agency.example", message_id="<same@agency.example>")
    receive(raw, reader, envelope_to=["records+md-2026-0007-k3v9x2ab@reply.example"])
    receive(
        b"Received: by b.example; Tue, 3 Mar 2026 10:00:05 -0500\r\n" + raw,
        reader,
        envelope_to=["records+md-2026-0008-p4r5s6t7@reply.example"],
    )
    assert IncomingMessage.objects.count() == 1
    assert set(Placement.objects.values_list("request_id", flat=True)) == {letter.pk, other.pk}


def test_the_same_bytes_delivered_to_two_addresses_one_after_the_other_are_on_both(
    letter: RecordsRequest, alice: Person, reader: Reader
):
    """A mail server that pipes calls once for each recipient, and the agency may have named both in a blind copy."""
    other = a_request(alice, "MD-2026-0008", "zzzz2222")
    raw = mail(to="undisclosed-recipients:;")
    outcome, message = receive(raw, reader, envelope_to=[ADDRESS])
    assert outcome is Outcome.FILED
    again = {"envelope_to": ["records+md-2026-0008-zzzz2222@reply.example"]}
    assert receive(raw, reader, **again)[1] == message
    assert set(Placement.objects.values_list("request", "ended_at")) == {(letter.pk, None), (other.pk, None)}
    assert services.process(message.raw_id, now=NOON, reader=reader) is Outcome.NOT_DUE
    receive(raw, reader, **again)
    assert RawMail.objects.get().state == "processed" and Placement.objects.count() == 2


def test_a_delivery_to_another_address_takes_the_mail_from_who_reads_it_now(
    letter: RecordsRequest, alice: Person, reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    other = a_request(alice, "MD-2026-0008", "zzzz2222")
    raw, read = mail(to="undisclosed-recipients:;"), reader.read
    kept = services.take_in([raw], way="pipe", envelope_to=[ADDRESS], now=NOON)

    def interrupted(path: Path) -> Any:
        to = ["records+md-2026-0008-zzzz2222@reply.example"]
        services.take_in([raw], way="pipe", envelope_to=to, now=NOON)
        return read(path)

    with monkeypatch.context() as patched:
        patched.setattr(reader, "read", interrupted)
        assert services.process(kept.pk, now=NOON, reader=reader) is Outcome.NOT_DUE
    assert services.process(kept.pk, now=NOON, reader=reader) is Outcome.FILED
    assert set(Placement.objects.values_list("request", flat=True)) == {letter.pk, other.pk}


def test_a_forged_copy_adds_nothing_to_a_filed_message(letter: RecordsRequest, alice: Person, reader: Reader):
    a_request(alice, "MD-2026-0008", "p4r5s6t7", "second.example")
    facts: dict[str, Any] = {"to": "us@agency.example", "message_id": "<same@agency.example>"}
    receive(mail(**facts), reader, envelope_to=["records+md-2026-0007-k3v9x2ab@reply.example"])
    receive(mail(**facts, proven=False), reader, envelope_to=["records+md-2026-0008-p4r5s6t7@reply.example"])
    message = IncomingMessage.objects.get()
    assert message.state == "filed" and Placement.objects.get().request == letter


def test_a_copy_that_is_proven_files_what_waited(letter: RecordsRequest, reader: Reader):
    facts: dict[str, Any] = {"message_id": "<same@agency.example>", "files": (("a.pdf", PDF),)}
    assert receive(mail(**facts, proven=None), reader)[1].state == "triage"
    receive(mail(**facts), reader)
    message = IncomingMessage.objects.get()
    assert (message.state, message.trust, message.triage_reason) == ("filed", "trusted", "")
    services.process_waiting(LATER)
    assert Document.objects.count() == 1


def test_a_bounce_is_tied_to_its_letter_and_changes_nothing_else(letter: RecordsRequest, reader: Reader):
    sent, events = sent_letter(letter), Event.objects.count()
    outcome, message = receive(bounce(sent.message_id), reader)
    assert (outcome, message.kind, message.bounced_letter) == (Outcome.FILED, "bounce", sent)
    assert message.bounce["recipient"] == "records@agency.example" and message.bounce["status"] == "5.1.1"
    assert Placement.objects.get().how == "thread"
    assert Event.objects.count() == events and OutgoingLetter.objects.get().state == "sent"


def test_a_bounce_without_a_message_id_finds_the_only_letter_to_that_address(letter: RecordsRequest, reader: Reader):
    sent = sent_letter(letter)
    _outcome, message = receive(bounce("<lost@elsewhere.example>"), reader)
    assert (message.bounced_letter, message.state) == (sent, "triage")  # anybody can write such a bounce


def test_an_automatic_reply_is_filed_and_changes_no_status(letter: RecordsRequest, reader: Reader):
    status = letter.status
    _outcome, message = receive(mail(subject="Automatic reply: away", Auto_Submitted="auto-replied"), reader)
    letter.refresh_from_db()
    assert (message.kind, message.state, letter.status) == ("auto_reply", "filed", status)


def test_mail_to_a_request_that_is_done_is_filed_like_any_other(letter: RecordsRequest, reader: Reader):
    RecordsRequest.objects.filter(pk=letter.pk).update(phase="done", resolution="withdrawn")
    assert receive(mail(), reader)[0] is Outcome.FILED


def test_an_answer_in_the_thread_without_our_address_is_filed(letter: RecordsRequest, reader: Reader):
    sent = sent_letter(letter)
    _outcome, first = receive(
        mail(to="records@reply.example", In_Reply_To=sent.message_id, message_id="<first@agency.example>"), reader
    )
    _outcome, second = receive(mail(to="x@reply.example", In_Reply_To="<first@agency.example>"), reader)
    assert first.state == second.state == "filed"
    assert set(Placement.objects.values_list("how", flat=True)) == {"thread"}


def test_a_mail_in_quarantine_draws_no_other_after_it(letter: RecordsRequest, reader: Reader):
    receive(mail(proven=False, message_id="<forged@agency.example>"), reader)
    _outcome, message = receive(mail(to="x@reply.example", In_Reply_To="<forged@agency.example>"), reader)
    assert message.triage_reason == "unmatched"


def test_the_agencys_own_number_counts_only_from_that_agency(letter: RecordsRequest, reader: Reader):
    from tests.factories import record

    record(letter, ("acknowledged", "2026-03-03", {"agency_number": "PIA 26-1187"}))
    _outcome, message = receive(mail(to="records@reply.example", subject="PIA 26-1187: update"), reader)
    assert message.state == "filed" and Placement.objects.get().how == "number"
    _outcome, message = receive(
        mail(sender="x@other.example", to="records@reply.example", subject="PIA 26-1187: update"), reader
    )
    assert message.triage_reason == "unmatched"


def test_a_correction_is_used_the_next_time(letter: RecordsRequest, bob: Person, reader: Reader):
    RetypedToken.objects.create(local_part="records+md-26-7", request=letter, by=bob, at=NOON)
    _outcome, message = receive(mail(to="records+MD-26-7@reply.example"), reader)
    assert message.state == "filed" and Placement.objects.get().how == "retyped"


# --- What cannot be read ---------------------------------------------------------------------------------------------


class Broken:
    """A reader that fails in one way."""

    def __init__(self, code: str) -> None:
        self.code = code

    def read(self, path: Path) -> Any:
        raise NotRead(self.code)


@pytest.mark.parametrize("code", ["died", "too_long", "nonsense"])
def test_what_cannot_be_read_lies_before_a_person_and_can_be_read_after_a_fix(
    letter: RecordsRequest, reader: Reader, code: str
):
    kept = services.take_in([mail(files=(("a.pdf", PDF),))], way="lmtp", envelope_from="r@agency.example", now=NOON)
    assert services.process(kept.pk, now=NOON, reader=Broken(code)) is Outcome.FAILED  # type: ignore[arg-type]
    kept.refresh_from_db()
    message = IncomingMessage.objects.get()
    assert (kept.state, kept.trouble, kept.message) == ("failed", code, message)
    assert (message.state, message.triage_reason, message.from_address) == ("triage", "failed", "r@agency.example")
    said = StringIO()
    call_command("reprocess_mail", "--failed", stdout=said)
    assert said.getvalue() == "1 mails will be read again.\nEvery mail could be read.\n"
    message.refresh_from_db()
    assert (message.state, message.subject) == ("filed", "Your request")
    assert IncomingMessage.objects.count() == 1 == Document.objects.count()


def test_a_mail_without_its_bytes_is_said_to_be_so(store: Store, reader: Reader):
    kept = services.take_in([mail()], way="lmtp", now=NOON)
    store.path(kept.pk).unlink()
    services.process(kept.pk, now=NOON, reader=reader)
    kept.refresh_from_db()
    assert (kept.state, kept.trouble) == ("failed", "bytes_missing")


def test_a_mail_that_kills_every_worker_goes_to_a_person_unread(reader: Reader):
    kept = services.take_in([mail()], way="lmtp", now=NOON)
    RawMail.objects.update(attempts=processing.TRIES)
    assert services.process(kept.pk, now=NOON, reader=reader) is Outcome.FAILED
    assert IncomingMessage.objects.get().triage_reason == "failed"


def test_a_claim_holds_and_lapses_when_its_worker_died(letter: RecordsRequest, reader: Reader):
    kept = services.take_in([mail()], way="lmtp", now=NOON)
    RawMail.objects.update(claimed_at=NOON, attempts=1)
    soon = NOON + queries.CLAIM_LASTS - timedelta(seconds=1)
    assert services.process(kept.pk, now=soon, reader=reader) is Outcome.NOT_DUE
    assert services.process(kept.pk, now=NOON + queries.CLAIM_LASTS, reader=reader) is Outcome.FILED
    assert services.process(kept.pk, now=LATER, reader=reader) is Outcome.NOT_DUE


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_file_each_message_once(letter: RecordsRequest):
    for number in range(6):
        raw = mail(message_id=f"<{number // 2}@agency.example>", text=f"Text {number // 2}.\n")
        services.take_in([raw + b" \r\n" * (number % 2)], way="lmtp", now=NOON)
        services.take_in([b"Received: by x; Tue, 3 Mar 2026 10:00:05 -0500\r\n" + raw], way="imap", now=NOON)

    def work() -> None:
        try:
            services.process_waiting(NOON)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    services.process_waiting(LATER)
    assert not RawMail.objects.exclude(state="processed").exists()
    assert Placement.objects.count() == IncomingMessage.objects.count()
    assert set(IncomingMessage.objects.values_list("message_id", flat=True)) == {
        f"<{number}@agency.example>" for number in range(3)
    }


def test_one_mail_that_fails_holds_back_no_other(letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch):
    first = services.take_in([mail()], way="lmtp", now=NOON)
    second = services.take_in([mail()], way="lmtp", now=NOON)
    real = processing.read

    def breaks(raw: RawMail, *args: Any) -> Any:
        if raw.pk == first.pk:
            raise ValueError
        return real(raw, *args)

    with monkeypatch.context() as broken:
        broken.setattr(processing, "read", breaks)
        services.process_waiting(NOON)
    assert RawMail.objects.get(pk=second.pk).state == "processed"
    assert RawMail.objects.get(pk=first.pk).state == "waiting"
    services.process_waiting(LATER)
    assert RawMail.objects.get(pk=first.pk).state == "processed"


# --- Reading again ------------------------------------------------------------------------------------------------


def test_reading_again_changes_nothing_when_nothing_changed(letter: RecordsRequest):
    services.take_in([mail(files=(("a.pdf", PDF),))], way="lmtp", now=NOON)
    services.process_waiting(NOON)
    before = [list(model.objects.values()) for model in (IncomingMessage, Placement, KeptFile, IncomingFile, Document)]
    call_command("reprocess_mail", "--all", stdout=StringIO())
    assert before == [
        list(model.objects.values()) for model in (IncomingMessage, Placement, KeptFile, IncomingFile, Document)
    ]


def test_a_parser_that_sees_more_doubles_nothing(
    letter: RecordsRequest, reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    raw = mail(message_id="<same@agency.example>", files=(("a.pdf", PDF),))
    receive(raw, reader)
    receive(b"Received: by b.example; Tue, 3 Mar 2026 10:00:05 -0500\r\n" + raw, reader)
    seen = count(1)
    monkeypatch.setattr(writing, "fingerprint_of", lambda reading: f"{next(seen):064}")
    call_command("reprocess_mail", "--all", stdout=StringIO())
    assert IncomingMessage.objects.count() == 1 == Placement.objects.count() == Document.objects.count()
    assert IncomingMessage.objects.get().copies.count() == 2


def test_what_a_person_placed_or_moved_away_stays_so_when_it_is_read_again(
    letter: RecordsRequest, alice: Person, bob: Person, reader: Reader
):
    other = a_request(alice, "MD-2026-0008", "p4r5s6t7", "second.example")
    _outcome, message = receive(mail(proven=None), reader)
    Placement.objects.update(ended_at=NOON, ended_by=bob, ended_why="Wrong request.", by=bob)
    Placement.objects.create(message=message, request=other, how="person", by=bob, at=NOON)
    call_command("reprocess_mail", "--all", stdout=StringIO())
    assert Placement.objects.get(ended_at__isnull=True).request == other


def test_reading_again_leaves_what_a_person_settled(letter: RecordsRequest, bob: Person, reader: Reader):
    _outcome, message = receive(mail(proven=False), reader)
    IncomingMessage.objects.update(state="set_aside", settled_by=bob, settled_at=NOON, subject="old")
    call_command("reprocess_mail", "--all", stdout=StringIO())
    message.refresh_from_db()
    assert (message.state, message.settled_by, message.subject) == ("set_aside", bob, "Your request")


def test_reading_again_finds_a_request_that_was_not_known(alice: Person, reader: Reader):
    _outcome, message = receive(mail(), reader)
    assert message.triage_reason == "unmatched"
    a_request(alice, "MD-2026-0007", "k3v9x2ab")
    call_command("reprocess_mail", RawMail.objects.get().pk[:10], stdout=StringIO())
    message.refresh_from_db()
    assert message.state == "filed" and Placement.objects.count() == 1


def test_a_copy_that_was_read_meanwhile_is_the_message(letter: RecordsRequest, reader: Reader):
    raw = mail(message_id="<same@agency.example>")
    first = services.take_in([raw], way="lmtp", now=NOON)
    services.process(first.pk, now=NOON, reader=Broken("died"))  # type: ignore[arg-type]
    _outcome, read = receive(b"Received: by b.example; Tue, 3 Mar 2026 10:00:05 -0500\r\n" + raw, reader)
    call_command("reprocess_mail", "--failed", stdout=StringIO())
    first.refresh_from_db()
    assert first.message == read
    placeholder = IncomingMessage.objects.exclude(pk=read.pk).get()
    assert (placeholder.state, placeholder.triage_reason) == ("set_aside", "duplicate")


# --- Cost ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 40], ids=["one", "forty"])
def test_the_queries_for_a_mail_do_not_grow_with_it(letter: RecordsRequest, reader: Reader, many: int, settings: Any):
    settings.MAIL_WRONG_ADDRESSES_PER_HOUR = 100
    sent_letter(letter)
    raw = mail(
        Cc=", ".join(f"records+md-2026-{n:04}-abcdefgh@reply.example" for n in range(many)),
        References=" ".join(f"<{n}@agency.example>" for n in range(many)),
        subject=" ".join(f"MD-2026-1{n:03}" for n in range(many)),
        files=tuple((f"{n}.csv", CSV + str(n).encode()) for n in range(many)),
        sender="x@other.example",
    )
    kept = services.take_in([raw], way="lmtp", now=NOON)
    with CaptureQueriesContext(connection) as counted:
        services.process(kept.pk, now=NOON, reader=reader)
    assert IncomingFile.objects.count() == many
    assert len(counted) == QUERIES, "\n".join(one["sql"][:150] for one in counted)


# One looks for the wrong addresses among those given up, six count them; one, whether a rule runs about the sender; one
# notes what the mail may mean; two put it into the search. The
# agencies' own numbers are asked for only where nothing else has placed a mail
QUERIES = 34


# --- The store's check ----------------------------------------------------------------------------------------------


def test_check_store_reads_the_mails_again_too(store: Store):
    kept = services.take_in([mail()], way="lmtp", now=NOON)
    said = StringIO()
    call_command("check_store", stdout=said)
    assert said.getvalue() == "1 stored files are whole.\nNothing is wrong with the store.\n"
    store.path(kept.pk).chmod(0o640)
    store.path(kept.pk).write_bytes(b"changed")
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_store", stdout=said)
    assert f"DAMAGED {kept.pk}" in said.getvalue() and "a mail that came 2026-03-02 17:00 UTC (lmtp)" in said.getvalue()


def test_check_store_names_a_mail_that_is_gone_and_one_that_no_row_knows(store: Store):
    kept = services.take_in([mail()], way="lmtp", now=NOON)
    store.path(kept.pk).unlink()
    orphan, _ = store.put([b"x"], limit=10, inspect=lambda path: None)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_store", stdout=said)
    assert f"MISSING {kept.pk}" in said.getvalue() and orphan.sha256 in said.getvalue()


def test_the_patience_with_a_reader_is_shorter_than_a_claim():
    assert timedelta(seconds=4 * reader_module.SECONDS) < queries.CLAIM_LASTS
