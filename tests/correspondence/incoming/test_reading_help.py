"""What a mail may mean, from the mail to the event: kept, shown, recorded by a person in one click, or put away."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from requests_app.correspondence.incoming import services, settling
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.reading import version_of
from requests_app.correspondence.incoming.suggested import meaning, reminding, writing
from requests_app.correspondence.incoming.suggested import services as suggested
from requests_app.correspondence.incoming.suggested.models import Confirmation, Meaning
from requests_app.correspondence.incoming.suggesting import Found, Kind
from requests_app.documents.models import Document
from requests_app.documents.store import Store
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, EventWords, RecordsRequest
from requests_app.kits import letters
from requests_app.people.models import Notice, Person
from requests_app.tracking.evidence.gathering import gather
from requests_app.tracking.models import Heartbeat
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.kept import a_link, a_meaning, a_message
from tests.correspondence.incoming.mails import PDF, mail
from tests.factories import NOON, PersonFactory
from tests.filing.letters import a_letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "monday")]
FEE = "We have received your request. The estimated cost is $45.00.\n"
LINK = "Your records can be downloaded from https://agency.sharefile.com/d-abc. The link expires on March 12, 2026.\n"
HOSTILE = "The fee is $45.00 \u202egpj.exe <script>alert(1)</script>"


@pytest.fixture
def monday() -> Any:
    """Monday, March 2, 2026, at noon in Maryland."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def receive(text: str, reader: Reader, **facts: Any) -> IncomingMessage:
    kept = services.take_in([mail(text=text, **facts)], way="lmtp", now=NOON)
    services.process(kept.pk, now=NOON, reader=reader)
    return IncomingMessage.objects.get(copies=kept)


def page(client: Client, where: str, status: int = 200) -> str:
    response = client.get(where)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def page_of(message: IncomingMessage) -> str:
    return reverse("correspondence:message", args=[message.pk])


def post(client: Client, message: IncomingMessage, act: str, **data: Any) -> Any:
    return client.post(reverse(f"correspondence:message-{act}", args=[message.pk]), data)


def said(response: Any) -> str:
    return " ".join(str(one) for one in get_messages(response.wsgi_request))


# --- from the mail ----------------------------------------------------------------------------------------------------


def test_a_mail_is_read_and_nothing_is_recorded(letter: RecordsRequest, reader: Reader):
    events = Event.objects.count()
    message = receive(FEE, reader)
    assert message.state == "filed"
    assert [(one.kind, one.state) for one in message.meanings.all()] == [("acknowledgment", "open"), ("fee", "open")]
    assert message.meanings.get(kind="fee").values == {"amount_cents": 4500}
    assert Event.objects.count() == events


def test_an_answer_below_our_quoted_letter_is_not_ours(letter: RecordsRequest, reader: Reader):
    message = receive("Hello.\n\nOn Mon, Mar 2, 2026, Alice wrote:\n> We deny nothing. The fee is $45.00.\n", reader)
    assert not message.meanings.exists()


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        pytest.param({"Auto_Submitted": "auto-replied", "subject": "Automatic reply: out of office",
            "text": "I am out of the office. The fee is $45.00.\n"}, set(), id="absence"),
        pytest.param({"Auto_Submitted": "auto-replied", "subject": "Auto reply: request received",
            "text": "We have received your request.\n"}, {"acknowledgment"}, id="receipt"),
    ],
)  # fmt: skip
def test_automatic_replies(facts: dict[str, Any], wanted: set[str], letter: RecordsRequest, reader: Reader):
    message = receive(reader=reader, **facts)
    assert message.kind == "auto_reply"
    assert {one.kind for one in message.meanings.all()} == wanted


def test_reading_again_changes_only_what_nobody_decided(letter: RecordsRequest, bob: Person, reader: Reader):
    message = receive(FEE + "\nhttps://we.tl/t-1\n", reader)
    fee, received = message.meanings.get(kind="fee"), message.meanings.get(kind="acknowledgment")
    suggested.dismiss(message.pk, fee.pk, by=bob, now=NOON)
    Meaning.objects.filter(pk=received.pk).update(sentences=["an older reading"])
    link = message.share_links.get()
    suggested.settle_link(message.pk, link.pk, "fetched", by=bob, now=NOON)
    services.reprocess(RawMail.objects.all())
    services.process(message.raw_id, now=NOON, reader=reader)
    assert message.meanings.get(kind="fee") == fee
    assert message.meanings.get(kind="acknowledgment").sentences == ["We have received your request."]
    assert message.share_links.get() == link


