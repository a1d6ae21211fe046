"""Filing, taking back, sending by hand and recording replies, through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence import services
from requests_app.correspondence.forms import REPLY_KINDS
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import Status, possible_events
from requests_app.filing.models import Draft, RecordsRequest
from requests_app.kits import letters
from requests_app.people.models import Person
from tests.factories import NOON, ContactPointFactory, PersonFactory, RecordsRequestFactory, record
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
PROGRAM = b"MZ\x90\x00" + b"\x00" * 60


@pytest.fixture(autouse=True)
def monday(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    """Monday, March 2, 2026, at noon in Maryland; the store is empty."""
    settings.STORE_DIR = tmp_path
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def contact() -> ContactPoint:
    return ContactPointFactory()


@pytest.fixture
def ready(alice: Person, contact: ContactPoint) -> RecordsRequest:
    """Alice's letter, written and not sent."""
    return RecordsRequestFactory(
        filer=alice, agency=contact.agency, contact_point=contact, letter=letters.dump(a_letter())
    )


@pytest.fixture
def sent(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice, events=[("sent", "2026-02-23")], opened_at=NOON - timedelta(days=8))


def go(name: str, records_request: RecordsRequest) -> str:
    return reverse(f"correspondence:{name}", args=[records_request.reference])


def said(response: Any) -> str:
    """Return the messages and the text of the page where a form led."""
    return re.sub(r"\s+", " ", response.content.decode())


# --- filing a draft ---------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(alice: Person, contact: ContactPoint) -> Draft:
    made = filing.start_draft(by=alice, jurisdiction="MD", now=NOON)
    choices = {"requester_name": "Alice Liddell", "postal_address": alice.postal_address, "standing": "resident"}
    filing.save_draft(made.pk, kit_id="K1", choices=choices, now=NOON)
    filing.choose_targets(made.pk, [filing.Target(contact.agency_id, "email", contact.pk)], now=NOON)
    made.refresh_from_db()
    return made


def test_filing_twice_makes_one_request_and_one_letter(volunteer_client: Client, draft: Draft) -> None:
    where = reverse("correspondence:file", args=[draft.pk])
    first = volunteer_client.post(where, follow=True)
    assert "1 letter waits in the outbox" in said(first)
    assert "Take it back" in said(first)
    again = volunteer_client.post(where, follow=True)
    assert again.redirect_chain == first.redirect_chain
    assert (RecordsRequest.objects.count(), OutgoingLetter.objects.count()) == (1, 1)


def test_a_draft_that_lacks_something_leads_back_to_its_preview(
    volunteer_client: Client, draft: Draft, contact: ContactPoint
) -> None:
    ContactPoint.objects.filter(pk=contact.pk).update(health="bounced")
    response = volunteer_client.post(reverse("correspondence:file", args=[draft.pk]), follow=True)
    assert response.redirect_chain == [(reverse("filing:draft-preview", args=[draft.pk]), 302)]
    assert "The letter was not filed; your draft is kept." in said(response)
    assert not RecordsRequest.objects.exists()


def test_a_letter_for_a_portal_is_for_the_filer_to_send(
    volunteer_client: Client, draft: Draft, contact: ContactPoint
) -> None:
    portal = ContactPointFactory(agency=contact.agency, channel="portal", value="https://portal.example/")
    filing.choose_targets(draft.pk, [filing.Target(contact.agency_id, "portal", portal.pk)], now=NOON)
    response = volunteer_client.post(reverse("correspondence:file", args=[draft.pk]), follow=True)
    assert "ready for you to send" in said(response)
    assert "I have sent it" in said(response)
    assert not OutgoingLetter.objects.exists()


# --- the outbox -------------------------------------------------------------------------------------------------------


def test_queue_undo_and_queue_again(volunteer_client: Client, ready: RecordsRequest) -> None:
    assert "You can still take it back" in said(volunteer_client.post(go("queue", ready), follow=True))
    assert "Nothing was sent; the letter is kept here" in said(volunteer_client.post(go("undo", ready), follow=True))
    ready.refresh_from_db()
    assert ready.status == Status.READY
    volunteer_client.post(go("queue", ready))
    volunteer_client.post(go("queue", ready))  # a second click
    assert list(OutgoingLetter.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "queued"]


def test_after_the_letter_left_it_cannot_be_taken_back(volunteer_client: Client, ready: RecordsRequest) -> None:
    volunteer_client.post(go("queue", ready))
    OutgoingLetter.objects.update(state="sending")
    assert "too late to take the letter back" in said(volunteer_client.post(go("undo", ready), follow=True))
    assert "already leaving" in said(volunteer_client.post(go("send-now", ready), follow=True))


def test_send_now_ends_the_wait(volunteer_client: Client, ready: RecordsRequest) -> None:
    volunteer_client.post(go("queue", ready))
    assert OutgoingLetter.objects.get().send_after > timezone.now()
    assert "leaves within a minute" in said(volunteer_client.post(go("send-now", ready), follow=True))
    assert OutgoingLetter.objects.get().send_after == timezone.now()


