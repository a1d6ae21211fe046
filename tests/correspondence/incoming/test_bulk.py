"""Many messages at once: a preview, a result for each row, an undo; what changed meanwhile is left alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import tasks
from requests_app.correspondence.incoming import bulk, queries, settling
from requests_app.correspondence.incoming.bulk import Ticked
from requests_app.correspondence.incoming.models import BulkAct, IncomingMessage
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from requests_app.tracking.desk import services as desk
from tests.correspondence.incoming.kept import a_message
from tests.factories import NOON, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "monday")]
LATER = NOON + timedelta(hours=1)
MANY = "/mail/together/"


@pytest.fixture
def monday() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of a worker."""
    asked: list[str] = []
    monkeypatch.setattr(tasks.keep_mail_files, "apply_async", lambda **options: asked.append("keep_mail_files"))
    return asked


def ticks(*messages: IncomingMessage) -> list[Ticked]:
    return [Ticked(message.pk, message.changes) for message in messages]


def states(*messages: IncomingMessage) -> list[str]:
    for message in messages:
        message.refresh_from_db()
    return [message.state for message in messages]


def test_each_row_has_its_result_and_one_undo_takes_all_back(letter: RecordsRequest, bob: Person):
    guessed, also, unguessed = a_message(on=[letter]), a_message(on=[letter], files=["a.pdf"]), a_message()
    act = bulk.do("accept", ticks(guessed, unguessed, also), by=bob, now=LATER)
    assert states(guessed, unguessed, also) == ["filed", "triage", "filed"]
    assert [(row["changes"], bool(row["trouble"])) for row in act.rows] == [(1, False), (None, True), (1, False)]
    assert "No request was found" in act.rows[1]["trouble"]
    settling.bring_back(also.pk, seen=1, by=bob, now=LATER)
    undone = bulk.undo(act.pk, by=bob, now=LATER)
    assert states(guessed, also) == ["triage", "triage"]
    assert undone.rows[0]["undone"] is True and "changed meanwhile" in undone.rows[2]["undone"]
    assert "undone" not in undone.rows[1]
    changes = IncomingMessage.objects.order_by("pk").values_list("changes", flat=True)
    before = list(changes)
    bulk.undo(act.pk, by=bob, now=LATER)  # a second click
    assert list(changes.all()) == before
    actions = AuditEntry.objects.filter(subject=f"bulkact:{act.pk}").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["mail acted on together", "mail acts undone together"]


@pytest.mark.parametrize(
    ("act", "facts", "state"),
    [
        pytest.param("set-aside", {"why": "Pens"}, "set_aside", id="set-aside"),
        pytest.param("defer", {"until": date(2026, 3, 9)}, "triage", id="later"),
        pytest.param("assign", {"to": None}, "triage", id="assign"),
    ],
)
def test_the_other_acts(act: str, facts: dict[str, Any], state: str, bob: Person):
    messages = [a_message(assignee=bob) for _number in range(3)]
    made = bulk.do(act, ticks(*messages), by=bob, now=NOON, **facts)
    assert states(*messages) == [state] * 3 and all(row["changes"] == 1 for row in made.rows)
    bulk.undo(made.pk, by=bob, now=LATER)
    assert states(*messages) == ["triage"] * 3
    assert [(one.assignee, one.deferred_until) for one in messages] == [(bob, None)] * 3


def test_a_second_click_finds_every_row_changed(letter: RecordsRequest, bob: Person):
    messages = [a_message(on=[letter]) for _number in range(2)]
    ticked = ticks(*messages)
    bulk.do("accept", ticked, by=bob, now=NOON)
    again = bulk.do("accept", [*ticked, Ticked(10**6, 0)], by=bob, now=NOON)
    assert all("changed meanwhile" in row["trouble"] for row in again.rows)
    assert AuditEntry.objects.filter(action="mail accepted").count() == 2


def test_what_breaks_in_the_middle_leaves_what_was_done_listed(bob: Person, monkeypatch: pytest.MonkeyPatch):
    first, second = a_message(), a_message()
    real = settling.set_aside

    def breaks(message_id: int, **facts: Any) -> None:
        if message_id == second.pk:
            raise RuntimeError
        real(message_id, **facts)

    monkeypatch.setitem(bulk._DO, "set-aside", breaks)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        bulk.do("set-aside", ticks(first, second), by=bob, now=NOON, why="x")
    act = BulkAct.objects.get()
    assert [row["message"] for row in act.rows] == [first.pk]
    bulk.undo(act.pk, by=bob, now=NOON)
    assert states(first) == ["triage"]


