"""A letter that did not arrive goes again, by another address or way: one click, one letter, the earlier try stays."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import next_letters, services
from requests_app.correspondence.delivery import again, closing, queries
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.services import NotSendable
from requests_app.documents.services import receive_file
from requests_app.filing import services as filing
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.filing.writing import Way
from requests_app.kits import letters, rendering
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.delivery.conftest import LATER, kinds, report
from tests.factories import ContactPointFactory, record
from tests.servers import Mailbox

pytestmark = pytest.mark.django_db
Arrives = Callable[..., IncomingMessage]
BACK = LATER + timedelta(hours=1)  # when the report came
AGAIN = LATER + timedelta(hours=2)  # when somebody sends again
LEAVES = AGAIN + timedelta(minutes=11)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AGAIN, tick=False) as clock:
        yield clock


@pytest.fixture
def back(sent: OutgoingLetter, arrives: Arrives) -> OutgoingLetter:
    """The first letter, reported as not delivered."""
    arrives(report(sent.message_id), BACK)
    sent.refresh_from_db()
    return sent


def fresh(made: RecordsRequest) -> RecordsRequest:
    return RecordsRequest.objects.select_related("agency", "contact_point").get(pk=made.pk)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- the first letter -------------------------------------------------------------------------------------------------


def test_one_click_sends_the_same_letter_to_another_address(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    where = reverse("correspondence:another-way", args=[made.reference])
    shown = said(browser(alice).get(where))
    assert "Send again to clerk@agency.example" in shown
    assert "The address does not exist any more" in shown and "550 5.1.1 no such user" in shown
    answer = browser(alice).post(where, {"way": f"contact:{other.pk}", "seen": 0})
    assert answer.status_code == 302
    assert kinds(made) == ["opened", "queued", "sent", "send_failed", "queued"]
    failed = made.events.get(kind="send_failed")
    assert failed.recorded_by == alice and failed.happened_at == BACK
    assert failed.details["report"] == back.bounce_message_id, "the mail is its source"
    assert fresh(made).next_due_on is None, "no clock runs while it waits"
    assert OutgoingLetter.send_due(AGAIN + timedelta(minutes=9)) == 0, "the undo window"
    assert OutgoingLetter.send_due(LEAVES) == 1
    first, second = mailbox.messages
    assert mailbox.deliveries[1].recipients == ("clerk@agency.example",)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["From"] == second["From"], "the same address for answers"
    assert mailbox.deliveries[0].sender == mailbox.deliveries[1].sender
    texts = [str(one.get_body().get_content()) for one in (first, second)]
    assert texts[0].replace("records@agency.example", "clerk@agency.example") == texts[1], "the same words"
    now = fresh(made)
    assert now.status == "sent" and now.next_due_on
    resent = OutgoingLetter.objects.get(sent_again_for=back)
    assert resent.state == "sent"
    back.refresh_from_db()
    assert back.raw.encode() == mailbox.deliveries[0].raw, "the earlier try stays as it left"
    assert (back.settled_by, back.bounced_at) == (alice, BACK)
    assert not queries.not_delivered().exists()
    page = said(browser(alice).get(made.get_absolute_url()))
    assert "A letter did not arrive" not in page
    assert page.count("records@agency.example") and "clerk@agency.example" in page


def main_buttons(shown: str) -> list[str]:
    """Return what the buttons in full colour say, of which a page has one at most."""
    return re.findall(r'<button class="usa-button(?: dl-breaks)?" type="submit">([^<]*)</button>', shown)


def test_where_every_way_came_back_the_first_thing_is_a_better_address(
    back: OutgoingLetter, made: RecordsRequest, alice: Person
) -> None:
    where = reverse("correspondence:another-way", args=[made.reference])
    shown = said(browser(alice).get(where))
    assert main_buttons(shown) == ["Send again to this address"]
    assert "Find the right address" in shown and "Look it up on the agency’s own page." in shown
    assert shown.index("Find the right address") < shown.index("Other ways") < shown.index("Hand it over in person")
    ContactPointFactory(agency=made.agency, channel="phone", value="(410) 555-0100")
    ContactPointFactory(
        agency=made.agency, value="clerk@agency.example", health="unconfirmed", confidence="low", confirmed_at=None
    )
    shown = said(browser(alice).get(where))
    assert main_buttons(shown) == ["Send again to this address"], "nobody confirmed the other one"
    assert shown.count("(410) 555-0100") == 1 and "call and ask" in shown
    ContactPointFactory(agency=made.agency, channel="post", value="1 Main Street\nAnnapolis, MD 21401")
    assert main_buttons(said(browser(alice).get(where))) == ["Send it by post"]


def test_taken_back_nothing_leaves_and_another_way_is_still_open(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    queued = again.send_again(fresh(made), Way(Delivery.EMAIL, other), by=alice, now=AGAIN)
    assert queued is not None and services.take_back(queued.pk, by=alice, now=AGAIN)
    assert OutgoingLetter.send_due(LEAVES) == 0 and len(mailbox.deliveries) == 1
    assert fresh(made).status == "ready"
    assert again.send_again(fresh(made), Way(Delivery.EMAIL, other), by=alice, now=AGAIN) is not None


def test_a_corrected_address_is_proposed_and_not_confirmed(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    where = reverse("correspondence:another-way", args=[made.reference])
    typed = {"way": "new", "seen": 0, "address": "Foia@Agency.Example", "where_seen": "https://agency.example/foia"}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    form = said(strict.get(where)).partition('id="new"')[2].partition("</form>")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token, "the form itself lets it be sent"
    assert strict.post(where, {**typed, "csrfmiddlewaretoken": token[1]}).status_code == 302
    proposed = made.agency.contact_points.get(value="Foia@agency.example")
    assert (proposed.health, proposed.confidence, proposed.source) == (
        "unconfirmed", "low", "https://agency.example/foia",
    )  # fmt: skip
    assert not proposed.may_be_used_unasked, "the next filer is asked to look it up"
    assert OutgoingLetter.send_due(LEAVES) == 1
    assert mailbox.deliveries[-1].recipients == ("Foia@agency.example",)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        pytest.param({"address": "nobody"}, "not an e-mail address", id="no-address"),
        pytest.param({"address": ""}, "required", id="empty"),
        pytest.param({"where_seen": ""}, "required", id="no-source"),
        pytest.param({"address": "records@agency.example"}, "came back", id="the-one-that-failed"),
        pytest.param({"address": "a@b.example\r\nBcc: x@y.example"}, "", id="header-injection"),
        pytest.param({"address": "a@b.example\x00"}, "", id="nul"),
        pytest.param({"seen": "x" * 50}, "", id="a-wrong-number"),
        pytest.param({"way": "contact:99999999999999999999"}, "no longer in use", id="an-address-of-nobody"),
        pytest.param({"way": "\x00"}, "no longer in use", id="rubbish"),
    ],
)
def test_what_cannot_be_used_sends_nothing(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, typed: dict[str, str], words: str
) -> None:
    where = reverse("correspondence:another-way", args=[made.reference])
    given = {"way": "new", "seen": 0, "address": "foia@agency.example", "where_seen": "their page", **typed}
    answer = browser(alice).post(where, given)
    assert answer.status_code == 422
    assert words in said(answer)
    assert kinds(made) == ["opened", "queued", "sent"]
    assert OutgoingLetter.objects.count() == 1


def test_an_address_that_nobody_confirmed_asks_where_it_was_seen(
    back: OutgoingLetter, made: RecordsRequest, alice: Person
) -> None:
    doubtful = ContactPointFactory(
        agency=made.agency, value="clerk@agency.example", health="unconfirmed", confidence="low", confirmed_at=None
    )
    with pytest.raises(NotSendable, match="say where you saw it"):
        again.send_again(fresh(made), Way(Delivery.EMAIL, doubtful), by=alice, now=AGAIN)
    assert kinds(made) == ["opened", "queued", "sent"], "nothing was changed"
    again.send_again(fresh(made), Way(Delivery.EMAIL, doubtful), where_seen="phoned them", by=alice, now=AGAIN)
    doubtful.refresh_from_db()
    assert (doubtful.health, doubtful.confirmed_by, doubtful.confirmed_where) == ("confirmed", alice, "phoned them")


@pytest.mark.parametrize(
    ("channel", "value", "ends"),
    [
        ("portal", "https://agency.example/portal", "/portal/"),
        ("post", "1 Main Street\nAnnapolis, MD 21401", ""),
        ("fax", "(410) 555-0101", ""),
    ],
)
def test_by_another_way_it_waits_for_a_person_to_send_it(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, channel: str, value: str, ends: str
) -> None:
    other = ContactPointFactory(agency=made.agency, channel=channel, value=value)
    where = reverse("correspondence:another-way", args=[made.reference])
    answer = browser(alice).post(where, {"way": f"contact:{other.pk}", "seen": 0})
    assert answer["Location"] == made.get_absolute_url().rstrip("/") + (ends or "/")
    now = fresh(made)
    assert (now.status, now.delivery, now.contact_point) == ("undelivered", channel, other)
    head = letters.load(now.letter)
    assert "@" not in head.delivery
    if channel == "post":
        assert head.recipient[-2:] == ("1 Main Street", "Annapolis, MD 21401")
    assert OutgoingLetter.send_due(LEAVES) == 0
    assert not queries.not_delivered().exists(), "somebody has decided"
    services.mark_sent(now, method=channel, sent_on=date(2026, 3, 2), by=alice, now=LEAVES)
    assert fresh(made).status == "sent"
    assert not queries.not_delivered().exists()
    assert AuditEntry.objects.filter(action="letter goes another way", actor=alice).exists()


def test_the_letter_that_was_refused_outright_goes_again_too(
    made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    mailbox.refuse["records@agency.example"] = "550 5.1.1 No such mailbox"
    failed = services.queue_letter(made, by=alice, now=LATER)
    OutgoingLetter.send_due(BACK)
    assert list(queries.not_delivered()) == [failed]
    page = said(browser(alice).get(made.get_absolute_url()))
    assert "Choose another way" in page and "/another-way/" in page
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    again.send_again(fresh(made), Way(Delivery.EMAIL, other), by=alice, now=AGAIN)
    assert kinds(made) == ["opened", "queued", "send_failed", "queued"], "said once, not twice"
    assert OutgoingLetter.send_due(LEAVES) == 1


@pytest.mark.parametrize("happened", ["acknowledged", "received", "denied"])
def test_a_letter_that_the_agency_answered_is_not_sent_again(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, happened: str
) -> None:
    record(made, (happened, "2026-03-02"))
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    with pytest.raises(NotSendable, match="answered since"):
        again.send_again(fresh(made), Way(Delivery.EMAIL, other), by=alice, now=AGAIN)
    answer = browser(alice).get(reverse("correspondence:another-way", args=[made.reference]))
    assert answer.status_code == 302
    assert OutgoingLetter.objects.count() == 1


def test_a_letter_of_which_nobody_reported_anything_is_not_sent_twice(
    sent: OutgoingLetter, made: RecordsRequest, alice: Person
) -> None:
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    with pytest.raises(NotSendable, match="No report says"):
        again.send_again(fresh(made), Way(Delivery.EMAIL, other), by=alice, now=AGAIN)
    assert kinds(made) == ["opened", "queued", "sent"]


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_letter_leaves(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    ways = [
        Way(Delivery.EMAIL, ContactPointFactory(agency=made.agency, value=f"{name}@agency.example"))
        for name in ("one", "two")
    ]
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def click(way: Way) -> None:
        try:
            together.wait(timeout=20)
            again.send_again(fresh(made), way, by=alice, now=AGAIN)
            outcomes.append("sent")
        except NotSendable:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["refused", "sent"]
    assert OutgoingLetter.send_due(LEAVES) == 1 and len(mailbox.deliveries) == 2
    assert kinds(made) == ["opened", "queued", "sent", "send_failed", "queued", "sent"]


# --- what needs nobody ------------------------------------------------------------------------------------------------


def test_a_person_says_that_it_arrived_after_all(back: OutgoingLetter, made: RecordsRequest, alice: Person) -> None:
    where = reverse("correspondence:proof-arrived", args=[made.reference, back.pk])
    client = browser(alice)
    client.post(where, {"why": " "})
    assert list(queries.not_delivered()) == [back], "not without a reason"
    answer = client.post(where, {"why": "Phoned: they have it."}, follow=True)
    assert "Phoned: they have it." in said(answer)
    assert not queries.not_delivered().exists()
    assert kinds(made) == ["opened", "queued", "sent"] and fresh(made).status == "sent"
    client.post(where, {"why": "again"})
    back.refresh_from_db()
    assert back.settled_why == "Phoned: they have it."
    assert AuditEntry.objects.get(action="letter needs no other way").actor == alice


def test_a_letter_without_trouble_is_not_settled(sent: OutgoingLetter, made: RecordsRequest, alice: Person) -> None:
    browser(alice).post(reverse("correspondence:proof-arrived", args=[made.reference, sent.pk]), {"why": "x"})
    sent.refresh_from_db()
    assert sent.settled_at is None


def test_closing_ends_the_tries_of_one_letter_alone(back: OutgoingLetter, made: RecordsRequest, alice: Person) -> None:
    assert closing.close_tries(made.pk + 1000, None, why="x", by=alice, now=AGAIN) == 0
    assert closing.close_tries(made.pk, None, why="x", by=alice, now=AGAIN) == 1
    assert closing.close_tries(made.pk, None, why="x", by=alice, now=AGAIN) == 0


# --- later letters ----------------------------------------------------------------------------------------------------


@pytest.fixture
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a letter is a fine PDF is the kits room's concern."""
    monkeypatch.setattr(rendering, "to_pdf", lambda html: b"%PDF of " + html[:40].encode())


