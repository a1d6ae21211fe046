"""What came after which letter: only within the window, and not yet where the window is open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from requests_app.tracking.statistics.what_worked import WINDOW, Followed, Written, what_followed

ON = date(2026, 3, 2)
LONG_AFTER = ON + timedelta(days=200)


@pytest.mark.parametrize(
    ("came", "today", "row"),
    [
        pytest.param([], LONG_AFTER, Followed("x", 1, 0, 0), id="nothing came"),
        pytest.param([], ON + WINDOW, Followed("x", 1, 0, 1), id="the last day of the window is not over"),
        pytest.param([], ON + WINDOW + timedelta(days=1), Followed("x", 1, 0, 0), id="the window is over"),
        pytest.param([ON], LONG_AFTER, Followed("x", 1, 0, 0), id="on the same day: under way already"),
        pytest.param([ON + timedelta(days=1)], LONG_AFTER, Followed("x", 1, 1, 0), id="the day after"),
        pytest.param([ON + WINDOW], LONG_AFTER, Followed("x", 1, 1, 0), id="the last day of the window"),
        pytest.param([ON + WINDOW + timedelta(days=1)], LONG_AFTER, Followed("x", 1, 0, 0), id="a day too late"),
        pytest.param([ON - timedelta(days=3)], LONG_AFTER, Followed("x", 1, 0, 0), id="came before the letter"),
    ],
)
def test_one_letter(came: list[date], today: date, row: Followed) -> None:
    assert what_followed([Written(1, "x", ON)], {1: came}, today) == [row]


def test_the_most_often_followed_comes_first_and_only_its_own_request_counts() -> None:
    letters = [Written(1, "appeal", ON), Written(2, "follow_up", ON), Written(3, "follow_up", ON)]
    rows = what_followed(letters, {2: [ON + timedelta(days=4)]}, LONG_AFTER)
    assert rows == [Followed("follow_up", 2, 1, 0), Followed("appeal", 1, 0, 0)]
    assert [row.judged for row in rows] == [2, 1]