# --- screens ----------------------------------------------------------------------------------------------------------


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def rows_of(html: str) -> list[str]:
    return re.findall(r'name="row" value="(\d+:\d+)"', html)


def test_the_story_of_many(letter: RecordsRequest, coordinator_client: Client, bob: Person, nudges: list[str]):
    guessed, changing, unguessed = a_message(on=[letter]), a_message(on=[letter]), a_message()
    rows = rows_of(body(coordinator_client.get("/mail/")))
    assert sorted(rows) == sorted(f"{one.pk}:0" for one in (guessed, changing, unguessed))
    preview = body(coordinator_client.post(MANY, {"act": "accept", "row": rows, "back": "list=waits"}))
    assert "Accept the guesses: 2 messages" in preview and "Nothing is done yet." in preview
    assert "Left alone" in preview and "No request was found for it" in preview
    assert states(guessed) == ["triage"]
    settling.assign(changing.pk, to=bob, seen=0, by=bob, now=NOON)
    done = {"act": "accept", "row": rows_of(preview), "step": "do"}
    result = body(coordinator_client.post(MANY, done, follow=True))
    assert "1 message is done, 1 was left alone" in result and "It changed meanwhile, so it was left alone." in result
    assert states(guessed, changing) == ["filed", "triage"] and nudges == ["keep_mail_files"]
    act = BulkAct.objects.get()
    undone = body(coordinator_client.post(reverse("correspondence:mail-many-undo", args=[act.pk]), follow=True))
    assert "Undone: 1." in undone and "Undo all of it" not in undone
    assert states(guessed) == ["triage"]


def test_what_an_act_needs_is_asked_before(coordinator_client: Client, bob: Person):
    message = a_message()
    row = {"row": f"{message.pk}:0"}
    for act, words in (("set-aside", "Why?"), ("assign", "Who sees to it?"), ("defer", "Until which day?")):
        assert words in body(coordinator_client.post(MANY, {"act": act, **row}))
    html = body(coordinator_client.post(MANY, {"act": "set-aside", "step": "do", "why": " ", **row}), 422)
    assert "This field is required." in html
    html = body(
        coordinator_client.post(MANY, {"act": "defer", "step": "do", "until": "2026-03-02", **row}, follow=True)
    )
    assert "Choose a day after today" in html and "0 messages are done, 1 was left alone" in html
    html = body(coordinator_client.post(MANY, {"act": "assign", "step": "do", "to": bob.pk, **row}, follow=True))
    assert "1 message is done" in html
    message.refresh_from_db()
    assert message.assignee == bob


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param({}, "Choose what to do", id="nothing"),
        pytest.param({"act": "erase", "row": "1:0"}, "Choose what to do", id="no-such-act"),
        pytest.param({"act": "accept"}, "Tick the messages first", id="no-row"),
        pytest.param(
            {"act": "accept", "row": ["x", "1", "1:-1", "²:0", "9" * 30 + ":0", "\x00:0"]}, "Tick the", id="odd"
        ),
        pytest.param({"act": "accept", "row": "999999:0"}, "Nothing would change", id="not-there"),
    ],
)
def test_odd_choices_change_nothing(data: dict[str, Any], words: str, coordinator_client: Client):
    a_message()
    assert words in body(coordinator_client.post(MANY, {"back": "list=waits&x=//evil.example", **data}, follow=True))
    assert not BulkAct.objects.exists()


def test_the_way_back_is_always_ours(coordinator_client: Client):
    response = coordinator_client.post(MANY, {"back": "//evil.example?list=later&words=a%20b&next=//evil.example"})
    assert response.url == "/mail/?words=a+b"
    assert coordinator_client.post(MANY, {"back": "\x00&list=later"}).url == "/mail/?list=later"


@pytest.mark.parametrize("size", [1, 30])
def test_the_preview_and_the_result_ask_the_same_for_one_and_many(
    size: int, letter: RecordsRequest, bob: Person, coordinator_client: Client,
    django_assert_num_queries: Callable[..., Any],
):  # fmt: skip
    messages = [a_message(on=[letter], suggestions=[letter.pk]) for _number in range(size)]
    rows = [f"{one.pk}:0" for one in messages]
    with django_assert_num_queries(6):
        body(coordinator_client.post(MANY, {"act": "accept", "row": rows}))
    act = bulk.do("accept", ticks(*messages), by=bob, now=NOON)
    with django_assert_num_queries(7):
        body(coordinator_client.get(reverse("correspondence:mail-many-done", args=[act.pk])))


# --- one after another ------------------------------------------------------------------------------------------------


