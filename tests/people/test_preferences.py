"""How one person is told: ways, quiet hours and the moments of digests, as tables and as properties. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.people.preferences import (
    Asked,
    Channel,
    Period,
    Topic,
    Wishes,
    decide,
    digest_day,
    is_zone,
    quiet_ends,
)

NEW_YORK, HONOLULU = "America/New_York", "Pacific/Honolulu"
FIRST, LAST = datetime(2025, 1, 1), datetime(2029, 1, 1)  # noqa: DTZ001  hypothesis adds the zone
NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # noon in New York
GATHERS = Wishes(channels={Topic.THEIRS: Channel.DAILY, Topic.NEWS: Channel.IN_APP})


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "asked", "wishes", "channel"),
    [
        pytest.param(Topic.THEIRS, Asked.MAIL, Wishes(), Channel.SINGLE, id="no-choice-is-a-mail"),
        pytest.param(Topic.THEIRS, Asked.MAIL, GATHERS, Channel.DAILY, id="the-reader-wants-a-digest"),
        pytest.param(Topic.NEWS, Asked.MAIL, GATHERS, Channel.IN_APP, id="the-reader-wants-no-mail"),
        pytest.param(Topic.THEIRS, Asked.DIGEST, Wishes(), Channel.DAILY, id="the-policy-wants-a-digest"),
        pytest.param(Topic.NEWS, Asked.DIGEST, GATHERS, Channel.IN_APP, id="a-wish-for-less-wins"),
        pytest.param(Topic.THEIRS, Asked.IN_APP, Wishes(), Channel.IN_APP, id="the-policy-wants-no-mail"),
        pytest.param(Topic.OURS, Asked.MAIL, GATHERS, Channel.SINGLE, id="our-own-deadline-knows-no-digest"),
        pytest.param(Topic.ACCOUNT, Asked.MAIL, GATHERS, Channel.SINGLE, id="nor-does-the-account"),
        pytest.param(
            Topic.OURS,
            Asked.MAIL,
            Wishes(channels={Topic.OURS: Channel.IN_APP}),
            Channel.SINGLE,
            id="even-where-a-row-says-so",
        ),
    ],
)
def test_by_which_way(topic: Topic, asked: Asked, wishes: Wishes, channel: Channel) -> None:
    assert decide(topic, asked, wishes, now=NOW).channel is channel


@pytest.mark.parametrize(
    ("start", "end", "zone", "moment", "ends"),
    [
        pytest.param("22:00", "07:00", NEW_YORK, "2026-03-03T04:00", "2026-03-03T12:00", id="in-the-evening"),
        pytest.param("22:00", "07:00", NEW_YORK, "2026-03-03T11:59", "2026-03-03T12:00", id="last-minute"),
        pytest.param("22:00", "07:00", NEW_YORK, "2026-03-03T12:00", "2026-03-03T12:00", id="over"),
        pytest.param("22:00", "07:00", HONOLULU, "2026-03-03T04:00", "2026-03-03T04:00", id="day-in-hawaii"),
        pytest.param("09:00", "17:00", NEW_YORK, "2026-03-02T17:00", "2026-03-02T22:00", id="by-day"),
        # March 8, 2026: 2:00 EST becomes 3:00 EDT. 23:00 EST is 4:00 UTC; 7:00 EDT is 11:00 UTC.
        pytest.param("22:00", "07:00", NEW_YORK, "2026-03-08T04:00", "2026-03-08T11:00", id="short-night"),
        # Quiet until 2:30, which that night does not have: half past three, by the clock of before.
        pytest.param("22:00", "02:30", NEW_YORK, "2026-03-08T06:00", "2026-03-08T07:30", id="no-such-hour"),
        # November 1, 2026: 2:00 EDT becomes 1:00 EST. 7:00 EST is 12:00 UTC.
        pytest.param("22:00", "07:00", NEW_YORK, "2026-11-01T04:00", "2026-11-01T12:00", id="long-night"),
        pytest.param("22:00", "01:30", NEW_YORK, "2026-11-01T04:00", "2026-11-01T05:30", id="first-half-past-one"),
        pytest.param("22:00", "01:30", NEW_YORK, "2026-11-01T06:10", "2026-11-01T06:30", id="second-half-past-one"),
        pytest.param("22:00", "07:00", NEW_YORK, "2026-01-01T04:30", "2026-01-01T12:00", id="new-year"),
        pytest.param("22:00", "07:00", NEW_YORK, "2028-02-29T04:00", "2028-02-29T12:00", id="before-leap-day"),
        pytest.param("22:00", "07:00", NEW_YORK, "2028-03-01T04:00", "2028-03-01T12:00", id="after-leap-day"),
        pytest.param("07:00", "07:00", NEW_YORK, "2026-03-03T12:00", "2026-03-03T12:00", id="no-hours-at-all"),
    ],
)  # fmt: skip
def test_when_quiet_hours_end(start: str, end: str, zone: str, moment: str, ends: str) -> None:
    wishes = Wishes(zone=zone, quiet_from=time.fromisoformat(start), quiet_until=time.fromisoformat(end))
    assert quiet_ends(utc(moment), wishes) == utc(ends)


@given(
    moment=st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(["America/New_York", "Pacific/Honolulu", "Europe/London", "Australia/Lord_Howe", "UTC"]),
)
def test_quiet_hours_hold_back_at_most_a_day_and_never_send_early(
    moment: datetime, start: time, end: time, zone: str
) -> None:
    wishes = Wishes(zone=zone, quiet_from=start, quiet_until=end)
    ends = quiet_ends(moment, wishes)
    assert moment <= ends <= moment + timedelta(hours=26)
    assert quiet_ends(ends, wishes) <= ends + timedelta(hours=1), "the end is outside, but in a night that repeats it"


def test_our_own_deadline_waits_only_while_the_day_is_not_lost() -> None:
    night = Wishes(quiet_from=time(17, 0), quiet_until=time(7, 0))
    evening = utc("2026-03-09T22:30")  # half past six in New York
    due_later, due_today = utc("2026-03-10T20:00"), utc("2026-03-09T20:00")
    assert decide(Topic.OURS, Asked.MAIL, night, now=evening, lost_at=due_later).send_after == utc("2026-03-10T11:00")
    assert decide(Topic.OURS, Asked.MAIL, night, now=evening, lost_at=due_today).send_after == evening
    assert decide(Topic.THEIRS, Asked.MAIL, night, now=evening).send_after == utc("2026-03-10T11:00")


@pytest.mark.parametrize(
    ("period", "hour", "weekday", "zone", "now", "day"),
    [
        pytest.param("daily", 7, 0, NEW_YORK, "2026-03-02T11:59", "2026-03-01", id="a-minute-to-seven"),
        pytest.param("daily", 7, 0, NEW_YORK, "2026-03-02T12:00", "2026-03-02", id="seven"),
        pytest.param("daily", 7, 0, HONOLULU, "2026-03-02T12:00", "2026-03-01", id="still-night-in-hawaii"),
        pytest.param("daily", 2, 0, NEW_YORK, "2026-03-08T07:00", "2026-03-08", id="the-hour-that-is-skipped"),
        pytest.param("daily", 1, 0, NEW_YORK, "2026-11-01T06:30", "2026-11-01", id="the-hour-lived-twice"),
        pytest.param("weekly", 7, 0, NEW_YORK, "2026-03-05T12:00", "2026-03-02", id="thursday-looks-to-monday"),
        pytest.param("weekly", 7, 4, NEW_YORK, "2026-03-05T12:00", "2026-02-27", id="friday-of-last-week"),
        pytest.param("weekly", 7, 3, NEW_YORK, "2026-12-31T12:00", "2026-12-31", id="year-end"),
        pytest.param("weekly", 7, 1, NEW_YORK, "2028-02-29T12:00", "2028-02-29", id="leap-day"),
    ],
)  # fmt: skip
def test_for_which_day_a_digest_is_due(period: str, hour: int, weekday: int, zone: str, now: str, day: str) -> None:
    wishes = Wishes(zone=zone, digest_hour=hour, weekday=weekday)
    assert digest_day(Period(period), wishes, utc(now)).date() == date.fromisoformat(day)


@given(
    now=st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    zone=st.sampled_from(["America/New_York", "Pacific/Honolulu", "Australia/Lord_Howe"]),
    period=st.sampled_from(list(Period)),
)
def test_a_digest_was_due_within_its_period(now: datetime, hour: int, weekday: int, zone: str, period: Period) -> None:
    at = digest_day(period, Wishes(zone=zone, digest_hour=hour, weekday=weekday), now).astimezone(UTC)
    longest = timedelta(days=1 if period is Period.DAILY else 7, hours=1)
    assert now - longest <= at <= now + timedelta(hours=1)
    local = at.astimezone(ZoneInfo(zone))
    assert period is Period.DAILY or local.weekday() == weekday


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("America/Chicago", True), ("Pacific/Honolulu", True), ("America/Argentina/Ushuaia", True), ("UTC", True),
        ("", False), ("Chicago", False), ("America/Atlantis", False), ("../../etc/passwd", False),
        ("/etc/localtime", False),
        ("localtime", False), ("America/Chicago\x00", False), ("america/chicago ", False), ("A" * 5000, False),
        ("UTC+5", False), ("💥", False),
    ],
)  # fmt: skip
def test_only_time_zones_that_exist(name: str, known: bool) -> None:
    assert is_zone(name) is known
