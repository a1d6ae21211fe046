"""The day a request counts as received: recorded, presumed, after hours, on a closed day, by post."""

from __future__ import annotations

from typing import Any

import pytest

from requests_app.law.receipt import find_receipt
from tests.law.samples import calendar, only, projected, statute, statute_facts, timeline

# Thu Nov 26 is Thanksgiving; Fri Nov 27 is disputed here.
CALENDAR = calendar(disputed=("2026-11-27",))


def receipt_of(events: str, **changes: Any) -> tuple[str, str, bool]:
    law = statute(receipt=statute_facts()["receipt"] | changes)
    found = find_receipt(timeline(events), law.receipt, CALENDAR)
    return str(found.earliest), str(found.latest), found.presumed


@pytest.mark.parametrize(
    ("events", "changes", "earliest", "latest"),
    [
        pytest.param("received=2026-03-06", {}, "2026-03-06", "2026-03-06", id="a-plain-day"),
        pytest.param("received=2026-03-06T17:00", {}, "2026-03-06", "2026-03-06", id="at-the-close-of-business"),
        pytest.param("received=2026-03-06T17:01", {}, "2026-03-09", "2026-03-09", id="a-minute-after-moves-to-monday"),
        pytest.param(
            *("received=2026-03-06T17:01", {"close_of_business": "18:00"}, "2026-03-06", "2026-03-06"),
            id="this-office-closes-later",
        ),
        pytest.param(
            *("received=2026-03-06T23:00", {"after_hours": "same_day"}, "2026-03-06", "2026-03-06"),
            id="after-hours-counts-the-same-day",
        ),
        pytest.param(
            *("received=2026-03-06T23:00", {"after_hours": "disputed"}, "2026-03-06", "2026-03-09"),
            id="after-hours-is-disputed",
        ),
        pytest.param(
            "received=2026-11-25T20:00", {}, "2026-11-27", "2026-11-30", id="after-hours-before-a-disputed-day"
        ),
        pytest.param("received=2026-03-07", {}, "2026-03-07", "2026-03-07", id="a-saturday-stays"),
        pytest.param(
            *("received=2026-03-07", {"closed_day": "next_business_day"}, "2026-03-09", "2026-03-09"),
            id="a-saturday-moves-to-monday",
        ),
        pytest.param(
            *("received=2026-03-07", {"closed_day": "disputed"}, "2026-03-07", "2026-03-09"), id="a-saturday-may-move"
        ),
        pytest.param(
            *("received=2026-11-27", {"closed_day": "next_business_day"}, "2026-11-27", "2026-11-30"),
            id="a-disputed-day-may-move",
        ),
    ],
)
def test_a_recorded_receipt_is_a_fact(events: str, changes: dict[str, Any], earliest: str, latest: str) -> None:
    assert receipt_of(events, **changes) == (earliest, latest, False)


@pytest.mark.parametrize(
    ("events", "changes", "earliest", "latest"),
    [
        pytest.param("sent=2026-03-06T09:00/email", {}, "2026-03-06", "2026-03-06", id="email-in-the-morning"),
        pytest.param("sent=2026-03-06T20:00/portal", {}, "2026-03-09", "2026-03-09", id="portal-at-night"),
        pytest.param("sent=2026-03-06/hand", {}, "2026-03-06", "2026-03-09", id="a-date-alone-is-a-pair"),
        pytest.param(
            *("sent=2026-03-06T09:00/email", {"email": "next_business_day", "email_citation": "Code § 9"}),
            *("2026-03-09", "2026-03-09"),
            id="the-law-presumes-the-next-business-day",
        ),
        pytest.param(
            *("sent=2026-03-06T09:00/hand", {"email": "next_business_day", "email_citation": "Code § 9"}),
            *("2026-03-06", "2026-03-06"),
            id="which-does-not-touch-delivery-by-hand",
        ),
        pytest.param("sent=2026-03-06/post", {}, "2026-03-09", "2026-03-13", id="post-by-the-house-estimate"),
        pytest.param(
            *("sent=2026-11-24/post", {"post": {"amount": 3, "unit": "business_days"}, "post_citation": "Code § 9"}),
            *("2026-11-30", "2026-12-01"),
            id="post-on-the-third-business-day",
        ),
        pytest.param(
            *("sent=2026-03-03/post", {"post": {"amount": 5, "unit": "calendar_days"}, "post_citation": "Code § 9"}),
            *("2026-03-08", "2026-03-09"),
            id="post-on-the-fifth-day-a-sunday",
        ),
        pytest.param(
            "sent=2026-03-06/post acknowledged=2026-03-10",
            {},
            "2026-03-09",
            "2026-03-10",
            id="the-answer-shows-arrival",
        ),
        pytest.param(
            "sent=2026-03-06/post acknowledged=2026-03-07",
            {},
            "2026-03-07",
            "2026-03-07",
            id="it-came-sooner-than-thought",
        ),
    ],
)
def test_a_sending_gives_a_presumption(events: str, changes: dict[str, Any], earliest: str, latest: str) -> None:
    assert receipt_of(events, **changes) == (earliest, latest, True)


def test_a_presumed_receipt_is_shown_as_presumed() -> None:
    row = only(projected(statute(), "sent=2026-03-06/post"), "decide")

    assert row.certainty == "presumed"
    assert any("a house estimate and not law" in step for step in row.trace)


def test_a_recorded_receipt_replaces_the_presumption() -> None:
    row = only(projected(statute(), "sent=2026-03-06/post received=2026-03-11"), "decide")

    assert (row.certainty, str(row.trigger_date)) == ("fixed", "2026-03-11")
    assert row.trace[0] == "Received Wednesday, March 11, 2026, by post."
