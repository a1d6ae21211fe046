"""What a projection says as a request's story unfolds: states, extensions, tolling, silence, appeals, conditions.

The sample law gives five business days from receipt; received Mon Mar 2, 2026, they end on Mon Mar 9.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from requests_app.law.deadlines import project
from requests_app.law.schema import AppealLevel
from requests_app.law.timeline import Event, Timeline, TimelineError
from tests.law.samples import PLAIN_CALENDAR, calendar, counting, days, only, pair, projected, rule, statute, timeline

EXTENSION = rule(
    "extend",
    kind="extension",
    duty="ten more days by notice",
    period=days(10, "business_days"),
    extends="MD.decide",
    counted_from="due_date",
    citation="Code § 2",
)
FEE_PAUSE = {
    "id": "MD.tolling.fee",
    "starts": "fee_estimated",
    "ends": "fee_paid",
    "effect": "pause",
    "citation": "Code § 3",
}
APPEAL = rule(
    "appeal",
    kind="appeal",
    duty_of="requester",
    duty="appeal to the head",
    period=days(30),
    trigger="denial",
    also_triggers=["deemed_denial"],
    body="Head of the agency",
    level="administrative",
    citation="Code § 5",
)
APPEAL_DECISION = rule(
    "appeal.decision",
    kind="appeal",
    duty="decide the appeal",
    period=days(10, "business_days"),
    trigger="appeal_filing",
    body="Head of the agency",
    level="administrative",
    citation="Code § 5",
)
SUIT = rule(
    "suit",
    kind="court",
    duty_of="requester",
    duty="sue",
    period=days(60),
    trigger="appeal_decision",
    after_level="administrative",
    body="Court",
    level="court",
    citation="Code § 6",
)


# --- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "as_of", "state"),
    [
        pytest.param("", "2026-03-09", "running", id="on-the-last-day-nobody-is-late"),
        pytest.param("", "2026-03-10", "missed", id="the-day-after-is-late"),
        pytest.param("determined=2026-03-09", "2026-04-01", "met", id="met-on-the-last-day"),
        pytest.param("denied=2026-03-05", "2026-04-01", "met", id="a-denial-is-a-decision"),
        pytest.param("produced=2026-03-05", "2026-04-01", "met", id="records-are-a-decision"),
        pytest.param("acknowledged=2026-03-05", "2026-04-01", "missed", id="an-acknowledgment-is-none"),
        pytest.param("determined=2026-03-10", "2026-04-01", "missed", id="a-late-decision-stays-late"),
    ],
)
def test_where_a_decision_stands(events: str, as_of: str, state: str) -> None:
    row = only(projected(statute(), f"received=2026-03-02 {events}", as_of=as_of), "decide")

    assert pair(row) == ("2026-03-09", "2026-03-09")
    assert row.state == state


def test_an_agency_is_late_only_after_the_later_of_two_dates() -> None:
    disputed = calendar(disputed=("2026-03-05",))

    on_latest = only(projected(statute(), "received=2026-03-02", as_of="2026-03-10", on=disputed), "decide")
    day_after = only(projected(statute(), "received=2026-03-02", as_of="2026-03-11", on=disputed), "decide")

    assert pair(on_latest) == ("2026-03-09", "2026-03-10")
    assert (on_latest.certainty, on_latest.state) == ("disputed", "running")
    assert day_after.state == "missed"


def test_a_moment_is_judged_on_the_jurisdictions_own_day() -> None:
    # 3:30 am in UTC on Mar 10 is still Mar 9 in New York.
    late_evening = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)

    projection = project(statute(), timeline("received=2026-03-02"), PLAIN_CALENDAR, as_of=late_evening)

    assert only(projection, "decide").state == "running"


def test_a_denial_in_time_ends_the_wait_for_records() -> None:
    law = statute(rule("produce", kind="production"))

    in_time = only(projected(law, "received=2026-03-02 denied=2026-03-06"), "produce")
    too_late = only(projected(law, "received=2026-03-02 denied=2026-03-12"), "produce")

    assert in_time.state == "superseded"
    assert too_late.state == "missed"


def test_a_duty_that_begins_with_the_decision_is_not_met_by_it() -> None:
    law = statute(rule("hand-over", kind="production", trigger="determination"))

    waiting = only(projected(law, "received=2026-03-02 determined=2026-03-03", as_of="2026-03-04"), "hand-over")
    done = only(projected(law, "received=2026-03-02 determined=2026-03-03 produced=2026-03-06"), "hand-over")

    assert (waiting.state, pair(waiting)) == ("running", ("2026-03-10", "2026-03-10"))
    assert done.state == "met"


def test_nothing_is_projected_from_what_has_not_happened() -> None:
    law = statute(rule("after-ack", trigger="acknowledgment"), rule("after-payment", trigger="payment"), APPEAL, SUIT)

    assert projected(law, "received=2026-03-02").deadlines == ()


def test_a_law_without_a_number_gives_a_note_and_no_date() -> None:
    law = statute(rule(period=None), standard_if_no_fixed_deadline="Promptly (Code § 1).")

    projection = projected(law, "received=2026-03-02")

    assert projection.deadlines == ()
    assert "Promptly (Code § 1)." in projection.notes
    assert any("No number of days" in note for note in projection.notes)


def test_a_date_past_the_reviewed_calendar_is_a_note_and_not_a_guess() -> None:
    law = statute(rule(period=days(36, "months")))

    projection = projected(law, "received=2029-03-02")

    assert projection.deadlines == ()
    assert "December 31, 2030" in projection.notes[0]


# --- conditions and versions ------------------------------------------------------------------------------------------


def test_a_condition_nobody_settled_makes_a_row_conditional_and_never_late() -> None:
    law = statute(rule(condition="the requester is a resident", condition_key="resident"))

    row = only(projected(law, "received=2026-03-02"), "decide")

    assert (row.certainty, row.state) == ("conditional", "running")
    assert "This applies only if the requester is a resident." in row.trace


@pytest.mark.parametrize(
    ("conditions", "left"),
    [
        pytest.param(None, {"MD.near", "MD.far"}, id="unknown-shows-both"),
        pytest.param({"nonresident": True}, {"MD.far"}, id="holds"),
        pytest.param({"nonresident": False}, {"MD.near"}, id="does-not-hold"),
        pytest.param({"not_nonresident": True}, {"MD.near"}, id="the-opposite-holds"),
        pytest.param({"nonresident"}, {"MD.far"}, id="a-set-names-what-holds"),
    ],
)
def test_a_stated_fact_settles_both_branches(conditions: object, left: set[str]) -> None:
    law = statute(
        rule("near", condition="resident", condition_key="not_nonresident"),
        rule("far", condition="not a resident", condition_key="nonresident"),
    )

    rows = projected(law, "received=2026-03-02", conditions=conditions).deadlines

    assert {row.rule_id for row in rows} == left
    assert all((row.certainty == "conditional") == (conditions is None) for row in rows)


@pytest.mark.parametrize(
    ("received", "rule_id"),
    [
        pytest.param("2026-06-30", "MD.old", id="last-day-of-the-old-rule"),
        pytest.param("2026-07-01", "MD.new", id="first-day-of-the-new-rule"),
    ],
)
def test_the_rule_in_force_on_the_day_of_receipt_applies(received: str, rule_id: str) -> None:
    law = statute(rule("old", effective_to="2026-06-30"), rule("new", effective_from="2026-07-01"))

    assert [row.rule_id for row in projected(law, f"received={received}").deadlines] == [rule_id]


# --- extensions -------------------------------------------------------------------------------------------------------


def test_an_extension_in_time_replaces_the_date() -> None:
    projection = projected(statute(rule(), EXTENSION), "received=2026-03-02 extension=2026-03-09", as_of="2026-03-20")

    # Ten more business days from Mon Mar 9: 10 - 13 (4), 16 - 20 (9), Mon 23 (10).
    assert only(projection, "decide").state == "superseded"
    assert pair(only(projection, "extend")) == ("2026-03-23", "2026-03-23")
    assert (only(projection, "extend").state, only(projection, "extend").certainty) == ("running", "fixed")


def test_an_extension_notice_after_the_last_day_moves_nothing() -> None:
    projection = projected(statute(rule(), EXTENSION), "received=2026-03-02 extension=2026-03-10", as_of="2026-03-20")

    assert only(projection, "decide").state == "missed"
    assert only(projection, "extend").certainty == "conditional"
    assert any("not lawful" in step for step in only(projection, "extend").trace)


def test_an_extension_notice_between_the_two_dates_is_uncertain() -> None:
    projection = projected(
        statute(rule(), EXTENSION),
        "received=2026-03-02 extension=2026-03-10",
        on=calendar(disputed=("2026-03-05",)),
        as_of="2026-03-20",
    )

    assert only(projection, "decide").state == "superseded"
    assert only(projection, "extend").certainty == "conditional"
    assert any("not certain" in step for step in only(projection, "extend").trace)


def test_an_extension_of_a_disputed_date_adds_to_both_ends() -> None:
    law = statute(
        rule(period=days(10)),
        EXTENSION | {"period": days(10)},
        day_counting=counting(rolls=("sunday", "holiday"), disputed=("saturday",)),
    )

    # Received Wed Mar 4: ten days end on Sat Mar 14, or Mon Mar 16 if a Saturday moves. Ten more: Tue 24 or Thu 26.
    projection = projected(law, "received=2026-03-04 extension=2026-03-10")

    assert pair(only(projection, "extend")) == ("2026-03-24", "2026-03-26")


def test_several_extensions_are_alternatives_until_the_longest_has_passed() -> None:
    law = statute(rule(), EXTENSION, EXTENSION | {"id": "MD.long", "period": days(60, "business_days")})
    events = "received=2026-03-02 extension=2026-03-09"

    between = projected(law, events, as_of="2026-04-01")
    after = projected(law, events, as_of="2026-08-01")

    assert [only(between, name).certainty for name in ("extend", "long")] == ["conditional", "conditional"]
    assert [only(between, name).state for name in ("extend", "long")] == ["running", "running"]
    assert [only(after, name).state for name in ("extend", "long")] == ["missed", "missed"]


def test_an_extension_without_a_number_leaves_no_date_and_no_accusation() -> None:
    law = statute(rule(), EXTENSION | {"period": None, "counted_from": None})

    projection = projected(law, "received=2026-03-02 extension=2026-03-09")

    assert [row.state for row in projection.deadlines] == ["superseded"]
    assert any("the agency names the date" in note for note in projection.notes)


def test_an_extension_as_a_total_counts_from_the_first_day() -> None:
    law = statute(rule(), EXTENSION | {"counted_from": "trigger"})

    # Ten business days in all from Mon Mar 2: 3 - 6 (4), 9 - 13 (9), Mon 16 (10).
    assert pair(only(projected(law, "received=2026-03-02 extension=2026-03-09"), "extend")) == (
        "2026-03-16",
        "2026-03-16",
    )


def test_a_second_notice_moves_nothing_unless_the_law_lets_it_repeat() -> None:
    events = "received=2026-03-02 extension=2026-03-09 extension=2026-03-20"

    once = projected(statute(rule(), EXTENSION), events)
    again = projected(statute(rule(), EXTENSION | {"repeatable": True}), events)

    assert [pair(row) for row in once.deadlines[1:]] == [("2026-03-23", "2026-03-23")]
    assert any("can be claimed once" in note for note in once.notes)
    # Ten more from Mon Mar 23: 24 - 27 (4), 30 - Apr 3 (9), Mon Apr 6 (10).
    assert [pair(row) for row in again.deadlines[1:]] == [("2026-03-23", "2026-03-23"), ("2026-04-06", "2026-04-06")]


def test_a_notice_under_a_law_without_extensions_is_a_note() -> None:
    projection = projected(statute(), "received=2026-03-02 extension=2026-03-05")

    assert only(projection, "decide").state == "missed"
    assert any("this law names no extension" in note for note in projection.notes)


# --- tolling ----------------------------------------------------------------------------------------------------------


def test_a_fee_notice_pauses_the_clock_until_payment() -> None:
    law = statute(tolling=[FEE_PAUSE])

    waiting = only(projected(law, "received=2026-03-02 fee_estimated=2026-03-04"), "decide")
    # Two days had run by Wed Mar 4 (3, 4); paid Tue Mar 10; the other three are 11, 12, 13.
    paid = only(projected(law, "received=2026-03-02 fee_estimated=2026-03-04 fee_paid=2026-03-10"), "decide")

    assert (waiting.state, waiting.earliest, waiting.latest) == ("paused", None, None)
    assert "Then three business days remain." in waiting.trace
    assert pair(paid) == ("2026-03-13", "2026-03-13")


def test_a_pause_of_no_length_changes_nothing() -> None:
    law = statute(tolling=[FEE_PAUSE])

    plain = only(projected(law, "received=2026-03-02"), "decide")
    same_day = only(projected(law, "received=2026-03-02 fee_estimated=2026-03-04 fee_paid=2026-03-04"), "decide")

    assert pair(same_day) == pair(plain)


def test_a_pause_after_the_last_day_cures_nothing() -> None:
    row = only(projected(statute(tolling=[FEE_PAUSE]), "received=2026-03-02 fee_estimated=2026-03-10"), "decide")

    assert (row.state, pair(row)) == ("missed", ("2026-03-09", "2026-03-09"))


def test_a_restart_counts_the_whole_period_again() -> None:
    law = statute(tolling=[FEE_PAUSE | {"effect": "restart"}])

    # Anew from Tue Mar 10: 11, 12, 13, 16, 17.
    row = only(projected(law, "received=2026-03-02 fee_estimated=2026-03-04 fee_paid=2026-03-10"), "decide")

    assert pair(row) == ("2026-03-17", "2026-03-17")


def test_a_disputed_pause_only_moves_the_latest_date() -> None:
    law = statute(tolling=[FEE_PAUSE | {"disputed": True}])

    row = only(projected(law, "received=2026-03-02 fee_estimated=2026-03-04 fee_paid=2026-03-10"), "decide")

    assert pair(row) == ("2026-03-09", "2026-03-13")


def test_a_pause_touches_only_the_duties_it_names() -> None:
    law = statute(rule(), rule("other"), tolling=[FEE_PAUSE | {"applies_to": ["MD.other"]}])

    projection = projected(law, "received=2026-03-02 fee_estimated=2026-03-04")

    assert [row.state for row in projection.deadlines] == ["missed", "paused"]


def test_overlapping_pauses_are_counted_once() -> None:
    clarify = FEE_PAUSE | {"id": "MD.tolling.ask", "starts": "clarification_requested", "ends": "clarified"}
    law = statute(rule(period=days(10)), tolling=[FEE_PAUSE, clarify])

    # Ten days from Mar 2 end on Thu Mar 12; stopped from the 4th to the 10th, six days: Wed Mar 18.
    row = only(
        projected(
            law,
            "received=2026-03-02 fee_estimated=2026-03-04 fee_paid=2026-03-08 "
            "clarification_requested=2026-03-06 clarified=2026-03-10",
        ),
        "decide",
    )

    assert pair(row) == ("2026-03-18", "2026-03-18")


# --- silence and appeals ----------------------------------------------------------------------------------------------


def test_silence_is_announced_before_it_counts() -> None:
    law = statute(rule(silence_is_denial=True), APPEAL)

    projection = projected(law, "received=2026-03-02", as_of="2026-03-09")

    assert [row.rule_id for row in projection.deadlines] == ["MD.decide"]
    assert projection.notes == (
        "If the agency stays silent through Monday, March 9, 2026, that counts as a denial (Code § 1); an appeal to "
        "Head of the agency is then due within thirty calendar days.",
    )


def test_silence_starts_the_appeal_from_both_dates_and_is_sure_only_after_the_latest() -> None:
    law = statute(rule(silence_is_denial=True), APPEAL)
    disputed = calendar(disputed=("2026-03-05",))

    between = only(projected(law, "received=2026-03-02", as_of="2026-03-10", on=disputed), "appeal")
    after = only(projected(law, "received=2026-03-02", as_of="2026-03-11", on=disputed), "appeal")

    # Mar 9 + 30 = Wed Apr 8; Mar 10 + 30 = Thu Apr 9.
    assert pair(between) == pair(after) == ("2026-04-08", "2026-04-09")
    assert (between.certainty, after.certainty) == ("conditional", "disputed")
    assert after.trigger == "deemed_denial"


def test_a_denial_in_words_starts_the_appeal_instead_of_silence() -> None:
    law = statute(rule(silence_is_denial=True), APPEAL)

    row = only(projected(law, "received=2026-03-02 denied=2026-03-05"), "appeal")

    assert (row.trigger, pair(row)) == ("denial", ("2026-04-06", "2026-04-06"))  # Mar 5 + 30 = Sat Apr 4


def test_silence_after_an_extension_counts_from_the_extended_date() -> None:
    law = statute(rule(silence_is_denial=True), EXTENSION, APPEAL)

    row = only(projected(law, "received=2026-03-02 extension=2026-03-09", as_of="2026-03-24"), "appeal")

    assert pair(row) == ("2026-04-22", "2026-04-22")  # Mar 23 + 30


def test_an_open_ended_extension_leaves_no_silence_to_count() -> None:
    law = statute(rule(silence_is_denial=True), EXTENSION | {"period": None, "counted_from": None}, APPEAL)

    projection = projected(law, "received=2026-03-02 extension=2026-03-09")

    assert [row.rule_id for row in projection.deadlines] == ["MD.decide"]


@pytest.mark.parametrize(
    ("filed", "state"),
    [
        pytest.param("2026-04-08", "met", id="in-time"),
        pytest.param("2026-04-09", "missed", id="a-day-late"),
        pytest.param(None, "missed", id="never"),
    ],
)
def test_the_requesters_own_appeal_is_met_by_filing_it(filed: str | None, state: str) -> None:
    law = statute(rule(), APPEAL)
    events = "received=2026-03-02 denied=2026-03-09" + (f" appeal_filed={filed}" if filed else "")

    row = only(projected(law, events), "appeal")

    assert (row.state, pair(row)) == (state, ("2026-04-08", "2026-04-08"))


def test_an_appeal_leads_to_its_decision_and_then_to_court() -> None:
    law = statute(rule(), APPEAL, APPEAL_DECISION, SUIT)
    events = "received=2026-03-02 denied=2026-03-09 appeal_filed=2026-03-16"

    filed = projected(law, events, as_of="2026-03-20")
    decided = projected(law, f"{events} appeal_decided=2026-03-27", as_of="2026-04-01")

    assert pair(only(filed, "appeal.decision")) == ("2026-03-30", "2026-03-30")
    assert "MD.suit" not in [row.rule_id for row in filed.deadlines]
    assert only(decided, "appeal.decision").state == "met"
    assert pair(only(decided, "suit")) == ("2026-05-26", "2026-05-26")
    assert only(decided, "suit").certainty == "fixed"


def test_a_bodys_silence_opens_the_court_where_the_law_says_so() -> None:
    law = statute(rule(), APPEAL, APPEAL_DECISION | {"silence_is_denial": True}, SUIT)
    events = "received=2026-03-02 denied=2026-03-09 appeal_filed=2026-03-16"

    waiting = projected(law, events, as_of="2026-03-30")
    silent = projected(law, events, as_of="2026-03-31")

    assert "MD.suit" not in [row.rule_id for row in waiting.deadlines]
    assert pair(only(silent, "suit")) == ("2026-05-29", "2026-05-29")  # Mar 30 + 60


def test_an_appeal_that_may_be_before_two_bodies_is_conditional_until_the_body_is_known() -> None:
    board = APPEAL_DECISION | {"id": "MD.board.decision", "body": "Board", "level": "commission"}
    law = statute(rule(), APPEAL, APPEAL_DECISION, board)
    words = "received=2026-03-02 denied=2026-03-09 appeal_filed=2026-03-16"
    known = Timeline([*timeline(words).events[:-1], Event("appeal_filed", date(2026, 3, 16), level="commission")])

    unknown_rows = [row for row in projected(law, words).deadlines if row.trigger == "appeal_filing"]
    known_rows = [
        row
        for row in project(law, known, PLAIN_CALENDAR, as_of=date(2026, 3, 20)).deadlines
        if row.trigger == "appeal_filing"
    ]

    assert {(row.rule_id, row.certainty) for row in unknown_rows} == {
        ("MD.appeal.decision", "conditional"),
        ("MD.board.decision", "conditional"),
    }
    assert [(row.rule_id, row.certainty) for row in known_rows] == [("MD.board.decision", "fixed")]


def test_a_step_follows_only_the_body_it_names() -> None:
    second = SUIT | {"id": "MD.suit.board", "after_level": "commission"}
    board = APPEAL | {"id": "MD.board", "body": "Board", "level": "commission"}
    law = statute(rule(), APPEAL, board, SUIT, second)
    story = timeline("received=2026-03-02 denied=2026-03-09 appeal_filed=2026-03-16").events

    def steps(level: AppealLevel | None) -> set[tuple[str, str]]:
        decided = Timeline([*story, Event("appeal_decided", date(2026, 3, 20), level=level)])
        rows = project(law, decided, PLAIN_CALENDAR, as_of=date(2026, 3, 21)).deadlines
        return {(row.rule_id, row.certainty) for row in rows if row.kind == "court"}

    assert steps("administrative") == {("MD.suit", "fixed")}
    assert steps("commission") == {("MD.suit.board", "fixed")}
    assert steps(None) == {("MD.suit", "conditional"), ("MD.suit.board", "conditional")}


def test_an_appeal_before_anything_could_be_appealed_is_refused() -> None:
    law = statute(rule(silence_is_denial=True), APPEAL)

    with pytest.raises(TimelineError, match="cannot come before a denial"):
        projected(law, "received=2026-03-02 appeal_filed=2026-03-09")
    assert projected(law, "received=2026-03-02 appeal_filed=2026-03-10").deadlines


def test_a_reply_is_owed_to_the_newest_question() -> None:
    law = statute(rule("answer", kind="reply", duty_of="requester", trigger="clarification_request", period=days(30)))

    asked = "received=2026-03-02 clarification_requested=2026-03-05"
    open_question = only(projected(law, asked, as_of="2026-03-20"), "answer")
    answered = only(projected(law, f"{asked} clarified=2026-03-12", as_of="2026-03-20"), "answer")
    asked_again = only(
        projected(law, f"{asked} clarified=2026-03-12 clarification_requested=2026-03-16", as_of="2026-03-20"),
        "answer",
    )

    assert (open_question.state, pair(open_question)) == ("running", ("2026-04-06", "2026-04-06"))
    assert answered.state == "met"
    assert (asked_again.state, pair(asked_again)) == ("running", ("2026-04-15", "2026-04-15"))


# --- counting styles that no statute in the book uses with a date we record -------------------------------------------


@pytest.mark.parametrize(
    ("denied", "due"),
    [
        # 72 elapsed hours from 9 am on Tue are 9 am on Fri.
        pytest.param("2026-03-03T09:00", ("2026-03-06", "2026-03-06"), id="plain"),
        # Clocks go forward on Mar 8: 72 hours from 11:30 pm on Fri Mar 6 end at half past midnight on Tue Mar 10.
        pytest.param("2026-03-06T23:30", ("2026-03-10", "2026-03-10"), id="over-the-change-of-the-clocks"),
        # Without a time it was any moment of the day; both ends are on Fri.
        pytest.param("2026-03-03", ("2026-03-06", "2026-03-06"), id="without-a-time"),
    ],
)
def test_hours_are_elapsed_hours(denied: str, due: tuple[str, str]) -> None:
    law = statute(rule("explain", trigger="denial", period=days(72, "hours")))

    assert pair(only(projected(law, f"received=2026-03-02 denied={denied}"), "explain")) == due


@pytest.mark.parametrize(
    ("period", "due"),
    [
        # Mon Mar 2 itself is day one: 2 (1) .. Fri 6 (5).
        pytest.param(days(5, "business_days"), "2026-03-06", id="business-days"),
        pytest.param(days(5), "2026-03-06", id="calendar-days"),
    ],
)
def test_a_first_day_that_counts_is_day_one(period: dict[str, object], due: str) -> None:
    law = statute(rule(first_day_counts=True, period=period))

    assert pair(only(projected(law, "received=2026-03-02"), "decide")) == (due, due)
