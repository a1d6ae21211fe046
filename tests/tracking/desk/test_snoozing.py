"""Until when a request may sleep: never past a date of the law, and never once something happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing import services as filing
from requests_app.filing.lawbook import todays
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking.desk import queries, services
from requests_app.tracking.desk.models import Snooze
from requests_app.tracking.desk.services import SnoozeRefused
from requests_app.tracking.desk.snoozing import LONGEST, last_day, limit_of, why_not
from tests.factories import NOON, RecordsRequestFactory, record

TODAY = date(2026, 3, 2)


def duty(of: str, first: int, last: int, **more: Any) -> Any:
    kind = "appeal" if of == "requester" else "determination"
    facts = {"kind": kind, "duty_of": of, "state": "running", "certainty": "fixed", "citation": "§ 4-203"}
    dates = {"earliest": TODAY + timedelta(days=first), "latest": TODAY + timedelta(days=last)}
    return SimpleNamespace(**facts | dates | more)


CASES: dict[str, tuple[list[Any], int | None]] = {
    "nothing runs": ([], None),
    "our own duty, to its earliest day": ([duty("requester", 10, 14)], 10),
    "the agency's, to the day after its latest": ([duty("agency", 5, 9)], 10),
    "the nearer of both": ([duty("agency", 5, 9), duty("requester", 7, 7)], 7),
    "a guess does not count beside what is sure": (
        [duty("agency", 2, 3, certainty="conditional"), duty("agency", 8, 9)],
        10,
    ),
    "guesses alone count by the last of them": (
        [duty("agency", 2, 3, certainty="conditional"), duty("agency", 5, 20, certainty="conditional")],
        21,
    ),
    "our doubtful duty counts": ([duty("requester", 4, 9, certainty="conditional")], 4),
    "what was missed or met is over": (
        [duty("agency", -9, -5, state="missed"), duty("agency", 1, 1, state="met")],
        None,
    ),
    "a clock that stands still sets no day": ([duty("agency", 3, 3, state="paused", earliest=None, latest=None)], None),
}


@pytest.mark.parametrize("case", CASES)
def test_what_limits_a_snooze(case: str) -> None:
    deadlines, days = CASES[case]
    limit = limit_of(deadlines)
    assert (None if limit is None else (limit.last - TODAY).days) == days


@given(
    st.lists(st.tuples(st.sampled_from(["agency", "requester"]), st.integers(-5, 60), st.integers(0, 20)), max_size=5),
    st.integers(-3, 120),
)
def test_no_snooze_hides_a_sure_date(duties: list[tuple[str, int, int]], days: int) -> None:
    deadlines = [duty(of, start, start + width) for of, start, width in duties]
    until = TODAY + timedelta(days=days)
    if why_not(until, TODAY, limit_of(deadlines)):
        return
    assert TODAY < until <= TODAY + LONGEST
    for one in deadlines:
        assert until <= (one.earliest if one.duty_of == "requester" else one.latest + timedelta(days=1))


@given(st.integers(1, 200))
def test_the_last_day_offered_is_allowed_and_the_next_is_not(days: int) -> None:
    limit = limit_of([duty("requester", days, days)])
    last = last_day(TODAY, limit)
    assert why_not(last, TODAY, limit) == ""
    assert why_not(last + timedelta(days=1), TODAY, limit)


REFUSALS = {
    "past our own date": (
        20,
        [duty("requester", 10, 14)],
        "Our own appeal is due by Thursday, March 12, 2026",
    ),
    "on the day our own is due already": (3, [duty("requester", 0, 0)], "so this cannot wait"),
    "past the day after the agency's": (11, [duty("agency", 5, 9)], "due by Wednesday, March 11, 2026 at the latest"),
    "today": (0, [], "Choose a day after today"),
    "a year": (365, [], "longer than a quarter of a year"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_says_why(case: str) -> None:
    days, deadlines, words = REFUSALS[case]
    assert words in why_not(TODAY + timedelta(days=days), TODAY, limit_of(deadlines))


# --- what sleeps ------------------------------------------------------------------------------------------------------


def sleeping(now: datetime = NOON) -> set[int]:
    return queries.sleeping_numbers(dict(todays(now)))


@pytest.fixture
def waiting(db: None) -> RecordsRequest:
    """Sent and received on March 2; Maryland's law wants a decision within thirty days."""
    return RecordsRequestFactory(with_deadline=True)


def to_sleep(one: RecordsRequest, by: Person, days: int = 7, now: datetime = NOON) -> Any:
    return services.snooze(one.pk, until=TODAY + timedelta(days=days), why="They move house.", by=by, now=now)


def test_it_sleeps_until_its_day_where_the_agency_is(waiting: RecordsRequest, bob: Person) -> None:
    to_sleep(waiting, bob)
    assert sleeping() == {waiting.pk}
    # Midnight in Maryland is five hours later than in London.
    assert sleeping(datetime(2026, 3, 9, 3, 59, tzinfo=UTC)) == {waiting.pk}
    assert sleeping(datetime(2026, 3, 9, 5, 1, tzinfo=UTC)) == set()