def reprocess(how: str) -> str:
    said = StringIO()
    call_command("reprocess_mail", how, stdout=said)
    return said.getvalue()


def test_older_mails_get_what_a_newer_version_suggests_and_nothing_else_changes(
    letter: RecordsRequest, bob: Person, reader: Reader
):
    old, filed = receive(FEE, reader), IncomingMessage.objects.all()
    dismissed = receive("We have received your request. The fee is $9.00.\n", reader)
    dismissed.meanings.filter(kind="fee").update(state=Meaning.State.DISMISSED, settled_by=bob, settled_at=NOON)
    old.meanings.all().delete()
    RawMail.objects.update(parser_version="1")
    before = list(filed.order_by("pk").values())
    assert "0 mails will be read again" in reprocess("--older"), "the parser itself is the same"
    assert "2 mails were read" in reprocess("--suggestions")
    assert set(old.meanings.values_list("kind", "state")) == {("acknowledgment", "open"), ("fee", "open")}
    assert set(dismissed.meanings.values_list("kind", "state")) == {("acknowledgment", "open"), ("fee", "dismissed")}
    assert list(filed.order_by("pk").values()) == before
    assert "0 mails were read" in reprocess("--suggestions"), "once is enough"
    assert "0 mails will be read again" in reprocess("--older")


@pytest.mark.parametrize("version", ["", "0", "0+2", "10+2", "11"])
def test_a_mail_that_another_parser_read_is_read_again_whole(version: str, letter: RecordsRequest, reader: Reader):
    message = receive(FEE, reader)
    IncomingMessage.objects.update(subject="Read wrongly")
    RawMail.objects.update(parser_version=version)
    assert "1 mails will be read again" in reprocess("--older")
    message.refresh_from_db()
    assert message.subject != "Read wrongly"
    assert RawMail.objects.get().parser_version == version_of()


def test_suggestions_of_a_mail_that_another_parser_read_leave_it_to_the_parser(letter: RecordsRequest, reader: Reader):
    receive(FEE, reader)
    RawMail.objects.update(parser_version="0")
    assert "1 mails were read" in reprocess("--suggestions")
    assert "1 mails will be read again" in reprocess("--older")


def test_what_cannot_be_read_once_more_stays_as_it_is(letter: RecordsRequest, reader: Reader, store: Store):
    message, other = receive(FEE, reader), receive(FEE, reader)
    RawMail.objects.update(parser_version="1")
    store.path(message.raw_id).unlink()
    said = reprocess("--suggestions")
    assert "1 mails were read" in said and "1 mails could not be read; they stay" in said
    assert message.meanings.count() == other.meanings.count() == 2


