"""The clock of truth: a worker whose clock is wrong leaves its tasks alone, and the timer outlives a clock set back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from foia import clock
from foia.celery import app
from foia.checks import claims_outlast_a_mail
from requests_app.tracking import tasks
from requests_app.tracking.models import Heartbeat

DAY = 86_400
NOON = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_the_database_knows_the_time() -> None:
    assert abs(clock.seconds_ahead()) < 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ahead", "works"),
    [
        pytest.param(0, True, id="right"),
        pytest.param(10, True, id="a-little-ahead"),
        pytest.param(-10, True, id="a-little-behind"),
        pytest.param(31, False, id="half-a-minute-ahead"),
        pytest.param(-31, False, id="half-a-minute-behind"),
        pytest.param(3 * DAY, False, id="days-ahead"),
        pytest.param(-3 * DAY, False, id="days-behind"),
    ],
)
def test_a_worker_works_only_by_a_right_clock(
    ahead: int, works: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(clock, "database_clock", lambda: NOON)
    with time_machine.travel(NOON + timedelta(seconds=ahead), tick=False):
        outcome = tasks.sweep.apply()  # as a worker does it
    assert outcome.state == ("SUCCESS" if works else "IGNORED")
    assert Heartbeat.objects.filter(name="sweep").exists() is works
    assert ("differs from the database's by" in caplog.text) is not works


@pytest.fixture
def timer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[timedelta], list[str]]]:
    """The timer, started at noon: tick until it rests, at a moment so far from noon, and hear what it sent."""
    sent: list[str] = []
    monkeypatch.setattr(clock.Timer, "apply_entry", lambda self, entry, producer=None: sent.append(entry.name))

    def open_timer() -> clock.Timer:
        return clock.Timer(app=app, schedule_filename=str(tmp_path / "schedule"))

    with time_machine.travel(NOON, tick=False) as hands:
        timer = open_timer()

        def tick(after: timedelta, *, again: bool = False) -> list[str]:
            nonlocal timer
            if again:
                timer.close()
                timer = open_timer()
            hands.move_to(NOON + after)
            sent.clear()
            for _ in range(50):
                if timer.tick() > 0:
                    return sorted(sent)
            raise AssertionError("the timer never rests")

        yield tick
        timer.close()


def test_the_timer_is_not_silent_after_its_clock_was_set_back(timer: Callable[..., list[str]]) -> None:
    minute = timedelta(minutes=1)
    timer(timedelta())
    assert "sweep" in timer(minute)
    assert "sweep" in timer(timedelta(days=1))  # the clock is wrong for a moment
    timer(2 * minute)
    assert "sweep" in timer(3 * minute)
    assert "sweep" not in timer(3.5 * minute)
    assert "sweep" in timer(4 * minute)


def test_a_timer_that_starts_again_after_a_wrong_clock_is_not_silent(timer: Callable[..., list[str]]) -> None:
    timer(timedelta(days=1))
    timer(timedelta(minutes=1), again=True)
    assert "sweep" in timer(timedelta(minutes=2))


@pytest.mark.parametrize(("claim", "warned"), [(420, False), (419, True)])
def test_a_claim_outlasts_a_slow_mail_in_the_eyes_of_every_clock(claim: int, warned: bool, settings: Any) -> None:
    settings.OUTBOX_CLAIM_SECONDS, settings.EMAIL_TIMEOUT, settings.CLOCK_TOLERANCE_SECONDS = claim, 30, 30
    assert bool(claims_outlast_a_mail(None)) is warned
