"""When somebody is reminded: the policy as a table and as properties."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

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
OUR_PAIR = Watched("requester", date(2026, 2, 23), date(2026, 2, 25))


@pytest.mark.parametrize(
    ("watched", "today", "key"),
    [
        pytest.param(THEIRS, "2026-02-19", None, id="four-business-days-before-the-latest-date-nothing"),
        pytest.param(THEIRS, "2026-02-20", "before:3", id="friday-is-three-business-days-before-wednesday"),
        pytest.param(THEIRS, "2026-02-23", "before:3", id="the-earliest-date-accuses-nobody"),
        pytest.param(THEIRS, "2026-02-24", "before:1", id="the-day-before"),
        pytest.param(THEIRS, "2026-02-25", "on", id="the-latest-date-itself-is-not-late"),
        pytest.param(THEIRS, "2026-02-26", "after", id="late-only-after-the-latest-date"),
        pytest.param(OUR_PAIR, "2026-02-03", "before:14", id="our-own-duty-is-warned-of-earlier"),
        pytest.param(OUR_PAIR, "2026-02-20", "before:1", id="ours-goes-by-the-earliest-date"),
        pytest.param(OUR_PAIR, "2026-02-23", "on", id="ours-is-due-on-the-earliest-date"),
        pytest.param(OUR_PAIR, "2026-02-24", "after", id="ours-is-urgent-after-the-earliest-date"),
        pytest.param(THEIRS, "2026-05-01", None, id="old-history-is-not-a-reminder"),
    ],
)
def test_which_moment_has_come(watched: Watched, today: str, key: str | None) -> None:
    moments = compose_moments(watched, RULES[watched.duty_of], weekdays_before)
    come = moment_due(watched, moments, date.fromisoformat(today))
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
        come = moment_due(watched, moments, day)
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
    after = [
        moment for moment in compose_moments(watched, RULES[watched.duty_of], weekdays_before) if moment.key == "after"
    ]
    assert [moment.on for moment in after] == [watched.latest + timedelta(days=1)]


# --- moments of a rule --------------------------------------------------------------------------------------------

MAIL = frozenset({"assignee", "filer"})


def rule(*moments: tuple[str, int], escalate: int | None = None, channel: str = "mail", to: object = MAIL) -> Rule:
    return Rule(in_order(RuleMoment(when, days, frozenset(to), channel) for when, days in moments), escalate)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("moment", "key", "on"),
    [
        pytest.param(("before", 3), "before:3", "2026-02-20", id="three-business-days-before-wednesday"),
        pytest.param(("on", 0), "on", "2026-02-25", id="on-the-date"),
        pytest.param(("after", 1), "after", "2026-02-26", id="the-day-after"),
        pytest.param(("after", 5), "after:5", "2026-03-04", id="five-business-days-after"),
    ],
)
def test_a_moment_has_a_key_and_a_day(moment: tuple[str, int], key: str, on: str) -> None:
    (made,) = compose_moments(THEIRS, rule(moment), weekdays_before)
    assert (made.key, made.on) == (key, date.fromisoformat(on))


def test_late_is_late_on_a_saturday_too() -> None:
    friday = date(2026, 2, 27)
    (made,) = compose_moments(Watched("agency", friday, friday), rule(("after", 1)), weekdays_before)
    assert made.on == date(2026, 2, 28)


def test_the_policy_we_come_with_keeps_its_own_promises() -> None:
    for duty_of, kind in DUTIES:
        assert wrong_with_rule(duty_of, kind, seed().rules[duty_of, kind]) == []
    assert parse_policy(dump_policy(seed())) == seed()


def test_a_kind_without_a_rule_is_treated_like_the_one_most_like_it() -> None:
    assert seed().rule("agency", "new kind") == seed().rule("agency", "determination")
    assert seed().rule("requester", "new kind") == seed().rule("requester", "appeal")


@pytest.mark.parametrize(
    ("duty_of", "made", "codes"),
    [
        pytest.param(AGENCY, rule(("on", 0)), [], id="one-moment-is-enough-for-an-agency"),
        pytest.param(AGENCY, Rule(()), ["no-moment"], id="none-is-not"),
        pytest.param(OURS, Rule(()), ["no-moment", "ours-unmailed"], id="least-of-all-for-ours"),
        pytest.param(OURS, rule(("before", 3)), [], id="ours-mailed-once-before"),
        pytest.param(OURS, rule(("on", 0), ("after", 1)), ["ours-unmailed"], id="ours-on-the-date-is-too-late"),
        pytest.param(OURS, rule(("before", 3), channel="digest"), ["ours-unmailed"], id="ours-in-a-digest-is-no-mail"),
        pytest.param(OURS, rule(("before", 3), channel="in_app"), ["ours-unmailed"], id="ours-in-the-list-is-no-mail"),
        pytest.param(
            OURS, rule(("before", 3), to={"coordinators"}), ["ours-unmailed"], id="ours-to-coordinators-alone"
        ),
        pytest.param(AGENCY, rule(("before", 0)), ["days"], id="no-day-before"),
        pytest.param(AGENCY, rule(("before", 61)), ["days"], id="too-many-days-before"),
        pytest.param(AGENCY, rule(("on", 2)), ["days"], id="days-on-the-date"),
        pytest.param(AGENCY, rule(("before", 3), ("before", 3)), ["twice"], id="the-same-day-twice"),
        pytest.param(AGENCY, rule(("before", 3), to=()), ["nobody"], id="to-nobody"),
        pytest.param(AGENCY, rule(("before", 3), to={"press"}), ["unknown"], id="to-somebody-unknown"),
        pytest.param(AGENCY, rule(("before", 3), channel="pigeon"), ["unknown"], id="by-pigeon"),
        pytest.param(AGENCY, rule(("on", 0), escalate=0), ["escalation-days"], id="escalates-at-once"),
        pytest.param(AGENCY, rule(*(("before", n) for n in range(1, 14))), ["too-many"], id="more-than-anybody-reads"),
    ],
)
def test_what_a_rule_must_not_be(duty_of: str, made: Rule, codes: list[str]) -> None:
    assert [one.code for one in wrong_with_rule(duty_of, "appeal", made)] == codes


def test_differences_name_what_came_and_what_went() -> None:
    before = seed()
    changed = rule(("before", 2), ("on", 0), escalate=3)
    after = Policy({**before.rules, (AGENCY, "production"): changed})
    (change,) = differences(before, after)
    assert (change.duty_of, change.kind) == (AGENCY, "production")
    assert [moment.key for moment in change.removed] == ["before:3", "before:1", "on", "after"]  # "on" went to others
    assert [moment.key for moment in change.added] == ["before:2", "on"]
    assert change.escalation == (5, 3)
    assert differences(after, after) == []


# --- nobody reacts ------------------------------------------------------------------------------------------------

TOLD = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
EARLIER, LATER = TOLD - timedelta(hours=1), TOLD + timedelta(hours=1)


@pytest.mark.parametrize(
    ("reactions", "reacted"),
    [
        pytest.param(Reactions(), False, id="nothing"),
        pytest.param(Reactions(recorded_at=LATER), True, id="an-event"),
        pytest.param(Reactions(recorded_at=EARLIER), False, id="an-event-from-before"),
        pytest.param(Reactions(read_at=LATER), False, id="reading-alone"),
        pytest.param(Reactions(stepped_at=LATER), False, id="a-step-by-somebody-who-does-not-know"),
        pytest.param(Reactions(read_at=LATER, stepped_at=LATER), True, id="read-and-a-step"),
        pytest.param(Reactions(read_at=LATER, stepped_at=EARLIER), False, id="read-and-a-step-from-before"),
    ],
)
def test_what_is_a_reaction(reactions: Reactions, reacted: bool) -> None:
    assert has_reacted(TOLD, reactions) is reacted


@pytest.mark.parametrize(
    ("duty_of", "key", "asks"),
    [
        (OURS, "before:14", True), (OURS, "on", True), (OURS, "after", True),
        (AGENCY, "before:3", False), (AGENCY, "on", False), (AGENCY, "after", True), (AGENCY, "after:5", True),
    ],
)  # fmt: skip
def test_which_reminders_ask_for_something(duty_of: str, key: str, asks: bool) -> None:
    assert asks_for_action(duty_of, key) is asks


def test_escalation_counts_business_days_and_may_be_off() -> None:
    friday = date(2026, 2, 27)
    assert escalates_on(rule(("on", 0), escalate=2), friday, weekdays_before) == date(2026, 3, 3)
    assert escalates_on(rule(("on", 0)), friday, weekdays_before) is None


# --- quiet hours and the last day ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "earliest", "lost"),
    [
        pytest.param("America/New_York", "2026-03-09", "2026-03-09T20:00", id="washington-in-summer-time"),
        pytest.param("Pacific/Honolulu", "2026-03-09", "2026-03-10T02:00", id="honolulu"),
        pytest.param("America/New_York", "2026-03-08", "2026-03-08T20:00", id="the-night-that-skips-an-hour"),
        pytest.param("America/New_York", "2026-11-01", "2026-11-01T21:00", id="the-night-that-repeats-an-hour"),
        pytest.param("America/New_York", "2028-02-29", "2028-02-29T21:00", id="leap-day"),
        pytest.param("America/New_York", "2026-12-31", "2026-12-31T21:00", id="year-end"),
    ],
)
def test_from_when_waiting_loses_the_day(zone: str, earliest: str, lost: str) -> None:
    """Eight hours before the midnight that ends the day, where the law applies."""
    assert lost_at(date.fromisoformat(earliest), ZoneInfo(zone)) == datetime.fromisoformat(lost).replace(tzinfo=UTC)