def test_a_mistake_of_reading_help_holds_back_no_mail(
    letter: RecordsRequest, reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(writing, "read", lambda *_given: 1 / 0)
    assert receive(FEE, reader).state == "filed"
    assert "ZeroDivisionError" in caplog.text and "$45" not in caplog.text


def test_strange_signs_can_be_kept(letter: RecordsRequest):
    message = a_message(on=[letter])
    found = writing.read("We deny it: the fee is $45.00 \x00\ud800. https://we.tl/\ud800", writing.Letter())
    writing.note([(message, found)])
    assert message.meanings.get(kind="fee").sentences


def test_an_erased_mail_leaves_no_words(letter: RecordsRequest, alice: Person, reader: Reader):
    message = receive(FEE + LINK, reader)
    one = message.meanings.get(kind="fee")
    suggested.record_from_mail(
        message.pk, letter, "fee_estimated", happened_on=NOON.date(), details={"amount_cents": 4500},
        meaning_id=one.pk, by=alice, now=NOON,
    )  # fmt: skip
    services.erase(message.raw_id, by=PersonFactory(roles=["administrator"]), why="A court ordered it.", now=NOON)
    assert [(each.kind, each.sentences, each.values) for each in message.meanings.all()] == [("fee", [], {})]
    assert not message.share_links.exists()


# --- recording --------------------------------------------------------------------------------------------------------


def test_one_click_records_the_event_with_the_mail_as_its_source(
    letter: RecordsRequest, alice: Person, volunteer_client: Client, reader: Reader
):
    message = receive(FEE, reader, files=(("estimate.pdf", PDF),))
    documents = Document.objects.count()
    html = page(volunteer_client, page_of(message))
    assert "They ask for money." in html and "The estimated cost is $45.00." in html and "$45" in html
    fee = message.meanings.get(kind="fee")
    response = post(volunteer_client, message, "record", meaning=fee.pk, reference=letter.reference)
    assert "Recorded on MD-2026-0007" in said(response)
    event = Event.objects.latest("pk")
    assert (event.kind, event.happened_on, event.recorded_by) == ("fee_estimated", date(2026, 3, 2), alice)
    assert event.details == {"amount_cents": 4500, "mail": message.pk}
    assert EventWords.objects.get(event=event).text == "The estimated cost is $45.00."
    assert Document.objects.count() == documents  # its files are with the request already
    fee.refresh_from_db()
    assert (fee.state, fee.settled_by, Confirmation.objects.get().event) == ("confirmed", alice, event)
    letter.refresh_from_db()
    assert letter.status == "fee"
    timeline = page(volunteer_client, letter.get_absolute_url())
    assert f'href="{page_of(message)}">The mail that says so' in timeline
    assert "Recorded on MD-2026-0007 by" in page(volunteer_client, page_of(message))


def test_a_second_click_records_nothing(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message)
    post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    events = Event.objects.count()
    response = post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    assert "nothing was recorded twice" in said(response)
    assert Event.objects.count() == events


def test_the_evidence_file_names_the_mail(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed", message_id="<a1@agency.example>")
    one = a_meaning(message)
    post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    RecordsRequest.objects.filter(pk=letter.pk).update(letter=letters.dump(a_letter()))
    letter.refresh_from_db()
    answers = [one for one in gather(letter, with_notes=False, now=NOON).exhibits if one.kind == "answer"]
    facts = {fact.label: fact.value for exhibit in answers for fact in exhibit.facts}
    assert facts["Message-ID of that mail"] == "<a1@agency.example>"
    assert facts["SHA-256 of that mail as it came"] == message.raw_id


def test_a_correction_takes_it_back_and_it_can_be_recorded_again(
    letter: RecordsRequest, alice: Person, volunteer_client: Client
):
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message)
    post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    first = Event.objects.latest("pk")
    filing.correct_event(first.pk, by=alice, now=NOON, note="It was not for us.")
    assert "corrected away since" in page(volunteer_client, page_of(message))
    post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    again = Confirmation.objects.get().event
    assert again != first and again.kind == "fee_estimated"


def test_a_corrected_fact_keeps_its_source(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    post(volunteer_client, message, "record", meaning=a_meaning(message).pk, reference=letter.reference)
    wrong = Event.objects.latest("pk")
    where = reverse("filing:correct", args=[letter.reference, wrong.sequence])
    volunteer_client.post(
        where, {"why": "Read wrongly", "what": "fact", "happened_on": "2026-03-02", "amount": "54.00"}
    )
    right = Event.objects.latest("pk")
    assert right.replaces == wrong and right.details == {"amount_cents": 5400, "mail": message.pk}
    assert "corrected away" not in page(volunteer_client, page_of(message))


def test_a_message_on_two_requests_is_recorded_on_each(letter: RecordsRequest, alice: Person, volunteer_client: Client):
    other = a_request(alice, "MD-2026-0008", "q7w8e9r2")
    message = a_message(on=[letter, other], state="filed")
    one = a_meaning(message)
    for request in (letter, other):
        html = page(volunteer_client, page_of(message))
        assert f"Record on {request.reference}" in html
        post(volunteer_client, message, "record", meaning=one.pk, reference=request.reference)
    assert Confirmation.objects.filter(meaning=one).count() == 2
    assert "Record on" not in page(volunteer_client, page_of(message))


def test_what_lacks_a_fact_is_looked_at_first(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message, "deposit", values={"deposit_cents": 2000}, sentences=["A deposit of $20 is required."])
    assert "The mail does not say all" in page(volunteer_client, page_of(message))
    events = Event.objects.count()
    response = post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    assert (
        response.url
        == f"{reverse('correspondence:record-reply', args=[letter.reference])}?mail={message.pk}&meaning={one.pk}"
    )
    assert Event.objects.count() == events


def test_the_answer_form_is_filled_in_and_what_is_changed_counts(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed", subject="About your request")
    citation = lawbook.statute_of("MD").likely_exemptions[0].citation
    values = {"sections": [citation, "§ 99-999"], "number": "26-1044"}
    one = a_meaning(message, "denial", values=values, sentences=["Your request is denied."])
    where = reverse("correspondence:record-reply", args=[letter.reference])
    html = page(volunteer_client, f"{where}?mail={message.pk}&meaning={one.pk}")
    assert "About your request" in html and "Your request is denied." in html and "26-1044" in html
    assert re.search(r'value="denied"[^>]*checked', html) and "§ 99-999" in html
    ticked = re.findall(r"<input[^>]*checked", html)
    assert len(ticked) == 2  # the kind, and the exemption that the law book knows
    data = {
        "mail": message.pk, "meaning": one.pk, "kind": "denied", "happened_on": "2026-03-02",
        "words": "Your request is denied.", "exemptions": [citation], "agency_number": "26-1044",
    }  # fmt: skip
    assert volunteer_client.post(where, data).status_code == 302
    event = Event.objects.latest("pk")
    assert event.details == {"exemptions": [citation], "agency_number": "26-1044", "mail": message.pk}
    one.refresh_from_db()
    assert one.state == "confirmed"


def test_an_answer_without_a_suggestion_keeps_its_source_too(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    html = page(volunteer_client, page_of(message))
    where = reverse("correspondence:record-reply", args=[letter.reference])
    assert f'href="{where}?mail={message.pk}"' in html
    volunteer_client.post(where, {"mail": message.pk, "kind": "acknowledged", "happened_on": "2026-03-02"})
    assert Event.objects.latest("pk").details == {"mail": message.pk}


@pytest.mark.parametrize(
    ("kind", "values", "event", "details"),
    [
        ("acknowledgment", {"number": "26-1"}, "acknowledged", {"agency_number": "26-1"}),
        ("extension", {"until": "2026-04-03"}, "extension", {}),
        (
            "fee",
            {"amount_cents": 4500, "deposit_cents": 2000},
            "fee_estimated",
            {"amount_cents": 4500, "deposit_cents": 2000},
        ),
        ("waiver", {"outcome": "refused"}, "waiver_decided", {"outcome": "refused"}),
        ("clarification", {}, "clarification_requested", {}),
        ("granted", {}, "determined", {}),
        ("production", {}, "produced_part", {}),
        ("production", {"part": True}, "produced_part", {}),
        ("production", {"part": False}, "produced", {}),
        ("no_records", {}, "no_records", {}),
        ("denial", {"sections": ["§ 99-999"]}, "denied", {"exemptions": ["§ 99-999"]}),
        ("referral", {"to": "Department of Public Safety"}, "reply", {}),
        ("portal", {"number": "W1"}, "reply", {"agency_number": "W1"}),
        ("closed", {}, "reply", {}),
    ],
)
def test_each_kind_is_recorded_as_its_event(
    kind: str, values: dict[str, Any], event: str, details: dict[str, Any], letter: RecordsRequest,
    volunteer_client: Client,
):  # fmt: skip
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message, kind, values=values)
    post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    made = Event.objects.latest("pk")
    assert (made.kind, made.details) == (event, {**details, "mail": message.pk})
    if "until" in values:
        assert "Friday, April 3, 2026" in made.note
    if "to" in values:
        assert "Department of Public Safety" in made.note


def test_every_kind_has_its_words_and_its_event():
    statute = lawbook.statute_of("MD")
    for kind in Kind:
        assert kind.value in meaning.SENTENCES and kind.value in meaning.SHORT
        assert meaning.proposal_of(kind.value, {}, statute).kind in EventKind
        assert meaning.short_words(kind.value, {})


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("fee", {"amount_cents": 4500}, "a fee of $45"),
        ("deposit", {"deposit_cents": 2050}, "a deposit of $20.50"),
        ("extension", {"until": "2026-04-03"}, "more time, until April 3, 2026"),
        ("extension", {"period": "10 business days"}, "more time, 10 business days"),
        ("denial", {"part": True}, "a refusal in part"),
        ("denial", {}, "a refusal"),
    ],
)
def test_in_a_few_words(kind: str, values: dict[str, Any], words: str):
    assert meaning.short_words(kind, values) == words


def test_business_days_from_the_letter_are_counted_by_the_calendar():
    values = {"period": "10 business days", "days": 10, "unit": "business", "counted_from": "2026-03-03"}
    facts = dict(meaning.facts_of("extension", values, None, lawbook.book().calendar("MD")))
    assert facts["Counted from the mail’s own day"] == "Tuesday, March 17, 2026"  # ten open days, no holiday between
    assert "Counted from the mail’s own day" not in dict(meaning.facts_of("extension", {"period": "10 business days"}))


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_nothing_is_recorded_before_the_mail_is_filed(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter])
    one = a_meaning(message)
    html = page(coordinator_client, page_of(message))
    assert "once the mail is filed" in html and "Record on" not in html
    events = Event.objects.count()
    response = post(coordinator_client, message, "record", meaning=one.pk, reference=letter.reference)
    assert "File it there first" in said(response)
    assert Event.objects.count() == events


