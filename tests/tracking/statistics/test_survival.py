"""Medians that include what still waits: a table worked out by hand, and what must hold for any data."""

from __future__ import annotations

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.tracking.statistics.survival import Spell, curve, known_until, median, share_ended_by, spells_of

# Remission in weeks of the 21 patients who got 6-mercaptopurine (Freireich and others, Blood 21 (1963), 699-716), the
# example of most textbooks: who relapsed when, and how long the others had been seen without.
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
STILL_WELL = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
# week, at risk, relapses, share still well: each share is the one before times (at risk - relapses) / at risk.
BY_HAND = (
    (6, 21, 3, 18 / 21),
    (7, 17, 1, 18 / 21 * 16 / 17),
    (10, 15, 1, 18 / 21 * 16 / 17 * 14 / 15),
    (13, 12, 1, 18 / 21 * 16 / 17 * 14 / 15 * 11 / 12),
    (16, 11, 1, 18 / 21 * 16 / 17 * 14 / 15 * 11 / 12 * 10 / 11),
    (22, 7, 1, 0.5378151260504201),
    (23, 6, 1, 0.44817927170868344),
)


def spells(ended: tuple[int, ...], still_open: tuple[int, ...] = ()) -> list[Spell]:
    return [*(Spell(days, ended=1) for days in ended), *(Spell(days, open=1) for days in still_open)]


def test_the_curve_is_the_one_worked_out_by_hand() -> None:
    steps = curve(spells(RELAPSED, STILL_WELL))
    assert [(step.days, step.at_risk, step.ended) for step in steps] == [row[:3] for row in BY_HAND]
    assert [step.share for step in steps] == pytest.approx([row[3] for row in BY_HAND])
    # Greenwood's sum at week 10 is 3/(21·18) + 1/(17·16) + 1/(15·14) = 0.0163749; on the log(-log) scale the interval
    # is S^exp(±1.96·√0.0163749/|ln S|) with S = 0.752941.
    assert (steps[2].low, steps[2].high) == pytest.approx((0.503200, 0.889362), abs=1e-5)
    assert (steps[0].low, steps[0].high) == pytest.approx((0.619718, 0.951552), abs=1e-5)


def test_the_median_is_the_one_worked_out_by_hand() -> None:
    found = median(spells(RELAPSED, STILL_WELL))
    # The lower limit falls to one half at week 13 (0.4316), the upper one (0.680 at week 23) never does.
    assert (found.days, found.low, found.high) == (23, 13, None)
    assert (found.ended, found.known) == (9, 21)


@pytest.mark.parametrize(
    ("ended", "still_open", "days"),
    [
        pytest.param((), (), None, id="nothing at all"),
        pytest.param((), (5, 9), None, id="nothing has ended"),
        pytest.param((4,), (), 4, id="one, and it ended"),
        pytest.param((4,), (9,), 4, id="half ended: reached on the day on which the curve comes to one half"),
        pytest.param((4,), (9, 9), None, id="one of three: not yet reached"),
        pytest.param((4,), (1, 1), 4, id="who was last seen before says nothing about later days"),
        pytest.param((0, 0, 9), (), 0, id="answered on the first day"),
        pytest.param((4, 8), (4,), 8, id="an ending comes before a last sight on the same day: 2/3 on day 4"),
    ],
)
def test_small_cases(ended: tuple[int, ...], still_open: tuple[int, ...], days: int | None) -> None:
    assert median(spells(ended, still_open)).days == days


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        curve([Spell(-1, ended=1)])


lengths = st.lists(st.integers(0, 400), max_size=40).map(tuple)


@given(lengths.filter(bool))
def test_without_open_ones_it_is_the_ordinary_lower_median(ended: tuple[int, ...]) -> None:
    assert median(spells(ended)).days == statistics.median_low(ended)


@given(lengths, lengths)
def test_the_curve_only_falls_and_its_interval_holds_it(ended: tuple[int, ...], still_open: tuple[int, ...]) -> None:
    steps = curve(spells(ended, still_open))
    shares = [1.0, *(step.share for step in steps)]
    assert all(0.0 <= after < before for before, after in itertools.pairwise(shares))
    assert all(0.0 <= step.low <= step.share <= step.high <= 1.0 for step in steps)
    assert sum(step.ended for step in steps) == len(ended)


@given(lengths.filter(bool), lengths)
def test_to_leave_out_what_waits_never_gives_a_longer_median(
    ended: tuple[int, ...], still_open: tuple[int, ...]
) -> None:
    with_open, without = median(spells(ended, still_open)).days, median(spells(ended)).days
    assert without is not None
    assert with_open is None or with_open >= without


@given(lengths, lengths, st.integers(0, 400))
def test_one_more_that_waits_for_long_never_shortens_it(
    ended: tuple[int, ...], still_open: tuple[int, ...], longer: int
) -> None:
    before = median(spells(ended, still_open)).days
    after = median(spells(ended, (*still_open, 400 + longer))).days
    assert after is None or (before is not None and after >= before)


@given(lengths, lengths, st.randoms())
def test_neither_order_nor_grouping_matters(
    ended: tuple[int, ...], still_open: tuple[int, ...], chance: object
) -> None:
    single = spells(ended, still_open)
    mixed = list(single)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    grouped = spells_of(
        {day: ended.count(day) for day in ended}, {day: still_open.count(day) for day in still_open}
    )  # fmt: skip
    assert curve(mixed) == curve(single) == curve(grouped)


@given(lengths.filter(bool), lengths)
def test_the_median_lies_in_its_interval_and_on_the_curve(ended: tuple[int, ...], still_open: tuple[int, ...]) -> None:
    data = spells(ended, still_open)
    found = median(data)
    if found.days is None:
        assert found.high is None
        return
    assert found.low is not None
    assert found.low <= found.days
    assert found.high is None or found.days <= found.high
    assert share_ended_by(curve(data), found.days) >= 0.5 - 1e-9
    assert share_ended_by(curve(data), found.days - 1) < 0.5


@pytest.mark.parametrize(
    ("ended", "waiting", "day"),
    [
        pytest.param({}, {}, None, id="nobody"),
        pytest.param({4: 2}, {9: 2}, None, id="four-in-all"),
        pytest.param({4: 2, 50: 1}, {9: 2, 12: 2}, 9, id="five-were-watched-on-day-9"),
        pytest.param({4: 2, 9: 3}, {}, 4, id="all-ended"),
        pytest.param({4: 2}, {300: 5}, 300, id="five-wait-and-nothing-happens"),
    ],
)
def test_until_when_enough_are_watched(ended: dict[int, int], waiting: dict[int, int], day: int | None) -> None:
    assert known_until(spells_of(ended, waiting), 5) == day
