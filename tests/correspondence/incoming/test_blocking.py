"""Rules about senders: what they set aside, whom they never touch, and how everything comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence.incoming import blocking, bulk, queries, services, settling
from requests_app.correspondence.incoming.models import IncomingMessage, SenderRule
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.settling import NotSettled
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.kept import a_message
from tests.correspondence.incoming.mails import ADDRESS, AUTHSERV, mail
from tests.factories import NOON, ContactPointFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
LATER = NOON + timedelta(hours=1)
PENS = "Pens <news@pens.example>"


def rule(value: str = "news@pens.example", kind: str = "address", *, by: Person) -> SenderRule:
    with transaction.atomic():
        made, _is_new = blocking.start_rule(kind=kind, value=value, why="Advertising", by=by, now=NOON)
    return made


def comes(reader: Reader, **facts: Any) -> IncomingMessage:
    """Let a mail come in and return its message."""
    taken = services.take_in([mail(**{"to": "office@reply.example", **facts})], way="lmtp", now=LATER)
    services.process(taken.pk, now=LATER, reader=reader)
    taken.refresh_from_db()
    assert taken.message is not None
    return taken.message


@pytest.mark.parametrize(
    ("value", "kind", "sender", "held"),
    [
        pytest.param("news@pens.example", "address", PENS, True, id="the-address"),
        pytest.param("News@Pens.Example ", "address", "NEWS@pens.EXAMPLE", True, id="in-other-letters"),
        pytest.param("news@pens.example", "address", "other@pens.example", False, id="another-address"),
        pytest.param("@pens.example", "domain", "other@pens.example", True, id="the-domain"),
        pytest.param("pens.example", "domain", "x@mail.pens.example", True, id="below-the-domain"),
        pytest.param("pens.example", "domain", "x@mypens.example", False, id="ends-like-it"),
        pytest.param("pens.example", "domain", "", False, id="no-sender"),
    ],
)
def test_a_rule_sets_aside_what_comes_in(
    value: str, kind: str, sender: str, held: bool, bob: Person, reader: Reader
):  # fmt: skip
    made = rule(value, kind, by=bob)
    message = comes(reader, sender=sender or "undisclosed")
    assert (message.state, message.rule) == (("set_aside", made) if held else ("triage", None))
    assert message.triage_reason == "unmatched"  # why it waits when somebody brings it back
    assert message.settled_by is None


def test_an_agency_is_never_shut_out(letter: RecordsRequest, bob: Person, reader: Reader):
    for value, kind in (("records@agency.example", "address"), ("x@agency.example", "address")):
        with pytest.raises(blocking.NotBlocked, match="never shut out"):
            rule(value, kind, by=bob)
    for value in ("agency.example", "mail.agency.example"):
        with pytest.raises(blocking.NotBlocked, match="never shut out"):
            rule(value, "domain", by=bob)
    assert not SenderRule.objects.exists()
    message = a_message(on=[letter])
    with pytest.raises(NotSettled, match="never shut out"):
        settling.block(message.pk, kind="address", why="x", seen=0, by=bob, now=NOON)
    message.refresh_from_db()
    assert (message.state, message.changes, AuditEntry.objects.count()) == ("triage", 0, 0)


def test_an_agency_that_becomes_known_later_is_heard_though_a_rule_runs(bob: Person, reader: Reader):
    rule("pens.example", "domain", by=bob)
    contact = ContactPointFactory(value="records@pens.example")
    assert comes(reader, sender=PENS).state == "triage"
    ContactPoint.objects.filter(pk=contact.pk).update(health="retired")
    assert comes(reader, sender=PENS).state == "triage"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        pytest.param("domain", "gmail.com", "Many people", id="a-provider"),
        pytest.param("domain", "zendesk.com", "Many people", id="a-portal"),
        pytest.param("domain", "example", "no address or domain", id="a-top-level-domain"),
        pytest.param("domain", "reply.example", "our own", id="ours"),
        pytest.param("address", "x@sub.reply.example", "our own", id="below-ours"),
        pytest.param("address", "nobody", "no address or domain", id="no-address"),
        pytest.param("address", "a\x00b@pens.example", "no address or domain", id="nul"),
        pytest.param("address", "a\ud800b@pens.example", "no address or domain", id="half-a-sign"),
        pytest.param("address", "a b@pens.example", "no address or domain", id="with-a-blank"),
        pytest.param("address", "a" * 400 + "@pens.example", "no address or domain", id="too-long"),
        pytest.param("address", "", "no address or domain", id="empty"),
    ],
)
def test_no_rule_is_made_about(kind: str, value: str, words: str, bob: Person):
    with pytest.raises(blocking.NotBlocked, match=words):
        rule(value, kind, by=bob)
    assert not SenderRule.objects.exists()


def test_mail_with_the_token_of_an_open_request_waits_whoever_sends_it(
    letter: RecordsRequest, bob: Person, reader: Reader
):
    rule(by=bob)
    assert comes(reader, sender=PENS, to=ADDRESS).state == "triage"
    RecordsRequest.objects.filter(pk=letter.pk).update(phase=Phase.DONE, resolution="withdrawn")
    assert comes(reader, sender=PENS, to=ADDRESS).state == "set_aside"


def test_a_guessed_reference_is_no_token(letter: RecordsRequest, bob: Person, reader: Reader):
    rule(by=bob)
    message = comes(reader, sender=PENS, subject=f"About {letter.reference}")
    assert (message.state, message.triage_reason) == ("set_aside", "quarantined")


def test_another_copy_with_the_right_address_brings_it_to_a_person(letter: RecordsRequest, bob: Person, reader: Reader):
    rule(by=bob)
    same = {"sender": PENS, "message_id": "<same@pens.example>"}
    first = comes(reader, **same)
    assert first.state == "set_aside"
    taken = services.take_in(
        [mail(**{"to": "office@reply.example", **same})], way="pipe", envelope_to=[ADDRESS], now=LATER
    )
    services.process(taken.pk, now=LATER, reader=reader)
    first.refresh_from_db()
    assert (first.state, first.rule, first.triage_reason) == ("triage", None, "quarantined")


def test_a_proven_copy_of_what_a_rule_set_aside_is_filed(letter: RecordsRequest, bob: Person, reader: Reader):
    """A forger's copy under a sender that is blocked must not swallow what the real one sends."""
    rule("forger@other.example", by=bob)
    first = comes(reader, sender="forger@other.example", message_id="<a@b>", proven=None)
    ContactPointFactory(agency=letter.agency, value="forger@other.example")
    services.take_in(
        [f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=other.example\r\n".encode()
         + mail(sender="forger@other.example", message_id="<a@b>", to="office@reply.example", proven=None)],
        way="lmtp", envelope_to=[ADDRESS], now=LATER,
    )  # fmt: skip
    services.process_waiting(LATER)
    first.refresh_from_db()
    assert (first.state, first.rule) == ("filed", None)


