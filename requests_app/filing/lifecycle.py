"""How a request stands, folded from its events. Pure: values in, values out.

The whole life is one table, `TRANSITIONS`: for each status, the events that are possible and where each leads.

- Events count in the order of the days on which they happened, not in which they were written down: a receipt that is
  learned late takes its place before the answer. On one day the order of recording decides. A replacement stands where
  the event that it replaces stood. Opening a request always comes first.
- A corrected event vanishes, together with its correction.
- A question (clarification, fee) and the end interrupt: `BACK` returns to where the request stood before.
- A letter of ours that changes nothing by itself (`FOLLOW_UP`) may stand wherever the first letter has left, even after
  the end: it is a fact that it left, and the outbox must always be able to say so. It never moves a request.
- A fee that the agency waives in full asks nothing more of us, so it ends the wait for our answer (`BACK`) as a payment
  does. Waived in part, or not, the fee stays open.
- A payment may leave the rest of a fee open (`settles` False): it is kept, and the request stays where it is.
- An event that the table does not name is impossible. `fold` refuses it; it never guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EventKind(TextChoices):
    """What can happen to a request."""

    OPENED = "opened", _("Opened")
    QUEUED = "queued", _("Put in the outbox")
    TAKEN_BACK = "taken_back", _("Taken back before it was sent")
    SENT = "sent", _("Sent")
    SEND_FAILED = "send_failed", _("Could not be delivered")
    RECEIVED = "received", _("Received by the agency")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    EXTENSION = "extension", _("Extension claimed")
    CLARIFICATION_REQUESTED = "clarification_requested", _("Clarification asked for")
    CLARIFIED = "clarified", _("Clarification sent")
    FEE_ESTIMATED = "fee_estimated", _("Fee estimated")
    FEE_PAID = "fee_paid", _("Fee paid or settled")
    WAIVER_DECIDED = "waiver_decided", _("Fee waiver decided")
    DETERMINED = "determined", _("Decision: records will be produced")
    DENIED = "denied", _("Denied")
    NO_RECORDS = "no_records", _("No records found")
    PRODUCED_PART = "produced_part", _("Some records received")
    PRODUCED = "produced", _("All records received")
    APPEAL_FILED = "appeal_filed", _("Appeal filed")
    APPEAL_DECIDED = "appeal_decided", _("Appeal decided")
    FOLLOW_UP = "follow_up", _("We wrote again")
    REPLY = "reply", _("Other message from the agency")
    WITHDRAWN = "withdrawn", _("Withdrawn by us")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")
    ASSIGNED = "assigned", _("Assigned")
    CORRECTION = "correction", _("Correction")


class Status(TextChoices):
    """Where a request stands. How it ended is its resolution."""

    READY = "ready", _("Ready to send")
    SENDING = "sending", _("On its way")
    UNDELIVERED = "undelivered", _("Could not be delivered")
    SENT = "sent", _("Sent, waiting for the agency")
    RECEIVED = "received", _("Received, waiting for the agency")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged, waiting for a decision")
    EXTENDED = "extended", _("Extended, waiting for a decision")
    CLARIFICATION = "clarification", _("The agency asks us something")
    FEE = "fee", _("The agency asks for a fee")
    PRODUCTION = "production", _("Granted, waiting for records")
    PARTIAL = "partial", _("Some records received")
    REFUSED = "refused", _("Refused, we may appeal")
    APPEAL = "appeal", _("Appeal filed")
    DONE = "done", _("Done")


class Resolution(TextChoices):
    """How a request ended."""

    RECORDS = "records", _("Records received")
    PART = "part", _("Part of the records received")
    NO_RECORDS = "no_records", _("No records")
    DENIED = "denied", _("Denied")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NO_ANSWER = "no_answer", _("Never answered")


class Phase(TextChoices):
    """Four plain words for lists."""

    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_FOR_US = "waiting_for_us", _("Waiting for us")
    WAITING_FOR_THEM = "waiting_for_them", _("Waiting for them")
    DONE = "done", _("Done")


class Outcome(TextChoices):
    """How an appeal was decided."""

    GRANTED = "granted", _("In our favor: the records must be produced")
    PART = "part", _("Partly in our favor")
    REFUSED = "refused", _("Against us")


class WaiverOutcome(TextChoices):
    """How an agency decided on a fee waiver."""

    GRANTED = "granted", _("Granted: we pay nothing")
    PART = "part", _("Granted in part")
    REFUSED = "refused", _("Refused")


PHASES: Final[dict[Status, Phase]] = {
    Status.READY: Phase.WAITING_FOR_US,
    Status.SENDING: Phase.IN_PROGRESS,
    Status.UNDELIVERED: Phase.WAITING_FOR_US,
    Status.SENT: Phase.WAITING_FOR_THEM,
    Status.RECEIVED: Phase.WAITING_FOR_THEM,
    Status.ACKNOWLEDGED: Phase.WAITING_FOR_THEM,
    Status.EXTENDED: Phase.WAITING_FOR_THEM,
    Status.CLARIFICATION: Phase.WAITING_FOR_US,
    Status.FEE: Phase.WAITING_FOR_US,
    Status.PRODUCTION: Phase.WAITING_FOR_THEM,
    Status.PARTIAL: Phase.WAITING_FOR_THEM,
    Status.REFUSED: Phase.WAITING_FOR_US,
    Status.APPEAL: Phase.WAITING_FOR_THEM,
    Status.DONE: Phase.DONE,
}

BACK: Final = "back"
STAY: Final = "stay"
BY_OUTCOME: Final = "by outcome"
Move = Status | Literal["back", "stay", "by outcome"]

_DECISIONS: Final[dict[EventKind, Move]] = {
    EventKind.CLARIFICATION_REQUESTED: Status.CLARIFICATION,
    EventKind.FEE_ESTIMATED: Status.FEE,
    EventKind.DETERMINED: Status.PRODUCTION,
    EventKind.DENIED: Status.REFUSED,
    # "No records" is a determination that can be wrong, and in most laws an appealable one.
    EventKind.NO_RECORDS: Status.REFUSED,
    EventKind.PRODUCED_PART: Status.PARTIAL,
    EventKind.PRODUCED: Status.DONE,
    # Asked for in the first letter, a waiver can be decided before any fee is named. In full, see `_step`.
    EventKind.WAIVER_DECIDED: STAY,
}
_OURS: Final[dict[EventKind, Move]] = {
    # An appeal needs no denial on paper: in many laws silence is one. Whether it is too early is for the law to say.
    EventKind.APPEAL_FILED: Status.APPEAL,
    EventKind.WITHDRAWN: Status.DONE,
    EventKind.CLOSED: Status.DONE,
    EventKind.FOLLOW_UP: STAY,
    EventKind.REPLY: STAY,
    EventKind.ASSIGNED: STAY,
}
# What may still arrive, or be learned, without changing whose turn it is.
_NO_NEWS: Final[dict[EventKind, Move]] = {
    EventKind.RECEIVED: STAY,
    EventKind.ACKNOWLEDGED: STAY,
    EventKind.EXTENSION: STAY,
}

TRANSITIONS: Final[dict[Status, dict[EventKind, Move]]] = {
    Status.READY: {
        EventKind.QUEUED: Status.SENDING,
        EventKind.SENT: Status.SENT,
        EventKind.WITHDRAWN: Status.DONE,
        EventKind.ASSIGNED: STAY,
    },
    Status.SENDING: {
        EventKind.TAKEN_BACK: Status.READY,
        EventKind.SENT: Status.SENT,
        EventKind.SEND_FAILED: Status.UNDELIVERED,
        EventKind.ASSIGNED: STAY,
    },
    Status.UNDELIVERED: {
        EventKind.QUEUED: Status.SENDING,
        EventKind.SENT: Status.SENT,
        EventKind.WITHDRAWN: Status.DONE,
        EventKind.FOLLOW_UP: STAY,  # one that was under way when the first letter came back
        EventKind.REPLY: STAY,
        EventKind.ASSIGNED: STAY,
    },
    Status.SENT: {
        **_DECISIONS,
        **_OURS,
        EventKind.SEND_FAILED: Status.UNDELIVERED,
        EventKind.RECEIVED: Status.RECEIVED,
        EventKind.ACKNOWLEDGED: Status.ACKNOWLEDGED,
        EventKind.EXTENSION: Status.EXTENDED,
    },
    Status.RECEIVED: {
        **_DECISIONS,
        **_OURS,
        EventKind.ACKNOWLEDGED: Status.ACKNOWLEDGED,
        EventKind.EXTENSION: Status.EXTENDED,
    },
    Status.ACKNOWLEDGED: {**_DECISIONS, **_OURS, **_NO_NEWS, EventKind.EXTENSION: Status.EXTENDED},
    Status.EXTENDED: {**_DECISIONS, **_OURS, **_NO_NEWS},
    Status.CLARIFICATION: {
        **_DECISIONS,
        **_OURS,
        **_NO_NEWS,
        EventKind.CLARIFICATION_REQUESTED: STAY,
        EventKind.CLARIFIED: BACK,
        EventKind.FEE_PAID: STAY,
    },
    Status.FEE: {
        **_DECISIONS,
        **_OURS,
        **_NO_NEWS,
        EventKind.FEE_ESTIMATED: STAY,
        EventKind.FEE_PAID: BACK,
        EventKind.CLARIFIED: STAY,
    },
    Status.PRODUCTION: {**_DECISIONS, **_OURS, **_NO_NEWS, EventKind.DETERMINED: STAY},
    Status.PARTIAL: {**_DECISIONS, **_OURS, **_NO_NEWS, EventKind.DETERMINED: STAY, EventKind.PRODUCED_PART: STAY},
    Status.REFUSED: {**_DECISIONS, **_OURS, **_NO_NEWS, EventKind.DENIED: STAY, EventKind.NO_RECORDS: STAY},
    Status.APPEAL: {
        **_DECISIONS,
        **_OURS,
        **_NO_NEWS,
        # A late denial or a first instalment does not end the appeal.
        EventKind.DENIED: STAY,
        EventKind.NO_RECORDS: STAY,
        EventKind.PRODUCED_PART: STAY,
        EventKind.APPEAL_FILED: STAY,
        EventKind.APPEAL_DECIDED: BY_OUTCOME,
    },
    Status.DONE: {
        EventKind.REOPENED: BACK,
        EventKind.FOLLOW_UP: STAY,
        EventKind.REPLY: STAY,
        EventKind.ASSIGNED: STAY,
    },
}

_OUTCOMES: Final[dict[str, Status]] = {
    Outcome.GRANTED: Status.PRODUCTION,
    Outcome.PART: Status.PRODUCTION,
    Outcome.REFUSED: Status.REFUSED,
}
_INTERRUPTS: Final = frozenset({Status.CLARIFICATION, Status.FEE, Status.DONE})
_ANSWERS: Final = {EventKind.CLARIFIED: Status.CLARIFICATION, EventKind.FEE_PAID: Status.FEE}
# An agency that asks something has the letter: after the answer, the request is at least acknowledged.
_AT_LEAST: Final = {Status.SENT: Status.ACKNOWLEDGED, Status.RECEIVED: Status.ACKNOWLEDGED}
# What may come after the end without changing how it ended.
_NO_END: Final = frozenset({EventKind.FOLLOW_UP, EventKind.REPLY, EventKind.ASSIGNED})
# These cannot be corrected: a request is withdrawn, assigned anew or corrected once more by a new event instead.
UNCORRECTABLE: Final = frozenset({EventKind.OPENED, EventKind.ASSIGNED, EventKind.CORRECTION})


@dataclass(frozen=True, slots=True)
class EventFact:
    """What status and law read of one event.

    `corrects` and `replaces` are sequence numbers of earlier events. `happened_on` and `at` are the jurisdiction's own
    day and time of day. `method` says how a letter left, `outcome` and `level` how and by which body an appeal was
    decided.
    """

    sequence: int
    kind: EventKind
    happened_on: date
    at: time | None = None
    corrects: int | None = None
    replaces: int | None = None
    outcome: str = ""
    method: str = ""
    level: str = ""
    settles: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands, how it ended (empty while it lasts), whose turn it is, and on which day it ended."""

    status: Status
    resolution: Resolution | None
    phase: Phase
    ended_on: date | None = None


