"""The one thing to do, and the next day that matters: tables over deadlines made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from requests_app.filing.lifecycle import Status
from requests_app.filing.next_action import next_action, next_due

TODAY = date(2026, 3, 20)


@dataclass(frozen=True)
class Row:
    """A deadline as far as the next action reads it."""

    kind: str = "determination"
    duty_of: str = "agency"
    earliest: date | None = date(2026, 4, 1)
    latest: date | None = date(2026, 4, 2)
    certainty: str = "fixed"
    state: str = "running"
    citation: str = "§ 1"


def ours(kind: str, first: date, last: date, certainty: str = "fixed") -> Row:
    return Row(kind, "requester", first, last, certainty, "running", "§ 9")


@pytest.mark.parametrize(
    ("rows", "due"),
    [
        pytest.param([], None, id="nothing-runs"),
        pytest.param([Row()], (date(2026, 4, 2), "agency"), id="the-agencys-latest"),
        pytest.param(
            [ours("appeal", date(2026, 4, 1), date(2026, 4, 9))], (date(2026, 4, 1), "requester"), id="ours-first"
        ),
        pytest.param([Row(state="met"), Row(state="paused", earliest=None, latest=None)], None, id="met-and-paused"),
        pytest.param(
            [Row(certainty="conditional", latest=date(2026, 3, 25)), Row()],
            (date(2026, 4, 2), "agency"),
            id="a-guess-does-not-count-beside-a-sure-date",
        ),
        pytest.param(
            [Row(certainty="conditional", latest=date(2026, 3, 25)), Row(certainty="conditional")],
            (date(2026, 4, 2), "agency"),
            id="of-guesses-alone-the-last",
        ),
        pytest.param(
            [ours("appeal", date(2026, 3, 30), date(2026, 4, 9), "conditional"), Row()],
            (date(2026, 3, 30), "requester"),
            id="our-own-doubtful-duty-counts",
        ),
    ],
)
def test_the_next_day_that_matters(rows: list[Row], due: tuple[date, str] | None) -> None:
    found = next_due(rows)
    assert (found and (found.on, found.duty_of)) == due


LATE = Row(state="missed", earliest=date(2026, 3, 10), latest=date(2026, 3, 12))


@pytest.mark.parametrize(
    ("status", "rows", "owner", "by", "url_name"),
    [
        pytest.param(Status.READY, [], "us", None, "correspondence:mark-sent", id="send-it"),
        pytest.param(Status.SENDING, [], "nobody", None, "", id="leaves-by-itself"),
        pytest.param(Status.UNDELIVERED, [], "us", None, "correspondence:another-way", id="another-way"),
        pytest.param(Status.SENT, [Row()], "agency", date(2026, 4, 2), "filing:record", id="wait"),
        pytest.param(Status.RECEIVED, [LATE], "us", date(2026, 3, 12), "tracking:request", id="late"),
        pytest.param(
            Status.RECEIVED,
            [Row(state="missed", certainty="conditional", latest=date(2026, 3, 12))],
            "agency",
            None,
            "filing:record",
            id="never-late-on-a-guess",
        ),
        pytest.param(
            Status.ACKNOWLEDGED,
            [Row(kind="acknowledgment", state="missed", latest=date(2026, 3, 12)), Row()],
            "agency",
            date(2026, 4, 2),
            "filing:record",
            id="a-late-acknowledgment-is-past",
        ),
        pytest.param(
            Status.RECEIVED, [Row(latest=TODAY)], "agency", TODAY, "filing:record", id="the-last-day-is-not-late"
        ),
        pytest.param(Status.PRODUCTION, [LATE], "agency", None, "filing:record", id="decided-late-is-past"),
        pytest.param(
            Status.CLARIFICATION,
            [ours("reply", date(2026, 4, 3), date(2026, 4, 6))],
            "us",
            date(2026, 4, 3),
            "filing:record",
            id="answer-by-the-first-date",
        ),
        pytest.param(Status.FEE, [], "us", None, "filing:record", id="answer-the-estimate"),
        pytest.param(
            Status.REFUSED,
            [ours("appeal", date(2026, 4, 19), date(2026, 4, 20)), ours("court", date(2026, 3, 25), date(2026, 3, 25))],
            "us",
            date(2026, 4, 19),
            "filing:record",
            id="appeal-by-the-first-date",
        ),
        pytest.param(
            Status.APPEAL, [Row(kind="appeal")], "agency", date(2026, 4, 2), "filing:record", id="appeal-runs"
        ),
        pytest.param(Status.DONE, [], "nobody", None, "", id="done"),
    ],
)
def test_the_one_thing_to_do(status: Status, rows: list[Row], owner: str, by: date | None, url_name: str) -> None:
    action = next_action(status, rows, TODAY)
    assert (action.owner, action.by, action.url_name) == (owner, by, url_name)
    assert str(action.what).endswith(".")


def test_every_status_has_something_to_say() -> None:
    for status in Status:
        assert str(next_action(status, [], TODAY).what)
