"""Letters by post: recorded with number and proof, what became of them, and rows that were wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.correspondence.paper import posting, printing
from requests_app.correspondence.paper.models import Posting
from requests_app.correspondence.services import IncomingFile, NotSendable
from requests_app.filing import services as filing
from requests_app.filing.models import Deadline, NextLetter, RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.paper.conftest import ANOTHER, CERTIFIED, PICTURE
from tests.factories import NOON, PersonFactory, record
from tests.test_permissions import _begun

pytestmark = pytest.mark.django_db
Ask = Callable[..., RecordsRequest]


def go(name: str, *about: Any) -> str:
    return reverse(f"correspondence:{name}", args=about)


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode()).replace("&#x27;", "'")


def post_it(made: RecordsRequest, by: Person, number: str = CERTIFIED, **facts: Any) -> Posting:
    known: dict[str, Any] = {"carrier": "usps", "service": "certified_receipt", "number": number}
    known |= {"posted_on": NOON.date(), "by": by, "now": NOON}
    found, _recorded = posting.record_posted(made, None, **(known | facts))
    return found


def form(**typed: Any) -> dict[str, Any]:
    return {"carrier": "usps", "service": "certified_receipt", "number": CERTIFIED, "posted_on": "2026-03-02"} | typed


# --- posted -----------------------------------------------------------------------------------------------------------


def test_a_letter_is_recorded_as_posted_on_the_timeline_and_in_the_log(by_post: Ask, volunteer_client: Client) -> None:
    made = by_post()
    proof = SimpleUploadedFile("receipt.png", PICTURE)
    answer = volunteer_client.post(
        go("post-sent", made.reference), form(number="7112 3456 7891 2345 6787", proof=proof), follow=True
    )
    assert "Recorded. When the receipt comes back" in said(answer)
    event = made.events.get(kind="sent")
    assert (event.details["method"], event.details["confirmation"]) == ("post", CERTIFIED)
    row = Posting.objects.get()
    assert (row.sent_event, row.number, row.number_doubted, row.outcome) == (event, CERTIFIED, False, "underway")
    assert [document.original_name for document in row.proofs.all()] == ["receipt.png"]
    made.refresh_from_db()
    assert made.status == "sent"
    assert Deadline.objects.filter(request=made, state="running").exists(), "the law's clock runs"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        pytest.param(
            {"number": "71123456789123456788"}, "The last digit of this number does not fit", id="one-digit-wrong"
        ),
        pytest.param({"number": ""}, "Write the number, or choose ordinary mail", id="no-number"),
        pytest.param({"service": "ordinary"}, "Ordinary mail has no number", id="a-number-too-many"),
        pytest.param({"number": "1Z999AA10123456784"}, "This looks like a number of UPS", id="another-carrier"),
        pytest.param({"number": "12;DROP"}, "This is not a tracking number", id="no-number-at-all"),
        pytest.param({"number": "12\x0034"}, "Null characters are not allowed", id="nul"),
        pytest.param({"number": "1" * 41}, "This is not a tracking number", id="too-long"),
        pytest.param({"posted_on": "2026-02-01"}, "That is before the letter was written", id="before-it-was-written"),
        pytest.param({"posted_on": "2026-03-03"}, "usa-error-message", id="tomorrow"),
        pytest.param({"carrier": "pigeon"}, "usa-error-message", id="no-carrier-of-ours"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_recorded(
    by_post: Ask, volunteer_client: Client, typed: dict[str, str], why: str
) -> None:
    made = by_post()
    answer = volunteer_client.post(go("post-sent", made.reference), form(**typed))
    assert answer.status_code == 422
    assert why in said(answer)
    assert not Posting.objects.exists()
    assert not made.events.filter(kind="sent").exists()


def test_a_number_that_stands_on_the_receipt_is_taken_with_its_doubt(by_post: Ask, volunteer_client: Client) -> None:
    made = by_post()
    typed = form(number="71123456789123456788", doubted="on")
    assert volunteer_client.post(go("post-sent", made.reference), typed).status_code == 302
    row = Posting.objects.get()
    assert (row.number, row.number_doubted) == ("71123456789123456788", True)
    assert "Its last digit does not fit the others" in said(volunteer_client.get(row.get_absolute_url()))


def test_one_receipt_is_one_letter(by_post: Ask, alice: Person, volunteer_client: Client) -> None:
    first, second = by_post(), by_post()
    post_it(first, alice)
    answer = volunteer_client.post(go("post-sent", second.reference), form())
    assert answer.status_code == 422
    assert f"This number stands in the log already, for {first.reference}" in said(answer)
    assert not second.events.filter(kind="sent").exists()


def test_two_people_with_one_receipt_at_once(by_post: Ask, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = by_post(), by_post()
    looks = iter([None])
    real = posting.refuse_taken

    def looked_before_the_other(carrier: str, number: str) -> None:
        if next(looks, "again") is None:
            post_it(first, alice)  # the other one is quicker, after our look
            return
        real(carrier, number)

    monkeypatch.setattr(posting, "refuse_taken", looked_before_the_other)
    with pytest.raises(posting.NumberTaken):
        post_it(second, alice)
    assert not second.events.filter(kind="sent").exists(), "the event went with the row"


def test_ordinary_mail_has_no_number_and_many_may_have_none(by_post: Ask, alice: Person) -> None:
    for _place in range(2):
        post_it(by_post(), alice, "", service="ordinary")
    assert Posting.objects.filter(number="").count() == 2


def test_a_letter_that_waits_in_the_outbox_is_not_posted_beside_it(by_post: Ask, alice: Person, settings: Any) -> None:
    from requests_app.correspondence import services

    made = by_post()
    mail = made.agency.contact_points.create(channel="email", value="a@agency.example")
    made.contact_point = mail
    made.save(update_fields=["contact_point"])
    services.queue_letter(made, by=alice, now=NOON)
    with pytest.raises((NotSendable, filing.EventRefused)):
        post_it(made, alice)
    assert not Posting.objects.exists()


def test_a_second_click_records_nothing_twice(by_post: Ask, volunteer_client: Client) -> None:
    made = by_post()
    volunteer_client.post(go("post-sent", made.reference), form())
    again = volunteer_client.post(go("post-sent", made.reference), form(number=ANOTHER), follow=True)
    assert "This letter has left already" in said(again)
    assert Posting.objects.count() == 1


def test_a_later_letter_is_posted_with_the_text_that_was_seen(
    by_post: Ask, alice: Person, volunteer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_app.kits.rendering.to_pdf", lambda html: b"%PDF")
    made = record(by_post(), ("sent", "2026-03-02"))
    letter = _begun(made, alice)
    assert volunteer_client.post(go("next-post-sent", made.reference, letter.pk), form()).status_code == 302
    row = Posting.objects.get()
    letter.refresh_from_db()
    assert (row.next_letter, letter.state, row.sent_event) == (letter, NextLetter.State.SENT, letter.sent_event)
    assert not posting.hears_of_it(row)


# --- what became of it ------------------------------------------------------------------------------------------------


def test_a_receipt_that_came_back_starts_the_clock_only_where_a_person_says_so(
    by_post: Ask, alice: Person, volunteer_client: Client, monday: time_machine.Traveller
) -> None:
    quiet, told = by_post(), by_post()
    rows = {made: post_it(made, alice, number) for made, number in ((quiet, CERTIFIED), (told, ANOTHER))}
    monday.move_to(NOON + timedelta(days=7))
    proof = SimpleUploadedFile("card.png", PICTURE)
    typed = {"outcome": "delivered", "on": "2026-03-05"}
    assert volunteer_client.post(rows[quiet].get_absolute_url(), typed).status_code == 302
    answer = volunteer_client.post(rows[told].get_absolute_url(), {**typed, "on_timeline": "on", "proof": proof})
    assert answer.status_code == 302, said(answer)
    assert not quiet.events.filter(kind="received").exists()
    received = told.events.get(kind="received")
    assert (received.happened_on, received.details["confirmation"]) == (date(2026, 3, 5), ANOTHER)
    row = Posting.objects.get(request=told)
    assert (row.outcome, row.outcome_on, row.outcome_event, row.outcome_by) == (
        "delivered",
        date(2026, 3, 5),
        received,
        alice,
    )
    assert [document.original_name for document in row.proofs.all()] == ["card.png"]
    assert AuditEntry.objects.filter(action="posting settled").count() == 2


def test_a_letter_that_came_back_stops_the_clock(by_post: Ask, alice: Person) -> None:
    made = by_post()
    row = post_it(made, alice)
    facts: dict[str, Any] = {"on": NOON.date(), "on_timeline": True, "by": alice, "now": NOON}
    posting.record_outcome(row.pk, "came_back", **facts)
    made.refresh_from_db()
    assert made.status == "undelivered"
    assert not Deadline.objects.filter(request=made, state="running").exists()
    with pytest.raises(posting.AlreadySettled):
        posting.record_outcome(row.pk, "delivered", **facts)


def test_what_the_timeline_refuses_is_not_kept_in_the_log_either(by_post: Ask, alice: Person) -> None:
    made = by_post()
    row = post_it(made, alice)
    record(made, ("withdrawn", "2026-03-02"))
    with pytest.raises(filing.EventRefused):
        posting.record_outcome(row.pk, "delivered", on=NOON.date(), on_timeline=True, by=alice, now=NOON)
    row.refresh_from_db()
    assert row.outcome == "underway"
    posting.record_outcome(row.pk, "delivered", on=NOON.date(), on_timeline=False, by=alice, now=NOON)
    assert Posting.objects.get().outcome == "delivered"


@pytest.mark.parametrize(
    ("on", "why"),
    [("2026-03-01", "before it was posted"), ("2026-03-03", "has not come yet"), ("0001-01-01", "before")],
)
def test_days_that_cannot_be(by_post: Ask, alice: Person, volunteer_client: Client, on: str, why: str) -> None:
    row = post_it(by_post(), alice)
    answer = volunteer_client.post(row.get_absolute_url(), {"outcome": "delivered", "on": on})
    assert (answer.status_code, why in said(answer)) == (422, True)


def test_a_row_that_was_wrong_is_struck_and_its_number_free_again(
    by_post: Ask, alice: Person, volunteer_client: Client, coordinator_client: Client
) -> None:
    wrong, right = by_post(), by_post()
    row = post_it(wrong, alice)
    where = go("posting-strike", row.pk)
    assert "Say what is wrong" in said(volunteer_client.post(where, {"why": " "}, follow=True))
    assert "Struck; it stays in the log" in said(
        volunteer_client.post(where, {"why": "Another letter's receipt"}, follow=True)
    )
    assert "meanwhile" in said(volunteer_client.post(where, {"why": "again"}, follow=True))
    post_it(right, alice)
    assert wrong.events.filter(kind="sent").exists(), "the timeline is corrected on the timeline"
    shown = said(coordinator_client.get(go("post-log")))
    assert right.reference in shown
    assert wrong.reference not in shown
    struck = said(coordinator_client.get(go("post-log"), {"standing": "struck"}))
    assert "Another letter's receipt" in struck


def test_the_database_guards_last(by_post: Ask, alice: Person) -> None:
    row = post_it(by_post(), alice)
    for wrong in (
        {"outcome": "delivered", "outcome_on": NOON.date() - timedelta(days=1)},
        {"outcome": "delivered", "outcome_on": None},
        {"struck_at": NOON, "struck_why": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.filter(pk=row.pk).update(**wrong)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_says_what_to_do_and_the_pack_is_a_pdf(
    by_post: Ask, volunteer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = by_post()
    asked: list[Any] = []
    monkeypatch.setattr(printing, "pack", lambda paper, options: asked.append((paper, options)) or b"%PDF")
    shown = said(volunteer_client.get(made.get_absolute_url()))
    assert "Send it by post" in shown
    page = said(volunteer_client.get(go("post", made.reference)))
    assert "1201 Example Road" in page
    assert "names no postal address of its sender" in page, "Alice's letter has none"
    options = {"addressing": "label", "shape": "dl", "certified": "receipt"}
    answer = volunteer_client.get(go("post-pack", made.reference), options)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    (paper, chosen) = asked[0]
    assert (chosen.addressing, chosen.shape, chosen.certified, chosen.duplex) == ("label", "dl", "receipt", False)
    assert paper.address[-1] == "Pikesville, MD 21208"
    refused = volunteer_client.get(go("post-pack", made.reference), {**options, "shape": "moon"}, follow=True)
    assert "Nothing was printed" in said(refused)


def test_an_address_of_several_can_be_chosen_and_no_other_agencys(
    by_post: Ask, volunteer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, foreign = by_post(), by_post()
    other = made.agency.contact_points.create(channel="post", value="PO Box 7\nTown, MD 2")
    asked: list[Any] = []
    monkeypatch.setattr(printing, "pack", lambda paper, options: asked.append(paper) or b"%PDF")
    options = {"addressing": "window", "shape": "us10", "certified": "no"}
    volunteer_client.get(go("post-pack", made.reference), {**options, "contact": other.pk})
    assert asked[0].address[-2:] == ("PO Box 7", "Town, MD 2")
    volunteer_client.get(go("post-pack", made.reference), {**options, "contact": foreign.contact_point_id})
    assert len(asked) == 1, "a contact point of another agency is refused"


def test_whoever_has_nothing_to_do_with_it_sees_nothing(
    by_post: Ask, alice: Person, stranger_client: Client, reviewer_client: Client, administrator_client: Client
) -> None:
    made = by_post()
    row = post_it(made, alice)
    for client in (stranger_client, reviewer_client):
        for where in (go("post", made.reference), go("post-pack", made.reference), row.get_absolute_url()):
            assert client.get(where).status_code in (403, 404)
        assert client.get(go("post-log")).status_code == 403
        assert client.get(go("post-log-csv")).status_code == 403
        assert client.post(go("posting-strike", row.pk), {"why": "x"}).status_code in (403, 404)
    assert administrator_client.get(go("post-log")).status_code == 200
    assert administrator_client.post(row.get_absolute_url(), {"outcome": "delivered"}).status_code == 403


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        ({}, {0, 1}),
        ({"standing": "delivered"}, {1}),
        ({"standing": "underway"}, {0}),
        ({"carrier": "ups"}, set()),
        ({"state": "MD"}, {0, 1}),
        ({"words": "7112 3456"}, {0}),
        ({"from_day": "2026-03-03"}, set()),
        ({"to_day": "2026-03-02"}, {0, 1}),
        ({"from_day": "\x00", "words": "\x00", "standing": "nonsense"}, {0, 1}),
        ({"after": "2026-03-01~1"}, set()),
        ({"after": "x~1"}, {0, 1}),
        ({"after": "2026-03-02~" + "9" * 40}, {0, 1}),
    ],
    ids=str,
)
def test_the_log_is_narrowed(
    by_post: Ask, alice: Person, coordinator_client: Client, narrow: dict[str, str], found: set[int]
) -> None:
    made = [by_post(), by_post()]
    post_it(made[0], alice)
    row = post_it(made[1], alice, ANOTHER)
    posting.record_outcome(row.pk, "delivered", on=NOON.date(), on_timeline=False, by=alice, now=NOON)
    shown = said(coordinator_client.get(go("post-log"), narrow))
    assert {place for place in (0, 1) if made[place].reference in shown} == found


def test_the_table_keeps_numbers_whole_and_runs_no_formula(
    by_post: Ask, alice: Person, coordinator_client: Client
) -> None:
    made = by_post()
    made.agency.name = "=HYPERLINK(1)"
    made.agency.save(update_fields=["name"])
    post_it(made, alice, proof=[IncomingFile("receipt.png", [PICTURE])])
    answer = coordinator_client.get(go("post-log-csv"))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0]["number"] == "7112 3456 7891 2345 6787"
    assert not rows[0]["agency"].startswith("=")
    assert rows[0]["proofs"] == "receipt.png"


def test_the_log_takes_the_same_queries_for_one_and_many(
    by_post: Ask, alice: Person, coordinator_client: Client
) -> None:
    counts = []
    for rows in (1, 5):
        while Posting.objects.count() < rows:
            post_it(by_post(), alice, "", service="ordinary")
        coordinator_client.get(go("post-log"))
        with CaptureQueriesContext(connection) as asked:
            coordinator_client.get(go("post-log"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_pages_of_a_long_log_show_every_row_once(by_post: Ask, alice: Person, bob: Person) -> None:
    from requests_app.correspondence.paper import post_views

    client = Client()
    client.force_login(bob)
    made = by_post()
    event = post_it(made, alice).sent_event
    for place in range(7):
        facts: dict[str, Any] = {"carrier": "usps", "service": "ordinary", "recorded_by": alice, "recorded_at": NOON}
        Posting.objects.create(
            request=made, sent_event=event, posted_on=NOON.date() - timedelta(days=place // 3), **facts
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post_views, "PAGE", 3)
        where, seen = go("post-log"), []
        while where:
            page = client.get(where)
            seen += [row.pk for row, _title, _grouped in page.context["rows"]]
            where = go("post-log") + page.context["next_url"] if page.context["next_url"] else ""
    assert sorted(seen) == sorted(Posting.objects.values_list("pk", flat=True))
    assert len(seen) == len(set(seen)) == 8


def test_a_member_who_lost_the_request_cannot_record(by_post: Ask, alice: Person) -> None:
    row = post_it(by_post(), alice)
    other = PersonFactory(handle="later", roles=[])
    client = Client()
    client.force_login(other)
    assert client.get(row.get_absolute_url()).status_code == 404
