"""Which dates moved: by rule and event first, by kind of duty where a law was renumbered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from requests_app.tracking.recalculation.moving import Move, in_order, moves_between


@dataclass(frozen=True)
class Due:
    """A deadline as far as moving is concerned."""

    kind: str = "determination"
    duty_of: str = "agency"
    rule_id: str = "MD.determination"
    trigger: str = "receipt"
    trigger_date: date = date(2026, 2, 6)
    earliest: date | None = date(2026, 3, 9)
    latest: date | None = date(2026, 3, 9)
    state: str = "running"


DUE = Due()
LATER = replace(DUE, earliest=date(2026, 3, 10), latest=date(2026, 3, 10))


def test_the_same_dates_are_no_move() -> None:
    assert moves_between([DUE], [replace(DUE, state="missed")]) == []


def test_another_date_is_a_move() -> None:
    (move,) = moves_between([DUE], [LATER])
    assert (move.what, move.before, move.after) == ("moved", DUE, LATER)


def test_one_of_two_dates_is_enough() -> None:
    (move,) = moves_between([DUE], [replace(DUE, latest=date(2026, 3, 10))])
    assert move.what == "moved"


def test_a_renumbered_rule_with_the_same_dates_is_no_move() -> None:
    assert moves_between([DUE], [replace(DUE, rule_id="MD.new.number")]) == []


def test_a_duty_that_is_new_and_one_that_is_gone() -> None:
    appeal = Due(kind="appeal", duty_of="requester", rule_id="MD.appeal", trigger="denial")
    assert [move.what for move in moves_between([DUE], [DUE, appeal])] == ["new"]
    assert [move.what for move in moves_between([DUE, appeal], [DUE])] == ["gone"]


def test_what_is_over_concerns_nobody() -> None:
    met = replace(DUE, state="met")
    assert moves_between([met], [replace(LATER, state="met")]) == []
    assert moves_between([met], []) == []


def test_what_was_open_and_turns_out_to_be_met_on_another_day_is_told() -> None:
    assert [move.what for move in moves_between([DUE], [replace(LATER, state="met")])] == ["moved"]


def test_a_clock_that_stands_still_is_a_move() -> None:
    assert [move.what for move in moves_between([DUE], [replace(DUE, earliest=None, latest=None, state="paused")])] == [
        "moved"
    ]


def test_our_own_duties_come_first() -> None:
    ours = Due(duty_of="requester", earliest=date(2026, 9, 1), latest=date(2026, 9, 1))
    assert list(in_order([Move(DUE, LATER), Move(ours, None)])) == [Move(ours, None), Move(DUE, LATER)]


DUES = st.lists(
    st.builds(
        Due,
        kind=st.sampled_from(["determination", "appeal"]),
        duty_of=st.sampled_from(["agency", "requester"]),
        rule_id=st.sampled_from(["a", "b"]),
        earliest=st.just(date(2026, 3, 9)) | st.just(date(2026, 3, 10)),
        latest=st.just(date(2026, 3, 10)),
        state=st.sampled_from(["running", "paused", "missed", "met"]),
    ),
    max_size=6,
)


@given(DUES)
def test_nothing_moves_between_a_set_and_itself(dues: list[Due]) -> None:
    assert moves_between(dues, dues) == []


@given(DUES, DUES)
def test_there_and_back_tells_of_as_many_changes_of_what_stays_open(before: list[Due], after: list[Due]) -> None:
    open_before = [due for due in before if due.state != "met"]
    open_after = [due for due in after if due.state != "met"]
    there, back = moves_between(open_before, open_after), moves_between(open_after, open_before)
    assert len(there) == len(back)
    assert sum(move.what == "new" for move in there) == sum(move.what == "gone" for move in back)