class ImpossibleEvent(Exception):
    """An event that cannot follow what went before. Holds which, when and where the request stood."""

    def __init__(self, fact: EventFact | None, status: Status | None) -> None:
        self.fact = fact
        self.status = status
        kind = "nothing" if fact is None else fact.kind.value
        super().__init__(f"{kind} cannot follow in status {status.value if status else 'none'}")


def possible_events(status: Status) -> tuple[EventKind, ...]:
    """Return the events that can happen next, in the order in which `EventKind` names them."""
    return tuple(kind for kind in EventKind if kind in TRANSITIONS[status])


def standing_events(events: Sequence[EventFact]) -> list[EventFact]:
    """Return the events that stand, in the order in which they happened.

    Corrections and what they correct are gone; a replacement takes the place of what it replaces.
    """
    corrected = {event.corrects for event in events if event.corrects is not None}
    replaces = {event.sequence: event.replaces for event in events}

    def place(sequence: int) -> int:
        earlier = replaces.get(sequence)
        return sequence if earlier is None else place(earlier)

    standing = [event for event in events if event.kind is not EventKind.CORRECTION and event.sequence not in corrected]
    return sorted(
        standing,
        key=lambda event: (event.kind is not EventKind.OPENED, event.happened_on, place(event.sequence)),
    )


