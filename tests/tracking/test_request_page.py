"""The page of one request and the homes: each status has its one main action, and nobody sees what they may not do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import services as correspondence
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import RecordsRequest
from requests_app.kits import letters
from requests_app.people.models import Person
from tests.factories import (
    NOON,
    ContactPointFactory,
    DraftFactory,
    PersonFactory,
    RecordsRequestFactory,
    record,
)
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
SENT = ("sent", "2026-02-23")
# Of the request page, whatever has happened; the budget is 15. One is for whom a volunteer stands in.
QUERIES = 15


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    """Monday, March 2, 2026, at noon in Maryland."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def asked(alice: Person) -> RecordsRequest:
    contact = ContactPointFactory()
    return RecordsRequestFactory(
        filer=alice,
        agency=contact.agency,
        contact_point=contact,
        letter=letters.dump(a_letter()),
        opened_at=NOON - timedelta(days=8),
    )


def page(client: Client, records_request: RecordsRequest) -> str:
    response = client.get(records_request.get_absolute_url())
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def main_action(html: str) -> tuple[str, str]:
    """Return where the one filled button of the page leads, and its words."""
    (found,) = re.findall(r'<a class="usa-button" href="([^"]+)">([^<]+)</a>', html) or [("", "")]
    return found


WRITE = "Write this letter"
# status -> the events that lead there, where the button leads, its words
STATUSES: dict[Status, tuple[list[tuple[Any, ...]], str, str]] = {
    Status.UNDELIVERED: ([SENT, ("send_failed", "2026-02-24")], "another-way/", "Choose another way"),
    Status.SENT: ([SENT], "letters/write/receipt_confirmation/", WRITE),  # a week without a word
    Status.RECEIVED: ([SENT, ("received", "2026-02-24")], "reply/", "An answer came"),
    Status.ACKNOWLEDGED: ([SENT, ("acknowledged", "2026-02-24")], "reply/", "An answer came"),
    Status.EXTENDED: ([SENT, ("extension", "2026-02-24")], "reply/", "An answer came"),
    Status.CLARIFICATION: (
        [SENT, ("clarification_requested", "2026-02-24")],
        "letters/write/clarification_answer/",
        WRITE,
    ),
    Status.FEE: ([SENT, ("fee_estimated", "2026-02-24")], "letters/write/fee_waiver_request/", WRITE),
    Status.PRODUCTION: ([SENT, ("determined", "2026-02-24")], "reply/", "An answer came"),
    Status.PARTIAL: ([SENT, ("produced_part", "2026-02-24")], "reply/", "An answer came"),
    Status.REFUSED: ([SENT, ("denied", "2026-02-24")], "letters/write/objection_reply/", WRITE),
    Status.APPEAL: ([SENT, ("denied", "2026-02-24"), ("appeal_filed", "2026-02-25")], "reply/", "An answer came"),
    Status.DONE: ([SENT, ("produced", "2026-02-24")], "", ""),
}


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_its_main_action(
    status: Status, asked: RecordsRequest, volunteer_client: Client, reviewer_client: Client
) -> None:
    events, where, words = STATUSES[status]
    record(asked, *events)
    assert asked.status == status
    html = page(volunteer_client, asked)
    assert main_action(html) == ((asked.get_absolute_url() + where) if where else "", words)
    assert "Send by e-mail" not in html, "a letter that did not arrive is not sent to the same address by one click"
    said = "Records received" if status == Status.DONE else str(asked.get_status_display())
    assert said in html
    assert ">Maryland</a>" in html
    # Each link works, and a reader who does not work on the request sees no way to change it.
    for link in set(re.findall(r'href="(/requests/[^"]+|/documents/to/[^"]+)"', html)) - {reverse("tracking:requests")}:
        if not link.endswith(("letter.pdf", "letter.eml")):
            assert volunteer_client.get(link).status_code == 200, link
    seen = page(reviewer_client, asked)
    links = {link.removeprefix(asked.get_absolute_url()) for link in re.findall(r'href="(/requests/[^"]*)"', seen)}
    links = {link for link in links if not re.fullmatch(r"dates/\d+/", link)}  # why a date is what it is
    assert links <= {"note/", "", reverse("tracking:requests")}
    assert re.findall(r'<form[^>]*action="(/requests[^"]*)"', seen) == []


def test_ready_by_mail_and_by_portal(asked: RecordsRequest, alice: Person, volunteer_client: Client) -> None:
    html = page(volunteer_client, asked)
    assert f'action="{asked.get_absolute_url()}send/"' in html
    assert "No clock runs before the letter is sent." in html
    portal = RecordsRequestFactory(filer=alice, delivery="portal")
    found = page(volunteer_client, portal)
    assert main_action(found) == (portal.get_absolute_url() + "portal/", "Send it through the portal")
    assert f'href="{portal.get_absolute_url()}mark-sent/"' in found
    post = RecordsRequestFactory(filer=alice, delivery="post")
    assert main_action(page(volunteer_client, post)) == (post.get_absolute_url() + "post/", "Send it by post")