# --- one click --------------------------------------------------------------------------------------------------------


def test_blocking_sets_aside_and_one_click_takes_it_back(bob: Person, reader: Reader):
    message, waiting = comes(reader, sender=PENS), comes(reader, sender=PENS)
    made = settling.block(message.pk, kind="domain", why=" Pens. ", seen=0, by=bob, now=LATER)
    message.refresh_from_db()
    assert (made.value, made.why, message.state, message.rule) == ("pens.example", "Pens.", "set_aside", made)
    waiting.refresh_from_db()
    assert waiting.state == "triage"  # what waits already goes on waiting
    held = comes(reader, sender=PENS)
    assert held.state == "set_aside"
    settling.undo(message.pk, seen=1, by=bob, now=LATER)
    message.refresh_from_db()
    made.refresh_from_db()
    assert (message.state, message.rule, made.runs) == ("triage", None, False)
    assert comes(reader, sender=PENS).state == "triage"
    assert list(queries.set_aside_by(made)) == [held]  # what came meanwhile is there


def test_undoing_a_second_block_leaves_the_rule_of_the_first(bob: Person, reader: Reader):
    first, second = comes(reader, sender=PENS), comes(reader, sender=PENS)
    for message in (first, second):
        settling.block(message.pk, kind="address", why="Pens", seen=0, by=bob, now=LATER)
    assert SenderRule.objects.count() == 1
    settling.undo(second.pk, seen=1, by=bob, now=LATER)
    assert SenderRule.objects.get().runs


def test_only_what_waits_can_be_blocked(bob: Person):
    message = a_message(state="set_aside", from_address="news@pens.example")
    with pytest.raises(NotSettled, match="does not wait"):
        settling.block(message.pk, kind="address", why="x", seen=0, by=bob, now=NOON)
    assert not SenderRule.objects.exists()


def test_what_a_rule_held_comes_back_together_when_it_ends(bob: Person, reader: Reader):
    made = rule(by=bob)
    held = [comes(reader, sender=PENS) for _number in range(3)]
    with pytest.raises(NotSettled, match="still runs"):
        bulk.bring_back_what(made, by=bob, now=LATER)
    assert blocking.end_rule(made.pk, by=bob, now=LATER)
    assert not blocking.end_rule(made.pk, by=bob, now=LATER)  # a second click
    made.refresh_from_db()
    act = bulk.bring_back_what(made, by=bob, now=LATER)
    assert {row["message"] for row in act.rows} == {message.pk for message in held}
    assert set(IncomingMessage.objects.values_list("state", flat=True)) == {"triage"}
    assert rule(by=bob).pk != made.pk  # it can be made anew
    actions = AuditEntry.objects.filter(subject=f"senderrule:{made.pk}").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["sender rule made", "sender rule ended"]


# --- screens ----------------------------------------------------------------------------------------------------------


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_the_button_says_what_will_happen_and_an_agency_has_none(letter: RecordsRequest, coordinator_client: Client):
    stranger = a_message(from_address="news@pens.example")
    html = body(coordinator_client.get(reverse("correspondence:message", args=[stranger.pk])))
    assert "Block its sender" in html and "what else comes from <bdi>news@pens.example</bdi> is set aside" in html
    assert "Reject it" in html and "next mail comes in as before" in html
    agency = a_message(on=[letter])
    html = body(coordinator_client.get(reverse("correspondence:message", args=[agency.pk])))
    assert "Its sender cannot be blocked." in html and "never shut out" in html and "Block the sender" not in html
    trusted = a_message(on=[letter], trust="trusted", triage_reason="brought_back")
    assert "Reject it" not in body(coordinator_client.get(reverse("correspondence:message", args=[trusted.pk])))


