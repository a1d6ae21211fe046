"""What follows once a request is open: events by form, corrections, notes, assignment, the letter as a file."""

from __future__ import annotations

import email
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.filing import lawbook, queries
from requests_app.filing.forms.recording import ASKED, CorrectionForm, EventForm, initial_of
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import RecordsRequest
from requests_app.kits import letters
from requests_app.people.models import Person
from tests.factories import ContactPointFactory, RecordsRequestFactory, record
from tests.filing.letters import a_letter
from tests.filing.test_wizard import words

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.filing.urls")]


@pytest.fixture(autouse=True)
def on_a_friday() -> object:
    with time_machine.travel(datetime(2026, 3, 20, 17, 0, tzinfo=UTC), tick=False) as moved:
        yield moved


@pytest.fixture
def hers(alice: Person) -> RecordsRequest:
    """Alice's request: sent and received on Monday, March 2, 2026."""
    return RecordsRequestFactory(filer=alice, with_deadline=True)


def recording(records_request: RecordsRequest, kind: str) -> str:
    return reverse("filing:record", args=[records_request.reference, kind])


def test_what_can_happen_now_is_offered_and_nothing_else(volunteer_client: Client, hers: RecordsRequest) -> None:
    page = words(volunteer_client.get(reverse("filing:record-what", args=[hers.reference])))
    assert "The agency acknowledged the letter" in page
    assert "We reopen the request" not in page
    assert "We answered the agency’s question" not in page


# What a person types for each kind beyond the day, and what must have happened before.
TYPED = {
    "received": ([("sent", "2026-03-02")], {"time": "14:10"}),
    "acknowledged": ([("sent", "2026-03-02")], {"agency_number": "PIA-77"}),
    "extension": ([("sent", "2026-03-02")], {}),
    "clarification_requested": ([("sent", "2026-03-02")], {"note": "Which months?"}),
    "clarified": ([("sent", "2026-03-02"), ("clarification_requested", "2026-03-04")], {}),
    "fee_estimated": ([("sent", "2026-03-02")], {"amount": "120.50"}),
    "fee_paid": ([("sent", "2026-03-02"), ("fee_estimated", "2026-03-04")], {"paid": "0"}),
    "waiver_decided": (
        [("sent", "2026-03-02"), ("fee_estimated", "2026-03-04")],
        {"waiver_outcome": "part"},
    ),
    "determined": ([("sent", "2026-03-02")], {}),
    "denied": ([("sent", "2026-03-02")], {"note": "Section 4-351."}),
    "no_records": ([("sent", "2026-03-02")], {}),
    "produced_part": ([("sent", "2026-03-02")], {}),
    "produced": ([("sent", "2026-03-02")], {}),
    "appeal_filed": (
        [("sent", "2026-03-02"), ("denied", "2026-03-05")],
        {"level": "administrative", "method": "post"},
    ),
    "appeal_decided": (
        [("sent", "2026-03-02"), ("denied", "2026-03-05"), ("appeal_filed", "2026-03-06")],
        {"outcome": "granted"},
    ),
    "follow_up": ([("sent", "2026-03-02")], {"method": "post", "note": "We asked again."}),
    "reply": ([("sent", "2026-03-02")], {"note": "We moved."}),
    "send_failed": ([("sent", "2026-03-02")], {"note": "Mailbox full."}),
    "withdrawn": ([("sent", "2026-03-02")], {}),
    "closed": ([("sent", "2026-03-02"), ("denied", "2026-03-05")], {}),
    "reopened": ([("withdrawn", "2026-03-02")], {}),
}


def test_every_kind_that_people_record_has_its_row() -> None:
    by_machine = {"opened", "queued", "taken_back", "sent", "assigned", "correction"}
    assert set(TYPED) == {kind.value for kind in ASKED} == set(EventKind.values) - by_machine


@pytest.mark.parametrize("kind", TYPED)
def test_every_event_can_be_recorded_by_its_form(volunteer_client: Client, alice: Person, kind: str) -> None:
    before, typed = TYPED[kind]
    made = RecordsRequestFactory(filer=alice, events=before)
    where = recording(made, kind)
    assert volunteer_client.get(where).status_code == 200
    answer = volunteer_client.post(where, {"happened_on": "2026-03-09", **typed})
    assert answer.status_code == 302, words(answer)
    event = made.events.get(kind=kind)
    assert (event.happened_on, event.recorded_by) == (date(2026, 3, 9), alice)
    assert event.note == typed.get("note", "")
    if "amount" in typed or "paid" in typed:
        assert event.details["amount_cents"] == {"fee_estimated": 12050, "fee_paid": 0}[kind]
    for name in ("agency_number", "confirmation", "level", "method"):
        assert event.details.get(name) == typed.get(name)
    assert event.details.get("outcome") == typed.get("outcome", typed.get("waiver_outcome"))