def test_a_mail_that_was_moved_away_records_nothing_on_its_old_request(
    letter: RecordsRequest, alice: Person, bob: Person, volunteer_client: Client
):
    other = a_request(alice, "MD-2026-0008", "q7w8e9r2")
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message)
    settling.move(message.pk, from_request=letter.pk, to_request=other.pk, why="Theirs", seen=0, by=bob, now=NOON)
    events = Event.objects.count()
    response = post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    assert "choose what to record" in said(response)
    assert Event.objects.count() == events


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"meaning": "x", "reference": "MD-2026-0007"}, id="words"),
        pytest.param({"meaning": "9" * 40, "reference": "MD-2026-0007"}, id="too-long"),
        pytest.param({"meaning": "0", "reference": "\x00" * 3}, id="nul"),
        pytest.param({"meaning": "²", "reference": "MD-2026-9999"}, id="no-digit"),
    ],
)
def test_a_wrong_number_records_nothing(data: dict[str, str], letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    events = Event.objects.count()
    for act in ("record", "dismiss", "take-up", "link"):
        response = post(
            volunteer_client, message, act, **data, state=data.get("meaning", ""), link=data.get("meaning", "")
        )
        assert response.status_code == 302
    assert Event.objects.count() == events


@pytest.mark.parametrize("number", ["x", "0", "9" * 30, "\x00", "-1"])
def test_the_answer_form_does_not_take_a_source_that_is_none(
    number: str, letter: RecordsRequest, volunteer_client: Client
):
    where = reverse("correspondence:record-reply", args=[letter.reference])
    response = volunteer_client.get(where, {"mail": number, "meaning": number})
    assert response.status_code == 200 and "From a mail" not in response.content.decode()


def test_a_stranger_to_the_request_records_nothing(letter: RecordsRequest, bob: Person, stranger_client: Client):
    theirs = a_request(bob, "MD-2026-0008", "q7w8e9r2")
    message = a_message(on=[theirs], state="filed")
    one = a_meaning(message)
    for act in ("record", "dismiss", "take-up", "link"):
        response = post(stranger_client, message, act, meaning=one.pk, reference=theirs.reference)
        assert response.status_code == 404
    one.refresh_from_db()
    assert one.state == "open"


def test_another_requests_mail_is_no_source(letter: RecordsRequest, bob: Person, volunteer_client: Client):
    theirs = a_request(bob, "MD-2026-0008", "q7w8e9r2")
    message = a_message(on=[theirs], state="filed", subject="A secret of another request")
    where = reverse("correspondence:record-reply", args=[letter.reference])
    assert "A secret" not in page(volunteer_client, f"{where}?mail={message.pk}")
    volunteer_client.post(where, {"mail": message.pk, "kind": "acknowledged", "happened_on": "2026-03-02"})
    assert "mail" not in Event.objects.latest("pk").details


def test_what_cannot_be_as_the_request_stands_leads_to_the_form(
    letter: RecordsRequest, alice: Person, volunteer_client: Client
):
    filing.record_event(letter.pk, "withdrawn", happened_on=NOON.date(), by=alice, now=NOON)
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message)
    assert "As the request stands (Done)" in page(volunteer_client, page_of(message))
    assert post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference).url.startswith(
        "/requests/"
    )


