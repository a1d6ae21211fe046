"""Which stories cannot have happened, and the sentence that says so."""

from __future__ import annotations

import pytest

from requests_app.law.timeline import TimelineError
from tests.law.samples import timeline


@pytest.mark.parametrize(
    ("events", "message"),
    [
        pytest.param("", "Nothing was sent or received", id="nothing"),
        pytest.param("acknowledged=2026-03-02", "Nothing was sent or received", id="an-answer-to-nothing"),
        pytest.param(
            "sent=2026-03-03 received=2026-03-02",
            "The receipt of the request (2026-03-02) cannot come before the sending of the request (2026-03-03)",
            id="received-before-sent",
        ),
        pytest.param(
            "sent=2026-03-02T15:00 received=2026-03-02T14:00",
            "The receipt of the request (2026-03-02) cannot come before",
            id="received-an-hour-before-sent",
        ),
        pytest.param(
            "received=2026-03-02 denied=2026-03-01",
            "The agency's denial (2026-03-01) cannot come before the receipt of the request (2026-03-02)",
            id="denied-before-received",
        ),
        pytest.param(
            "sent=2026-03-01 received=2026-03-03 acknowledged=2026-03-02",
            "The agency's acknowledgment (2026-03-02) cannot come before the receipt",
            id="answered-between-sending-and-receipt",
        ),
        pytest.param("received=2026-03-02 clarified=2026-03-05", "answers nothing", id="clarified-unasked"),
        pytest.param(
            "received=2026-03-02 clarification_requested=2026-03-06 clarified=2026-03-05",
            "The clarification (2026-03-05) cannot come before the agency's request for clarification (2026-03-06)",
            id="clarified-before-asked",
        ),
        pytest.param("received=2026-03-02 fee_paid=2026-03-05", "answers nothing", id="paid-without-an-estimate"),
        pytest.param(
            "received=2026-03-02 denied=2026-03-05 appeal_filed=2026-03-20 appeal_decided=2026-03-19",
            "The decision on the appeal (2026-03-19) cannot come before the appeal (2026-03-20)",
            id="decided-before-filed",
        ),
        pytest.param(
            "received=2026-03-02 received=2026-03-04",
            "The receipt of the request can happen only once, but it is given on 2026-03-02 and on 2026-03-04",
            id="received-twice",
        ),
        pytest.param("received=2026-03-02 denied=2026-03-04 denied=2026-03-05", "only once", id="denied-twice"),
    ],
)
def test_an_impossible_story_is_refused_in_one_sentence(events: str, message: str) -> None:
    with pytest.raises(TimelineError) as refused:
        timeline(events)

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param("received=2026-03-02 acknowledged=2026-03-02", id="answered-on-the-same-day"),
        pytest.param("received=2026-03-02 extension=2026-03-05 extension=2026-03-12", id="extended-twice"),
        pytest.param(
            "received=2026-03-02 fee_estimated=2026-03-03 fee_paid=2026-03-03 fee_estimated=2026-03-10",
            id="two-estimates",
        ),
        pytest.param("received=2026-03-02 produced=2026-03-05 produced=2026-03-12", id="records-in-instalments"),
        pytest.param("sent=2026-03-01 received=2026-03-03", id="sent-and-received"),
        pytest.param("received=2026-03-02 denied=2026-03-05 determined=2026-03-05", id="granted-in-part"),
    ],
)
def test_a_possible_story_is_taken(events: str) -> None:
    assert timeline(events).events


def test_events_are_put_in_order_whatever_order_they_come_in() -> None:
    story = timeline("denied=2026-03-05 received=2026-03-02 acknowledged=2026-03-03")

    assert [event.kind for event in story.events] == ["received", "acknowledged", "denied"]
