"""Later letters from the first look to the copy that is kept: whole stories, against a real mail server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import BodyContact
from requests_app.correspondence import next_letters, readdressing, services
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import services as filing
from requests_app.filing.models import NextLetter, RecordsRequest
from requests_app.kits import letters, rendering
from requests_app.people.models import Notice, Person
from tests import servers
from tests.factories import NOON, ContactPointFactory, PersonFactory, RecordsRequestFactory, record
from tests.filing.letters import a_letter
from tests.servers import Mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a letter is a fine PDF is the kits room's concern."""
    monkeypatch.setattr(rendering, "to_pdf", lambda html: b"%PDF of " + html[:40].encode())


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with servers.mail_server(Mailbox) as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_TIMEOUT = 10
        yield mailbox


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday, March 2, 2026, at noon in Maryland."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def ask(alice: Person, clock: time_machine.Traveller) -> Callable[..., RecordsRequest]:
    """Alice's request in a state, sent by e-mail on March 2, with what happened since."""

    def asked(*events: tuple[Any, ...], jurisdiction: str = "MD") -> RecordsRequest:
        contact = ContactPointFactory(agency__jurisdiction=jurisdiction, value="records@agency.example")
        made = RecordsRequestFactory(
            filer=alice,
            assignee=alice,
            jurisdiction=jurisdiction,
            agency=contact.agency,
            contact_point=contact,
            letter=letters.dump(a_letter()),
            events=[("sent", "2026-03-02"), *events],
        )
        if events:
            clock.move_to(datetime.fromisoformat(f"{events[-1][1]}T17:00:00+00:00"))
        return made

    return asked


def browser(person: Person) -> Client:
    """Sign in now: a session does not outlast the weeks of a story."""
    client = Client()
    client.force_login(person)
    return client


def later(made: RecordsRequest, clock: time_machine.Traveller, day: str) -> datetime:
    """Let time pass to noon of a day, as the sweep would note it."""
    now = datetime.fromisoformat(f"{day}T17:00:00+00:00")
    clock.move_to(now)
    filing.reproject(made.pk, now=now)
    made.refresh_from_db()
    return now


def page(client: Client, where: str) -> str:
    response = client.get(where, follow=True)
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", response.content.decode())


def url(name: str, made: RecordsRequest, *more: Any) -> str:
    return reverse(f"correspondence:{name}", args=[made.reference, *more])


def write(client: Client, made: RecordsRequest, key: str, **typed: Any) -> NextLetter:
    """Begin a letter as its page has it: with what it presets, and what is typed on top."""
    shown = client.get(url("write", made, key))
    assert shown.status_code == 200, shown
    form = shown.context["form"]
    data = {field.name: field.value() for field in form if field.value() not in (None, "", False)} | typed
    answer = client.post(url("write", made, key), data)
    assert answer.status_code == 302, re.findall(r"usa-error-message.*?</div>", answer.content.decode(), re.S)
    return NextLetter.objects.get(request=made, key=key, state="draft")


def send(client: Client, letter: NextLetter, **more: Any) -> str:
    """Press Send, and return what the page then says."""
    letter.refresh_from_db()
    response = client.post(
        url("next-letter-send", letter.request, letter.pk), {"seen": letter.changes, **more}, follow=True
    )
    return re.sub(r"\s+", " ", response.content.decode())


def press_send_now(client: Client, letter: NextLetter) -> str:
    """Press “Send it now”, and return what the page then says."""
    answer = client.post(url("next-letter-send-now", letter.request, letter.pk), follow=True)
    return re.sub(r"\s+", " ", answer.content.decode())


def kinds(made: RecordsRequest) -> list[str]:
    return list(made.events.order_by("sequence").values_list("kind", flat=True))


# --- stories ----------------------------------------------------------------------------------------------------------