def test_a_letter_without_an_address_is_not_queued(volunteer_client: Client, sent: RecordsRequest) -> None:
    assert "no e-mail address" in said(volunteer_client.post(go("queue", sent), follow=True))


def test_a_letter_that_came_back_can_be_sent_again(volunteer_client: Client, ready: RecordsRequest) -> None:
    volunteer_client.post(go("queue", ready))
    letter = OutgoingLetter.objects.get()
    OutgoingLetter.objects.update(state="sent", sent_at=NOON)
    services.record_sent(letter, "250 ok", now=NOON)
    record(ready, ("send_failed", "2026-03-02"))
    assert ready.status == Status.UNDELIVERED
    response = volunteer_client.post(go("queue", ready), follow=True)
    assert response.status_code == 200
    assert "You can still take it back" in said(response)


def test_the_outgoing_page_shows_what_waits_left_and_failed(
    coordinator_client: Client, bob: Person, django_assert_num_queries: Callable[..., Any]
) -> None:
    def page(count: int) -> str:
        for number in range(count):
            made = RecordsRequestFactory(filer=bob)
            OutgoingLetter.objects.create(
                request=made,
                to_address="records@agency.example",
                subject="x",
                raw="x",
                message_id=f"<{made.reference}@x>",
                queued_by=bob,
                queued_at=NOON,
                send_after=NOON,
                state=("queued", "failed", "sent")[number % 3],
                sent_at=NOON if number % 3 == 2 else None,
                failure="550 no such mailbox" if number % 3 == 1 else "",
            )
        with django_assert_num_queries(7):  # session, person with roles, notices, and the four groups
            return said(coordinator_client.get(reverse("correspondence:outgoing")))

    assert page(0).count("None.") == 4
    assert "550 no such mailbox" in page(3)
    assert page(12).count('class="dl-row"') == 15


# --- sent by hand -----------------------------------------------------------------------------------------------------


def by_hand(**more: Any) -> dict[str, Any]:
    return {"method": "post", "sent_on": "2026-03-02", "confirmation": "RR 123", "note": "", **more}


def test_marking_as_sent_keeps_the_proof_and_starts_the_clock(volunteer_client: Client, ready: RecordsRequest) -> None:
    proof = [SimpleUploadedFile("receipt.txt", b"Receipt 123"), SimpleUploadedFile("tool.exe", PROGRAM)]
    response = volunteer_client.post(go("mark-sent", ready), by_hand(proof=proof), follow=True)
    assert "Recorded." in said(response)
    assert "Confirmation number: RR 123" in said(response)
    assert "tool.exe:" in said(response)  # refused by itself, and said so
    ready.refresh_from_db()
    assert (ready.status, ready.documents.get().original_name) == (Status.SENT, "receipt.txt")
    assert ready.deadlines.exists()
    again = volunteer_client.get(go("mark-sent", ready), follow=True)
    assert "This letter has left already" in said(again)


TROUBLE = {
    "tomorrow": ({"sent_on": "2026-03-03"}, "has not come yet"),
    "no date": ({"sent_on": ""}, "This field is required"),
    "not a date": ({"sent_on": "2026-02-30"}, "Enter a valid date"),
    "before it was written": ({"sent_on": "2026-02-27"}, "before the letter was written"),
    "a way that is none": ({"method": "pigeon"}, "Select a valid choice"),
    "nothing at all": (None, "This field is required"),
}


@pytest.mark.parametrize("case", TROUBLE)
def test_what_cannot_be_stays_in_the_form(case: str, volunteer_client: Client, ready: RecordsRequest) -> None:
    given, words = TROUBLE[case]
    response = volunteer_client.post(go("mark-sent", ready), {} if given is None else by_hand(**given))
    assert response.status_code == 422
    assert words in said(response)
    assert given is None or 'value="RR 123"' in said(response)
    ready.refresh_from_db()
    assert ready.status == Status.READY


