"""One request folded into one row of dates and sums. Pure: values in, values out, and no "today".

The row says what happened and by when the law wanted it. What time alone changes (how long an open request has waited
by now, whether a date has passed) is worked out when the row is read, so that a row grows old only by a new event or
another law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

from requests_app.filing.fees import FeeEvent, fold_fees
from requests_app.filing.lifecycle import EventFact, EventKind, Outcome, Resolution, Standing

ANSWERING: Final = frozenset(
    {
        EventKind.ACKNOWLEDGED,
        EventKind.EXTENSION,
        EventKind.CLARIFICATION_REQUESTED,
        EventKind.FEE_ESTIMATED,
        EventKind.DETERMINED,
        EventKind.DENIED,
        EventKind.NO_RECORDS,
        EventKind.PRODUCED_PART,
        EventKind.PRODUCED,
    }
)
"""What shows that the agency has the request: the law room's own list (`law.timeline.AGENCY_ACTS`)."""
DECIDING: Final = frozenset(
    {
        EventKind.DETERMINED,
        EventKind.DENIED,
        EventKind.NO_RECORDS,
        EventKind.PRODUCED_PART,
        EventKind.PRODUCED,
    }
)
REFUSING: Final = frozenset({EventKind.DENIED, EventKind.NO_RECORDS})

Clock = Literal["received", "presumed", "sent", ""]
DutyState = Literal["", "met", "missed", "open", "paused", "conditional"]
DUTY_KINDS: Final = ("acknowledgment", "determination", "production")


class DutyRow(NamedTuple):
    """A projected duty of the agency, as far as statistics read it.

    `kind`: an extension has the kind of the duty that it extends. `sure`: it does not hang on an unstated fact or an
    estimated start, so that the agency can be called late by it. `silence`: its silence counts as a denial.
    """

    kind: str
    state: str
    latest: date | None
    sure: bool
    silence: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """How one of the law's duties stands: `open` until `due_on` passes, which the reader compares with today."""

    state: DutyState = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What statistics know of one request. Days are the jurisdiction's own calendar days from `started_on`."""

    sent_on: date | None
    clock: Clock
    started_on: date | None
    withdrawn_on: date | None
    done: bool
    days_to: Mapping[str, int | None]
    duties: Mapping[str, Duty]
    silence_on: date | None
    extensions: int
    fee_cents: int | None
    paid_cents: int
    waiver: str
    waived_cents: int
    refused: bool
    objections: tuple[str, ...]
    appeals_filed: int
    appeals_won: int
    appeals_part: int
    appeals_lost: int
    pages: int | None


class Start(NamedTuple):
    """From which day the law counts, and how that day is known."""

    clock: Clock
    on: date | None


Happened = Sequence[tuple[EventFact, Mapping[str, Any]]]


def fold_facts(happened: Happened, standing: Standing, start: Start, duties: Iterable[DutyRow]) -> Facts:
    """Return the facts of one request.

    `happened`: its standing events in the order in which they count, each with its details. `start`: when the law's
    clock began; its day is None while nothing has been sent, or where the days cannot be right.
    """
    rows = list(duties)
    sent_on = _sent_on(happened)
    first = {
        "acknowledgment": _first(happened, ANSWERING),
        "determination": _first(happened, DECIDING),
        "production": _first(happened, {EventKind.PRODUCED}),
    }
    account = fold_fees(
        [FeeEvent(fact.kind, fact.happened_on, details) for fact, details in happened],
        waiver_asked_at_first=bool(_opening(happened).get("waiver_asked")),
    )
    outcomes = [fact.outcome for fact, _ in happened if fact.kind is EventKind.APPEAL_DECIDED]
    withdrawn = standing.resolution is Resolution.WITHDRAWN
    return Facts(
        sent_on=sent_on,
        clock=start.clock if start.on is not None and sent_on is not None else "",
        started_on=start.on if sent_on is not None else None,
        withdrawn_on=_last(happened, EventKind.WITHDRAWN) if withdrawn else None,
        done=standing.resolution is not None,
        days_to={kind: _days(start.on, on) for kind, on in first.items()},
        duties={kind: fold_duty([row for row in rows if row.kind == kind]) for kind in DUTY_KINDS},
        silence_on=_silence_on(rows),
        extensions=sum(fact.kind is EventKind.EXTENSION for fact, _ in happened),
        fee_cents=account.fees.estimated_cents,
        paid_cents=account.fees.paid_cents,
        waiver=account.fees.waiver,
        waived_cents=_waived_cents(account.fees.waiver, account.fees.estimated_cents, account.fees.paid_cents),
        refused=any(fact.kind in REFUSING for fact, _ in happened),
        objections=_objections(happened),
        appeals_filed=sum(fact.kind is EventKind.APPEAL_FILED for fact, _ in happened),
        appeals_won=outcomes.count(Outcome.GRANTED),
        appeals_part=outcomes.count(Outcome.PART),
        appeals_lost=outcomes.count(Outcome.REFUSED),
        pages=_pages(happened),
    )


