"""What a person said about a mistyped address is remembered, gone by, shown, and can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.correspondence.incoming import corrections, services, settling
from requests_app.correspondence.incoming.models import IncomingMessage, Placement, RetypedToken
from requests_app.correspondence.incoming.reader import Reader
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.kept import a_message
from tests.correspondence.incoming.mails import ADDRESS, mail
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
SLIP = "records+md-2026-007"  # two digits and the token lost
PAGE = "/mail/corrections/"


@pytest.fixture
def other(alice: Person) -> RecordsRequest:
    return a_request(alice, "MD-2026-0008", "zzzz2222", "other.example")


def sent_to(*local_parts: str, **facts: Any) -> IncomingMessage:
    return a_message(to=[{"address": f"{local}@reply.example", "name": ""} for local in local_parts], **facts)


def place(message: IncomingMessage, *requests: RecordsRequest, by: Person) -> None:
    message.refresh_from_db()
    settling.place(message.pk, [one.pk for one in requests], seen=message.changes, by=by, now=NOON)
    message.refresh_from_db()


def receive(reader: Reader, to: str) -> IncomingMessage:
    raw = services.take_in([mail(to=to)], way="lmtp", envelope_to=[to], now=NOON)
    services.process(raw.pk, now=NOON, reader=reader)
    raw.refresh_from_db()
    assert raw.message is not None
    return raw.message


def gone_by() -> list[tuple[str, str]]:
    return [(one.local_part, one.request.reference) for one in corrections.running()]


def test_what_a_person_said_of_a_mistyped_address_holds_for_the_next_mail(
    letter: RecordsRequest, bob: Person, reader: Reader
):
    first = receive(reader, f"{SLIP}@reply.example")
    assert (first.state, first.triage_reason) == ("triage", "unmatched")
    place(first, letter, by=bob)
    assert gone_by() == [(SLIP, "MD-2026-0007")]
    made = RetypedToken.objects.get()
    assert (made.by, made.message) == (bob, first)
    second = receive(reader, f"{SLIP.upper()}@Reply.Example")
    placement = Placement.objects.get(message=second)
    assert (second.state, placement.how, placement.request) == ("filed", "retyped", letter)


def test_the_sender_is_judged_as_ever(letter: RecordsRequest, bob: Person, reader: Reader):
    place(sent_to(SLIP), letter, by=bob)
    raw = services.take_in([mail(to=f"{SLIP}@reply.example", sender="x@stranger.example")], way="lmtp", now=NOON)
    services.process(raw.pk, now=NOON, reader=reader)
    raw.refresh_from_db()
    assert raw.message is not None and raw.message.triage_reason == "quarantined"


@pytest.mark.parametrize(
    "local_parts",
    [
        pytest.param(("records",), id="the-mailbox"),
        pytest.param(("info",), id="a-word"),
        pytest.param(("records+press",), id="a-word-behind-the-mailbox"),
        pytest.param(("foia2026",), id="a-year"),
        pytest.param((SLIP, "records+md-2026-008"), id="two-slips"),
        pytest.param((ADDRESS.partition("@")[0],), id="a-right-one"),
        pytest.param((), id="none"),
    ],
)
def test_what_may_be_no_token_of_ours_is_never_remembered(
    local_parts: tuple[str, ...], letter: RecordsRequest, other: RecordsRequest, bob: Person
):
    place(sent_to(*local_parts), other, by=bob)
    assert gone_by() == []


def test_an_address_at_another_domain_is_not_ours(letter: RecordsRequest, bob: Person):
    place(a_message(to=[{"address": f"{SLIP}@elsewhere.example", "name": ""}]), letter, by=bob)
    assert gone_by() == []


def test_on_two_requests_nobody_said_which_was_meant(letter: RecordsRequest, other: RecordsRequest, bob: Person):
    place(sent_to(SLIP), letter, other, by=bob)
    assert gone_by() == []


def test_accepting_confirms_it_and_moving_corrects_it(letter: RecordsRequest, other: RecordsRequest, bob: Person):
    message = sent_to(SLIP, on=[letter])
    settling.accept(message.pk, seen=0, by=bob, now=NOON)
    assert gone_by() == [(SLIP, "MD-2026-0007")]
    settling.move(message.pk, from_request=letter.pk, to_request=other.pk, why="Theirs", seen=1, by=bob, now=NOON)
    assert gone_by() == [(SLIP, "MD-2026-0008")]
    settling.undo(message.pk, seen=2, by=bob, now=NOON)
    assert gone_by() == [(SLIP, "MD-2026-0007")]
    ended = RetypedToken.objects.get(ended_at__isnull=False)
    assert (ended.request, ended.ended_by) == (other, bob)


def test_undoing_the_placing_undoes_the_correction(letter: RecordsRequest, bob: Person):
    message = sent_to(SLIP)
    place(message, letter, by=bob)
    settling.undo(message.pk, seen=message.changes, by=bob, now=NOON)
    assert gone_by() == []


def test_undoing_brings_back_nothing_that_somebody_said_anew(
    letter: RecordsRequest, other: RecordsRequest, bob: Person
):
    first, second = sent_to(SLIP), sent_to(SLIP)
    place(first, letter, by=bob)
    place(second, other, by=bob)
    assert gone_by() == [(SLIP, "MD-2026-0008")]
    settling.undo(first.pk, seen=first.changes, by=bob, now=NOON)
    assert gone_by() == [(SLIP, "MD-2026-0008")]


def test_it_is_shown_on_the_message_and_the_list_and_forgotten_from_there(
    letter: RecordsRequest, bob: Person, coordinator_client: Client
):
    message = sent_to(SLIP)
    place(message, letter, by=bob)
    later = sent_to(SLIP, on=[letter])
    for path in (reverse("correspondence:message", args=[later.pk]), PAGE):
        assert SLIP in coordinator_client.get(path).content.decode(), path
    assert (
        "Remembered correction"
        in coordinator_client.get(reverse("correspondence:message", args=[later.pk])).content.decode()
    )
    where = reverse("correspondence:correction-forget", args=[RetypedToken.objects.get().pk])
    said = coordinator_client.post(where, follow=True).content.decode()
    assert "Forgotten." in said and SLIP not in said and gone_by() == []
    assert AuditEntry.objects.get(action="mail correction forgotten").actor == bob
    assert "was ended before" in coordinator_client.post(where, follow=True).content.decode()
    assert coordinator_client.post(reverse("correspondence:correction-forget", args=[999])).status_code == 404
    assert coordinator_client.get(where).status_code == 405


def test_hostile_local_parts_are_shown_harmless(letter: RecordsRequest, bob: Person, coordinator_client: Client):
    hostile = "records+md-2026-007\u202e<script>"
    RetypedToken.objects.create(local_part=hostile, request=letter, by=bob, at=NOON)
    page = coordinator_client.get(PAGE).content.decode()
    assert "&lt;script&gt;" in page and "\u202e" not in page and "<script>alert" not in page


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_asks_the_same_for_one_and_many(
    many: int, letter: RecordsRequest, bob: Person, coordinator_client: Client,
    django_assert_num_queries: Callable[..., Any],
):  # fmt: skip
    RetypedToken.objects.bulk_create(
        RetypedToken(local_part=f"{SLIP}{number}", request=letter, by=bob, at=NOON) for number in range(many)
    )
    with django_assert_num_queries(QUERIES):
        assert coordinator_client.get(PAGE).status_code == 200


QUERIES = 4


def test_the_list_is_paged_by_number(letter: RecordsRequest, bob: Person, coordinator_client: Client):
    RetypedToken.objects.bulk_create(
        RetypedToken(local_part=f"{SLIP}-{number:03}x", request=letter, by=bob, at=NOON) for number in range(45)
    )
    first = coordinator_client.get(PAGE)
    rest = coordinator_client.get(PAGE + first.context["next_url"]).context["rows"]
    assert len(first.context["rows"]) == 40 and len(rest) == 5
    for odd in ("x", "-1", "9" * 30, "\u0663", "%00"):
        assert coordinator_client.get(f"{PAGE}?after={odd}").status_code == 200