def test_putting_away_is_one_click_and_can_be_asked_again(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message)
    assert "Put away" in said(post(volunteer_client, message, "dismiss", meaning=one.pk))
    html = page(volunteer_client, page_of(message))
    assert "One that was put away" in html and f"Record on {letter.reference}:" not in html
    assert "decided meanwhile" in said(post(volunteer_client, message, "dismiss", meaning=one.pk))
    response = post(volunteer_client, message, "record", meaning=one.pk, reference=letter.reference)
    assert "decided meanwhile" in said(response)
    post(volunteer_client, message, "take-up", meaning=one.pk)
    assert f"Record on {letter.reference}:" in page(volunteer_client, page_of(message))


def test_doubtful_ones_are_no_button_and_in_no_list(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter], state="filed")
    a_meaning(message, level=0)
    html = page(coordinator_client, page_of(message))
    assert "We are not sure" in html and "Record on" not in html
    assert "Nothing to record" in page(coordinator_client, "/mail/?list=asks")
    assert "Suggests" not in page(coordinator_client, letter.get_absolute_url())


# --- lists ------------------------------------------------------------------------------------------------------------


def test_lists_say_what_a_mail_suggests(letter: RecordsRequest, coordinator_client: Client):
    filed = a_message(on=[letter], state="filed", subject="Filed one")
    waiting = a_message(on=[letter], subject="Waiting one")
    for message in (filed, waiting):
        a_meaning(message)
        a_link(message, expires_on=date(2026, 3, 12))
    for where in ("/mail/", "/mail/?list=filed", "/mail/?list=asks"):
        html = page(coordinator_client, where)
        assert "Suggests: a fee of $45" in html and "A link to records" in html and "March 12, 2026" in html
    assert "Waiting one" not in page(coordinator_client, "/mail/?list=asks")
    for where in (letter.get_absolute_url(), reverse("correspondence:request-mail", args=[letter.reference])):
        html = page(coordinator_client, where)
        assert "Suggests: a fee of $45" in html and "left to fetch" in html and "March 12, 2026" in html


