"""The one door: events appended, folded and projected in one transaction, corrected by events, safe from rivals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from requests_app.filing import lawbook, queries, services
from requests_app.filing.lifecycle import EventKind, Status
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.services import projecting
from tests.factories import NOON, PersonFactory, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db
DETERMINATION = "MD.determination"
DUTIES = ("acknowledgment", "determination")


def deadlines_of(records_request: RecordsRequest, kind: str) -> list[tuple[date | None, date | None, str]]:
    rows = queries.current_deadlines(records_request).filter(kind=kind, duty_of="agency")
    return [(row.earliest, row.latest, row.state) for row in rows]


def test_a_received_request_has_the_dates_of_its_law() -> None:
    """Md. Gen. Prov. § 4-203(a)(1): thirty days from Monday, March 2, 2026 end on Wednesday, April 1."""
    made = RecordsRequestFactory(with_deadline=True)
    assert made.status == Status.RECEIVED
    assert (date(2026, 4, 1), date(2026, 4, 1), "running") in deadlines_of(made, "determination")
    stored = queries.current_deadlines(made).filter(kind="determination").first()
    assert stored is not None
    assert "4-203" in stored.citation
    assert stored.trace
    assert stored.law_edition == lawbook.statute_of("MD").edition
    assert made.next_due_duty_of == "agency"
    assert made.next_due_on == min(
        row.latest for row in queries.current_deadlines(made).filter(state="running") if row.latest
    )


def test_a_request_that_is_only_ready_has_no_dates() -> None:
    made = RecordsRequestFactory()
    assert (made.status, made.phase, made.next_due_on) == ("ready", "waiting_for_us", None)
    assert not queries.current_deadlines(made).exists()


def test_a_delivery_that_failed_starts_no_clock() -> None:
    made = RecordsRequestFactory(events=[("sent", "2026-03-02")])
    assert queries.current_deadlines(made).exists()
    record(made, ("send_failed", "2026-03-03"))
    assert made.status == Status.UNDELIVERED
    assert not queries.current_deadlines(made).exists()
    assert made.next_due_on is None
    record(made, ("sent", "2026-03-09"), ("received", "2026-03-09"))
    assert (date(2026, 4, 8), date(2026, 4, 8), "running") in deadlines_of(made, "determination")


def test_the_letter_leaves_by_the_requests_own_way_unless_told_otherwise() -> None:
    made = RecordsRequestFactory(delivery="post", events=[("sent", "2026-03-02")])
    assert made.events.get(kind="sent").details == {"method": "post"}


def test_a_moment_counts_on_the_agencys_own_day() -> None:
    """Late on March 2 in Hawaii is already March 3 in Greenwich."""
    made = RecordsRequestFactory(jurisdiction="HI")
    moment = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    sent = services.record_event(made.pk, "sent", happened_at=moment, by=None, now=moment + timedelta(hours=1))
    assert sent.happened_on == date(2026, 3, 2)


def test_without_a_day_it_happened_now() -> None:
    made = RecordsRequestFactory()
    sent = services.record_event(made.pk, "sent", by=None, now=NOON)
    assert (sent.happened_on, sent.happened_at) == (date(2026, 3, 2), NOON)


@pytest.mark.parametrize(
    ("before", "event", "says"),
    [
        pytest.param([], ("received", "2026-03-02"), "cannot be recorded while", id="received-before-it-was-sent"),
        pytest.param([("sent", "2026-03-02")], ("sent", "2026-03-03"), "cannot be recorded while", id="sent-twice"),
        pytest.param(
            [("sent", "2026-03-02"), ("acknowledged", "2026-03-05")],
            ("acknowledged", "2026-03-01"),
            "cannot be recorded while",
            id="acknowledged-before-it-was-sent",
        ),
        pytest.param(
            [("sent", "2026-03-02"), ("denied", "2026-03-09")],
            ("closed", "2026-03-05"),
            "nothing to follow",
            id="closed-before-the-denial",
        ),
        pytest.param(
            [("sent", "2026-03-02"), ("acknowledged", "2026-03-05")],
            ("received", "2026-03-06"),
            "cannot come before",
            id="received-after-it-was-acknowledged",
        ),
        pytest.param(
            [("sent", "2026-03-02"), ("denied", "2026-03-09"), ("appeal_filed", "2026-03-10")],
            ("appeal_decided", "2026-03-12"),
            "Say how the appeal was decided",
            id="decided-but-how",
        ),
        pytest.param(
            [("sent", "2026-03-02"), ("fee_estimated", "2026-03-09")],
            ("waiver_decided", "2026-03-12"),
            "Say how the waiver was decided",
            id="waived-but-how",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(before: list, event: tuple[str, str], says: str) -> None:
    made = RecordsRequestFactory(events=before, seen_at=datetime(2026, 3, 20, 17, 0, tzinfo=UTC))
    seen = (made.status, made.last_sequence, made.events.count(), made.deadlines.count())
    with pytest.raises(services.EventRefused, match=says) as refused:
        record(made, event, seen_at=datetime(2026, 3, 20, 17, 0, tzinfo=UTC))
    assert "Nothing was changed." in str(refused.value)
    made.refresh_from_db()
    assert (made.status, made.last_sequence, made.events.count(), made.deadlines.count()) == seen


def test_tomorrow_cannot_be_recorded() -> None:
    made = RecordsRequestFactory()
    with pytest.raises(services.NotYetHappened, match="Tuesday, March 3, 2026 has not come yet"):
        services.record_event(made.pk, "sent", happened_on=date(2026, 3, 3), by=None, now=NOON)


def test_an_event_is_never_changed() -> None:
    event = RecordsRequestFactory().events.get()
    event.note = "another word"
    with pytest.raises(TypeError, match="correcting event"):
        event.save()


# --- deadlines are kept, replaced, never overwritten ------------------------------------------------------------------


def test_an_unchanged_deadline_keeps_its_row_and_a_changed_one_is_replaced() -> None:
    made = RecordsRequestFactory(events=[("sent", "2026-03-02")])
    presumed = set(queries.current_deadlines(made).values_list("pk", flat=True))
    record(made, ("received", "2026-03-04"))
    current = set(queries.current_deadlines(made).values_list("pk", flat=True))
    assert not presumed & current, "the day of receipt moved every date"
    assert set(made.deadlines.filter(state="superseded").values_list("pk", flat=True)) == presumed
    record(made, ("acknowledged", "2026-03-05"))
    still = queries.current_deadlines(made)
    assert set(still.values_list("pk", flat=True)) >= current, "an acknowledgment moves no Maryland date"


def test_a_met_duty_keeps_its_row() -> None:
    made = RecordsRequestFactory(with_deadline=True)
    running = queries.current_deadlines(made).get(kind="determination")
    record(made, ("determined", "2026-03-20"))
    running.refresh_from_db()
    assert (running.state, running.superseded_at) == ("met", None)


def test_days_pass_and_reprojecting_says_so_once() -> None:
    made = RecordsRequestFactory(with_deadline=True, seen_at=datetime(2026, 4, 1, 17, 0, tzinfo=UTC))
    assert not services.reproject(made.pk, now=datetime(2026, 4, 1, 20, 0, tzinfo=UTC))
    day_after = datetime(2026, 4, 2, 17, 0, tzinfo=UTC)
    row = queries.current_deadlines(made).get(kind="determination")
    assert services.reproject(made.pk, now=day_after)
    assert not services.reproject(made.pk, now=day_after)
    row.refresh_from_db()
    assert row.state == "missed"
    made.refresh_from_db()
    assert made.last_sequence == made.events.count() == 3


def test_many_are_brought_up_to_date_each_as_alone() -> None:
    day_after = datetime(2026, 4, 2, 17, 0, tzinfo=UTC)
    codes = ("MD", "NY", "PA", "DC")
    alone = [RecordsRequestFactory(jurisdiction=code, with_deadline=True) for code in codes]
    together = [RecordsRequestFactory(jurisdiction=code, with_deadline=True) for code in codes]
    for made in alone:
        services.reproject(made.pk, now=day_after)
    done = services.reproject_many([made.pk for made in together], now=day_after)
    assert done.changed == {made.pk for made in together}
    columns = ("status", "phase", "law_notes", "next_due_on", "next_due_kind", "next_due_duty_of", "overdue_since")
    told = ("rule_id", "trigger", "trigger_date", "earliest", "latest", "state", "certainty", "trace", "watch_on")
    for one, other in zip(alone, together, strict=True):
        one.refresh_from_db()
        other.refresh_from_db()
        assert [getattr(one, name) for name in columns] == [getattr(other, name) for name in columns]
        rows = [list(queries.current_deadlines(made).values_list(*told)) for made in (one, other)]
        assert rows[0] == rows[1] != []
        assert {row.pk for row in done.current[other.pk]} == set(
            queries.current_deadlines(other).values_list("pk", flat=True)
        )


def test_nothing_is_written_where_nothing_differs(django_assert_num_queries: Callable[..., Any]) -> None:
    made = [RecordsRequestFactory(with_deadline=True) for _ in range(3)]
    with django_assert_num_queries(5) as asked:  # requests, deadlines, events, in a savepoint
        done = services.reproject_many([one.pk for one in made], now=NOON)
    assert (done.changed, done.overtaken, dict(done.troubled)) == (frozenset(), frozenset(), {})
    assert not [query["sql"] for query in asked if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_words_that_changed_are_put_right_in_the_row_that_is_there() -> None:
    made = [RecordsRequestFactory(with_deadline=True) for _ in range(2)]
    current = Deadline.objects.filter(superseded_at=None)
    kept = {row.pk: (row.duty, row.trace) for row in current}
    current.update(duty="something else", trace=[])
    done = services.reproject_many([one.pk for one in made], now=NOON)
    assert done.changed == {one.pk for one in made}
    assert {row.pk: (row.duty, row.trace) for row in current.all()} == kept


def test_a_request_that_was_overtaken_or_is_in_trouble_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    overtaken, troubled, well = (RecordsRequestFactory(with_deadline=True) for _ in range(3))
    before = list(overtaken.deadlines.values())
    work_out = projecting.work_out

    def rivals(records_request: RecordsRequest, *facts: object, **named: object) -> projecting.Following:
        if records_request == troubled:
            raise ArithmeticError("no such day")
        if records_request == overtaken:
            RecordsRequest.objects.filter(pk=overtaken.pk).update(last_sequence=9)
        return work_out(records_request, *facts, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(projecting, "work_out", rivals)
    numbers = [overtaken.pk, troubled.pk, well.pk]
    done = services.reproject_many(numbers, now=datetime(2026, 4, 2, 17, 0, tzinfo=UTC))
    assert (done.changed, done.overtaken, set(done.troubled)) == ({well.pk}, {overtaken.pk}, {troubled.pk})
    assert set(done.current) == set(done.requests) == {well.pk}
    assert list(overtaken.deadlines.values()) == before
    overtaken.refresh_from_db()
    assert overtaken.overdue_since is None


def test_a_done_request_has_nothing_running() -> None:
    made = RecordsRequestFactory(with_deadline=True)
    record(made, ("withdrawn", "2026-03-05"))
    assert (made.phase, made.resolution, made.next_due_on) == ("done", "withdrawn", None)
    assert not made.deadlines.filter(state__in=["running", "paused"]).exists()
    assert made.deadlines.exists(), "what ran stays as history"
    record(made, ("reopened", "2026-03-06"))
    assert made.status == Status.RECEIVED
    assert deadlines_of(made, "determination") == [(date(2026, 4, 1), date(2026, 4, 1), "running")]


LATER = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "left"),
    [
        pytest.param([("withdrawn", "2026-03-16")], set(), id="on the last day of the first duty"),
        pytest.param([("withdrawn", "2026-03-17")], {"acknowledgment"}, id="the day after it"),
        pytest.param([("withdrawn", "2026-04-01")], {"acknowledgment"}, id="on the last day to decide"),
        pytest.param([("withdrawn", "2026-04-02")], {"acknowledgment", "determination"}, id="the day after that"),
        pytest.param([("closed", "2026-04-01")], {"acknowledgment"}, id="closed on the last day to decide"),
        pytest.param([("closed", "2026-03-20"), ("reply", "2026-08-03")], {"acknowledgment"}, id="a message after it"),
        pytest.param(
            [("withdrawn", "2026-03-20"), ("reopened", "2026-03-25")],
            {"acknowledgment", "determination"},
            id="reopened, so that days count again",
        ),
        pytest.param(
            [("withdrawn", "2026-03-10"), ("reopened", "2026-03-12"), ("closed", "2026-03-20")],
            {"acknowledgment"},
            id="the end that stands, not the first",
        ),
    ],
)
@pytest.mark.parametrize("seen_at", [None, LATER], ids=["recorded on its day", "recorded months later"])
def test_no_day_after_the_end_lets_a_date_pass(
    end: list[tuple[str, str]], left: set[str], seen_at: datetime | None
) -> None:
    """Received March 2: Maryland wants a first answer by March 16 and a decision by April 1."""
    made = record(RecordsRequestFactory(with_deadline=True), *end, seen_at=seen_at)
    services.reproject(made.pk, now=LATER)
    missed = queries.current_deadlines(made).filter(state="missed", duty_of="agency", kind__in=DUTIES)
    assert set(missed.values_list("kind", flat=True)) == left
    assert not services.reproject(made.pk, now=LATER + timedelta(days=90))  # later days change nothing


def test_our_own_appeal_is_not_missed_when_we_ended_before_its_day() -> None:
    # New York: thirty days to appeal from a denial (Pub. Off. Law § 89(4)(a)).
    made = RecordsRequestFactory(
        jurisdiction="NY", with_deadline=True, events=[("denied", "2026-03-06"), ("closed", "2026-03-20")]
    )
    services.reproject(made.pk, now=LATER)
    assert not queries.current_deadlines(made).filter(duty_of="requester").exists()


def test_no_records_is_a_decision_that_can_be_appealed() -> None:
    """N.Y. Pub. Off. Law § 89(4)(a): thirty days to appeal a denial of access."""
    made = RecordsRequestFactory(jurisdiction="NY", with_deadline=True)
    record(made, ("no_records", "2026-03-20"))
    assert made.status == Status.REFUSED
    assert queries.current_deadlines(made).filter(duty_of="requester", trigger="denial", state="running").exists()


def test_a_revised_estimate_is_one_question() -> None:
    made = RecordsRequestFactory(with_deadline=True)
    record(made, ("fee_estimated", "2026-03-04"), ("fee_estimated", "2026-03-06"), ("fee_paid", "2026-03-09"))
    assert made.status == Status.ACKNOWLEDGED
    record(made, ("fee_estimated", "2026-03-11"))
    assert made.status == Status.FEE


def test_a_date_beyond_the_reviewed_calendar_is_not_guessed() -> None:
    made = RecordsRequestFactory()
    later = datetime(2040, 3, 5, 17, 0, tzinfo=UTC)
    record(made, ("sent", "2040-03-05"), ("received", "2040-03-05"), seen_at=later)
    assert not queries.current_deadlines(made).exists()
    assert "reviewed" in made.law_notes[0]


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_correction_undoes_an_event_and_both_stay(bob: object) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    record(made, ("denied", "2026-03-04"))
    denial = made.events.get(kind="denied")
    correction = services.correct_event(
        denial.pk, by=bob, now=NOON + timedelta(days=5), note="That was another letter."
    )
    made.refresh_from_db()
    assert (made.status, correction.kind, correction.corrects_id) == ("received", "correction", denial.pk)
    assert made.events.filter(pk=denial.pk).exists()
    assert not queries.current_deadlines(made).filter(trigger="denial").exists()
    shown = {event.sequence: event for event in queries.timeline(made)}
    assert shown[denial.sequence].corrected_by.note == "That was another letter."


def test_a_wrong_day_is_replaced_in_its_place(bob: object) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    record(made, ("acknowledged", "2026-03-05"))
    receipt = made.events.get(kind="received")
    services.correct_event(
        receipt.pk,
        by=bob,
        now=NOON + timedelta(days=5),
        note="The stamp says the third.",
        replacement={"happened_on": date(2026, 3, 3)},
    )
    made.refresh_from_db()
    assert made.status == Status.ACKNOWLEDGED
    assert deadlines_of(made, "determination") == [(date(2026, 4, 2), date(2026, 4, 2), "running")]
    assert made.events.get(happened_on=date(2026, 3, 3), kind="received").replaces_id == receipt.pk


def test_a_correction_that_leaves_a_gap_is_refused(bob: object) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    sending = made.events.get(kind="sent")
    with pytest.raises(services.EventRefused, match="nothing to follow"):
        services.correct_event(sending.pk, by=bob, now=NOON + timedelta(days=1), note="")
    assert not made.events.filter(kind="correction").exists()


def test_an_event_is_corrected_once(bob: object) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    receipt = made.events.get(kind="received")
    services.correct_event(receipt.pk, by=bob, now=NOON + timedelta(days=1), note="")
    with pytest.raises(services.AlreadyCorrected):
        services.correct_event(receipt.pk, by=bob, now=NOON + timedelta(days=1), note="")


def test_openings_assignments_and_corrections_are_not_corrected(bob: object) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    services.assign(made.pk, to=bob, by=bob, now=NOON + timedelta(days=1))
    services.correct_event(made.events.get(kind="received").pk, by=bob, now=NOON + timedelta(days=1), note="")
    for kind in ("opened", "assigned", "correction"):
        with pytest.raises(services.NotCorrectable):
            services.correct_event(made.events.get(kind=kind).pk, by=bob, now=NOON + timedelta(days=2), note="")


# --- assignment and notes ---------------------------------------------------------------------------------------------


def test_assigning_is_an_event_without_a_name(bob: object) -> None:
    made = RecordsRequestFactory()
    event = services.assign(made.pk, to=bob, by=bob, now=NOON)
    made.refresh_from_db()
    assert made.assignee == bob
    assert event.details == {"to": bob.pk, "from": None}
    services.assign(made.pk, to=None, by=bob, now=NOON)
    made.refresh_from_db()
    assert made.assignee is None


def test_a_note_changes_nothing_else(bob: object) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    before = RecordsRequest.objects.filter(pk=made.pk).values().get()
    note = services.add_note(made.pk, text="Ask for Jo in the records office.", by=bob, now=NOON)
    assert list(queries.notes(made)) == [note]
    assert RecordsRequest.objects.filter(pk=made.pk).values().get() == before


# --- two writers at once ----------------------------------------------------------------------------------------------


def _in_threads(count: int, work: object) -> list[Exception]:
    failures: list[Exception] = []
    ready = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            ready.wait(timeout=20)
            work(number)  # type: ignore[operator]
        except Exception as failure:  # noqa: BLE001  every failure of a thread is what the test looks at
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failures


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_lose_nothing_and_double_nothing() -> None:
    made = RecordsRequestFactory(with_deadline=True)
    person = PersonFactory()

    def write(number: int) -> None:
        for turn in range(3):
            services.record_event(made.pk, "reply", note=f"{number}/{turn}", by=person, now=NOON)

    assert _in_threads(4, write) == []
    replies = made.events.filter(kind="reply")
    assert sorted(replies.values_list("note", flat=True)) == sorted(f"{n}/{t}" for n in range(4) for t in range(3))
    made.refresh_from_db()
    sequences = list(made.events.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, made.last_sequence + 1))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_record_the_same_sending_only_one_succeeds() -> None:
    made = RecordsRequestFactory()

    def send(_: int) -> None:
        services.record_event(made.pk, "sent", happened_on=date(2026, 3, 2), by=None, now=NOON)

    failures = _in_threads(3, send)
    assert [type(failure) for failure in failures] == [services.NotPossibleNow] * 2
    assert made.events.filter(kind="sent").count() == 1
    assert Deadline.objects.filter(request=made, superseded_at=None).values(
        "rule_id", "earliest"
    ).distinct().count() == (Deadline.objects.filter(request=made, superseded_at=None).count())


def test_a_writer_who_was_overtaken_starts_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rival's event slips in after we read and before we claim: ours follows it, under the next number."""
    made = RecordsRequestFactory(with_deadline=True)
    real, rivals = projecting._project, iter([True, False])

    def slow(records_request, facts, standing, now):  # type: ignore[no-untyped-def]
        if next(rivals, False):
            monkeypatch.setattr(projecting, "_project", real)
            services.record_event(made.pk, "reply", note="rival", by=None, now=NOON)
        return real(records_request, facts, standing, now)

    monkeypatch.setattr(projecting, "_project", slow)
    # The rival writes inside our transaction, which rolls back with our first try; so it is repeated there and here.
    event = services.record_event(made.pk, "reply", note="ours", by=None, now=NOON)
    assert event.sequence == made.last_sequence + 1
    assert list(made.events.order_by("sequence").values_list("sequence", flat=True))[-1] == event.sequence


