"""The life of a request as one table: every status reachable, every event handled, every mistake undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing import lifecycle
from requests_app.filing.lifecycle import (
    EventFact,
    EventKind,
    ImpossibleEvent,
    Outcome,
    Phase,
    Resolution,
    Status,
    WaiverOutcome,
    fold,
    possible_events,
)

MONDAY = date(2026, 3, 2)


def life(*kinds: str, outcome: str = "") -> list[EventFact]:
    """Events a day apart, beginning with the opening."""
    named = [EventKind.OPENED, *(EventKind(kind) for kind in kinds)]
    return [
        EventFact(number, kind, MONDAY + timedelta(days=number), outcome=outcome)
        for number, kind in enumerate(named, start=1)
    ]


@pytest.mark.parametrize(
    ("kinds", "status", "resolution", "phase"),
    [
        pytest.param([], "ready", None, "waiting_for_us", id="opened-waits-for-us-to-send"),
        pytest.param(["queued"], "sending", None, "in_progress", id="in-the-outbox"),
        pytest.param(["queued", "taken_back"], "ready", None, "waiting_for_us", id="undone-in-time"),
        pytest.param(["queued", "send_failed"], "undelivered", None, "waiting_for_us", id="mail-server-refused"),
        pytest.param(["sent", "send_failed"], "undelivered", None, "waiting_for_us", id="bounced-later"),
        pytest.param(["sent", "send_failed", "sent"], "sent", None, "waiting_for_them", id="sent-again"),
        pytest.param(["sent", "received"], "received", None, "waiting_for_them", id="received"),
        pytest.param(["sent", "acknowledged"], "acknowledged", None, "waiting_for_them", id="acknowledged"),
        pytest.param(["sent", "extension"], "extended", None, "waiting_for_them", id="extended"),
        pytest.param(
            ["sent", "extension", "acknowledged"], "extended", None, "waiting_for_them", id="late-thanks-change-nothing"
        ),
        pytest.param(["sent", "clarification_requested"], "clarification", None, "waiting_for_us", id="asked"),
        pytest.param(
            ["sent", "clarification_requested", "clarified"], "acknowledged", None, "waiting_for_them", id="answered"
        ),
        pytest.param(
            ["sent", "extension", "fee_estimated", "fee_paid"],
            "extended",
            None,
            "waiting_for_them",
            id="paid-goes-back",
        ),
        pytest.param(
            ["sent", "clarification_requested", "fee_estimated", "fee_paid"],
            "clarification",
            None,
            "waiting_for_us",
            id="two-questions-one-paid",
        ),
        pytest.param(
            ["sent", "clarification_requested", "fee_estimated", "clarified"],
            "fee",
            None,
            "waiting_for_us",
            id="two-questions-the-older-answered",
        ),
        pytest.param(
            ["sent", "clarification_requested", "fee_estimated", "clarified", "fee_paid"],
            "acknowledged",
            None,
            "waiting_for_them",
            id="two-questions-both-answered",
        ),
        pytest.param(["sent", "determined"], "production", None, "waiting_for_them", id="granted"),
        pytest.param(["sent", "produced_part"], "partial", None, "waiting_for_them", id="some"),
        pytest.param(["sent", "produced"], "done", "records", "done", id="all"),
        pytest.param(["sent", "denied"], "refused", None, "waiting_for_us", id="denied-we-may-appeal"),
        pytest.param(["sent", "no_records"], "refused", None, "waiting_for_us", id="no-records-we-may-appeal"),
        pytest.param(["sent", "appeal_filed"], "appeal", None, "waiting_for_them", id="appeal-of-silence"),
        pytest.param(["sent", "denied", "closed"], "done", "denied", "done", id="gave-in"),
        pytest.param(["sent", "no_records", "closed"], "done", "no_records", "done", id="believed-them"),
        pytest.param(["sent", "produced_part", "denied", "closed"], "done", "part", "done", id="part-and-a-refusal"),
        pytest.param(["sent", "closed"], "done", "no_answer", "done", id="never-answered"),
        pytest.param(["withdrawn"], "done", "withdrawn", "done", id="withdrawn-before-sending"),
        pytest.param(["sent", "produced", "reply"], "done", "records", "done", id="a-thank-you-after-the-end"),
        pytest.param(["sent", "denied", "closed", "reopened"], "refused", None, "waiting_for_us", id="reopened"),
        pytest.param(
            ["sent", "produced", "reopened", "closed"], "done", "part", "done", id="all-was-not-all-and-no-more-came"
        ),
    ],
)
def test_the_life_of_a_request(kinds: list[str], status: str, resolution: str | None, phase: str) -> None:
    standing = fold(life(*kinds))
    assert (standing.status, standing.resolution, standing.phase) == (status, resolution, phase)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.GRANTED, Status.PRODUCTION), (Outcome.PART, Status.PRODUCTION), (Outcome.REFUSED, Status.REFUSED)],
)
def test_an_appeal_leads_where_its_outcome_says(outcome: Outcome, status: Status) -> None:
    assert fold(life("sent", "denied", "appeal_filed", "appeal_decided", outcome=outcome)).status is status


def test_an_appeal_of_silence_that_fails_ends_as_denied() -> None:
    lost = life("sent", "appeal_filed", "appeal_decided", "closed", outcome=Outcome.REFUSED)
    assert fold(lost).resolution is Resolution.DENIED


@pytest.mark.parametrize(
    ("kinds", "outcome", "status"),
    [
        pytest.param(["fee_estimated"], WaiverOutcome.GRANTED, "acknowledged", id="in-full-nothing-is-asked-of-us"),
        pytest.param(["fee_estimated"], WaiverOutcome.PART, "fee", id="in-part-the-rest-is-open"),
        pytest.param(["fee_estimated"], WaiverOutcome.REFUSED, "fee", id="refused-the-fee-is-open"),
        pytest.param([], WaiverOutcome.GRANTED, "sent", id="before-any-fee-is-named"),
        pytest.param(["extension", "fee_estimated"], WaiverOutcome.GRANTED, "extended", id="back-to-where-it-stood"),
        pytest.param(["denied"], WaiverOutcome.GRANTED, "refused", id="a-refusal-stays-one"),
    ],
)
def test_a_fee_waiver_leads_where_it_was_decided(kinds: list[str], outcome: WaiverOutcome, status: str) -> None:
    assert fold(life("sent", *kinds, "waiver_decided", outcome=outcome)).status == status


def test_a_waiver_in_full_answers_a_fee_that_lies_under_a_question() -> None:
    asked = life("sent", "fee_estimated", "clarification_requested", "waiver_decided", outcome=WaiverOutcome.GRANTED)
    assert fold(asked).status is Status.CLARIFICATION
    answered = EventFact(6, EventKind.CLARIFIED, MONDAY + timedelta(days=9))
    assert fold([*asked, answered]).status is Status.ACKNOWLEDGED


def test_a_part_payment_leaves_the_fee_open() -> None:
    part = [*life("sent", "fee_estimated"), EventFact(4, EventKind.FEE_PAID, MONDAY + timedelta(days=5), settles=False)]
    assert fold(part).status is Status.FEE
    rest = EventFact(5, EventKind.FEE_PAID, MONDAY + timedelta(days=6))
    assert fold([*part, rest]).status is Status.ACKNOWLEDGED


@pytest.mark.parametrize("status", Status)
def test_a_letter_that_left_can_always_be_recorded(status: Status) -> None:
    """Wherever our first letter is out, or is known to have come back: the end included."""
    possible = EventKind.FOLLOW_UP in possible_events(status)
    assert possible == (status not in (Status.READY, Status.SENDING))


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(["received"], id="received-before-sent"),
        pytest.param(["sent", "sent"], id="sent-twice"),
        pytest.param(["sent", "received", "send_failed"], id="bounced-after-receipt"),
        pytest.param(["sent", "clarified"], id="answered-unasked"),
        pytest.param(["sent", "fee_estimated", "clarified"], id="answered-another-question"),
        pytest.param(["sent", "appeal_decided"], id="decided-without-appeal"),
        pytest.param(["sent", "reopened"], id="reopened-while-open"),
        pytest.param(["sent", "produced", "denied"], id="denied-after-the-end"),
        pytest.param(["opened"], id="opened-twice"),
    ],
)
def test_what_cannot_be_is_refused(kinds: list[str]) -> None:
    with pytest.raises(ImpossibleEvent):
        fold(life(*kinds))


def test_nothing_or_a_life_without_a_beginning_is_refused() -> None:
    with pytest.raises(ImpossibleEvent):
        fold([])
    with pytest.raises(ImpossibleEvent):
        fold(life("sent")[1:])


def test_a_receipt_learned_late_takes_its_place_by_its_day() -> None:
    events = [*life("sent", "acknowledged"), EventFact(4, EventKind.RECEIVED, MONDAY + timedelta(days=2))]
    assert fold(events).status is Status.ACKNOWLEDGED


def test_a_corrected_event_vanishes_with_its_correction() -> None:
    wrong = life("sent", "denied")
    correction = EventFact(4, EventKind.CORRECTION, MONDAY + timedelta(days=9), corrects=3)
    assert fold([*wrong, correction]) == fold(life("sent"))


def test_a_replacement_stands_where_the_wrong_event_stood() -> None:
    """Sent and acknowledged on one day: the sending that replaces the first still comes before the answer."""
    events = [
        EventFact(1, EventKind.OPENED, MONDAY),
        EventFact(2, EventKind.SENT, MONDAY),
        EventFact(3, EventKind.ACKNOWLEDGED, MONDAY),
        EventFact(4, EventKind.CORRECTION, MONDAY, corrects=2),
        EventFact(5, EventKind.SENT, MONDAY, replaces=2),
    ]
    assert fold(events).status is Status.ACKNOWLEDGED
    without_its_place = [*events[:4], replace(events[4], replaces=None)]
    with pytest.raises(ImpossibleEvent):
        fold(without_its_place)


def test_a_replacement_of_a_replacement_keeps_the_place() -> None:
    events = [
        EventFact(1, EventKind.OPENED, MONDAY),
        EventFact(2, EventKind.SENT, MONDAY),
        EventFact(3, EventKind.ACKNOWLEDGED, MONDAY),
        EventFact(4, EventKind.CORRECTION, MONDAY, corrects=2),
        EventFact(5, EventKind.SENT, MONDAY, replaces=2),
        EventFact(6, EventKind.CORRECTION, MONDAY, corrects=5),
        EventFact(7, EventKind.SENT, MONDAY, replaces=5),
    ]
    assert [event.sequence for event in lifecycle.standing_events(events)] == [1, 7, 3]


OUTCOMES: dict[EventKind, list[str]] = {
    EventKind.APPEAL_DECIDED: list(Outcome.values),
    EventKind.WAIVER_DECIDED: list(WaiverOutcome.values),
}


def walk(choices: list[int]) -> tuple[list[EventFact], list[Status]]:
    """A possible life: at each status, take one of the possible events."""
    events, statuses = life(), [Status.READY]
    for choice in choices:
        kinds = list(possible_events(statuses[-1]))
        for turn in range(len(kinds)):
            kind = kinds[(choice + turn) % len(kinds)]
            day = MONDAY + timedelta(days=len(events) + 1)
            outcomes = OUTCOMES.get(kind, [""])
            outcome = outcomes[choice % len(outcomes)]
            longer = [*events, EventFact(len(events) + 1, kind, day, outcome=outcome, settles=choice % 5 > 0)]
            try:
                standing = fold(longer)
            except ImpossibleEvent:
                continue  # an answer whose question is not open
            events = longer
            statuses.append(standing.status)
            break
    return events, statuses


lives = st.lists(st.integers(0, 40), max_size=14).map(walk)


@given(lives)
def test_some_event_is_always_possible_and_the_fold_is_sound(lived: tuple[list[EventFact], list[Status]]) -> None:
    events, _ = lived
    standing = fold(events)
    assert standing.phase is lifecycle.PHASES[standing.status]
    assert (standing.resolution is not None) == (standing.phase is Phase.DONE)
    assert possible_events(standing.status)


@given(lives)
def test_a_follow_up_changes_nothing(lived: tuple[list[EventFact], list[Status]]) -> None:
    events, _ = lived
    standing = fold(events)
    if EventKind.FOLLOW_UP not in possible_events(standing.status):
        return
    letter = EventFact(len(events) + 1, EventKind.FOLLOW_UP, events[-1].happened_on + timedelta(days=1))
    assert fold([*events, letter]) == standing


@given(lives, st.randoms())
def test_the_order_of_reading_does_not_matter(lived: tuple[list[EventFact], list[Status]], random: object) -> None:
    events, _ = lived
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(events)


@given(lives)
def test_correcting_the_last_event_brings_back_what_was(lived: tuple[list[EventFact], list[Status]]) -> None:
    events, _ = lived
    if len(events) == 1:
        return
    last = events[-1]
    correction = EventFact(last.sequence + 1, EventKind.CORRECTION, last.happened_on, corrects=last.sequence)
    assert fold([*events, correction]) == fold(events[:-1])


def test_every_status_can_be_reached_and_every_event_happens_somewhere() -> None:
    seen, frontier = {Status.READY}, [life()]
    happened = {EventKind.OPENED, EventKind.CORRECTION}
    while frontier:
        events = frontier.pop()
        for kind in possible_events(fold(events).status):
            for outcome in OUTCOMES.get(kind, [""]):
                day = events[-1].happened_on + timedelta(days=1)
                longer = [*events, EventFact(len(events) + 1, kind, day, outcome=outcome)]
                try:
                    status = fold(longer).status
                except ImpossibleEvent:
                    continue
                happened.add(kind)
                if status not in seen:
                    seen.add(status)
                    frontier.append(longer)
    assert seen == set(Status)
    assert happened == set(EventKind)


def test_the_table_names_every_status_and_phase() -> None:
    assert set(lifecycle.TRANSITIONS) == set(Status) == set(lifecycle.PHASES)
    assert set(lifecycle.PHASES.values()) == set(Phase)