def test_a_time_of_day_is_the_agencys_own(volunteer_client: Client, alice: Person) -> None:
    made = RecordsRequestFactory(filer=alice, jurisdiction="HI", events=[("sent", "2026-03-02")])
    volunteer_client.post(recording(made, "received"), {"happened_on": "2026-03-03", "time": "18:30"})
    event = made.events.get(kind="received")
    assert event.happened_on == date(2026, 3, 3)
    assert event.happened_at == datetime(2026, 3, 4, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        pytest.param("acknowledged", {"happened_on": "2026-03-21"}, "has not come yet", id="tomorrow"),
        pytest.param("acknowledged", {"happened_on": ""}, "required", id="no-day"),
        pytest.param("acknowledged", {"happened_on": "soon"}, "valid date", id="not-a-day"),
        pytest.param("acknowledged", {"happened_on": "2026-02-27"}, "cannot be recorded while", id="before-sending"),
        pytest.param("clarified", {"happened_on": "2026-03-09"}, "cannot be recorded while", id="unasked"),
        pytest.param("fee_estimated", {"happened_on": "2026-03-09", "amount": "-1"}, "greater than", id="negative"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(
    volunteer_client: Client, hers: RecordsRequest, kind: str, typed: dict, says: str
) -> None:
    page = volunteer_client.post(recording(hers, kind), typed)
    assert page.status_code == 200
    assert says in words(page)
    hers.refresh_from_db()
    assert hers.last_sequence == 3


@pytest.mark.parametrize("kind", ["opened", "sent", "assigned", "correction", "queued", "nonsense"])
def test_what_people_do_not_record_has_no_page(volunteer_client: Client, hers: RecordsRequest, kind: str) -> None:
    assert volunteer_client.get(recording(hers, kind)).status_code == 404


def test_a_second_click_is_refused_kindly(volunteer_client: Client, alice: Person) -> None:
    made = RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-02")])
    typed = {"happened_on": "2026-03-03"}
    assert volunteer_client.post(recording(made, "received"), typed).status_code == 302
    assert "Nothing was changed" in words(volunteer_client.post(recording(made, "received"), typed))
    assert made.events.filter(kind="received").count() == 1


def test_a_wrong_day_is_corrected_and_both_stay(volunteer_client: Client, hers: RecordsRequest) -> None:
    where = reverse("filing:correct", args=[hers.reference, 3])
    page = volunteer_client.get(where)
    assert "Recorded by alice" in words(page)
    answer = volunteer_client.post(
        where, {"why": "The stamp says the third.", "what": "fact", "happened_on": "2026-03-03"}
    )
    assert answer.status_code == 302, words(answer)
    kinds = [(event.kind, event.happened_on.day) for event in hers.events.order_by("sequence")]
    assert kinds == [("opened", 2), ("sent", 2), ("received", 2), ("correction", 20), ("received", 3)]
    assert "was corrected before" in words(volunteer_client.post(where, {"why": "Again.", "what": "all", **DAY}))


DAY = {"happened_on": "2026-03-03"}


def test_what_did_not_happen_is_taken_out(volunteer_client: Client, hers: RecordsRequest) -> None:
    where = reverse("filing:correct", args=[hers.reference, 3])
    volunteer_client.post(where, {"why": "That was another letter.", "what": "all", **DAY})
    hers.refresh_from_db()
    assert hers.status == "sent"
    assert hers.events.get(kind="correction").note == "That was another letter."


def test_a_sending_keeps_what_the_form_does_not_ask(volunteer_client: Client, alice: Person) -> None:
    made = RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-02", {"method": "email", "message": "a@b"})])
    where = reverse("filing:correct", args=[made.reference, 2])
    typed = {"why": "A day late.", "what": "fact", "happened_on": "2026-03-03", "method": "post"}
    assert volunteer_client.post(where, typed).status_code == 302
    assert made.events.get(happened_on=date(2026, 3, 3), kind="sent").details == {"method": "post", "message": "a@b"}


def test_openings_have_no_correction_page(volunteer_client: Client, hers: RecordsRequest) -> None:
    assert volunteer_client.get(reverse("filing:correct", args=[hers.reference, 1])).status_code == 404
    assert volunteer_client.get(reverse("filing:correct", args=[hers.reference, 99])).status_code == 404


def test_a_correction_form_shows_the_event_as_it_was() -> None:
    from zoneinfo import ZoneInfo

    zone, law = ZoneInfo("America/New_York"), lawbook.statute_of("MD")
    at = datetime(2026, 3, 2, 19, 10, 33, tzinfo=UTC)
    shown = initial_of({"amount_cents": 12050, "method": "post"}, date(2026, 3, 2), at, zone, law)
    assert (shown["amount"], shown["method"], shown["time"]) == (pytest.approx(120.5), "post", time(14, 10))
    form = CorrectionForm(kind=EventKind.SENT, today=date(2026, 3, 20), zone=zone, statute=law)
    assert list(form.fields)[:3] == ["why", "what", "happened_on"]
    assert "why" not in EventForm(kind=EventKind.DENIED, today=date(2026, 3, 20), zone=zone, statute=law).fields


def test_notes_and_assignment(coordinator_client: Client, hers: RecordsRequest, charlie: Person, alice: Person) -> None:
    coordinator_client.post(reverse("filing:note", args=[hers.reference]), {"text": "Ask for Jo."})
    assert [note.text for note in queries.notes(hers)] == ["Ask for Jo."]
    where = reverse("filing:assign", args=[hers.reference])
    assert "charlie" in words(coordinator_client.get(where))
    coordinator_client.post(where, {"assignee": charlie.pk})
    hers.refresh_from_db()
    assert hers.assignee == charlie
    coordinator_client.post(where, {"assignee": ""})
    hers.refresh_from_db()
    assert hers.assignee is None


def test_nobody_without_the_role_can_be_assigned(coordinator_client: Client, hers: RecordsRequest) -> None:
    from tests.factories import PersonFactory

    reviewer = PersonFactory(roles=["reviewer"])
    page = coordinator_client.post(reverse("filing:assign", args=[hers.reference]), {"assignee": reviewer.pk})
    assert page.status_code == 200
    assert hers.assignee is None


def test_the_letter_as_paper_text_and_message(volunteer_client: Client, alice: Person) -> None:
    contact = ContactPointFactory(value="records@agency.example")
    made = RecordsRequestFactory(
        filer=alice, agency=contact.agency, contact_point=contact, letter=letters.dump(a_letter())
    )
    page = words(volunteer_client.get(reverse("filing:letter", args=[made.reference])))
    assert "Alice Liddell" in page
    text = volunteer_client.get(reverse("filing:letter-text", args=[made.reference]))
    assert "Maryland Public Information Act" in text.content.decode()
    eml = volunteer_client.get(reverse("filing:letter-eml", args=[made.reference]))
    message = email.message_from_bytes(eml.content)
    assert message["To"] == "records@agency.example"
    assert f"+{made.reference.lower()}-{made.reply_token}@" in message["From"]
    pdf = volunteer_client.get(reverse("filing:letter-pdf", args=[made.reference]))
    assert pdf.content.startswith(b"%PDF")


def test_a_letter_by_post_has_no_message_file(volunteer_client: Client, hers: RecordsRequest) -> None:
    RecordsRequest.objects.filter(pk=hers.pk).update(letter=letters.dump(a_letter()))
    assert volunteer_client.get(reverse("filing:letter-eml", args=[hers.reference])).status_code == 404


@pytest.mark.parametrize("rows", [1, 10])
def test_lists_cost_the_same_for_one_row_and_ten(
    alice: Person, bob: Person, django_assert_num_queries: object, rows: int
) -> None:
    made = RecordsRequestFactory(filer=alice, with_deadline=True)
    RecordsRequestFactory.create_batch(rows, filer=alice)
    for _ in range(rows):
        record(made, ("reply", "2026-03-09"))
    with django_assert_num_queries(3):  # type: ignore[operator]
        shown = [
            (one.agency.name, one.filer.handle, one.assignee)
            for one in queries.with_people(queries.visible_to(bob)).iterator()
        ]
        assert len(shown) == rows + 1
        timeline = [
            (event.recorded_by, event.corrects, getattr(event, "corrected_by", None))
            for event in queries.timeline(made)
        ]
        assert len(timeline) == rows + 3


def test_the_next_action_is_one_sentence_with_its_reason(hers: RecordsRequest) -> None:
    from requests_app.filing.lifecycle import Status
    from requests_app.filing.next_action import next_action

    deadlines = list(queries.current_deadlines(hers))
    action = next_action(Status(hers.status), deadlines, date(2026, 3, 3))
    assert (str(action.what), action.owner, action.by) == (
        "Wait for the agency's answer.",
        "agency",
        hers.next_due_on,
    )
    assert "4-203" in str(action.why)