def fold_duty(rows: Sequence[DutyRow]) -> Duty:
    """Return how a duty stands from all its rows: one under most laws, several where a law sets it in steps.

    1. Rows that the law replaced (an extension, a denial that ends the wait) say nothing.
    2. Only sure ones decide. Where all hang on something unstated, the duty is `conditional` and counted apart.
    3. One missed is missed; else one that runs is open until the soonest of their latest dates; else one that stands
       still is paused; else it was met.
    """
    live = [row for row in rows if row.state != "superseded"]
    sure = [row for row in live if row.sure]
    if not sure:
        return Duty("conditional") if live else Duty()
    states = {row.state for row in sure}
    if "missed" in states:
        return Duty("missed", min(row.latest for row in sure if row.state == "missed" and row.latest is not None))
    if "running" in states:
        return Duty("open", min(row.latest for row in sure if row.state == "running" and row.latest is not None))
    if "paused" in states:
        return Duty("paused")
    return Duty("met", max((row.latest for row in sure if row.latest is not None), default=None))


def _silence_on(rows: Iterable[DutyRow]) -> date | None:
    """Return the day on which the law takes silence for a denial: the one after the latest date let pass.

    That the agency answered after it does not undo it. Where several duties have such a date, the last one counts.
    """
    days = [
        row.latest
        for row in rows
        if row.silence and row.sure and row.latest is not None and row.state in ("running", "missed")
    ]
    return max(days) + timedelta(days=1) if days else None


def _sent_on(happened: Happened) -> date | None:
    """Return when the letter left. One that came back did not leave."""
    sent: date | None = None
    for fact, _details in happened:
        if fact.kind is EventKind.SENT:
            sent = fact.happened_on
        elif fact.kind is EventKind.SEND_FAILED:
            sent = None
    return sent


def _first(happened: Happened, kinds: frozenset[EventKind] | set[EventKind]) -> date | None:
    return next((fact.happened_on for fact, _ in happened if fact.kind in kinds), None)


def _last(happened: Happened, kind: EventKind) -> date | None:
    return next((fact.happened_on for fact, _ in reversed(happened) if fact.kind is kind), None)


def _days(start: date | None, end: date | None) -> int | None:
    """Return the days between; an answer on or before the day from which the law counts took none."""
    return None if start is None or end is None else max(0, (end - start).days)


def _opening(happened: Happened) -> Mapping[str, Any]:
    return next((details for fact, details in happened if fact.kind is EventKind.OPENED), {})


def _waived_cents(waiver: str, estimated: int | None, paid: int) -> int:
    """Return what a full waiver spared us. What a partial one spared nobody says, so that it is counted, not summed."""
    return max(0, (estimated or 0) - paid) if waiver == "granted" else 0


def _objections(happened: Happened) -> tuple[str, ...]:
    """Return each objection once that a refusal, or a production in part, gave."""
    found = {
        str(one)
        for fact, details in happened
        if fact.kind in REFUSING or fact.kind is EventKind.PRODUCED_PART
        for one in details.get("objections") or ()
    }
    return tuple(sorted(found))


def _pages(happened: Happened) -> int | None:
    """Return the pages that came, as whoever recorded them counted; None where nobody counted any."""
    counted = [
        int(details["pages"])
        for fact, details in happened
        if fact.kind in (EventKind.PRODUCED, EventKind.PRODUCED_PART) and details.get("pages") is not None
    ]
    return sum(counted) if counted else None
