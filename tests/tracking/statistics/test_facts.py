"""One request folded into a row of facts, through the real services and the real law book."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.services import recording
from requests_app.kits.catalog import list_kits
from requests_app.law.book import open_book
from requests_app.tracking.statistics import folding
from requests_app.tracking.statistics.facts import Duty, DutyRow, fold_duty
from requests_app.tracking.statistics.models import FoldMark, RequestFacts
from tests.factories import AgencyFactory, PersonFactory, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db
SEEN = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)


def facts_of(*events: tuple[Any, ...], jurisdiction: str = "MD", kit_id: str = "K1") -> RequestFacts:
    made = RecordsRequestFactory(events=events, jurisdiction=jurisdiction, kit_id=kit_id, seen_at=SEEN)
    folding.refold([made.pk], now=SEEN)
    return RequestFacts.objects.get(pk=made.pk)


SENT = ("sent", "2026-03-02")
RECEIVED = ("received", "2026-03-04")


# --- times ------------------------------------------------------------------------------------------------------------


def test_days_count_from_the_recorded_receipt() -> None:
    facts = facts_of(SENT, RECEIVED, ("acknowledged", "2026-03-10"), ("determined", "2026-03-20"))
    assert (facts.clock, facts.started_on) == ("received", date(2026, 3, 4))
    assert (facts.days_to_acknowledgment, facts.days_to_determination, facts.days_to_production) == (6, 16, None)
    assert (facts.sent_on, facts.sent_month, facts.done) == (date(2026, 3, 2), "2026-03", False)


def test_without_a_recorded_receipt_the_later_presumed_day_counts() -> None:
    # Sent on a Monday, at what time nobody wrote down: the same day, or the next.
    facts = facts_of(SENT, ("acknowledged", "2026-03-10"))
    assert (facts.clock, facts.started_on, facts.days_to_acknowledgment) == ("presumed", date(2026, 3, 3), 7)


def test_where_the_law_counts_from_the_sending_so_do_we() -> None:
    assert folding.counts_from_sending(open_book().statute("LA"))
    facts = facts_of(SENT, RECEIVED, ("determined", "2026-03-20"), jurisdiction="LA")
    assert (facts.clock, facts.started_on, facts.days_to_determination) == ("sent", date(2026, 3, 2), 18)


@pytest.mark.parametrize(
    "kind",
    ["acknowledged", "extension", "clarification_requested", "fee_estimated", "determined", "denied", "no_records"],
)
def test_whatever_shows_that_they_have_it_is_a_first_answer(kind: str) -> None:
    assert facts_of(SENT, RECEIVED, (kind, "2026-03-09")).days_to_acknowledgment == 5


def test_a_message_that_says_nothing_is_no_answer() -> None:
    facts = facts_of(SENT, RECEIVED, ("reply", "2026-03-05"))
    assert facts.days_to_acknowledgment is None


def test_a_letter_that_came_back_is_not_counted() -> None:
    facts = facts_of(SENT, ("send_failed", "2026-03-03"))
    assert (facts.sent_on, facts.started_on, facts.determination_duty) == (None, None, "")


def test_a_draft_is_not_counted() -> None:
    assert facts_of().sent_on is None


def test_a_question_to_an_official_is_not_counted() -> None:
    kit = next(kit.id for kit in list_kits() if kit.kind != "records")
    assert facts_of(SENT, kit_id=kit).sent_on is None


def test_a_corrected_event_never_was() -> None:
    made = RecordsRequestFactory(events=[SENT, RECEIVED, ("acknowledged", "2026-03-06")], seen_at=SEEN)
    wrong = Event.objects.get(request=made, kind="acknowledged")
    recording.correct_event(
        wrong.pk, by=made.filer, now=SEEN, note="An example.", replacement={"happened_on": date(2026, 3, 12)}
    )
    folding.refold([made.pk], now=SEEN)
    assert RequestFacts.objects.get(pk=made.pk).days_to_acknowledgment == 8


def test_only_a_withdrawal_that_stands_ends_the_waiting() -> None:
    assert facts_of(SENT, RECEIVED, ("withdrawn", "2026-04-01")).withdrawn_on == date(2026, 4, 1)
    closed = facts_of(SENT, RECEIVED, ("closed", "2026-07-01"))
    assert (closed.withdrawn_on, closed.done) == (None, True)
    reopened = facts_of(SENT, RECEIVED, ("withdrawn", "2026-04-01"), ("reopened", "2026-04-05"))
    assert (reopened.withdrawn_on, reopened.done) == (None, False)


# --- the law's dates --------------------------------------------------------------------------------------------------


def test_marylands_thirty_days() -> None:
    """Received March 4: a notice is due after ten business days, March 18, a decision after thirty days.

    These end on April 3, which is Good Friday, so that the decision is due on Monday, April 6.
    """
    facts = facts_of(SENT, RECEIVED, ("acknowledged", "2026-03-18"), ("determined", "2026-04-07"))
    assert (facts.acknowledgment_duty, facts.acknowledgment_due_on) == ("met", date(2026, 3, 18))
    assert (facts.determination_duty, facts.determination_due_on) == ("missed", date(2026, 4, 6))


@pytest.mark.parametrize(
    ("ended", "duty", "silence_on"),
    [
        pytest.param("2026-04-06", "", None, id="on the last day: it could still have come"),
        pytest.param("2026-04-07", "missed", date(2026, 4, 7), id="after it: let pass before we ended it"),
    ],
)
@pytest.mark.parametrize("kind", ["withdrawn", "closed"])
def test_what_we_ended_before_its_day_is_neither_kept_nor_late(
    kind: str, ended: str, duty: str, silence_on: date | None
) -> None:
    facts = facts_of(SENT, RECEIVED, (kind, ended))
    assert (facts.determination_duty, facts.silence_on) == (duty, silence_on)
    assert facts.acknowledgment_duty == "missed"  # by March 18, under either


def test_what_time_alone_changes_is_left_to_the_reader() -> None:
    made = RecordsRequestFactory(events=[SENT, RECEIVED])  # seen on their own days: nothing has passed
    folding.refold([made.pk], now=SEEN)
    facts = RequestFacts.objects.get(pk=made.pk)
    assert (facts.determination_duty, facts.determination_due_on) == ("open", date(2026, 4, 6))


def test_silence_is_a_denial_from_the_day_after() -> None:
    # New York: no answer within five business days after receipt (Pub. Off. Law § 89(3)(a)) is a denial.
    facts = facts_of(SENT, RECEIVED, jurisdiction="NY")
    assert facts.silence_on == date(2026, 3, 12)


def test_a_denial_in_words_in_time_leaves_no_silence() -> None:
    assert facts_of(SENT, RECEIVED, ("denied", "2026-03-09"), jurisdiction="NY").silence_on is None


DAY = date(2026, 4, 3)
LATER = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("rows", "duty"),
    [
        pytest.param([], Duty(), id="no duty"),
        pytest.param([("met", DAY, True)], Duty("met", DAY), id="kept"),
        pytest.param([("missed", DAY, True)], Duty("missed", DAY), id="let pass"),
        pytest.param([("running", DAY, True)], Duty("open", DAY), id="runs"),
        pytest.param([("paused", None, True)], Duty("paused"), id="stands still"),
        pytest.param([("running", DAY, False)], Duty("conditional"), id="hangs on something unstated"),
        pytest.param([("missed", DAY, False)], Duty("conditional"), id="an unsure one is never missed"),
        pytest.param([("superseded", DAY, True)], Duty(), id="replaced by nothing that we count"),
        pytest.param(
            [("superseded", DAY, True), ("running", LATER, True)], Duty("open", LATER), id="extended: the later day"
        ),
        pytest.param([("met", DAY, True), ("missed", LATER, True)], Duty("missed", LATER), id="one of two missed"),
        pytest.param([("met", DAY, True), ("running", LATER, True)], Duty("open", LATER), id="one of two still runs"),
        pytest.param([("met", DAY, True), ("running", LATER, False)], Duty("met", DAY), id="the sure one decides"),
    ],
)
def test_how_a_duty_stands(rows: list[tuple[str, date | None, bool]], duty: Duty) -> None:
    assert fold_duty([DutyRow("determination", state, on, sure, False) for state, on, sure in rows]) == duty


def test_an_estimated_start_makes_nobody_late() -> None:
    # Wyoming counts from the acknowledged receipt; without an acknowledgment the date is an estimate.
    facts = facts_of(SENT, RECEIVED, jurisdiction="WY")
    assert facts.determination_duty in ("conditional", "")


# --- money, refusals, pages -------------------------------------------------------------------------------------------


def test_fees_waivers_and_payments() -> None:
    facts = facts_of(
        SENT,
        RECEIVED,
        ("fee_estimated", "2026-03-10", {"amount_cents": 40_000}),
        ("fee_estimated", "2026-03-12", {"amount_cents": 30_000}),
        ("fee_paid", "2026-03-14", {"amount_cents": 5_000, "settles": False}),
        ("waiver_decided", "2026-03-20", {"outcome": "granted"}),
    )
    assert (facts.fee_cents, facts.paid_cents, facts.waiver, facts.waived_cents) == (30_000, 5_000, "granted", 25_000)


def test_a_waiver_in_part_spares_a_sum_that_nobody_names() -> None:
    facts = facts_of(
        SENT,
        RECEIVED,
        ("fee_estimated", "2026-03-10", {"amount_cents": 40_000}),
        ("waiver_decided", "2026-03-20", {"outcome": "part"}),
    )
    assert (facts.waiver, facts.waived_cents) == ("part", 0)


def test_refusals_appeals_and_pages() -> None:
    facts = facts_of(
        SENT,
        RECEIVED,
        ("denied", "2026-03-20", {"objections": ["O5", "O1"]}),
        ("appeal_filed", "2026-03-25"),
        ("appeal_decided", "2026-04-20", {"outcome": "granted"}),
        ("produced_part", "2026-05-01", {"pages": 12, "objections": ["O5"]}),
        ("produced", "2026-05-11", {"pages": 30}),
    )
    assert (facts.refused, facts.objections) == (True, "O1 O5")
    assert (facts.appeals_filed, facts.appeals_won, facts.appeals_lost) == (1, 1, 0)
    assert (facts.pages, facts.days_to_production, facts.done) == (42, 68, True)


# --- keeping up -------------------------------------------------------------------------------------------------------


def all_facts() -> list[dict[str, Any]]:
    return [{**row, "folded_at": None} for row in RequestFacts.objects.order_by("pk").values()]


def test_only_what_changed_is_folded_again() -> None:
    before = SEEN - timedelta(hours=1)  # no transaction of then is still under way
    one = RecordsRequestFactory(events=[SENT, RECEIVED], seen_at=before)
    two = RecordsRequestFactory(events=[SENT, RECEIVED], seen_at=before)
    assert folding.fold_changed(SEEN) is False
    assert FoldMark.objects.get().folded_at == SEEN
    record(two, ("acknowledged", "2026-03-10"), seen_at=SEEN)
    later = SEEN + timedelta(hours=1)
    folding.fold_changed(later)
    assert [row.folded_at for row in RequestFacts.objects.order_by("pk")] == [SEEN, later]
    assert (FoldMark.objects.get().folded_at, FoldMark.objects.get().changed_at) == (later, later)
    quiet = later + timedelta(hours=1)
    folding.fold_changed(quiet)
    assert (FoldMark.objects.get().folded_at, FoldMark.objects.get().changed_at) == (quiet, later)
    assert not RequestFacts.objects.filter(pk=one.pk, folded_at=quiet).exists()


def test_an_event_that_was_stored_late_under_an_early_number_is_found() -> None:
    made = RecordsRequestFactory(events=[SENT, RECEIVED], seen_at=SEEN)
    other = RecordsRequestFactory(events=[SENT], seen_at=SEEN)
    folding.fold_changed(SEEN)
    # As if the transaction of `made` had been under way while `other` was stored: its facts know one event less.
    RequestFacts.objects.filter(pk=made.pk).update(sequence=2, days_to_acknowledgment=99)
    folding.fold_changed(SEEN)
    assert RequestFacts.objects.get(pk=made.pk).days_to_acknowledgment is None
    assert RequestFacts.objects.get(pk=other.pk).sequence == 2


def test_step_by_step_and_all_at_once_give_the_same_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "READ_AT_ONCE", 3)
    monkeypatch.setattr(folding, "LOOK_BACK", 1)
    monkeypatch.setattr(folding, "BATCH", 2)
    for jurisdiction in ("MD", "NY", "CA", "WY"):
        RecordsRequestFactory(
            events=[SENT, RECEIVED, ("acknowledged", "2026-03-10")], jurisdiction=jurisdiction, seen_at=SEEN
        )
    rounds = 0
    while folding.fold_changed(SEEN):
        rounds += 1
        assert rounds < 50
    stepwise = all_facts()
    RequestFacts.objects.all().delete()
    assert folding.refold_all(SEEN) == 4
    assert all_facts() == stepwise
    assert rounds > 1


def test_a_moved_date_is_seen_without_an_event() -> None:
    made = RecordsRequestFactory(events=[SENT, RECEIVED])
    folding.fold_changed(SEEN)
    deadline = made.deadlines.get(kind="determination", superseded_at=None)
    deadline.superseded_at, deadline.state = SEEN, "superseded"
    deadline.save()
    deadline.pk, deadline.superseded_at, deadline.state = None, None, "running"
    deadline.latest += timedelta(days=7)
    deadline.save()
    folding.fold_changed(SEEN + timedelta(hours=1))
    assert RequestFacts.objects.get(pk=made.pk).determination_due_on == date(2026, 4, 13)


def test_folding_costs_the_same_queries_for_one_and_for_many(django_assert_num_queries: Any) -> None:
    agency, filer = AgencyFactory(), PersonFactory()
    made = [RecordsRequestFactory(events=[SENT], agency=agency, filer=filer, seen_at=SEEN).pk for _ in range(5)]
    for some in (made[:1], made):
        with django_assert_num_queries(6):  # a savepoint around four
            folding.refold(some, now=SEEN)
    assert RecordsRequest.objects.count() == RequestFacts.objects.count() == 5


def test_a_date_that_is_gone_without_another_in_its_place_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that a new law book no longer has leaves no newer row."""
    monkeypatch.setattr(folding, "LOOK_BACK", 0)
    made = RecordsRequestFactory(events=[("sent", "2026-03-02"), ("received", "2026-03-04")], seen_at=SEEN)
    folding.fold_changed(SEEN)
    assert RequestFacts.objects.get(pk=made.pk).determination_duty == "missed"
    later = SEEN + timedelta(hours=1)
    Deadline.objects.filter(request=made).update(state="superseded", superseded_at=later)
    folding.fold_changed(later + timedelta(minutes=5))
    assert RequestFacts.objects.get(pk=made.pk).determination_duty == ""


def test_one_request_that_cannot_be_folded_holds_back_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    life = [SENT, RECEIVED, ("produced", "2026-03-09", {"pages": 8})]
    broken, sound = (RecordsRequestFactory(events=life, seen_at=SEEN) for _n in range(2))
    Event.objects.filter(request=broken, kind="produced").update(details={"pages": "a few"})
    folding.fold_changed(SEEN)
    assert list(RequestFacts.objects.values_list("pk", flat=True)) == [sound.pk]
    assert f"the facts of request {broken.pk} could not be folded" in caplog.text
