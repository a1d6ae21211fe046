"""The pages on which people see what became of a letter; and the lists cost the same for one letter and for many."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.correspondence.delivery import queries
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import NextLetter, RecordsRequest
from requests_app.kits.another_way import by_another_way
from requests_app.people.models import Person
from requests_app.tracking.evidence.gathering import gather
from requests_app.tracking.reminders.undelivered import count_with_heartbeat
from requests_app.tracking.services import Heartbeat
from tests.correspondence.delivery.conftest import LATER, report
from tests.correspondence.incoming.kept import a_message
from tests.factories import NOON, RecordsRequestFactory
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
Arrives = Callable[..., IncomingMessage]
AN_HOUR_ON = LATER + timedelta(hours=1)


def page(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_proof_says_all_that_is_known_and_prints(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives, volunteer_client: Client
) -> None:
    where = reverse("correspondence:proof", args=[made.reference, sent.pk])
    shown = page(volunteer_client, where)
    assert "250 Kept" in shown and sent.message_id.strip("<>") in shown
    assert "None came. That says neither that the letter arrived nor that it did not." in shown
    assert "Send it again" not in shown
    arrives(report(sent.message_id, "delivered", status="2.1.5", words="250 2.1.5 ok"), AN_HOUR_ON)
    shown = page(volunteer_client, where)
    assert "put it into the mailbox" in shown and "250 2.1.5 ok" in shown and "2.1.5" in shown
    arrives(report(sent.message_id, recipient="joe@agency.example"), AN_HOUR_ON)
    shown = page(volunteer_client, where)
    assert "reports disagree" in shown and "It is about joe@agency.example" in shown
    assert "Send it again another way" in shown


def test_the_timeline_says_what_became_of_the_letter(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives, volunteer_client: Client, reviewer_client: Client
) -> None:
    arrives(report(sent.message_id, "delivered", status="2.1.5"), AN_HOUR_ON)
    shown = page(volunteer_client, made.get_absolute_url())
    assert reverse("correspondence:proof", args=[made.reference, sent.pk]) in shown
    assert re.search(r"delivered\s*</span>", shown)
    theirs = page(reviewer_client, made.get_absolute_url())
    assert re.search(r"delivered\s*</span>", theirs), "a reader sees the fact"
    assert "/sent/" not in theirs, "and no way to the letter"


def test_the_message_of_a_report_leads_to_the_letter(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives, volunteer_client: Client
) -> None:
    message = arrives(report(sent.message_id), AN_HOUR_ON)
    shown = page(volunteer_client, reverse("correspondence:message", args=[message.pk]))
    assert reverse("correspondence:proof", args=[made.reference, sent.pk]) in shown


def test_the_reports_stand_in_the_evidence_file(sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives) -> None:
    def said() -> list[str]:
        gathered = gather(RecordsRequest.objects.get(pk=made.pk), with_notes=False, now=AN_HOUR_ON)
        (message,) = [one for one in gathered.exhibits if one.kind == "message"]
        assert "Alice Liddell" in message.text and " \n" not in message.text, "as it was written, without soft breaks"
        return [fact.value for fact in message.facts if fact.label == "Report of a mail server"]

    assert said() == ["none came"]
    arrives(report(sent.message_id, "delayed", status="4.4.1", words="no answer"), AN_HOUR_ON)
    arrives(report(sent.message_id), AN_HOUR_ON + timedelta(hours=1))
    late, back = said()
    assert "Delayed" in late and "4.4.1" in late
    assert "Not delivered." in back and "550 5.1.1 no such user" in back


def a_try(request: RecordsRequest, number: int, **columns: Any) -> OutgoingLetter:
    given: dict[str, Any] = {
        "to_address": f"office{number}@agency.example", "subject": "x", "raw": "x", "message_id": f"<{number}@x>",
        "queued_by": request.filer, "queued_at": NOON, "send_after": NOON, "state": "failed",
        "failure": "550 5.1.1 no such user",
    }  # fmt: skip
    return OutgoingLetter.objects.create(request=request, **{**given, **columns})


def undelivered(alice: Person, number: int) -> OutgoingLetter:
    request = RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-01"), ("send_failed", "2026-03-02")])
    return a_try(request, number)


@pytest.mark.parametrize("rows", [1, 12])
def test_lists_cost_the_same_for_one_and_for_many(
    alice: Person, coordinator_client: Client, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        undelivered(alice, number)
    Heartbeat.objects.create(name="sweep", beat_at=NOON)
    with django_assert_num_queries(1):
        assert count_with_heartbeat("sweep", NOON)[3] == rows
    with django_assert_num_queries(7):  # session, person with roles, notices, and the four groups
        shown = page(coordinator_client, reverse("correspondence:outgoing"))
    assert shown.count("Choose another way<span") == rows
    request = RecordsRequest.objects.all()[0]
    with django_assert_num_queries(1):
        assert queries.tries_of(request)[0].letter.next_letter is None


def test_the_desk_leads_to_the_letters_that_did_not_arrive(alice: Person, coordinator_client: Client) -> None:
    Heartbeat.objects.create(name="sweep", beat_at=NOON)
    desk = reverse("tracking:desk")
    assert "did not arrive" not in page(coordinator_client, desk)
    undelivered(alice, 1)
    shown = page(coordinator_client, desk)
    assert "1 letter did not arrive: choose another way" in shown
    assert f"{reverse('correspondence:outgoing')}#not-delivered" in shown


def test_a_volunteer_sees_at_home_which_letters_did_not_arrive(alice: Person, volunteer_client: Client) -> None:
    home = reverse("tracking:letters")
    RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-01")])
    assert "Did not arrive" not in page(volunteer_client, home)
    failed = undelivered(alice, 1).request
    back = RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-01")])
    a_try(back, 2, state="sent", bounced_at=NOON, bounce_message=a_message(state="filed"))
    response = volunteer_client.get(home)
    assert {row.reference for row in response.context["back"]} == {failed.reference, back.reference}
    listed = [*response.context["waiting"], *response.context["others"]]
    assert {failed.reference, back.reference}.isdisjoint(row.reference for row in listed), "in one list only"
    assert b"Did not arrive" in response.content
    OutgoingLetter.objects.update(settled_at=NOON, settled_by=alice, settled_why="phoned")
    assert "Did not arrive" not in page(volunteer_client, home)


EVENTS: dict[str, list[tuple[str, str]]] = {
    "ready": [],
    "sent": [("sent", "2026-03-01")],
    "undelivered": [("sent", "2026-03-01"), ("send_failed", "2026-03-02")],
    "acknowledged": [("sent", "2026-03-01"), ("acknowledged", "2026-03-02")],
    "done": [("sent", "2026-03-01"), ("withdrawn", "2026-03-02")],
}


def test_the_list_and_the_page_of_a_request_agree_on_what_is_a_task(alice: Person, store: Any) -> None:
    """One rule, written twice: as a query for all requests, and over the tries of one. Every case by both."""
    message = a_message(state="filed")
    number = 0
    for events, later_state, state, back, settled, newer in product(
        EVENTS,
        (None, "draft", "queued", "discarded"),
        ("failed", "sent"),
        (False, True),
        (False, True),
        ("", "sent", "cancelled"),
    ):
        if (state == "failed" and back) or (newer == "cancelled" and settled):
            continue
        number += 1
        request = RecordsRequestFactory(filer=alice, events=EVENTS[events], kit_id="K1")
        later = later_state and NextLetter.objects.create(
            request=request, key="fee_itemization", generated={}, basis_sequence=1, delivery="email", state=later_state,
            made_by=alice, made_at=NOON, changed_by=alice, changed_at=NOON,
        )  # fmt: skip
        facts: dict[str, Any] = {"next_letter": later or None, "state": state}
        facts |= {"bounced_at": NOON, "bounce_message": message} if back else {}
        facts |= {"settled_at": NOON, "settled_by": alice, "settled_why": "x"} if settled else {}
        a_try(request, number, **facts)
        if newer:
            a_try(request, number + 100_000, next_letter=later or None, state=newer)
    listed = set(queries.not_delivered().values_list("pk", flat=True))
    by_request = {
        one.letter.pk for request in RecordsRequest.objects.all() for one in queries.tries_of(request) if one.is_open
    }
    assert number > 150
    assert listed == by_request and listed


@pytest.mark.parametrize(
    ("method", "given", "delivery", "recipient"),
    [
        pytest.param("email", {"email": "b@x.example"}, "By e-mail to b@x.example", None, id="another-address"),
        pytest.param("portal", {}, "Through your online portal", None, id="portal"),
        pytest.param("fax", {}, "By fax", None, id="fax"),
        pytest.param("hand", {}, "By hand", None, id="in-person"),
        pytest.param(
            "post", {"post": ("9 New Road", "Dover, DE")}, "By mail", ("Clerk", "Office", "9 New Road", "Dover, DE"),
            id="another-postal-address",
        ),
        pytest.param("post", {"post": ("1 Old Road",)}, "By mail", ("Clerk", "Office", "1 Old Road"), id="the-same"),
        pytest.param("post", {}, "By mail", None, id="no-address-known"),
    ],
)  # fmt: skip
def test_only_the_head_of_a_letter_says_how_it_goes(
    method: Any, given: dict[str, Any], delivery: str, recipient: tuple[str, ...] | None
) -> None:
    letter = replace(a_letter(), recipient=("Clerk", "Office", "1 Old Road"))
    found = by_another_way(letter, method, name="Office", **given)
    assert (found.delivery, found.recipient) == (delivery, recipient or letter.recipient)
    assert replace(found, delivery=letter.delivery, recipient=letter.recipient) == letter, "no word of what it says"
    assert by_another_way(found, method, name="Office", **given) == found


def test_a_letter_that_does_not_name_the_agency_gets_its_name_above_the_address() -> None:
    letter = replace(a_letter(), recipient=("Somebody", "1 Old Road"))
    assert by_another_way(letter, "post", name="Office", post=("9 New Road",)).recipient == ("Office", "9 New Road")