def fold(events: Sequence[EventFact]) -> Standing:
    """Return how a request stands after `events`, given in any order. Raises ImpossibleEvent."""
    ordered = standing_events(events)
    if not ordered or ordered[0].kind is not EventKind.OPENED:
        raise ImpossibleEvent(ordered[0] if ordered else None, None)
    status: Status = Status.READY
    underneath: tuple[Status, ...] = ()
    passed: list[EventFact] = []
    ended_on: date | None = None
    for event in ordered[1:]:
        before = status
        status, underneath = _step(status, underneath, event)
        if status is not before:
            ended_on = event.happened_on if status is Status.DONE else None
        passed.append(event)
    return Standing(status, _resolution(status, passed), PHASES[status], ended_on)


def _step(status: Status, underneath: tuple[Status, ...], event: EventFact) -> tuple[Status, tuple[Status, ...]]:
    """Return the status after one event, and the statuses to which answers and reopening lead back."""
    move = TRANSITIONS[status].get(event.kind)
    if move is None:
        raise ImpossibleEvent(event, status)
    asked = _ANSWERS.get(event.kind)
    if asked is not None and asked not in (status, *underneath):
        raise ImpossibleEvent(event, status)
    if not event.settles:
        return status, underneath
    if event.kind is EventKind.WAIVER_DECIDED and event.outcome == WaiverOutcome.GRANTED:
        asked, move = Status.FEE, BACK if status is Status.FEE else STAY
    if asked is not None and asked is not status:
        # The answer to a question that lies under a later one: that one stays open.
        return status, tuple(waiting for waiting in underneath if waiting is not asked)
    if move == STAY:
        return status, underneath
    if move == BACK:
        return underneath[-1], underneath[:-1]
    after = _OUTCOMES.get(event.outcome, Status.REFUSED) if move == BY_OUTCOME else Status(move)
    if after not in _INTERRUPTS:
        return after, ()
    if after in underneath:  # the same question asked again while another one is on top
        return after, (*(waiting for waiting in underneath if waiting is not after), status)
    before = status if after is Status.DONE else _AT_LEAST.get(status, status)
    return after, (*underneath, before)


def _resolution(status: Status, passed: Sequence[EventFact]) -> Resolution | None:
    """Return how a request ended, from what had come by then; None while it lasts."""
    if status is not Status.DONE:
        return None
    kinds = [event.kind for event in passed if event.kind not in _NO_END]
    if kinds[-1] is EventKind.PRODUCED:
        return Resolution.RECORDS
    if kinds[-1] is EventKind.WITHDRAWN:
        return Resolution.WITHDRAWN
    for came, resolution in (
        (EventKind.PRODUCED, Resolution.PART),  # reopened after "all", and closed without the rest
        (EventKind.PRODUCED_PART, Resolution.PART),
    ):
        if came in kinds:
            return resolution
    refusals = [kind for kind in kinds if kind in (EventKind.DENIED, EventKind.NO_RECORDS)]
    if refusals:
        return Resolution.NO_RECORDS if refusals[-1] is EventKind.NO_RECORDS else Resolution.DENIED
    if any(event.kind is EventKind.APPEAL_DECIDED and event.outcome == Outcome.REFUSED for event in passed):
        return Resolution.DENIED
    return Resolution.NO_ANSWER