def follows(client: Client, passed: Any = "", whose: str = "") -> str:
    return str(client.get(reverse("correspondence:mail-next"), {"after": passed, "whose": whose}).url)


def test_the_next_message_that_waits(coordinator_client: Client, bob: Person):
    first, second, third = (a_message(received_at=NOON + timedelta(hours=hour)) for hour in range(3))
    a_message(deferred_until=NOON + timedelta(days=1))
    page = "/mail/{}/".format
    assert follows(coordinator_client) == page(first.pk)
    assert follows(coordinator_client, first.pk) == page(second.pk)
    assert follows(coordinator_client, third.pk) == page(first.pk)  # round to the beginning
    settling.set_aside(second.pk, why="x", seen=0, by=bob, now=NOON)
    assert follows(coordinator_client, second.pk) == page(third.pk)
    assert follows(coordinator_client, "²") == page(first.pk)
    settling.assign(third.pk, to=bob, seen=0, by=bob, now=NOON)
    assert follows(coordinator_client, first.pk, "me") == page(third.pk) + "?whose=me"
    assert follows(coordinator_client, first.pk, "nobody") == "/mail/"
    html = body(coordinator_client.get(page(third.pk) + "?whose=me"))
    assert f'href="/mail/next/?after={third.pk}&amp;whose=me"' in html
    assert follows(coordinator_client, third.pk, "me") == "/mail/"


def test_mine_nobodys_and_how_many(coordinator_client: Client, bob: Person):
    mine, theirs = a_message(assignee=bob, subject="For Bob"), PersonFactory(roles=["coordinator"])
    a_message(assignee=theirs, subject="For another")
    a_message(subject="For nobody")
    a_message(assignee=bob, subject="Rests", deferred_until=NOON + timedelta(days=1))
    a_message(assignee=bob, subject="Aside", state="set_aside")
    html = body(coordinator_client.get("/mail/"))
    for words in ("Waits for you (3)", "Later (1)", "Given to you (1)", "With its request<"):
        assert words in html
    names = ("For Bob", "For another", "For nobody", "Rests", "Aside")
    shown = {
        whose: [name for name in names if name in body(coordinator_client.get(f"/mail/?whose={whose}"))]
        for whose in ("me", "nobody", "somebody")
    }
    assert shown == {"me": ["For Bob"], "nobody": ["For nobody"], "somebody": list(names[:3])}
    IncomingMessage.objects.filter(pk=mine.pk).update(assignee=None)
    assert "No message is given to you" in body(coordinator_client.get("/mail/?whose=me"))
    assert queries.counts(theirs, NOON) == {"waits": 3, "later": 1, "me": 1}


def test_keys_can_be_turned_off(coordinator_client: Client, bob: Person):
    message = a_message()
    for where in ("/mail/", f"/mail/{message.pk}/"):
        assert "data-dl-desk-keys" in body(coordinator_client.get(where))
    desk.choose_look(left_out=[], keys=False, by=bob)
    for where in ("/mail/", f"/mail/{message.pk}/"):
        assert "data-dl-desk-keys" not in body(coordinator_client.get(where))


def test_accepting_wakes_a_worker_and_a_lost_nudge_does_no_harm(
    letter: RecordsRequest, coordinator_client: Client, nudges: list[str], monkeypatch: pytest.MonkeyPatch
):
    first, second = a_message(on=[letter], files=["a.pdf"]), a_message(on=[letter])
    coordinator_client.post(f"/mail/{first.pk}/accept/", {"seen": 0})
    assert nudges == ["keep_mail_files"]
    coordinator_client.post(f"/mail/{first.pk}/accept/", {"seen": 0})  # refused: nobody is woken
    assert nudges == ["keep_mail_files"]

    def down(**options: Any) -> None:
        raise OSError

    monkeypatch.setattr(tasks.keep_mail_files, "apply_async", down)
    coordinator_client.post(f"/mail/{second.pk}/accept/", {"seen": 0})
    assert states(second) == ["filed"]


@pytest.mark.parametrize("where", ["/mail/", "/mail/senders/", "/mail/{}/"])
def test_mail_lies_behind_the_door_track(where: str, letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter], state="filed")
    html = body(coordinator_client.get(where.format(message.pk)))
    doors = re.findall(r'<a[^>]*aria-current="(?:page|true)"[^>]*>.*?</a>', html)
    assert any("Track" in door for door in doors), doors


def test_a_volunteer_without_that_door_reads_mail_behind_file(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed")
    html = body(volunteer_client.get(f"/mail/{message.pk}/"))
    assert any("File" in door for door in re.findall(r'<a[^>]*aria-current="(?:page|true)"[^>]*>.*?</a>', html))
