"""The address for the answers to a request: unguessable, changed by a coordinator, and never shown to the public."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import readdressing
from requests_app.correspondence.incoming import services as incoming
from requests_app.correspondence.incoming.models import Placement
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import Event, Note, RecordsRequest, RetiredReplyToken
from requests_app.filing.our_addresses import address_for, address_of
from requests_app.filing.reply_addresses import as_written, local_part, new_token
from requests_app.filing.services import AddressNotChanged
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.conftest import a_request, letter, reader, store
from tests.correspondence.incoming.mails import mail
from tests.factories import NOON

__all__ = ["letter", "reader", "store"]  # fixtures, used by name
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def asked(letter: RecordsRequest) -> RecordsRequest:
    """Alice's request, whose letter has left."""
    RecordsRequest.objects.filter(pk=letter.pk).update(status="sent")
    letter.refresh_from_db()
    return letter


def change(asked: RecordsRequest, by: Person, seen: int = 0, why: str = "It stood on a public page.") -> RecordsRequest:
    return readdressing.give_new_address(asked.pk, why=why, seen=seen, by=by, now=LATER)


def where(asked: RecordsRequest) -> str:
    return reverse("correspondence:reply-address", args=[asked.reference])


# --- a new address ----------------------------------------------------------------------------------------------------


def test_a_request_gets_a_new_address_and_keeps_the_old_one_as_retired(asked: RecordsRequest, bob: Person):
    old, events = asked.reply_token, Event.objects.count()
    changed = change(asked, bob)
    assert as_written(local_part(address_of(changed))[0]) is not None
    assert changed.reply_token != old and len(changed.reply_token) == 26
    assert RecordsRequest.objects.get(pk=asked.pk).token_start == changed.reply_token[:5]
    retired = RetiredReplyToken.objects.get()
    assert (retired.token, retired.retired_by, retired.why) == (old, bob, "It stood on a public page.")
    assert Event.objects.count() == events, "no status and no date changes"
    assert old not in Note.objects.get(request=asked).text and "public page" in Note.objects.get(request=asked).text
    entry = AuditEntry.objects.get(action="reply address changed")
    assert entry.actor == bob and changed.reply_token not in str(entry.facts) and old not in str(entry.facts)


def test_mail_to_the_old_address_finds_its_request_and_waits(asked: RecordsRequest, bob: Person, reader: Reader):
    old = address_of(asked)
    new = address_of(change(asked, bob))
    for to, state, reason in ((old, "triage", "retired"), (new, "filed", "")):
        raw = incoming.take_in([mail(to=to)], way="lmtp", envelope_to=[to], now=LATER)
        incoming.process(raw.pk, now=LATER, reader=reader)
        raw.refresh_from_db()
        assert raw.message is not None
        assert (raw.message.state, raw.message.triage_reason) == (state, reason)
        assert Placement.objects.get(message=raw.message, ended_at__isnull=True).request_id == asked.pk


def test_an_address_can_be_changed_again_and_every_old_one_still_finds_it(
    asked: RecordsRequest, bob: Person, reader: Reader
):
    old = [address_of(asked), address_of(change(asked, bob)), address_of(change(asked, bob, seen=1))]
    change(asked, bob, seen=2)
    for to in old:
        raw = incoming.take_in([mail(to=to)], way="lmtp", now=LATER)
        incoming.process(raw.pk, now=LATER, reader=reader)
        raw.refresh_from_db()
        assert raw.message is not None and raw.message.triage_reason == "retired"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        pytest.param({"why": "  \x00 "}, "Say why", id="no-reason"),
        pytest.param({"why": "x" * 501}, "longer than 500", id="too-long"),
        pytest.param({"seen": 1}, "Somebody else", id="somebody-was-quicker"),
    ],
)
def test_what_cannot_be_done_changes_nothing(facts: dict[str, Any], words: str, asked: RecordsRequest, bob: Person):
    with pytest.raises(AddressNotChanged, match=words):
        change(asked, bob, **facts)
    assert not RetiredReplyToken.objects.exists() and not Note.objects.exists()
    asked.refresh_from_db()
    assert asked.reply_token == "k3v9x2ab"


def test_before_the_letter_left_nobody_knows_the_address(letter: RecordsRequest, bob: Person):
    RecordsRequest.objects.filter(pk=letter.pk).update(status="ready")
    with pytest.raises(AddressNotChanged, match="has not left yet"):
        change(letter, bob)


def test_a_letter_in_the_outbox_must_leave_first(asked: RecordsRequest, bob: Person):
    OutgoingLetter.objects.create(
        request=asked, to_address="records@agency.example", subject="x", raw="x", queued_by=bob, queued_at=NOON,
        send_after=LATER, message_id="<x@reply.example>",
    )  # fmt: skip
    with pytest.raises(AddressNotChanged, match="in the outbox"):
        change(asked, bob)


def test_two_clicks_change_it_once(asked: RecordsRequest, bob: Person):
    change(asked, bob)
    with pytest.raises(AddressNotChanged, match="Somebody else"):
        change(asked, bob)
    assert RetiredReplyToken.objects.count() == 1