def test_a_writer_who_is_always_overtaken_gives_up_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    real = projecting._project

    def overtaken(records_request, facts, standing, now):  # type: ignore[no-untyped-def]
        records_request.last_sequence += 1  # what we read is no longer what is stored
        return real(records_request, facts, standing, now)

    monkeypatch.setattr(projecting, "_project", overtaken)
    with pytest.raises(services.Busy):
        services.record_event(made.pk, "reply", note="never", by=None, now=NOON)
    assert not Event.objects.filter(note="never").exists()


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind not in ("opened", "assigned", "correction")])
def test_every_kind_of_event_can_be_recorded(kind: EventKind) -> None:
    lives = {
        EventKind.QUEUED: [],
        EventKind.TAKEN_BACK: [("queued", "2026-03-02")],
        EventKind.SENT: [],
        EventKind.SEND_FAILED: [("sent", "2026-03-02")],
        EventKind.CLARIFIED: [("sent", "2026-03-02"), ("clarification_requested", "2026-03-02")],
        EventKind.FEE_PAID: [("sent", "2026-03-02"), ("fee_estimated", "2026-03-02")],
        EventKind.APPEAL_FILED: [("sent", "2026-03-02"), ("denied", "2026-03-02")],
        EventKind.APPEAL_DECIDED: [("sent", "2026-03-02"), ("denied", "2026-03-02"), ("appeal_filed", "2026-03-02")],
        EventKind.REOPENED: [("withdrawn", "2026-03-02")],
    }
    made = RecordsRequestFactory(events=lives.get(kind, [("sent", "2026-03-02")]))
    details = {"outcome": "refused"} if kind in (EventKind.APPEAL_DECIDED, EventKind.WAIVER_DECIDED) else {}
    record(made, (kind, "2026-03-03", details))
    assert made.events.order_by("-sequence").first().kind == kind
