"""What happened to a request, as the law sees it: dated events in order, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from datetime import date, time
from typing import Final, Literal, NamedTuple

from requests_app.law.schema import AppealLevel, EventKind

Method = Literal["email", "post", "portal", "hand", "fax"]

WORDS: Final[dict[EventKind, str]] = {
    "sent": "the sending of the request",
    "received": "the receipt of the request",
    "acknowledged": "the agency's acknowledgment",
    "extension": "the agency's extension notice",
    "clarification_requested": "the agency's request for clarification",
    "clarified": "the clarification",
    "fee_estimated": "the agency's fee estimate",
    "fee_paid": "the payment",
    "determined": "the agency's decision",
    "denied": "the agency's denial",
    "produced": "the delivery of records",
    "appeal_filed": "the appeal",
    "appeal_decided": "the decision on the appeal",
}

# What an agency can only do once it has the request.
AGENCY_ACTS: Final[frozenset[EventKind]] = frozenset(
    {"acknowledged", "extension", "clarification_requested", "fee_estimated", "determined", "denied", "produced"}
)
_ONCE: Final[tuple[EventKind, ...]] = ("sent", "received", "acknowledged", "determined", "denied")
# Each answer needs its own question: the second clarification needs a second request.
_ANSWERS: Final[tuple[tuple[EventKind, EventKind], ...]] = (
    ("clarified", "clarification_requested"),
    ("fee_paid", "fee_estimated"),
    ("appeal_decided", "appeal_filed"),
)


class TimelineError(ValueError):
    """The events cannot have happened like this. The message is one sentence that says which and why."""


class Event(NamedTuple):
    """One thing that happened: a local date, a local time when known, how it was sent, which body (appeals)."""

    kind: EventKind
    on: date
    at: time | None = None
    method: Method | None = None
    level: AppealLevel | None = None


class Timeline:
    """Events in order of date. Immutable; building one checks it and raises TimelineError."""

    __slots__ = ("_by_kind", "events", "kinds")

    def __init__(self, events: Iterable[Event]) -> None:
        """Sort and check the events. On one day a cause stands before its effect, as in the list of kinds."""
        self.events: tuple[Event, ...] = tuple(sorted(events, key=_order))
        self._by_kind: dict[EventKind, tuple[Event, ...]] = {}
        for event in self.events:
            self._by_kind[event.kind] = (*self._by_kind.get(event.kind, ()), event)
        self.kinds: frozenset[EventKind] = frozenset(self._by_kind)
        if len(self.events) == 1 and not self.kinds.isdisjoint(("sent", "received")):
            return  # The commonest timeline has nothing to contradict.
        for problem in _problems(self):
            raise TimelineError(problem)

    def all(self, kind: EventKind) -> tuple[Event, ...]:
        """Return every event of a kind, oldest first."""
        return self._by_kind.get(kind, ())

    def first(self, kinds: Set[EventKind]) -> Event | None:
        """Return the oldest event of any of these kinds."""
        if self.kinds.isdisjoint(kinds):
            return None
        return min((self._by_kind[kind][0] for kind in kinds if kind in self._by_kind), key=_order)

    def the(self, kind: EventKind) -> Event | None:
        """Return the oldest event of one kind, which for most kinds is the only one."""
        events = self._by_kind.get(kind)
        return None if events is None else events[0]

    def last(self, kind: EventKind) -> Event | None:
        """Return the newest event of a kind."""
        return self._by_kind[kind][-1] if kind in self._by_kind else None


_RANK: Final[dict[EventKind, int]] = {kind: rank for rank, kind in enumerate(WORDS)}


def _order(event: Event) -> tuple[date, int, time]:
    return event.on, _RANK[event.kind], event.at or time.min


def _problems(timeline: Timeline) -> Iterator[str]:
    """Walk what is impossible about a timeline, the most basic first."""
    yield from _repeated(timeline)
    start = timeline.first({"sent", "received"})
    if start is None:
        yield "Nothing was sent or received, so no clock has started; add a sent or a received event."
        return
    sent, received = timeline.the("sent"), timeline.the("received")
    if sent and received and _is_before(received, sent):
        yield _impossible(received, sent)
    begun = sent or start
    for event in timeline.events:
        if event is not begun and event.kind != "received" and _is_before(event, begun):
            yield _impossible(event, begun)
        if received and event.kind in AGENCY_ACTS and event.on < received.on:
            yield _impossible(event, received)
    for answer, question in _ANSWERS:
        yield from _unasked(timeline, answer, question)


def _repeated(timeline: Timeline) -> Iterator[str]:
    for kind in _ONCE:
        found = timeline.all(kind)
        if len(found) > 1:
            days = " and on ".join(event.on.isoformat() for event in found[:2])
            yield f"{_capital(WORDS[kind])} can happen only once, but it is given on {days}; keep the right one."


def _unasked(timeline: Timeline, answer: EventKind, question: EventKind) -> Iterator[str]:
    """Walk answers that came before their question, pairing the first with the first."""
    questions = timeline.all(question)
    for number, event in enumerate(timeline.all(answer)):
        if number >= len(questions):
            yield f"{_capital(WORDS[answer])} ({event.on.isoformat()}) answers nothing: add {question}=DATE before it."
        elif _is_before(event, questions[number]):
            yield _impossible(event, questions[number])


def _is_before(event: Event, cause: Event) -> bool:
    if event.on != cause.on or event.at is None or cause.at is None:
        return event.on < cause.on
    return event.at < cause.at


def _impossible(event: Event, cause: Event) -> str:
    return (
        f"{_capital(WORDS[event.kind])} ({event.on.isoformat()}) cannot come before "
        f"{WORDS[cause.kind]} ({cause.on.isoformat()}); correct one of the dates."
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
