"""What may happen to a finding in which state."""

from __future__ import annotations

import pytest

from requests_app.review.findings.states import CLOSED, SETTLED, Act, State, after


@pytest.mark.parametrize(
    ("state", "act", "then"),
    [
        ("draft", Act.OFFER, "waiting"),
        ("draft", Act.CHANGE, "draft"),
        ("draft", Act.AGREE, None),
        ("waiting", Act.AGREE, "verified"),
        ("waiting", Act.DIFFER, "differs"),
        ("waiting", Act.DECIDE, None),
        ("differs", Act.DECIDE, "adjudicated"),
        ("differs", Act.AGREE, None),
        ("verified", Act.CHANGE, "waiting"),
        ("adjudicated", Act.CHANGE, "waiting"),
        ("verified", Act.AGREE, None),
        ("verified", Act.REPLACE, "superseded"),
        ("draft", Act.REPLACE, None),
        ("superseded", Act.CHANGE, None),
        ("withdrawn", Act.OFFER, None),
    ],
)
def test_what_an_act_makes_of_a_state(state: str, act: Act, then: str | None) -> None:
    assert after(state, act) == then


@pytest.mark.parametrize("state", list(State))
def test_nothing_settles_without_a_second_reader_and_nothing_closed_moves(state: State) -> None:
    settles = {act for act in Act if after(state, act) in SETTLED}
    assert settles <= {Act.AGREE, Act.DECIDE}
    if state in CLOSED:
        assert not any(after(state, act) for act in Act)
    else:
        assert after(state, Act.WITHDRAW) is State.WITHDRAWN