def test_the_story_of_a_wrong_click(bob: Person, coordinator_client: Client, reader: Reader):
    message = comes(reader, sender=PENS)
    where = reverse("correspondence:message-block", args=[message.pk])
    coordinator_client.post(where, {"seen": 0, "kind": "address", "why": "Pens"})
    later = comes(reader, sender=PENS, subject="Our offer")
    html = body(coordinator_client.get("/mail/?list=set-aside"))
    assert "Our offer" in html and "A rule about its sender set it aside." in html
    html = body(coordinator_client.get(reverse("correspondence:message", args=[later.pk])))
    assert "The rule about its sender, which runs" in html
    made = SenderRule.objects.get()
    listed = body(coordinator_client.get(reverse("correspondence:mail-senders")))
    assert "news@pens.example" in listed and "2 messages" in listed
    page = reverse("correspondence:mail-sender", args=[made.pk])
    assert "Our offer" in body(coordinator_client.get(page))
    end = reverse("correspondence:mail-sender-end", args=[made.pk])
    html = body(coordinator_client.post(end, {"bring_back": "yes"}, follow=True))
    assert "Bring back: 2 messages are done" in html
    assert set(IncomingMessage.objects.values_list("state", flat=True)) == {"triage"}
    assert "This rule has ended" in body(coordinator_client.get(page))


def test_a_rule_typed_by_hand(letter: RecordsRequest, coordinator_client: Client):
    where = reverse("correspondence:mail-senders")
    html = body(coordinator_client.post(where, {"kind": "domain", "value": "agency.example", "why": "x"}), 422)
    assert "never shut out" in html
    html = body(coordinator_client.post(where, {"kind": "domain", "value": "Pens.example", "why": "Pens"}, follow=True))
    assert "What comes from there is set aside from now on." in html
    html = body(coordinator_client.post(where, {"kind": "domain", "value": "pens.example", "why": "Pens"}, follow=True))
    assert "This rule runs already." in html
    made = SenderRule.objects.get()
    bring_back = reverse("correspondence:mail-sender-bring-back", args=[made.pk])
    assert "The rule still runs." in body(coordinator_client.post(bring_back, follow=True))
    html = body(coordinator_client.post(reverse("correspondence:mail-sender-end", args=[made.pk]), follow=True))
    assert "Ended. The next mail from there waits for a person again" in html


@pytest.mark.parametrize("size", [1, 12])
def test_the_rules_ask_the_same_for_one_and_many(
    size: int, bob: Person, coordinator_client: Client, django_assert_num_queries: Callable[..., Any]
):
    for number in range(size):
        made = rule(f"pens{number}.example", "domain", by=bob)
        for _number in range(size):
            a_message(state="set_aside", rule=made)
    with django_assert_num_queries(4):
        html = body(coordinator_client.get(reverse("correspondence:mail-senders")))
    assert html.count("dl-row__title") == size
    with django_assert_num_queries(6):
        body(coordinator_client.get(reverse("correspondence:mail-sender", args=[made.pk])))


def test_a_count_of_what_a_rule_holds_ends_at_a_hundred(bob: Person, coordinator_client: Client):
    made = rule(by=bob)
    message = a_message(state="set_aside", rule=made)
    copies = [IncomingMessage(**{**_columns(message), "fingerprint": f"{number:064}"}) for number in range(105)]
    for number, copy in enumerate(copies):
        copy.raw = services.take_in([b"Subject: %d\r\n\r\nx" % number], way="pipe", now=NOON)
    IncomingMessage.objects.bulk_create(copies)
    assert queries.rules().get(pk=made.pk).held == queries.COUNTED_TO
    assert "100+ messages" in body(coordinator_client.get(reverse("correspondence:mail-senders")))


def _columns(message: IncomingMessage) -> dict[str, Any]:
    left_out = {"id", "raw_id", "fingerprint"}
    return {
        field.attname: getattr(message, field.attname)
        for field in message._meta.concrete_fields
        if field.attname not in left_out
    }


@pytest.mark.parametrize("size", [2, 30])
def test_a_group_of_mails_asks_once_for_its_rules(
    size: int, bob: Person, django_assert_max_num_queries: Callable[..., Any]
):
    rule("pens.example", "domain", by=bob)
    for number in range(size):
        sender = f"n{number}@{'pens' if number % 2 else 'shop'}.example"
        services.take_in([mail(sender=sender, to="office@reply.example")], way="lmtp", now=NOON)
    # What a group asks, and two for each mail that a rule would hold: whether its sender is an agency's
    with django_assert_max_num_queries(30 + size // 2 * 2):
        services.process_waiting(LATER)
    assert IncomingMessage.objects.filter(state="set_aside").count() == size // 2
