"""From the events of a request to what the law reads: which of them start, stop or fulfil a duty. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol, cast
from zoneinfo import ZoneInfo

from requests_app.filing.lifecycle import EventFact, EventKind, WaiverOutcome, standing_events
from requests_app.law import timeline as law
from requests_app.law.schema import AppealLevel
from requests_app.law.schema import EventKind as LawKind

# What is not named here means nothing to the law.
LAW_KINDS: Final[dict[EventKind, LawKind]] = {
    EventKind.SENT: "sent",
    EventKind.RECEIVED: "received",
    EventKind.ACKNOWLEDGED: "acknowledged",
    EventKind.EXTENSION: "extension",
    EventKind.CLARIFICATION_REQUESTED: "clarification_requested",
    EventKind.CLARIFIED: "clarified",
    EventKind.FEE_ESTIMATED: "fee_estimated",
    EventKind.FEE_PAID: "fee_paid",
    # Only in full, and only where a fee is open: see `_kind_of`.
    EventKind.WAIVER_DECIDED: "fee_paid",
    EventKind.DETERMINED: "determined",
    EventKind.DENIED: "denied",
    # The agency decided, and not in our favor: the time to appeal a search that found nothing runs as from a denial.
    EventKind.NO_RECORDS: "denied",
    # A first instalment shows that the agency decided to produce; the duty to produce lasts until all has come.
    EventKind.PRODUCED_PART: "determined",
    EventKind.PRODUCED: "produced",
    EventKind.APPEAL_FILED: "appeal_filed",
    EventKind.APPEAL_DECIDED: "appeal_decided",
}
# The law counts these once. A repeated denial does not give us a second, later time to appeal, so the first stands.
_FIRST_ONLY: Final = frozenset({"received", "acknowledged", "determined", "denied"})
_QUESTIONS: Final[dict[LawKind, LawKind]] = {"clarification_requested": "clarified", "fee_estimated": "fee_paid"}


class StoredEvent(Protocol):
    """What is read of an event: the row itself, or a part of its columns."""

    @property
    def pk(self) -> int | None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def happened_on(self) -> date: ...
    @property
    def happened_at(self) -> datetime | None: ...
    @property
    def details(self) -> Any: ...
    @property
    def corrects_id(self) -> int | None: ...
    @property
    def replaces_id(self) -> int | None: ...


def facts_of(events: Iterable[StoredEvent], zone: ZoneInfo) -> list[EventFact]:
    """Return what status and law read of stored (or about to be stored) events of one request."""
    rows = list(events)
    sequences: Mapping[int | None, int] = {event.pk: event.sequence for event in rows if event.pk is not None}
    return [
        EventFact(
            sequence=event.sequence,
            kind=EventKind(event.kind),
            happened_on=event.happened_on,
            at=event.happened_at.astimezone(zone).time() if event.happened_at else None,
            corrects=sequences.get(event.corrects_id),
            replaces=sequences.get(event.replaces_id),
            outcome=str(event.details.get("outcome", "")),
            method=str(event.details.get("method", "")),
            level=str(event.details.get("level", "")),
            settles=event.details.get("settles") is not False,
        )
        for event in rows
    ]


def to_law(facts: Sequence[EventFact]) -> law.Timeline | None:
    """Return the timeline that starts, stops and fulfils duties; None while no letter has reached anybody.

    A delivery that failed starts no clock. An estimate or a question that is repeated while the first is open is one
    question. Raises `law.TimelineError` with a sentence when the days cannot be right.
    """
    counted: list[law.Event] = []
    for fact in standing_events(facts):
        if fact.kind is EventKind.SEND_FAILED:
            counted = [event for event in counted if event.kind != "sent"]
            continue
        kind = _kind_of(fact, counted)
        if kind is None or _counts_already(kind, counted):
            continue
        counted.append(
            law.Event(
                kind,
                fact.happened_on,
                fact.at,
                cast(law.Method, fact.method) if kind == "sent" and fact.method else None,
                cast(AppealLevel, fact.level) if fact.level else None,
            )
        )
    return law.Timeline(counted) if counted else None


def _kind_of(fact: EventFact, counted: Sequence[law.Event]) -> LawKind | None:
    """Return what an event is to the law; None where it is nothing.

    Where a law stops the clock over a fee, the pause ends with the payment (`Tolling.ends` is `fee_paid` in every file
    of the book). A part payment does not end it. A waiver in full leaves nothing to pay, so the pause ends on the day
    on which the agency itself said so; a waiver in part, or refused, ends nothing until the rest is settled.
    """
    if not fact.settles:
        return None
    if fact.kind is EventKind.WAIVER_DECIDED:
        kinds = [event.kind for event in counted]
        open_fee = kinds.count("fee_estimated") > kinds.count("fee_paid")
        return "fee_paid" if fact.outcome == WaiverOutcome.GRANTED and open_fee else None
    return LAW_KINDS.get(fact.kind)


def _counts_already(kind: LawKind, counted: Sequence[law.Event]) -> bool:
    kinds = [event.kind for event in counted]
    if kind in _FIRST_ONLY:
        return kind in kinds
    answer = _QUESTIONS.get(kind)
    return answer is not None and kinds.count(kind) > kinds.count(answer)