@pytest.fixture
def later_back(
    sent: OutgoingLetter,
    made: RecordsRequest,
    alice: Person,
    arrives: Arrives,
    quick_pdf: None,
    clock: time_machine.Traveller,
) -> NextLetter:
    """A later letter with a document along, which left in May and came back."""
    clock.move_to("2026-05-04T17:00:00+00:00")
    now = clock_now()
    filing.reproject(made.pk, now=now)
    document = receive_file(
        made, [b"Their list.\n"], name="list.txt", received_on=now.date(), via="reply", by=alice, now=now
    ).document
    desk = next_letters.desk_of(fresh(made), now=now)
    way = Way(Delivery.EMAIL, made.contact_point)
    offer = desk.offer("determination_overdue")
    content = desk.compose("determination_overdue", dict(offer.preset), way)
    written = filing.Written(content, dict(offer.preset), way, desk.newest)
    letter = filing.begin_letter(fresh(made), "determination_overdue", written, by=alice, now=now)
    enclosed = next_letters.Enclosed(documents=[document])
    letter = NextLetter.objects.select_related("request__agency").get(pk=letter.pk)
    queued = next_letters.queue(letter, seen_changes=letter.changes, enclosed=enclosed, by=alice, now=now)
    assert OutgoingLetter.send_due(now + timedelta(minutes=11)) == 1
    clock.move_to("2026-05-05T17:00:00+00:00")
    arrives(report(queued.message_id), clock_now())
    letter.refresh_from_db()
    return letter


