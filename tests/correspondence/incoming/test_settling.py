"""What a person decides about mail: each act leaves a trace, can be undone, and of two people at once one acts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from requests_app.correspondence.incoming import queries, services, settling
from requests_app.correspondence.incoming.models import IncomingMessage, KeptFile, Placement
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.settling import ChangedMeanwhile, NotSettled
from requests_app.documents.models import Document
from requests_app.filing.models import Event, RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.kept import a_message
from tests.correspondence.incoming.mails import PDF, mail
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def other(alice: Person) -> RecordsRequest:
    return a_request(alice, "MD-2026-0008", "zzzz2222", "other.example")


def do(act: Callable[..., None], message: IncomingMessage, *args: Any, by: Person, **facts: Any) -> None:
    """Do an act as somebody who sees how the message stands now, and read it again."""
    message.refresh_from_db()
    act(message.pk, *args, seen=message.changes, by=by, now=LATER, **facts)
    message.refresh_from_db()


def places(message: IncomingMessage) -> list[tuple[str, bool, str]]:
    """Return where a message is and was: reference, whether it is there still, why it left."""
    rows = Placement.objects.filter(message=message).order_by("pk")
    return [(one.request.reference, one.ended_at is None, one.ended_why) for one in rows]


def test_accepting_files_it_where_the_program_guessed(letter: RecordsRequest, bob: Person):
    message, events = a_message(on=[letter], files=["a.pdf"]), Event.objects.count()
    assert list(queries.conversation(letter)) == []
    do(settling.accept, message, by=bob)
    assert (message.state, message.settled_by, message.settled_at) == ("filed", bob, LATER)
    assert message.files_pending
    assert list(queries.conversation(letter)) == [message]
    assert Event.objects.count() == events  # what it means is said elsewhere


def test_nothing_can_be_accepted_that_has_no_guess(bob: Person):
    message = a_message()
    with pytest.raises(NotSettled, match="Say yourself"):
        do(settling.accept, message, by=bob)
    message.refresh_from_db()
    assert (message.state, message.changes, AuditEntry.objects.count()) == ("triage", 0, 0)


def test_a_person_knows_better_than_the_guess(letter: RecordsRequest, other: RecordsRequest, bob: Person):
    message = a_message(on=[letter])
    do(settling.place, message, [other.pk], by=bob)
    assert places(message) == [("MD-2026-0007", False, ""), ("MD-2026-0008", True, "")]
    assert [list(queries.mail_of(one)) != [] for one in (letter, other)] == [False, True]
    assert Placement.objects.get(request=other).how == "person"


def test_one_message_can_be_on_several_requests(letter: RecordsRequest, other: RecordsRequest, bob: Person):
    message = a_message()
    do(settling.place, message, [letter.pk, other.pk, letter.pk], by=bob)
    assert places(message) == [("MD-2026-0007", True, ""), ("MD-2026-0008", True, "")]
    with pytest.raises(NotSettled, match="there already"):
        do(settling.place, message, [other.pk], by=bob)
    with pytest.raises(NotSettled, match="at least one"):
        do(settling.place, message, [], by=bob)


def test_a_moved_message_leaves_a_trace_on_both(letter: RecordsRequest, other: RecordsRequest, bob: Person):
    message = a_message(on=[letter], state="filed")
    do(settling.move, message, from_request=letter.pk, to_request=other.pk, why=" Wrong number. ", by=bob)
    assert places(message) == [("MD-2026-0007", False, "Wrong number."), ("MD-2026-0008", True, "")]
    (left,), (came,) = queries.mail_of(letter), queries.mail_of(other)
    assert (left.ended_by, left.ended_why, came.ended_at) == (bob, "Wrong number.", None)
    with pytest.raises(NotSettled, match="Say why"):
        do(settling.move, message, from_request=other.pk, to_request=letter.pk, why=" ", by=bob)


def test_files_of_a_moved_message_become_documents_of_the_new_request_too(
    letter: RecordsRequest, other: RecordsRequest, bob: Person, reader: Reader
):
    raw = services.take_in([mail(files=(("a.pdf", PDF),))], way="lmtp", now=NOON)
    services.process(raw.pk, now=NOON, reader=reader)
    message = IncomingMessage.objects.get()
    do(settling.move, message, from_request=letter.pk, to_request=other.pk, why="Theirs.", by=bob)
    assert message.files_pending
    services.keep_files(message.pk, now=LATER, reader=reader)
    assert set(Document.objects.values_list("request__reference", flat=True)) == {"MD-2026-0007", "MD-2026-0008"}
    assert KeptFile.objects.count() == 2
    message.refresh_from_db()
    assert not message.files_pending


def test_set_aside_is_listed_and_comes_back(bob: Person):
    message = a_message()
    with pytest.raises(NotSettled, match="Say why"):
        do(settling.set_aside, message, why="", by=bob)
    do(settling.set_aside, message, why="Advertising", by=bob)
    assert (message.state, message.set_aside_why, message.settled_by) == ("set_aside", "Advertising", bob)
    assert list(queries.listed("set-aside", LATER)) == [message] and not queries.listed("waits", LATER)
    do(settling.bring_back, message, by=bob)
    assert (message.state, message.triage_reason, message.settled_by) == ("triage", "unmatched", None)
    assert list(queries.listed("waits", LATER)) == [message]


def test_mail_of_the_same_sender_still_comes_in(letter: RecordsRequest, bob: Person, reader: Reader):
    do(settling.set_aside, a_message(on=[letter]), why="spam", by=bob)
    raw = services.take_in([mail()], way="lmtp", now=LATER)
    assert services.process(raw.pk, now=LATER, reader=reader) is services.Outcome.FILED


def test_deferred_rests_until_its_day_and_waits_again_by_itself(bob: Person):
    message = a_message()
    for day in (LATER.date(), date(2030, 1, 1)):
        with pytest.raises(NotSettled, match="after today"):
            do(settling.defer, message, until=day, by=bob)
    do(settling.defer, message, until=date(2026, 3, 9), by=bob)
    assert message.deferred_until is not None and message.deferred_until.isoformat() == "2026-03-09T04:00:00+00:00"
    assert not queries.listed("waits", LATER) and list(queries.listed("later", LATER)) == [message]
    then = message.deferred_until
    assert list(queries.listed("waits", then)) == [message] and not queries.listed("later", then)
    do(settling.bring_back, message, by=bob)
    assert message.deferred_until is None
    with pytest.raises(NotSettled, match="waits already"):
        do(settling.bring_back, message, by=bob)


def test_only_a_coordinator_sees_to_mail(bob: Person, alice: Person):
    message = a_message()
    with pytest.raises(NotSettled, match="Only a coordinator"):
        do(settling.assign, message, to=alice, by=bob)
    do(settling.assign, message, to=bob, by=bob)
    assert message.assignee == bob


def _acts(letter: RecordsRequest, other: RecordsRequest, bob: Person) -> dict[str, tuple[str, Callable[..., Any]]]:
    def act(function: Callable[..., None], *args: Any, **facts: Any) -> Callable[[IncomingMessage], None]:
        return lambda message: do(function, message, *args, by=bob, **facts)

    numbers = {"from_request": letter.pk, "to_request": other.pk}
    return {
        "accept": ("triage", act(settling.accept)),
        "place": ("triage", act(settling.place, [other.pk])),
        "place-more": ("filed", act(settling.place, [other.pk])),
        "move": ("filed", act(settling.move, why="w", **numbers)),
        "set-aside": ("triage", act(settling.set_aside, why="w")),
        "bring-back": ("filed", act(settling.bring_back)),
        "defer": ("triage", act(settling.defer, until=date(2026, 3, 9))),
        "assign": ("triage", act(settling.assign, to=bob)),
    }


def _state_of(message: IncomingMessage) -> tuple[Any, ...]:
    message.refresh_from_db()
    running = Placement.objects.filter(message=message, ended_at__isnull=True)
    return (
        message.state, message.triage_reason, message.deferred_until, message.assignee, message.settled_at,
        message.settled_by, message.files_pending, list(running.values_list("request", "how", "by", "ended_why")),
    )  # fmt: skip


ACTS = ("accept", "place", "place-more", "move", "set-aside", "bring-back", "defer", "assign")


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_undone_to_what_was_before(name: str, letter: RecordsRequest, other: RecordsRequest, bob: Person):
    state, act = _acts(letter, other, bob)[name]
    message = a_message(on=[letter], state=state)
    before = _state_of(message)
    act(message)
    assert _state_of(message) != before
    assert settling.undoable(message.pk, message.changes) is not None
    do(settling.undo, message, by=bob)
    assert _state_of(message) == before
    with pytest.raises(NotSettled, match="nothing to undo"):
        do(settling.undo, message, by=bob)
    entries = list(AuditEntry.objects.order_by("pk").values_list("actor", "at", flat=False))
    assert entries == [(bob.pk, LATER)] * 2


@pytest.mark.parametrize("name", ACTS)
def test_who_saw_something_else_changes_nothing(name: str, letter: RecordsRequest, other: RecordsRequest, bob: Person):
    state, act = _acts(letter, other, bob)[name]
    message = a_message(on=[letter], state=state)
    before = _state_of(message)

    def stale(*args: Any, **facts: Any) -> None:
        IncomingMessage.objects.filter(pk=message.pk).update(changes=message.changes + 1)

    message.refresh_from_db = stale  # type: ignore[method-assign]  somebody acts between the look and the click
    with pytest.raises(ChangedMeanwhile):
        act(message)
    assert _state_of(IncomingMessage.objects.get()) == before
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_acts(letter: RecordsRequest, bob: Person):
    message, barrier = a_message(on=[letter]), threading.Barrier(2)
    done: list[str] = []

    def run(name: str, act: Callable[[], None]) -> None:
        try:
            barrier.wait(10)
            act()
            done.append(name)
        except ChangedMeanwhile:
            done.append(f"{name} too late")
        finally:
            connection.close()

    facts: dict[str, Any] = {"seen": 0, "by": bob, "now": LATER}
    acts = {
        "accept": lambda: settling.accept(message.pk, **facts),
        "aside": lambda: settling.set_aside(message.pk, why="w", **facts),
    }
    threads = [threading.Thread(target=run, args=pair) for pair in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) in (["accept", "aside too late"], ["accept too late", "aside"])
    message.refresh_from_db()
    assert message.state == ("filed" if "accept" in done else "set_aside")
    assert AuditEntry.objects.count() == 1


def test_a_copy_that_comes_meanwhile_is_noticed(letter: RecordsRequest, bob: Person, reader: Reader):
    raw = mail(proven=None, to="records@reply.example", message_id="<one@agency.example>")
    kept = services.take_in([raw], way="lmtp", now=NOON)
    services.process(kept.pk, now=NOON, reader=reader)
    message = IncomingMessage.objects.get()
    seen = message.changes
    again = services.take_in(
        [b"Received: x\r\n" + raw], way="lmtp", now=LATER,
        envelope_to=["records+md-2026-0007-k3v9x2ab@reply.example"],
    )  # fmt: skip
    services.process(again.pk, now=LATER, reader=reader)
    with pytest.raises(ChangedMeanwhile):
        settling.set_aside(message.pk, why="w", seen=seen, by=bob, now=LATER)


def test_what_a_person_brought_back_is_not_filed_again_by_the_program(
    letter: RecordsRequest, bob: Person, reader: Reader
):
    kept = services.take_in([mail()], way="lmtp", now=NOON)
    services.process(kept.pk, now=NOON, reader=reader)
    message = IncomingMessage.objects.get()
    do(settling.bring_back, message, by=bob)
    assert (message.state, message.triage_reason) == ("triage", "brought_back")
    services.reprocess(type(kept).objects.all())
    services.process(kept.pk, now=LATER, reader=reader)
    message.refresh_from_db()
    assert (message.state, message.triage_reason) == ("triage", "brought_back")
    assert places(message) == [("MD-2026-0007", True, "")]


def test_every_message_is_in_exactly_one_list(letter: RecordsRequest):
    made = [a_message(), a_message(deferred_until=LATER), a_message(deferred_until=NOON)]
    made += [a_message(on=[letter], state="filed", deferred_until=LATER), a_message(state="set_aside")]
    moment: datetime = NOON + timedelta(minutes=1)
    found = [message for which in queries.LISTS for message in queries.listed(which, moment)]
    assert sorted(one.pk for one in found) == sorted(one.pk for one in made)
