"""The outbox against real mail servers: kind, refusing, slow, silent and absent; and against dying workers."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from requests_app.people import outbox, services
from requests_app.people.models import InvitationMail, Notice
from requests_app.people.outbox import BACK_OFF_MINUTES, TRIES, Outcome, claim_lasts
from tests.people.cast import NOW, make_person
from tests.people.conftest import Postman

pytestmark = pytest.mark.django_db


def notice(key: str = "request:7:due", handle: str = "alice", **facts: Any) -> Notice:
    person = services.Person.objects.filter(handle=handle).first() or make_person(handle, "volunteer")
    return services.queue_notice(
        person,
        key,
        facts.get("subject", "Decision due Monday"),
        facts.get("text", "The decision on MD-2026-0007 is due on Monday, March 9."),
        "You get this because you filed the request.",
        facts.get("path", "/requests/MD-2026-0007/"),
        facts.get("send_after"),
        now=NOW,
    )


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_notice_reaches_the_mailbox_with_its_reason_and_a_link(postman: Postman, settings: Any) -> None:
    settings.SITE_URL = "https://records.example.org"
    row = notice()
    assert Notice.send(row.pk, NOW)
    (mail,) = postman.received
    assert postman.recipients == ["alice@people.example"]
    assert mail["Message-ID"] == row.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Daylight: Decision due Monday"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert "March 9" in part
        assert f"https://records.example.org/people/notices/{row.pk}/open/" in part
        assert "You get this because you filed the request." in part
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 1)
    assert row.sent_at is not None
    assert row.sent_at >= NOW  # the moment at which the server took it


def test_text_in_a_notice_is_never_markup(postman: Postman) -> None:
    Notice.send(notice(text="<script>alert(1)</script> & more").pk, NOW)
    html = postman.received[0].get_body(("html",))
    text = postman.received[0].get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "<script>" not in html.get_content()
    assert "<script>alert(1)</script> & more" in text.get_content()


def test_a_line_break_in_a_subject_cannot_add_a_header(postman: Postman) -> None:
    Notice.send(notice(subject="Due\r\nBcc: stranger@example.org").pk, NOW)
    (mail,) = postman.received
    assert mail["Bcc"] is None
    assert postman.recipients == ["alice@people.example"]


def test_the_message_id_follows_from_the_key_alone(settings: Any) -> None:
    settings.REPLY_DOMAIN = "records.example.org"
    # The first half of `printf request:7:due | sha256sum`.
    assert notice().message_id == "<notice-8672bab31aa778f3f06b331fe663112a@records.example.org>"
    assert notice("other").message_id != notice().message_id


def test_the_same_key_is_told_once(postman: Postman) -> None:
    first, second = notice(), notice(text="Other words")
    assert first.pk == second.pk
    assert second.text == first.text
    assert outbox.send_all_due(NOW) == 1
    assert outbox.send_all_due(later(60)) == 0
    assert len(postman.received) == 1


def test_nothing_leaves_before_its_time(postman: Postman) -> None:
    row = notice(send_after=later(10))
    assert not Notice.send(row.pk, later(9))
    assert Notice.send(row.pk, later(10))
    assert len(postman.received) == 1


def test_a_row_taken_back_in_time_never_leaves(postman: Postman) -> None:
    row = notice()
    assert Notice.take_back(row.pk)
    assert not Notice.send(row.pk, NOW)
    assert not Notice.take_back(row.pk)
    assert postman.received == []


def test_a_row_that_a_worker_holds_cannot_be_taken_back() -> None:
    row = notice()
    assert Notice.claim(row.pk, NOW) is not None
    assert not Notice.take_back(row.pk)


@pytest.mark.parametrize("answers", ["answers_to_recipient", "answers_to_text"])
def test_a_passing_refusal_is_tried_again_after_a_pause(postman: Postman, answers: str) -> None:
    setattr(postman, answers, ["451 4.7.1 Greylisted, come back later"])
    row = notice()
    assert Notice.attempt(row.pk, NOW) is Outcome.LATER
    row.refresh_from_db()
    assert (row.state, row.send_after) == ("queued", later(BACK_OFF_MINUTES[0]))
    assert "451" in row.failure or "Greylisted" in row.failure
    assert not Notice.send(row.pk, later(0.5))
    assert Notice.send(row.pk, later(BACK_OFF_MINUTES[0]))
    row.refresh_from_db()
    assert row.failure == ""


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param("answers_to_recipient", "550 5.1.1 No such mailbox", id="unknown-recipient"),
        pytest.param("answers_to_text", "554 5.7.1 Refused as spam", id="refused-text"),
    ],
)
def test_a_final_refusal_is_not_tried_again(postman: Postman, answers: str, said: str) -> None:
    setattr(postman, answers, [said])
    row = notice()
    assert Notice.attempt(row.pk, NOW) is Outcome.FAILED
    row.refresh_from_db()
    assert row.state == "failed"
    assert said[4:] in row.failure
    assert Notice.send_due(later(10_000)) == 0
    assert postman.received == []


def test_a_person_can_send_a_failed_row_again(postman: Postman) -> None:
    postman.answers_to_text = ["554 5.7.1 Refused"]
    row = notice()
    Notice.send(row.pk, NOW)
    assert Notice.try_again(row.pk, later(30))
    assert Notice.send(row.pk, later(30))
    assert not Notice.try_again(row.pk, later(31))


def test_a_server_that_says_nothing_is_left_after_the_timeout(silent_mail_server: None) -> None:
    row = notice()
    assert Notice.attempt(row.pk, NOW) is Outcome.LATER
    row.refresh_from_db()
    assert row.state == "queued"
    assert "Timeout" in row.failure or "timed out" in row.failure


@pytest.mark.parametrize(
    ("mishap", "copies"),
    [
        pytest.param("dropped", 1, id="dropped-before-it-was-taken"),
        pytest.param("silent", 1, id="no-answer-to-the-text"),
        pytest.param("taken, dropped", 2, id="taken-and-dropped-without-an-answer"),
    ],
)
def test_a_sending_without_an_answer_is_repeated_after_a_pause_under_its_message_id(
    postman: Postman, settings: Any, mishap: str, copies: int
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    postman.mishaps = [mishap]
    row = notice()
    assert Notice.attempt(row.pk, NOW) is Outcome.LATER
    row.refresh_from_db()
    assert (row.state, row.send_after) == ("queued", later(BACK_OFF_MINUTES[0]))
    assert not Notice.send(row.pk, later(BACK_OFF_MINUTES[0] - 0.1))
    assert Notice.send(row.pk, later(BACK_OFF_MINUTES[0]))
    assert [mail["Message-ID"] for mail in postman.received] == [row.message_id] * copies


def test_a_mail_that_was_answered_for_left_even_when_nobody_said_goodbye(postman: Postman) -> None:
    postman.mishaps = ["answered, dropped"]
    row = notice()
    assert Notice.attempt(row.pk, NOW) is Outcome.SENT
    assert Notice.send_due(later(10_000)) == 0
    assert len(postman.received) == 1


def test_each_failure_lengthens_the_pause(postman: Postman) -> None:
    postman.answers_to_text = ["451 4.7.1 Later"] * 6
    row, moment = notice(), NOW
    for minutes in BACK_OFF_MINUTES:
        assert Notice.attempt(row.pk, moment) is Outcome.LATER
        row.refresh_from_db()
        assert row.send_after == moment + timedelta(minutes=minutes)
        moment = row.send_after
    assert Notice.attempt(row.pk, moment) is Outcome.SENT


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param([9, -500, 9.9, 10, 3, 10, 50_000], id="back-and-forth"),
        pytest.param([50_000, 3, 10, 11, -500, 60_000], id="far-ahead-once"),
    ],
)
def test_a_clock_that_jumps_sends_nothing_early_or_twice_by_itself(postman: Postman, minutes: list[float]) -> None:
    row = notice(send_after=later(10))
    for minute in minutes:
        before = len(postman.received)
        Notice.send_due(later(minute))
        assert minute >= 10 or len(postman.received) == before
    row.refresh_from_db()
    assert (row.state, row.attempts, len(postman.received)) == ("sent", 1, 1)


def test_a_claim_from_the_future_is_open_again_when_that_future_has_come(postman: Postman) -> None:
    """A worker whose clock was ahead took the row and died: it waits, and is not lost."""
    row = notice()
    assert Notice.claim(row.pk, later(60)) is not None
    assert not Notice.send(row.pk, later(30))
    assert Notice.send(row.pk, later(60) + claim_lasts())
    assert len(postman.received) == 1


def test_after_the_last_try_the_row_waits_for_a_person(dead_mail_server: None) -> None:
    row = notice()
    moment = NOW
    for _ in range(TRIES - 1):
        assert Notice.attempt(row.pk, moment) is Outcome.LATER
        row.refresh_from_db()
        moment = row.send_after
    assert Notice.attempt(row.pk, moment) is Outcome.FAILED
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", TRIES)


def test_a_server_that_is_down_is_not_asked_for_every_row(dead_mail_server: None) -> None:
    for number in range(6):
        notice(f"key-{number}")
    assert Notice.send_due(NOW) == 0
    tried = Notice.objects.filter(attempts__gt=0).count()
    assert tried == outbox.SERVER_IS_DOWN_AFTER


def test_a_broken_row_waits_and_stops_none_behind_it(postman: Postman, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = notice("broken"), notice("sound")
    deliver = Notice.deliver

    def break_on_one(self: Notice) -> str:
        if self.key == "broken":
            raise ValueError("no such template")
        return deliver(self)

    monkeypatch.setattr(Notice, "deliver", break_on_one)
    assert Notice.send_due(NOW) == 1
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state) == ("queued", "sent")  # our own bug: the next version may cure it


def test_a_worker_that_died_before_sending_loses_nothing(postman: Postman) -> None:
    row = notice()
    assert Notice.claim(row.pk, NOW) is not None  # and then SIGKILL
    assert not Notice.send(row.pk, NOW + claim_lasts() - timedelta(seconds=1))
    assert Notice.send(row.pk, NOW + claim_lasts())
    assert len(postman.received) == 1


def test_a_worker_that_died_after_sending_doubles_only_what_a_mailbox_folds(postman: Postman) -> None:
    row = notice()
    claimed = Notice.claim(row.pk, NOW)
    assert claimed is not None
    claimed.deliver()  # and then SIGKILL, before anything is recorded
    assert Notice.send(row.pk, NOW + claim_lasts())
    assert len(postman.received) == 2
    assert {mail["Message-ID"] for mail in postman.received} == {row.message_id}


def test_a_row_that_kills_every_worker_is_given_up() -> None:
    row = notice()
    moment = NOW
    for _ in range(TRIES):
        assert Notice.claim(row.pk, moment) is not None
        moment += claim_lasts()
    assert Notice.attempt(row.pk, moment) is Outcome.FAILED


def test_a_late_worker_does_not_undo_its_successor(postman: Postman, monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[datetime] = []
    monkeypatch.setattr(Notice, "after_sent", lambda self, answer, now: followed.append(now))
    row = notice()
    zombie = Notice.claim(row.pk, NOW)
    assert zombie is not None
    successor_at = NOW + claim_lasts()
    assert Notice.send(row.pk, successor_at)
    zombie._record_sent("accepted", successor_at + timedelta(minutes=1))
    zombie._try_later("OSError: too late", successor_at + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.state == "sent"
    assert row.sent_at is not None
    assert successor_at <= row.sent_at < successor_at + timedelta(minutes=1)
    assert followed == [row.sent_at]


def test_a_mail_that_left_counts_even_when_the_successor_gave_up(monkeypatch: pytest.MonkeyPatch) -> None:
    row = notice()
    zombie = Notice.claim(row.pk, NOW)
    assert zombie is not None
    successor = Notice.claim(row.pk, NOW + claim_lasts())
    assert successor is not None
    successor._give_up("550 no", NOW + claim_lasts())
    zombie._record_sent("accepted", later(60))
    row.refresh_from_db()
    assert row.state == "sent"


def test_what_follows_a_sending_is_repeated_but_the_mail_is_not(
    postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def fail_once(self: Notice, answer: str, now: datetime) -> None:
        calls.append(self.pk)
        if len(calls) == 1:
            raise RuntimeError("the timeline is closed")

    monkeypatch.setattr(Notice, "after_sent", fail_once)
    row = notice()
    assert Notice.send(row.pk, NOW)
    row.refresh_from_db()
    assert (row.state, row.follow_up_pending) == ("sent", True)
    Notice.send_due(later(1))
    Notice.send_due(later(2))
    row.refresh_from_db()
    assert not row.follow_up_pending
    assert len(calls) == 2
    assert len(postman.received) == 1


def test_each_row_is_claimed_at_its_own_turn(postman: Postman, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that takes long must not hand out claims that are old before they are used."""
    # The batch begins; then for each row its turn, the start of its sending and the end; the fourth is too late.
    ticks = iter([0.0, 1.0, 1.0, 1.0, 90.0, 90.0, 90.0, 119.0, 119.0, 119.0, 400.0])
    monkeypatch.setattr(outbox, "monotonic", lambda: next(ticks))
    rows = [notice(f"key-{number}") for number in range(4)]
    assert Notice.send_due(NOW) == 3  # the fourth turn comes after the time of a batch
    claims = [Notice.objects.get(pk=row.pk).claimed_at for row in rows]
    assert claims == [NOW + timedelta(seconds=1), NOW + timedelta(seconds=90), NOW + timedelta(seconds=119), None]


def test_somebody_who_left_gets_no_mail(postman: Postman) -> None:
    row = notice()
    services.Person.objects.update(is_active=False)
    assert Notice.attempt(row.pk, NOW) is Outcome.FAILED
    assert postman.received == []


def test_every_kind_of_mail_is_swept() -> None:
    kinds = set(outbox.outboxes())
    assert {Notice, InvitationMail} <= kinds


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_exactly_one_sends(postman: Postman) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("In memory, two threads share one SQLite connection and never meet as two workers do.")
    rows = [notice(f"key-{number}") for number in range(8)]
    start = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        try:
            start.wait()
            sent.extend(row.pk for row in rows if Notice.send(row.pk, NOW))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == sorted(row.pk for row in rows)
    assert len(postman.received) == len(rows)