@pytest.mark.parametrize("where", ["mark-sent", "record-reply"])
def test_a_file_that_is_too_large_changes_nothing(
    where: str, volunteer_client: Client, ready: RecordsRequest, sent: RecordsRequest, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    subject, field = (ready, "proof") if where == "mark-sent" else (sent, "returned")
    files = [SimpleUploadedFile("scan.txt", b"x" * (1 << 20) + b"x"), SimpleUploadedFile("small.txt", b"x")]
    data = by_hand() | {"kind": "acknowledged", "happened_on": "2026-03-02", field: files}
    response = volunteer_client.post(go(where, subject), data)
    assert response.status_code == 422
    assert "scan.txt:" in said(response)
    before = subject.last_sequence
    subject.refresh_from_db()
    assert (subject.last_sequence, subject.documents.count()) == (before, 0)


# --- replies ----------------------------------------------------------------------------------------------------------

STATUSES: dict[Status, list[tuple[Any, ...]]] = {
    Status.SENT: [],
    Status.RECEIVED: [("received", "2026-02-24")],
    Status.ACKNOWLEDGED: [("acknowledged", "2026-02-24")],
    Status.EXTENDED: [("extension", "2026-02-24")],
    Status.CLARIFICATION: [("clarification_requested", "2026-02-24")],
    Status.FEE: [("fee_estimated", "2026-02-24", {"fee_cents": 100})],
    Status.PRODUCTION: [("determined", "2026-02-24")],
    Status.PARTIAL: [("produced_part", "2026-02-24")],
    Status.REFUSED: [("denied", "2026-02-24")],
    Status.APPEAL: [("denied", "2026-02-24"), ("appeal_filed", "2026-02-25")],
    Status.UNDELIVERED: [("send_failed", "2026-02-24")],
    Status.DONE: [("produced", "2026-02-24")],
}


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_can_be_answered_is_offered(status: Status, volunteer_client: Client, sent: RecordsRequest) -> None:
    record(sent, *STATUSES[status])
    assert sent.status == status
    html = said(volunteer_client.get(go("record-reply", sent)))
    offered = set(re.findall(r'name="kind" value="(\w+)"', html))
    assert offered == {kind.value for kind, _words in REPLY_KINDS} & {kind.value for kind in possible_events(status)}


@pytest.mark.parametrize("kind", [kind.value for kind, _words in REPLY_KINDS])
def test_each_kind_of_reply_is_recorded(kind: str, volunteer_client: Client, sent: RecordsRequest) -> None:
    data = {"kind": kind, "happened_on": "2026-03-02", "note": "They wrote.", "amount": "1234.50"}
    data["waiver_outcome"] = "part"
    data["returned"] = [SimpleUploadedFile("answer.txt", b"Answer"), SimpleUploadedFile("empty.txt", b"")]
    response = volunteer_client.post(go("record-reply", sent), data, follow=True)
    assert "The reply is recorded" in said(response)
    assert "empty.txt:" in said(response)
    event = sent.events.get(kind=kind)
    said_of = {"fee_estimated": {"amount_cents": 123450}, "waiver_decided": {"outcome": "part"}}
    assert event.details == said_of.get(kind, {})
    assert (event.note, sent.documents.get().original_name) == ("They wrote.", "answer.txt")


REPLY_TROUBLE = {
    "money without an amount": ({"kind": "fee_estimated"}, "Write the amount the agency asks for"),
    "less than nothing": ({"kind": "fee_estimated", "amount": "-1"}, "greater than or equal to 0"),
    "more than there is": ({"kind": "fee_estimated", "amount": "1e30"}, "less than or equal to"),
    "a kind that is none": ({"kind": "sent"}, "Select a valid choice"),
    "not possible now": ({"kind": "opened"}, "Select a valid choice"),
    "no kind": ({"kind": ""}, "This field is required"),
    "tomorrow": ({"happened_on": "2026-03-03"}, "has not come yet"),
    "before the letter": ({"happened_on": "2026-01-05"}, "Nothing was changed"),
}


@pytest.mark.parametrize("case", REPLY_TROUBLE)
def test_a_reply_that_cannot_be_stays_in_the_form(case: str, volunteer_client: Client, sent: RecordsRequest) -> None:
    given, words = REPLY_TROUBLE[case]
    data = {"kind": "acknowledged", "happened_on": "2026-03-02", "note": "What I typed.", **given}
    data["returned"] = SimpleUploadedFile("answer.txt", b"Answer")
    response = volunteer_client.post(go("record-reply", sent), data)
    assert response.status_code == 422
    assert words in said(response)
    assert "What I typed." in said(response)
    assert (sent.events.count(), sent.documents.count()) == (2, 0)


def test_a_link_can_name_the_kind_of_reply(volunteer_client: Client, sent: RecordsRequest) -> None:
    html = said(volunteer_client.get(go("record-reply", sent) + "?kind=denied"))
    assert re.search(r'value="denied"[^>]*checked', html)


def test_nothing_can_answer_a_letter_that_has_not_left(volunteer_client: Client, ready: RecordsRequest) -> None:
    response = volunteer_client.get(go("record-reply", ready), follow=True)
    assert response.redirect_chain[0][0] == ready.get_absolute_url()
    assert "This letter has not left yet" in said(response)


def test_the_token_is_asked_for_although_the_uploads_come_first(alice: Person, sent: RecordsRequest) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    for name in ("record-reply", "mark-sent"):
        assert strict.post(go(name, sent), {"kind": "reply"}).status_code == 403


def test_who_only_reads_sends_nothing(reviewer_client: Client, ready: RecordsRequest) -> None:
    PersonFactory()
    for name in ("queue", "undo", "send-now", "mark-sent", "record-reply"):
        assert reviewer_client.post(go(name, ready)).status_code == 403
