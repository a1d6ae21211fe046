"""The throttle never lets more letters leave in any hour than the limits say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.throttle import HOUR, Limits, Timetable, next_slot, receiver_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOMENT = st.integers(-7200, 20000).map(lambda seconds: NOON + timedelta(seconds=seconds))
ADDRESS = st.sampled_from(["a@one.example", "b@ONE.example", "c@two.example", "d@three.example"])


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("taken", "limit", "free"),
    [
        pytest.param([], 1, 0, id="nothing-taken"),
        pytest.param([0], 1, 60, id="one-an-hour"),
        pytest.param([0], 2, 0, id="two-at-once-are-allowed"),
        pytest.param([-30], 1, 30, id="an-hour-after-one-that-left"),
        pytest.param([-60], 1, 0, id="exactly-an-hour-later-is-another-hour"),
        pytest.param([10], 1, 70, id="not-right-before-one-that-is-planned"),
        pytest.param([-50, 40], 2, 0, id="no-hour-holds-all-three"),
        pytest.param([-10, 40], 2, 50, id="an-hour-holds-all-three"),
        pytest.param([0, 0, 0, 60, 60, 60], 3, 120, id="full-hours-are-passed-over"),
    ],
)
def test_the_first_free_moment(taken: list[int], limit: int, free: int) -> None:
    assert next_slot(NOON, [at(one) for one in taken], limit) == at(free)


def most_in_an_hour(moments: list[datetime]) -> int:
    """Counted the slow way: in every hour that begins with a letter."""
    return max((sum(start <= other < start + HOUR for other in moments) for start in moments), default=0)


@given(
    letters=st.lists(st.tuples(ADDRESS, MOMENT), max_size=25), per_receiver=st.integers(1, 4), in_all=st.integers(1, 8)
)
def test_no_hour_ever_holds_more_than_the_limits(
    letters: list[tuple[str, datetime]], per_receiver: int, in_all: int
) -> None:
    timetable = Timetable(Limits(per_receiver, in_all))
    left = [(receiver_of(address), timetable.take(address, earliest)) for address, earliest in letters]
    assert all(moment >= earliest for (_address, earliest), (_one, moment) in zip(letters, left, strict=True))
    assert most_in_an_hour([moment for _receiver, moment in left]) <= in_all
    for receiver in {one for one, _moment in left}:
        assert most_in_an_hour([moment for one, moment in left if one == receiver]) <= per_receiver


@given(taken=st.lists(MOMENT, max_size=12), limit=st.integers(1, 3))
def test_no_earlier_moment_was_free(taken: list[datetime], limit: int) -> None:
    found = next_slot(NOON, taken, limit)

    # What was taken before may already break the limit: only hours that hold the new letter count.
    def breaks(moment: datetime) -> bool:
        times = sorted([*taken, moment])
        hours = [[one for one in times if start <= one < start + HOUR] for start in times]
        return any(moment in hour and len(hour) > limit for hour in hours)

    assert not breaks(found)
    for second in range(0, int((found - NOON).total_seconds()), 97):
        assert breaks(NOON + timedelta(seconds=second))


def test_room_now() -> None:
    timetable = Timetable(Limits(1, 2), [("a@one.example", at(-30))])
    assert not timetable.has_room("b@One.Example", NOON)
    assert timetable.has_room("a@two.example", NOON)
    timetable.take("a@two.example", NOON)
    assert not timetable.has_room("a@three.example", NOON), "two in all"