def test_a_waiting_letter_can_be_taken_back_or_sent_now(
    asked: RecordsRequest, alice: Person, volunteer_client: Client, reviewer_client: Client
) -> None:
    correspondence.queue_letter(asked, by=alice, now=NOON)
    html = page(volunteer_client, asked)
    assert "Take it back" in html
    assert "Send it now" in html
    assert "Take it back" not in page(reviewer_client, asked)


def test_late_says_since_when_and_offers_the_answer(
    asked: RecordsRequest, alice: Person, volunteer_client: Client, monday: time_machine.Traveller
) -> None:
    record(asked, SENT, ("received", "2026-02-23"))
    monday.move_to(NOON + timedelta(days=90))
    volunteer_client.force_login(alice)  # the session ran out meanwhile
    filing.reproject(asked.pk, now=NOON + timedelta(days=90))
    html = page(volunteer_client, asked)
    assert "Late since" in html
    assert "Write “Decision not received”." in html
    assert main_action(html)[1] == WRITE


def test_dates_are_told_with_their_count_and_title(asked: RecordsRequest, volunteer_client: Client) -> None:
    record(asked, SENT, ("received", "2026-02-23"))
    html = page(volunteer_client, asked)
    running = asked.deadlines.filter(superseded_at=None, state="running")
    assert running.exists()
    for deadline in running:
        assert deadline.citation in html
        assert deadline.title in html
    assert html.count("How we counted") >= running.count()


def test_a_corrected_event_stays_struck(asked: RecordsRequest, alice: Person, volunteer_client: Client) -> None:
    record(asked, SENT, ("acknowledged", "2026-02-24"))
    wrong = asked.events.get(kind="acknowledged")
    filing.correct_event(wrong.pk, by=alice, now=NOON, note="It was another letter.")
    html = page(volunteer_client, asked)
    assert "<s>Acknowledged</s>" in html
    assert "It was another letter." in html
    assert f"correct/{wrong.sequence}/" not in html


def test_companions_notes_and_empty_sections(asked: RecordsRequest, alice: Person, volunteer_client: Client) -> None:
    html = page(volunteer_client, asked)
    assert "No notes." in html
    assert "Nothing has come back yet." in html
    other = RecordsRequestFactory(filer=alice, filed_together=asked.filed_together)
    filing.add_note(asked.pk, text="Ask <b>Cora</b> first.", by=alice, now=NOON)
    html = page(volunteer_client, asked)
    assert f'<a href="{other.get_absolute_url()}">{other.reference}</a>' in html
    assert "Ask &lt;b&gt;Cora&lt;/b&gt; first." in html


def test_the_number_of_queries_does_not_grow(
    asked: RecordsRequest, alice: Person, volunteer_client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    record(asked, SENT)
    with django_assert_num_queries(QUERIES):
        page(volunteer_client, asked)
    for number in range(10):
        record(asked, ("reply", "2026-02-25"))
        filing.add_note(asked.pk, text=f"Note {number}", by=PersonFactory(), now=NOON)
        RecordsRequestFactory(filer=alice, filed_together=asked.filed_together)
    with django_assert_num_queries(QUERIES):
        page(volunteer_client, asked)


# --- the homes --------------------------------------------------------------------------------------------------------

HOMES = {
    "volunteer": "tracking:letters",
    "coordinator": "tracking:desk",
    "reviewer": "review:queue",
    "administrator": "people:list",
    "coordinator reviewer": "tracking:desk",
    "volunteer reviewer": "tracking:letters",
}


@pytest.mark.parametrize("roles", HOMES)
def test_home_opens_what_one_works_on_and_every_door_opens(roles: str) -> None:
    client = Client()
    client.force_login(PersonFactory(roles=roles.split()))
    response = client.get(reverse("tracking:home"), follow=True)
    assert response.redirect_chain == [(reverse(HOMES[roles]), 302)]
    for door in response.context["doors"]:
        assert client.get(door["url"]).status_code == 200, door


def test_without_a_role_one_is_told_whom_to_ask() -> None:
    client = Client()
    client.force_login(PersonFactory(roles=[]))
    assert "You have no role yet" in client.get(reverse("tracking:home")).content.decode()


def test_a_volunteer_sees_what_waits_first(alice: Person, volunteer_client: Client) -> None:
    empty = volunteer_client.get(reverse("tracking:letters")).content.decode()
    assert "You have not asked yet" in empty
    RecordsRequestFactory()  # somebody else's
    before = {"filer": alice, "opened_at": NOON - timedelta(days=8)}
    ready = RecordsRequestFactory(**before)
    asks = RecordsRequestFactory(**before, jurisdiction="TX", events=[SENT, ("clarification_requested", "2026-02-24")])
    theirs = RecordsRequestFactory(**before, events=[SENT, ("acknowledged", "2026-02-25")])
    done = RecordsRequestFactory(**before, events=[SENT, ("produced", "2026-02-24")])
    DraftFactory(filer=alice, kit_id="K1")
    response = volunteer_client.get(reverse("tracking:letters"))
    html = response.content.decode()
    assert [row.reference for row in response.context["waiting"]] == [
        asks.reference,
        ready.reference,
    ]  # the one with a date first
    assert [row.reference for row in response.context["others"]] == [theirs.reference]
    assert list(response.context["done"]) == [done]
    assert "Maryland: " in html
    assert "states and offices have never been asked" in html
