"""When somebody is reminded: the policy as a table and as properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.tracking.reminders.policy import (
    AGENCY,
    DUTIES,
    OURS,
    Policy,
    Reactions,
    Rule,
    RuleMoment,
    Watched,
    asks_for_action,
    compose_moments,
    differences,
    dump_policy,
    escalates_on,
    has_reacted,
    in_order,
    lost_at,
    moment_due,
    next_look,
    parse_policy,
    seed,
    wrong_with_rule,
)

RULES = {AGENCY: seed().rule(AGENCY, "determination"), OURS: seed().rule(OURS, "appeal")}


def weekdays_before(day: date, count: int) -> date:
    """A calendar without holidays."""
    step = timedelta(days=-1 if count > 0 else 1)
    count = abs(count)
    while count:
        day += step
        count -= day.weekday() < 5
    return day


# Monday, February 23, 2026 and Wednesday the 25th: a disputed day lies between them.
THEIRS = Watched("agency", date(2026, 2, 23), date(2026, 2, 25))
OURS = Watched("requester", date(2026, 2, 23), date(2026, 2, 25))


@pytest.mark.parametrize(
    ("watched", "today", "key"),
    [
        pytest.param(THEIRS, "2026-02-19", None, id="four-business-days-before-the-latest-date-nothing"),
        pytest.param(THEIRS, "2026-02-20", "before:3", id="friday-is-three-business-days-before-wednesday"),
        pytest.param(THEIRS, "2026-02-23", "before:3", id="the-earliest-date-accuses-nobody"),
        pytest.param(THEIRS, "2026-02-24", "before:1", id="the-day-before"),
        pytest.param(THEIRS, "2026-02-25", "on", id="the-latest-date-itself-is-not-late"),
        pytest.param(THEIRS, "2026-02-26", "after", id="late-only-after-the-latest-date"),
        pytest.param(OURS, "2026-02-03", "before:14", id="our-own-duty-is-warned-of-earlier"),
        pytest.param(OURS, "2026-02-20", "before:1", id="ours-goes-by-the-earliest-date"),
        pytest.param(OURS, "2026-02-23", "on", id="ours-is-due-on-the-earliest-date"),
        pytest.param(OURS, "2026-02-24", "after", id="ours-is-urgent-after-the-earliest-date"),
        pytest.param(THEIRS, "2026-05-01", None, id="old-history-is-not-a-reminder"),
    ],
)
def test_which_moment_has_come(watched: Watched, today: str, key: str | None) -> None:
    come = moment_due(compose_moments(watched, RULES[watched.duty_of], weekdays_before), date.fromisoformat(today))
    assert (come.key if come else None) == key


days = st.dates(date(2025, 1, 1), date(2029, 12, 31))


@given(earliest=days, gap=st.integers(0, 10), duty=st.sampled_from(["agency", "requester"]), start=st.integers(-40, 20))
def test_walking_by_next_look_meets_every_moment_once(earliest: date, gap: int, duty: str, start: int) -> None:
    """The sweep only looks on the days that next_look names; no moment may fall between two looks."""
    watched = Watched(duty, earliest, earliest + timedelta(days=gap))
    moments = compose_moments(watched, RULES[watched.duty_of], weekdays_before)
    day: date | None = earliest + timedelta(days=start)
    seen = []
    while day is not None:
        come = moment_due(moments, day)
        if come and (not seen or seen[-1] != come.key):
            seen.append(come.key)
        later = next_look(watched, moments, day)
        assert later is None or later > day
        day = later
    first = earliest + timedelta(days=start)
    expected = [moment.key for moment in moments if moment.on > first]
    assert seen[-len(expected) :] == expected if expected else True
    assert len(seen) == len(set(seen))


@given(earliest=days, gap=st.integers(0, 10))
def test_the_agency_is_never_called_late_on_or_before_its_latest_date(earliest: date, gap: int) -> None:
    watched = Watched("agency", earliest, earliest + timedelta(days=gap))
    after = [moment for moment in compose_moments(watched, RULES[watched.duty_of], weekdays_before) if moment.key == "after"]
    assert [moment.on for moment in after] == [watched.latest + timedelta(days=1)]