def test_a_silent_agency_gets_the_letter_that_fits_and_is_heard_of_once(
    ask: Callable[..., RecordsRequest], alice: Person, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    made = ask()
    later(made, clock, "2026-05-01")
    client = browser(alice)
    chosen = page(client, url("next-letters", made))
    assert "Recommended" in chosen
    key = re.search(r'letters/write/([a-z_]+)/[^"]*">Write this letter', chosen)[1]
    assert f"letters/write/{key}/" in page(client, made.get_absolute_url())
    assert f"letters/write/{key}/" in page(client, reverse("tracking:letters"))
    letter = write(client, made, "determination_overdue")
    assert "You can still take it back" in send(client, letter)
    assert kinds(made) == ["opened", "sent"], "nothing is on the timeline before it left"
    assert OutgoingLetter.send_due(later(made, clock, "2026-05-02")) == 1
    (mail,) = mailbox.messages
    assert made.reference in mail["Subject"]
    assert "Alice Liddell" in mail.get_body().get_content()
    assert f"{made.reference.lower()}-" in str(mail["From"])
    event = made.events.get(kind="follow_up")
    assert event.details["letter_key"] == "determination_overdue"
    letter.refresh_from_db()
    assert (letter.state, letter.sent_event) == ("sent", event)
    assert "exactly as it left" in page(client, url("next-letter", made, letter.pk))
    assert "Decision not received" in page(client, made.get_absolute_url())


def test_a_fee_is_itemized_waived_in_no_part_and_accepted(
    ask: Callable[..., RecordsRequest], alice: Person, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    made = ask(("received", "2026-03-02"))
    client = browser(alice)
    typed = {
        "kind": "fee_estimated",
        "happened_on": "2026-03-02",
        "lines-0-what": "Search",
        "lines-0-hours": "9",
        "lines-0-rate": "30.00",
        "lines-0-amount": "",
        "lines-1-what": "Copies",
        "lines-1-hours": "",
        "lines-1-rate": "",
        "lines-1-amount": "$12.50",
        "deposit": "100",
        "agency_number": "PIA-77",
    }
    assert client.post(url("record-reply", made), typed).status_code == 302
    shown = page(client, made.get_absolute_url())
    assert re.search(r"It asks for <strong>\$282\.50</strong>", shown)
    assert "$100" in shown
    letter = write(client, made, "fee_itemization")
    send(client, letter)
    now = later(made, clock, "2026-03-03")
    assert OutgoingLetter.send_due(now) == 1
    assert "PIA-77" in mailbox.messages[-1].get_body().get_content(), "the agency's own number is quoted"
    record(made, ("waiver_decided", "2026-03-03", {"outcome": "refused"}))
    assert made.status == "fee"
    accepted = write(client, made, "fee_acceptance", limit="300", settles="on")
    send(client, accepted)
    assert OutgoingLetter.send_due(later(made, clock, "2026-03-04")) == 1
    made.refresh_from_db()
    assert kinds(made)[-1] == "fee_paid"
    assert made.status == "acknowledged"
    assert "refused" in page(browser(alice), made.get_absolute_url())


def test_accepting_a_fee_does_not_settle_it_unless_its_writer_says_so(
    ask: Callable[..., RecordsRequest], alice: Person, clock: time_machine.Traveller
) -> None:
    made = ask(("fee_estimated", "2026-03-03", {"amount_cents": 5000}))
    client = browser(alice)
    letter = write(client, made, "fee_acceptance", limit="60")
    recorded = next_letters.mark_sent(
        letter,
        method="post",
        sent_on=date(2026, 3, 3),
        seen_changes=letter.changes,
        by=alice,
        now=NOON + timedelta(days=1),
    )
    made.refresh_from_db()
    assert (recorded.event.kind, made.status) == ("follow_up", "fee")


def test_a_refusal_with_two_objections_is_appealed_to_the_right_body_in_time(
    ask: Callable[..., RecordsRequest], alice: Person, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    made = ask(("received", "2026-03-02"), jurisdiction="PA")
    client = browser(alice)
    words = "Your request is denied: it is unduly burdensome, and we would have to create a record."
    typed = {"kind": "denied", "happened_on": "2026-03-02", "words": words, "suggest": "1"}
    suggested = client.post(url("record-reply", made), typed).content.decode()
    assert "Nothing is recorded yet" in suggested
    assert suggested.count("Suggested: they wrote") >= 2
    assert kinds(made) == ["opened", "sent", "received"]
    del typed["suggest"]
    assert client.post(url("record-reply", made), {**typed, "objections": ["O4", "O8"]}).status_code == 302
    assert words in page(client, made.get_absolute_url()).replace("&#x27;", "'")
    # Where the body is reached is nobody's guess.
    first = page(client, url("write", made, "administrative_appeal"))
    assert "Enter where this body is reached" in first
    letter = write(client, made, "administrative_appeal")
    assert "Nobody has entered where" in page(client, url("next-letter", made, letter.pk))
    assert "does not go by e-mail" in send(client, letter)
    where = {
        "name": "Office of Examples",
        "channel": "email",
        "value": "appeals@body.example",
        "where_seen": "https://body.example",
    }
    assert client.post(url("body-address", made, "administrative_appeal"), where).status_code == 302
    kept = BodyContact.objects.get()
    assert (kept.jurisdiction, kept.confirmed_by) == ("PA", alice)
    shown = client.get(url("next-letter", made, letter.pk))
    form = shown.context["form"]
    data = {field.name: field.value() for field in form if field.value() not in (None, "", False)}
    answer = client.post(
        url("next-letter", made, letter.pk), {**data, "way": f"body-{kept.pk}", "seen": letter.changes}, follow=True
    )
    assert "Written anew" in answer.content.decode()
    assert "You can still take it back" in send(client, letter, enclose=["request"])
    assert OutgoingLetter.send_due(later(made, clock, "2026-03-04")) == 1
    (delivery,) = mailbox.deliveries
    assert delivery.recipients == ("appeals@body.example",)
    assert delivery.message["In-Reply-To"] is None, "the body is no part of our talk with the agency"
    names = [part.get_filename() for part in delivery.message.iter_attachments()]
    assert names == [f"{made.reference}-administrative-appeal.pdf", f"{made.reference}-request.pdf"]
    text = " ".join(delivery.message.get_body().get_content().split())
    assert "burdensome" in text
    event = made.events.get(kind="appeal_filed")
    made.refresh_from_db()
    assert made.status == "appeal"
    assert event.details["level"] in ("administrative", "commission")
    assert event.details["in_time_until"] >= event.happened_on.isoformat()
    assert event.details["citation"]
    assert "In time: due by" in page(browser(alice), made.get_absolute_url())


def test_no_records_is_questioned_by_a_letter_sent_by_post(
    ask: Callable[..., RecordsRequest], alice: Person, clock: time_machine.Traveller
) -> None:
    made = ask(("no_records", "2026-03-04"))
    client = browser(alice)
    letter = write(client, made, "no_records_challenge", way="hand")
    where = url("next-letter-sent", made, letter.pk)
    assert "when and how" in page(client, where)
    typed = {"method": "post", "sent_on": "2026-03-04", "confirmation": "CM-9"}
    assert client.post(where, typed).status_code == 302
    assert client.post(where, typed, follow=True).status_code == 200, "a second click"
    event = made.events.get(kind="follow_up")
    assert (event.details["letter_key"], event.details["confirmation"]) == ("no_records_challenge", "CM-9")
    letter.refresh_from_db()
    assert (letter.state, letter.sent_event) == ("sent", event)
    assert letter.sent_copy.pdf
    assert client.get(url("next-letter-pdf", made, letter.pk)).content.startswith(b"%PDF")


# --- into the outbox and back -----------------------------------------------------------------------------------------


@pytest.fixture
def draft(ask: Callable[..., RecordsRequest], alice: Person) -> NextLetter:
    """Alice's question whether her letter arrived, ready to be sent by e-mail."""
    return write(browser(alice), ask(), "receipt_confirmation")


MUCH_LATER = NOON + timedelta(minutes=11)


def test_it_answers_the_first_letter_and_uses_its_address(draft: NextLetter, alice: Person, mailbox: Mailbox) -> None:
    made = draft.request
    first = OutgoingLetter.objects.create(
        request=made,
        to_address="records@agency.example",
        subject="x",
        raw="x",
        message_id="<first@group.example>",
        queued_by=alice,
        queued_at=NOON,
        send_after=NOON,
        state="sent",
        sent_at=NOON,
    )
    next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    OutgoingLetter.send_due(MUCH_LATER)
    (mail,) = mailbox.messages
    assert (mail["In-Reply-To"], mail["References"]) == (first.message_id, first.message_id)
    assert mail["From"] == services.address_for(made.reference, made.reply_token)
    assert made.reply_token not in mail["Message-ID"], "it is quoted in other people's mail"


def test_a_letter_that_names_an_address_given_up_is_written_anew_first(
    draft: NextLetter, alice: Person, bob: Person
) -> None:
    readdressing.give_new_address(draft.request_id, why="It was sold.", seen=0, by=bob, now=NOON)
    draft = NextLetter.objects.get(pk=draft.pk)
    with pytest.raises(services.NotSendable, match="has given up"):
        next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    browser(alice).post(url("next-letter-anew", draft.request, draft.pk), {"seen": draft.changes})
    draft = NextLetter.objects.get(pk=draft.pk)
    assert next_letters.queue(draft, seen_changes=draft.changes, by=alice, now=NOON).state == "queued"


def test_a_second_click_sends_once(draft: NextLetter, alice: Person, mailbox: Mailbox) -> None:
    first = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    assert next_letters.queue(draft, seen_changes=0, by=alice, now=NOON) == first
    OutgoingLetter.send_due(MUCH_LATER)
    with pytest.raises(services.NotSendable, match="Nothing was sent twice"):
        next_letters.queue(draft, seen_changes=0, by=alice, now=MUCH_LATER)
    assert len(mailbox.deliveries) == 1
    assert kinds(draft.request) == ["opened", "sent", "follow_up"]


def test_taken_back_it_is_a_draft_again(draft: NextLetter, alice: Person, mailbox: Mailbox) -> None:
    next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    client = browser(alice)
    assert "Take it back" in page(client, url("next-letter", draft.request, draft.pk))
    assert "draft again" in client.post(url("next-letter-undo", draft.request, draft.pk), follow=True).content.decode()
    assert "too late" in client.post(url("next-letter-undo", draft.request, draft.pk), follow=True).content.decode()
    assert OutgoingLetter.send_due(MUCH_LATER) == 0
    assert "You can still take it back" in send(client, draft)
    assert OutgoingLetter.send_due(MUCH_LATER + timedelta(minutes=11)) == 1


def test_sent_now_it_leaves_with_the_next_sweep_and_once(
    draft: NextLetter, alice: Person, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    client, made = browser(alice), draft.request
    assert "not in the outbox" in press_send_now(client, draft), "it was never sent"
    assert "Send it now" in send(client, draft)
    assert OutgoingLetter.send_due(NOON) == 0
    assert "leaves within a minute" in press_send_now(client, draft)
    assert "already leaving" in press_send_now(client, draft), "a second click"
    assert OutgoingLetter.send_due(NOON) == 1
    assert OutgoingLetter.send_due(MUCH_LATER) == 0
    assert "has left already" in press_send_now(client, draft)
    assert len(mailbox.deliveries) == 1
    assert kinds(made) == ["opened", "sent", "follow_up"]


def test_what_was_taken_back_is_not_sent_now(draft: NextLetter, alice: Person, mailbox: Mailbox) -> None:
    queued = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    assert next_letters.take_back(draft, now=NOON)
    assert "Nothing was sent" in press_send_now(browser(alice), draft)
    assert services.send_now(queued.pk, now=NOON) is None
    assert OutgoingLetter.send_due(MUCH_LATER) == 0
    assert not mailbox.deliveries


def test_a_letter_that_somebody_took_back_between_the_look_and_the_click_stays(
    draft: NextLetter, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conditional update is the guard: without it this letter would be in the outbox with a new moment."""
    queued = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    look = services.holding.timetable

    def slow(*asked: Any, **more: Any) -> Any:
        assert next_letters.take_back(draft, now=NOON)
        return look(*asked, **more)

    monkeypatch.setattr(services.holding, "timetable", slow)
    assert services.send_now(queued.pk, now=NOON) is None
    queued.refresh_from_db()
    assert (queued.state, queued.send_after) == ("cancelled", MUCH_LATER - timedelta(minutes=1))


def test_nobody_else_sends_it_now(draft: NextLetter, alice: Person) -> None:
    queued = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    where = url("next-letter-send-now", draft.request, draft.pk)
    for person, answer in ((PersonFactory(), 404), (PersonFactory(roles=["reviewer"]), 403)):
        assert browser(person).post(where).status_code == answer
    assert browser(alice).get(where).status_code == 405
    assert Client().post(where).status_code == 302
    queued.refresh_from_db()
    assert queued.send_after == MUCH_LATER - timedelta(minutes=1)


def test_sending_now_keeps_the_limit_of_the_receiver_and_never_comes_later(
    draft: NextLetter, alice: Person, settings: Any
) -> None:
    settings.LETTERS_PER_RECEIVER_PER_HOUR, settings.SEND_UNDO_MINUTES = 1, 30
    another = {"request": draft.request, "raw": "x", "subject": "x", "queued_by": alice, "queued_at": NOON}
    OutgoingLetter.objects.create(
        **another,
        to_address="dmv@Agency.example",  # another mailbox of the same server
        message_id="<before@group.example>",
        send_after=NOON,
        state="sent",
        sent_at=NOON - timedelta(minutes=45),
    )
    queued = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    client = browser(alice)
    said = press_send_now(client, draft)
    assert "(1 to one receiver" in said
    assert "12:15" in said
    queued.refresh_from_db()
    assert queued.send_after == NOON + timedelta(minutes=15)
    assert "Take it back" in said, "until then it can still be undone"
    # A window that ends before there is room is not made longer.
    OutgoingLetter.objects.filter(pk=queued.pk).update(send_after=NOON + timedelta(minutes=5))
    assert services.send_now(queued.pk, now=NOON) == NOON + timedelta(minutes=5)


def test_a_later_letter_and_the_first_may_wait_at_once(draft: NextLetter, alice: Person) -> None:
    """The first came back while the second was being written; each waits for itself."""
    next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    filing.record_event(draft.request_id, "send_failed", by=alice, now=NOON)
    made = RecordsRequest.objects.select_related("contact_point").get(pk=draft.request_id)
    services.queue_letter(made, by=alice, now=NOON)
    assert OutgoingLetter.objects.filter(request=made, state="queued").count() == 2


def test_a_worker_that_died_after_handing_over_leaves_one_event(
    draft: NextLetter, alice: Person, mailbox: Mailbox
) -> None:
    queued = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    claimed = OutgoingLetter.claim(queued.pk, MUCH_LATER)
    assert claimed is not None
    claimed.deliver()  # and here it dies
    assert OutgoingLetter.send_due(MUCH_LATER + timedelta(hours=1)) == 1
    assert {message["Message-ID"] for message in mailbox.messages} == {queued.message_id}
    next_letters.record_sent(claimed, "250 Kept", now=MUCH_LATER + timedelta(hours=2))
    assert kinds(draft.request) == ["opened", "sent", "follow_up"]


def test_what_follows_is_made_up_for_without_another_mail(
    draft: NextLetter, alice: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    record_left = next_letters.filing.record_letter_left

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(next_letters.filing, "record_letter_left", broken)
    OutgoingLetter.attempt(queued.pk, MUCH_LATER)
    assert kinds(draft.request) == ["opened", "sent"]
    monkeypatch.setattr(next_letters.filing, "record_letter_left", record_left)
    OutgoingLetter.send_due(MUCH_LATER + timedelta(days=1))
    assert kinds(draft.request) == ["opened", "sent", "follow_up"]
    assert len(mailbox.deliveries) == 1


def test_a_letter_that_left_is_recorded_although_the_request_ended_meanwhile(
    ask: Callable[..., RecordsRequest], alice: Person, mailbox: Mailbox
) -> None:
    made = ask(("clarification_requested", "2026-03-02"))
    letter = write(browser(alice), made, "clarification_answer", answer="All months of 2025.")
    next_letters.queue(letter, seen_changes=0, by=alice, now=NOON)
    filing.record_event(made.pk, "withdrawn", by=alice, now=NOON)
    OutgoingLetter.send_due(MUCH_LATER)
    event = made.events.get(kind="follow_up")
    assert event.details["meant_as"] == "clarified"
    made.refresh_from_db()
    assert made.status == "done"


def test_a_refused_address_makes_it_a_draft_again_and_people_are_told(
    draft: NextLetter, alice: Person, mailbox: Mailbox
) -> None:
    mailbox.refuse["records@agency.example"] = "550 5.1.1 No such mailbox"
    next_letters.queue(draft, seen_changes=0, by=alice, now=NOON)
    OutgoingLetter.send_due(MUCH_LATER)
    draft.refresh_from_db()
    assert (draft.state, draft.contact_point.health) == ("draft", "bounced")
    draft.request.refresh_from_db()
    assert draft.request.status == "sent", "the first letter is not in question"
    assert "could not be delivered" in Notice.objects.get().text
    shown = page(browser(alice), url("next-letter", draft.request, draft.pk))
    assert "550 5.1.1 No such mailbox" in shown
    assert "Mail to records@agency.example came back" in shown


# --- overtaken, too early, two people ---------------------------------------------------------------------------------


def test_a_letter_that_the_agency_overtook_says_so_and_waits(draft: NextLetter, alice: Person) -> None:
    made, client = draft.request, browser(alice)
    record(made, ("acknowledged", "2026-03-02"))
    assert "Something happened since it was written" in page(client, url("next-letter", made, draft.pk))
    assert "Something happened since this letter was written: Acknowledged" in send(client, draft)
    assert not OutgoingLetter.objects.exists()
    seen = made.last_sequence
    client.post(url("next-letter-fits", made, draft.pk), {"seen_events": seen})
    assert "Something happened" not in page(client, url("next-letter", made, draft.pk))
    draft.refresh_from_db()
    assert draft.basis_sequence == seen


def test_written_anew_it_keeps_the_earlier_text_as_a_version(draft: NextLetter, alice: Person) -> None:
    made = draft.request
    before = draft.generated
    record(made, ("received", "2026-03-02"))
    browser(alice).post(url("next-letter-anew", made, draft.pk), {"seen": 0})
    draft.refresh_from_db()
    assert (draft.basis_sequence, draft.changes) == (made.last_sequence, 1)
    assert draft.versions.get().generated == before


def test_no_letter_says_late_before_the_agency_is(ask: Callable[..., RecordsRequest], alice: Person) -> None:
    made = ask(("received", "2026-03-02"))
    client = browser(alice)
    assert "It is too early for this letter" in page(client, url("write", made, "determination_overdue"))
    desk = next_letters.desk_of(made, now=NOON)
    assert desk.offer("determination_overdue").fits == "too_early"


def test_two_people_at_one_letter_are_told(
    draft: NextLetter, alice: Person, bob: Person, clock: time_machine.Traveller
) -> None:
    made, where = draft.request, url("next-letter", draft.request, draft.pk)
    bobs = browser(bob)
    assert "alice began this letter already" in page(bobs, url("write", made, "receipt_confirmation"))
    form = bobs.get(where).context["form"]
    data = {field.name: field.value() for field in form if field.value()} | {"seen": 0}
    assert bobs.post(where, {**data, "extra": "Bob's sentence."}).status_code == 302
    late = browser(alice).post(where, {**data, "extra": "Alice's sentence."})
    assert late.status_code == 422
    html = late.content.decode().replace("&#x27;", "'")
    assert "bob changed this letter while you were writing" in html
    assert "Alice's sentence." in html, "what she typed is still there"
    stale = browser(alice).post(url("next-letter-send", made, draft.pk), {"seen": 0}, follow=True)
    assert "was changed" in stale.content.decode()
    assert not OutgoingLetter.objects.exists()


def test_what_a_letter_needs_is_asked_for_and_nothing_typed_is_lost(
    ask: Callable[..., RecordsRequest], alice: Person
) -> None:
    made = ask(("clarification_requested", "2026-03-02"))
    client, where = browser(alice), url("write", made, "clarification_answer")
    assert "The letter needs something from you first" in page(client, where)
    answer = client.post(where, {"answer": "", "extra": "{braces} & <b>tags</b>", "way": "hand"})
    assert answer.status_code == 422
    assert "{braces} &amp; &lt;b&gt;tags&lt;/b&gt;" in answer.content.decode()
    assert not NextLetter.objects.exists()


def test_discarded_it_is_kept_and_counts_for_nothing(draft: NextLetter, alice: Person) -> None:
    client, made = browser(alice), draft.request
    client.post(url("next-letter-discard", made, draft.pk))
    draft.refresh_from_db()
    assert draft.state == "discarded"
    assert "thrown away" in page(client, url("next-letter", made, draft.pk))
    assert write(client, made, "receipt_confirmation").pk != draft.pk


def test_pages_stay_within_the_budget(
    draft: NextLetter, alice: Person, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client, made = browser(alice), draft.request
    for _ in range(10):
        record(made, ("reply", "2026-03-02"))
    for where in (
        url("next-letters", made),
        url("write", made, "fee_itemization"),
        url("next-letter", made, draft.pk),
    ):
        with django_assert_max_num_queries(16):
            client.get(where)


def test_the_shell_says_which_letter_and_why(
    ask: Callable[..., RecordsRequest], clock: time_machine.Traveller, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import CommandError, call_command

    made = ask(("received", "2026-03-02"))
    call_command("next_letter", made.reference)
    assert "wait" in capsys.readouterr().out
    later(made, clock, "2026-05-01")
    call_command("next_letter", made.reference.lower(), out=tmp_path / "letter.pdf")
    said = capsys.readouterr().out
    assert "Why:" in said
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")
    call_command("next_letter", made.reference, key="preservation_reminder")
    assert "Alice Liddell" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no request"):
        call_command("next_letter", "XX-2026-0001")