def test_in_hawaii_it_sleeps_longer_than_in_maryland(waiting: RecordsRequest, bob: Person) -> None:
    west = RecordsRequestFactory(jurisdiction="HI")
    to_sleep(waiting, bob)
    services.snooze(west.pk, until=TODAY + timedelta(days=7), why="Later.", by=bob, now=NOON)
    assert sleeping(datetime(2026, 3, 9, 6, 0, tzinfo=UTC)) == {west.pk}
    assert sleeping(datetime(2026, 3, 9, 10, 1, tzinfo=UTC)) == set()


WAKES: dict[str, Callable[[RecordsRequest, Person], object]] = {
    "the agency answers": lambda one, bob: record(one, ("acknowledged", "2026-03-03")),
    "the agency becomes late": lambda one, bob: RecordsRequest.objects.filter(pk=one.pk).update(overdue_since=TODAY),
    "our own date comes nearer": lambda one, bob: RecordsRequest.objects.filter(pk=one.pk).update(
        next_due_duty_of="requester", next_due_on=TODAY + timedelta(days=3)
    ),
    "somebody wakes it": lambda one, bob: services.wake(one.pk, by=bob, now=NOON),
}


@pytest.mark.parametrize("what", WAKES)
def test_it_wakes_when(what: str, waiting: RecordsRequest, bob: Person) -> None:
    to_sleep(waiting, bob)
    WAKES[what](waiting, bob)
    assert sleeping() == set()


SLEEPS_ON: dict[str, Callable[[RecordsRequest, Person], object]] = {
    "it is given to somebody": lambda one, bob: filing.assign(one.pk, to=bob, by=bob, now=NOON),
    "somebody leaves a note": lambda one, bob: filing.add_note(one.pk, text="They said June.", by=bob, now=NOON),
}


@pytest.mark.parametrize("what", SLEEPS_ON)
def test_it_sleeps_on_when(what: str, waiting: RecordsRequest, bob: Person) -> None:
    to_sleep(waiting, bob)
    SLEEPS_ON[what](waiting, bob)
    assert sleeping() == {waiting.pk}


def test_an_agency_that_was_late_before_can_be_given_time(waiting: RecordsRequest, bob: Person) -> None:
    RecordsRequest.objects.filter(pk=waiting.pk).update(overdue_since=TODAY - timedelta(days=3))
    to_sleep(waiting, bob)
    assert sleeping() == {waiting.pk}


def test_past_the_agencys_date_it_is_refused(waiting: RecordsRequest, bob: Person) -> None:
    latest = max(d.latest for d in waiting.deadlines.filter(state="running", duty_of="agency") if d.latest)
    with pytest.raises(SnoozeRefused, match="at the latest"):
        services.snooze(waiting.pk, until=latest + timedelta(days=2), why="Later.", by=bob, now=NOON)
    assert not Snooze.objects.exists()


def test_a_new_day_takes_the_place_of_the_old(waiting: RecordsRequest, bob: Person, alice: Person) -> None:
    to_sleep(waiting, bob, days=5)
    to_sleep(waiting, alice, days=3)
    assert queries.snoozes_of([waiting.pk], dict(todays(NOON)))[waiting.pk].until == TODAY + timedelta(days=3)
    assert Snooze.objects.filter(ended_by=alice).count() == 1


def test_without_a_reason_nothing_sleeps(waiting: RecordsRequest, bob: Person) -> None:
    with pytest.raises(SnoozeRefused, match="Say why"):
        services.snooze(waiting.pk, until=TODAY + timedelta(days=2), why="  ", by=bob, now=NOON)


def test_the_desk_leaves_out_what_sleeps_and_says_how_many(
    waiting: RecordsRequest, bob: Person, coordinator_client: Client
) -> None:
    to_sleep(waiting, bob)
    with time_machine.travel(NOON, tick=False):
        whole = coordinator_client.get(reverse("tracking:desk"))
        assert whole.context["nothing"]
        assert "Every open request sleeps" in whole.content.decode()
        asleep = coordinator_client.get(reverse("tracking:desk") + "?group=asleep").content.decode()
    assert waiting.reference in asleep
    assert "They move house. (bob)" in asleep


def test_the_groups_and_a_group_by_itself_leave_out_the_same(waiting: RecordsRequest, bob: Person) -> None:
    to_sleep(waiting, bob)
    awake = RecordsRequestFactory(with_deadline=True)
    everything, asleep = RecordsRequest.objects.all(), queries.Sleeping(dict(todays(NOON)))
    found = queries.first_numbers(everything, TODAY, asleep, 10)
    by_itself = {name: queries.numbers_after(everything, name, TODAY, asleep, "", 10) for name in found}
    assert found == by_itself == {name: [] for name in found} | {"them": [awake.pk], "asleep": [waiting.pk]}