def test_the_desk_counts_what_asks(letter: RecordsRequest, coordinator_client: Client):
    Heartbeat.objects.create(name="sweep", beat_at=NOON)
    message = a_message(on=[letter], state="filed")
    a_meaning(message)
    a_link(message)
    a_link(a_message(on=[letter], state="filed"))
    a_meaning(a_message(on=[letter]))  # waits: counted there
    html = page(coordinator_client, reverse("tracking:desk"))
    assert "Mail to record</a>" not in html and "Mail to record (2)" in html and "Mail that waits (1)" in html


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_asks_the_same_for_few_and_many(
    size: int, letter: RecordsRequest, alice: Person, volunteer_client: Client,
    django_assert_num_queries: Callable[..., Any],
):  # fmt: skip
    others = [a_request(alice, f"MD-2026-1{number:03}", f"aaaa{number:04}") for number in range(size)]
    message = a_message(on=others, state="filed")
    for kind in [one.value for one in Kind][: max(2, size)]:
        a_meaning(message, kind)
    for number in range(size):
        a_link(message, number)
    for other in others:
        one = message.meanings.get(kind="acknowledgment")
        suggested.record_from_mail(
            message.pk,
            other,
            "acknowledged",
            happened_on=NOON.date(),
            details={},
            meaning_id=one.pk,
            by=alice,
            now=NOON,
        )
    with django_assert_num_queries(QUERIES_OF_MESSAGE):
        page(volunteer_client, page_of(message))


@pytest.mark.parametrize("size", [1, 30])
def test_the_list_asks_the_same_for_one_and_many(
    size: int, letter: RecordsRequest, coordinator_client: Client, django_assert_num_queries: Callable[..., Any]
):
    for _number in range(size):
        message = a_message(on=[letter], state="filed")
        a_meaning(message)
        a_link(message)
    with django_assert_num_queries(QUERIES_OF_LIST):
        page(coordinator_client, "/mail/?list=asks")