# --- the page and the command -----------------------------------------------------------------------------------------


def test_a_coordinator_changes_the_address_on_its_page(asked: RecordsRequest, coordinator_client: Client):
    old = address_of(asked)
    page = coordinator_client.get(where(asked)).content.decode()
    assert old in page and "Addresses it gave up" not in page
    answer = coordinator_client.post(where(asked), {"seen": 0, "why": "Somebody sold <b>it</b>"}, follow=True)
    asked.refresh_from_db()
    page = answer.content.decode()
    assert address_of(asked) in page and old in page and "Somebody sold &lt;b&gt;it&lt;/b&gt;" in page
    again = coordinator_client.post(where(asked), {"seen": 0, "why": "Again"})
    assert again.status_code == 422 and "Somebody else changed this address" in again.content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"seen": "0"}, {"seen": "x", "why": "y"}, {"seen": -1, "why": "y"}, {"seen": 0, "why": "a\x00b"}]
)
def test_what_lacks_something_is_asked_again(data: dict[str, Any], asked: RecordsRequest, coordinator_client: Client):
    assert coordinator_client.post(where(asked), data).status_code == 422
    assert not RetiredReplyToken.objects.exists()


def test_only_coordinators_see_the_page(asked: RecordsRequest, volunteer_client: Client, stranger_client: Client):
    for client, status in ((volunteer_client, 403), (stranger_client, 404)):
        assert client.get(where(asked)).status_code == status
        assert client.post(where(asked), {"seen": 0, "why": "x"}).status_code == status
    assert not RetiredReplyToken.objects.exists()


@pytest.mark.parametrize("many", [1, 5])
def test_the_page_asks_the_same_for_one_and_many(
    many: int, asked: RecordsRequest, bob: Person, coordinator_client: Client,
    django_assert_num_queries: Callable[..., Any],
):  # fmt: skip
    for number in range(many):
        change(asked, bob, seen=number)
    with django_assert_num_queries(QUERIES):
        assert coordinator_client.get(where(asked)).status_code == 200


QUERIES = 6


def test_the_command_does_the_same(asked: RecordsRequest, bob: Person):
    said = StringIO()
    call_command("new_reply_address", "md-2026-0007", "--why", "Sold", "--by", "bob", stdout=said)
    asked.refresh_from_db()
    assert address_of(asked) in said.getvalue()
    assert RetiredReplyToken.objects.get().retired_by == bob


@pytest.mark.parametrize(
    ("reference", "by", "why", "words"),
    [
        pytest.param("MD-2026-9999", "bob", "x", "no such request", id="no-request"),
        pytest.param("MD\x00\ud800", "bob", "x", "no such request", id="no-text"),
        pytest.param("MD-2026-0007", "alice", "x", "a coordinator", id="a-volunteer"),
        pytest.param("MD-2026-0007", "nobody", "x", "a coordinator", id="nobody"),
        pytest.param("MD-2026-0007", "bob", " ", "Say why", id="no-reason"),
    ],
)
def test_the_command_says_what_it_needs(
    reference: str, by: str, why: str, words: str, asked: RecordsRequest, bob: Person
):
    with pytest.raises(CommandError, match=words):
        call_command("new_reply_address", reference, "--why", why, "--by", by)
    assert not RetiredReplyToken.objects.exists()


# --- form and secrecy -------------------------------------------------------------------------------------------------


def test_the_setting_chooses_the_form_and_both_are_read(
    asked: RecordsRequest, bob: Person, reader: Reader, settings: Any
):
    plus = address_of(change(asked, bob))
    asked.refresh_from_db()
    settings.REPLY_FORM = "catch_all"
    alone = address_of(asked)
    assert plus == f"records+{asked.reply_token}@reply.example" and alone == f"{asked.reply_token}@reply.example"
    for to in (plus, alone):
        raw = incoming.take_in([mail(to=to)], way="lmtp", now=LATER)
        incoming.process(raw.pk, now=LATER, reader=reader)
        raw.refresh_from_db()
        assert raw.message is not None and raw.message.state == "filed"


def test_no_page_of_the_public_shows_an_address(asked: RecordsRequest, bob: Person):
    old = asked.reply_token
    change(asked, bob)
    asked.refresh_from_db()
    secrets = [old, asked.reply_token, address_for(asked.reference, old), address_of(asked)]
    stranger = Client()
    seen = {"/"}
    waiting = ["/"]
    while waiting and len(seen) < 30:
        page = stranger.get(waiting.pop(), follow=True).content.decode(errors="replace")
        assert not any(secret in page for secret in secrets)
        assert asked.reference not in page
        found = {link for link in re.findall(r'href="(/[^"#?]*)"', page) if not link.startswith("/static/")}
        waiting += sorted(found - seen)
        seen |= found
    assert len(seen) > 10
    for path in (asked.get_absolute_url(), where(asked)):
        answer = stranger.get(path)
        assert answer.status_code == 302 and not any(secret in answer["Location"] for secret in secrets)
    assert a_request(bob, "MD-2026-0008", new_token()).reply_token not in stranger.get("/").content.decode()