def clock_now() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_a_later_letter_goes_again_with_what_went_along(
    later_back: NextLetter, made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    assert later_back.state == "sent"
    wrong = later_back.sent_event
    (trouble,) = queries.not_delivered()
    assert trouble.next_letter_id == later_back.pk
    page = said(browser(alice).get(made.get_absolute_url()))
    assert "A letter did not arrive" in page
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    where = reverse("correspondence:next-letter-another-way", args=[made.reference, later_back.pk])
    assert "The timeline is corrected" in said(browser(alice).get(where))
    answer = browser(alice).post(where, {"way": f"contact:{other.pk}", "seen": later_back.changes})
    assert answer.status_code == 302, said(answer)
    assert kinds(made)[-2:] == ["follow_up", "correction"]
    assert OutgoingLetter.send_due(clock_now() + timedelta(minutes=11)) == 1
    later_back.refresh_from_db()
    assert later_back.state == "sent" and later_back.sent_event != wrong
    assert kinds(made)[-3:] == ["follow_up", "correction", "follow_up"]
    first, second = mailbox.messages[-2:]
    assert mailbox.deliveries[-1].recipients == ("clerk@agency.example",)
    assert first["Message-ID"] != second["Message-ID"] and first["From"] == second["From"]
    names = [[part.get_filename() for part in one.iter_attachments()] for one in (first, second)]
    assert names[0] == names[1] == [f"{made.reference}-determination-overdue.pdf", "list.txt"]
    assert second.get_body().get_content() == first.get_body().get_content().replace(
        "records@agency.example", "clerk@agency.example"
    )
    assert not queries.not_delivered().exists()
    past = said(browser(alice).get(reverse("correspondence:next-letter", args=[made.reference, later_back.pk])))
    assert "not delivered" in past and "Proof of sending" in past


def test_a_second_click_on_a_later_letter_changes_nothing(
    later_back: NextLetter, made: RecordsRequest, alice: Person
) -> None:
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    seen = later_back.changes
    again.send_later_again(later_back, Way(Delivery.EMAIL, other), seen_changes=seen, by=alice, now=clock_now())
    with pytest.raises(NotSendable):
        again.send_later_again(later_back, Way(Delivery.EMAIL, other), seen_changes=seen, by=alice, now=clock_now())
    assert OutgoingLetter.objects.filter(next_letter=later_back).count() == 2


def test_by_post_a_later_letter_is_a_draft_to_print(
    later_back: NextLetter, made: RecordsRequest, alice: Person
) -> None:
    post = ContactPointFactory(agency=made.agency, channel="post", value="1 Main Street\nAnnapolis, MD 21401")
    where = reverse("correspondence:next-letter-another-way", args=[made.reference, later_back.pk])
    answer = browser(alice).post(where, {"way": f"contact:{post.pk}", "seen": later_back.changes}, follow=True)
    assert "I have sent it" in said(answer)
    later_back.refresh_from_db()
    assert (later_back.state, later_back.delivery) == ("draft", "post")
    assert not queries.not_delivered().exists()


def test_while_another_of_its_kind_is_being_written_it_stays_as_it_is(
    later_back: NextLetter, made: RecordsRequest, alice: Person
) -> None:
    NextLetter.objects.create(
        request=made, key=later_back.key, generated=later_back.generated, basis_sequence=1, delivery="email",
        made_by=alice, made_at=AGAIN, changed_by=alice, changed_at=AGAIN,
    )  # fmt: skip
    before = kinds(made)
    with pytest.raises(NotSendable, match="Another letter of this kind"):
        again.send_later_again(
            later_back, Way(Delivery.HAND), seen_changes=later_back.changes, by=alice, now=clock_now()
        )
    later_back.refresh_from_db()
    assert (later_back.state, kinds(made)) == ("sent", before)


def test_what_happened_since_is_looked_at_first(
    later_back: NextLetter, made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    record(made, ("acknowledged", "2026-05-05"))
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    with pytest.raises(NotSendable, match="Something happened since"):
        again.send_later_again(
            later_back, Way(Delivery.EMAIL, other), seen_changes=later_back.changes, by=alice, now=clock_now()
        )
    later_back.refresh_from_db()
    assert later_back.state == "draft", "it is kept, with its new address, for whoever looks"
    assert OutgoingLetter.objects.filter(next_letter=later_back).count() == 1


# --- from the shell ---------------------------------------------------------------------------------------------------


def shell(*words: str) -> str:
    out = StringIO()
    call_command("undelivered_letters", *words, stdout=out)
    return out.getvalue()


def test_the_shell_lists_the_ways_and_sends(
    back: OutgoingLetter, made: RecordsRequest, alice: Person, charlie: Person, mailbox: Mailbox
) -> None:
    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    assert made.reference in shell() and "not delivered" in shell()
    ways = shell(str(back.pk))
    assert f"--way contact:{other.pk}  E-mail clerk@agency.example" in ways and "mail came back" in ways
    way = f"contact:{other.pk}"
    for arguments in ([], ["--by", "nobody"], ["--by", charlie.handle]):
        with pytest.raises(CommandError, match="who sends it"):
            shell(str(back.pk), "--way", way, *arguments)
    with pytest.raises(CommandError, match="no way contact:0"):
        shell(str(back.pk), "--way", "contact:0", "--by", alice.handle)
    assert "waits in the outbox" in shell(str(back.pk), "--way", way, "--by", alice.handle)
    assert "none came back" in shell()
    with pytest.raises(CommandError, match="waits for another way"):
        shell(str(back.pk))