def test_a_stranger_s_words_stay_words(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter], state="filed")
    a_meaning(message, "referral", sentences=[HOSTILE], values={"to": "<b>Office</b> \u202ex", "number": "<i>1"})
    a_link(message, url="https://x.example/\u202e<script>", host="x.example", sentence=HOSTILE, expiry_words=HOSTILE)
    for where in (page_of(message), "/mail/?list=asks", letter.get_absolute_url()):
        html = page(coordinator_client, where)
        assert "<script>alert" not in html and "\u202e" not in html and "<b>Office" not in html
    html = page(coordinator_client, page_of(message))
    assert 'href="https://x.example' not in html  # words, not a link


# --- links ------------------------------------------------------------------------------------------------------------


def test_a_link_is_a_thing_to_fetch(letter: RecordsRequest, alice: Person, volunteer_client: Client, reader: Reader):
    message = receive(LINK, reader)
    link = message.share_links.get()
    assert (link.service, link.expires_on, link.state) == ("ShareFile", date(2026, 3, 12), "open")
    html = page(volunteer_client, page_of(message))
    assert "agency.sharefile.com" in html and "Thursday, March 12, 2026" in html
    assert reverse("documents:upload", args=[letter.reference]) in html
    post(volunteer_client, message, "link", link=link.pk, state="fetched")
    link.refresh_from_db()
    assert (link.state, link.settled_by) == ("fetched", alice)
    assert "decided meanwhile" in said(post(volunteer_client, message, "link", link=link.pk, state="fetched"))
    post(volunteer_client, message, "link", link=link.pk, state="gone")
    post(volunteer_client, message, "link", link=link.pk, state="open")
    link.refresh_from_db()
    assert (link.state, link.settled_by, link.settled_at) == ("open", None, None)
    assert "fetched, gone" in said(post(volunteer_client, message, "link", link=link.pk, state="burned"))


def test_people_are_told_once_before_a_link_ends(letter: RecordsRequest, alice: Person):
    message = a_message(on=[letter], state="filed")
    link = a_link(message, expires_on=date(2026, 3, 12))
    assert reminding.remind_of_links(NOON + timedelta(days=6)) == 0
    for _run in range(2):
        reminding.remind_of_links(NOON + timedelta(days=7))
    notice = Notice.objects.get()
    assert notice.recipient == alice and "fetch the records by Thursday, March 12, 2026" in notice.subject
    assert notice.path == page_of(message)
    link.refresh_from_db()
    assert link.reminded_at is not None


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"state": "fetched", "settled_at": NOON}, id="fetched"),
        pytest.param({"expires_on": None}, id="no-end"),
        pytest.param({"reminded_at": NOON}, id="told"),
    ],
)
def test_of_other_links_nobody_is_told(columns: dict[str, Any], letter: RecordsRequest, alice: Person):
    if "settled_at" in columns:
        columns = {**columns, "settled_by": alice}
    a_link(a_message(on=[letter], state="filed"), **{"expires_on": date(2026, 3, 3), **columns})
    a_link(a_message(on=[letter]), expires_on=date(2026, 3, 3))  # waits in triage: nobody's yet
    assert reminding.remind_of_links(NOON) == 0
    assert not Notice.objects.exists()


def test_a_link_that_has_run_out_says_so(letter: RecordsRequest):
    a_link(a_message(on=[letter], state="filed"), expires_on=date(2026, 2, 20))
    reminding.remind_of_links(NOON)
    assert "has run out" in Notice.objects.get().subject


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_records(letter: RecordsRequest, alice: Person):
    message = a_message(on=[letter], state="filed")
    one = a_meaning(message)
    results: list[str] = []
    start = threading.Barrier(2)

    def click() -> None:
        try:
            start.wait()
            suggested.record_from_mail(
                message.pk, letter, "fee_estimated", happened_on=NOON.date(), details={"amount_cents": 4500},
                meaning_id=one.pk, by=alice, now=NOON,
            )  # fmt: skip
            results.append("recorded")
        except (suggested.NotRecorded, filing.EventRefused):
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["recorded", "refused"]
    assert Event.objects.filter(kind="fee_estimated").count() == 1


def test_nothing_found_writes_nothing(letter: RecordsRequest, django_assert_num_queries: Callable[..., Any]):
    message = a_message(on=[letter])
    with django_assert_num_queries(0):
        writing.note([(message, Found())])


QUERIES_OF_MESSAGE = 12
QUERIES_OF_LIST = 9
