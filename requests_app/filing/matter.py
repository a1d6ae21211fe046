"""From the rows of a request to what a later letter needs to know of it. Pure, but for the rows it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, cast

from requests_app.filing import lawbook
from requests_app.filing.choices import DraftChoices
from requests_app.filing.fees import Account, FeeEvent, fold_fees
from requests_app.filing.lifecycle import EventFact, EventKind, standing_events
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.timeline import facts_of, to_law
from requests_app.kits.catalog import wording_for
from requests_app.kits.letters import DeliveryMethod, Letter
from requests_app.kits.matter import Duty, Happening, Matter, Party, Refusal
from requests_app.law.calendars import CalendarEnds
from requests_app.law.receipt import find_receipt
from requests_app.law.timeline import TimelineError

RefusalKind = Literal["denied", "no_records", "part"]
Standing = Sequence[tuple[EventFact, Event]]

_REFUSALS: Final[dict[EventKind, RefusalKind]] = {
    EventKind.DENIED: "denied",
    EventKind.NO_RECORDS: "no_records",
    EventKind.PRODUCED_PART: "part",
}
# Where the agency's own number for the request may have been written down.
_NUMBERED: Final = (EventKind.SENT, EventKind.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class MatterRows:
    """Everything stored that a later letter may speak of.

    `events`: all of the request's, in any order. `deadlines`: the current ones. `words`: what the agency wrote, by the
    event's primary key. `letter` and `choices`: the first letter and what its filer chose; None where only the rows of
    a list are at hand, or the draft is gone. `companions`: names of the agencies asked together with this one. `brief`:
    the deadlines come without their words, as the rows of a list do.
    """

    records_request: RecordsRequest
    events: Sequence[Event]
    deadlines: Iterable[Deadline]
    words: Mapping[int, str] = field(default_factory=dict)
    letter: Letter | None = None
    choices: DraftChoices | None = None
    companions: tuple[str, ...] = ()
    brief: bool = False


def matter_of(rows: MatterRows, today: date) -> Matter:
    """Return the request as a later letter sees it on the jurisdiction's `today`."""
    request = rows.records_request
    facts = facts_of(rows.events, lawbook.zone_of(request.jurisdiction))
    standing = _beside(facts, rows.events)
    return Matter(
        reference=request.reference,
        jurisdiction=request.jurisdiction,
        kit_id=request.kit_id,
        subject=request.subject,
        status=request.status,
        today=today,
        agency_name=request.agency.name,
        delivery=_delivery(request, standing),
        sent_on=next((fact.happened_on for fact, _ in reversed(standing) if fact.kind is EventKind.SENT), None),
        received_on=next((fact.happened_on for fact, _ in standing if fact.kind is EventKind.RECEIVED), None),
        received_presumed=_presumed(request, facts),
        agency_reference=_agency_reference(standing),
        items=_items(rows.letter),
        period=_period(rows.letter),
        duties=tuple(map(brief_duty_of if rows.brief else duty_of, rows.deadlines)),
        happened=tuple(_happening(fact, event, rows.words) for fact, event in standing),
        fees=account_from(standing).fees,
        refusal=_refusal(standing, rows.words),
        companions=rows.companions,
        conditions=tuple(sorted(request.conditions.items())),
    )


def account_of(rows: MatterRows) -> Account:
    """Return the fees of a request with what a panel shows beside them."""
    return account_from(standing_rows(rows.events, rows.records_request.jurisdiction))


def standing_rows(events: Sequence[Event], jurisdiction: str) -> Standing:
    """Return the events of one request that stand, in the order in which they happened. Needs all of them."""
    return _beside(facts_of(events, lawbook.zone_of(jurisdiction)), events)


def duty_of(deadline: Deadline) -> Duty:
    """Return a stored deadline as a letter reads it."""
    return Duty(
        kind=deadline.kind,
        duty_of=cast(Party, deadline.duty_of),
        rule_id=deadline.rule_id,
        duty=deadline.duty,
        citation=deadline.citation,
        trigger=deadline.trigger,
        trigger_date=deadline.trigger_date,
        earliest=deadline.earliest,
        latest=deadline.latest,
        certainty=deadline.certainty,
        state=deadline.state,
        body=deadline.body or None,
        level=deadline.level or None,
        consequence=deadline.consequence or None,
        condition=deadline.condition or None,
        title=deadline.title or None,
        trace=tuple(deadline.trace),
    )


def brief_duty_of(deadline: Deadline) -> Duty:
    """Return a stored deadline without its words: enough to choose a letter, not to write one."""
    return Duty(
        kind=deadline.kind,
        duty_of=cast(Party, deadline.duty_of),
        rule_id=deadline.rule_id,
        duty="",
        citation=deadline.citation,
        trigger=deadline.trigger,
        trigger_date=deadline.trigger_date,
        earliest=deadline.earliest,
        latest=deadline.latest,
        certainty=deadline.certainty,
        state=deadline.state,
        body=deadline.body or None,
        level=deadline.level or None,
    )


def asks_for_waiver(choices: DraftChoices, jurisdiction: str) -> bool:
    """Return whether the first letter asks for a waiver: as its composer has it, only where this law knows one."""
    voice = wording_for(jurisdiction).voice
    return choices.ask_fee_waiver and bool(voice.waiver) and not voice.no_purpose


def _beside(facts: Sequence[EventFact], events: Iterable[Event]) -> list[tuple[EventFact, Event]]:
    stored = {event.sequence: event for event in events}
    return [(fact, stored[fact.sequence]) for fact in standing_events(facts)]


def account_from(standing: Standing) -> Account:
    """Return the fees that the standing events of a request tell of."""
    opening: dict[str, Any] = next((event.details for fact, event in standing if fact.kind is EventKind.OPENED), {})
    events = [FeeEvent(fact.kind, fact.happened_on, event.details) for fact, event in standing]
    return fold_fees(
        events, waiver_asked_at_first=bool(opening.get("waiver_asked")), limit_cents=opening.get("fee_limit_cents")
    )


def _happening(fact: EventFact, event: Event, words: Mapping[int, str]) -> Happening:
    return Happening(
        kind=fact.kind.value,
        on=fact.happened_on,
        method=fact.method,
        outcome=fact.outcome,
        words=words.get(event.pk, ""),
        letter_key=str(event.details.get("letter_key", "")),
    )


def _delivery(request: RecordsRequest, standing: Standing) -> DeliveryMethod:
    """Return how the first letter left; until then, how it is to leave."""
    sent = next((fact.method for fact, _ in reversed(standing) if fact.kind is EventKind.SENT and fact.method), None)
    return cast(DeliveryMethod, sent or request.delivery)


def _presumed(request: RecordsRequest, facts: Sequence[EventFact]) -> tuple[date, date] | None:
    """Return the pair of days on which the law presumes the letter to have arrived, where nobody recorded it."""
    try:
        timeline = to_law(facts)
        if timeline is None:
            return None
        calendar = lawbook.book().calendar(request.jurisdiction)
        receipt = find_receipt(timeline, lawbook.statute_of(request.jurisdiction).receipt, calendar)
    except (TimelineError, CalendarEnds):
        return None  # no day is better than a guessed one
    return (receipt.earliest, receipt.latest) if receipt.presumed else None


def _agency_reference(standing: Standing) -> str | None:
    """Return the agency's own number: the newest that somebody wrote down, else what its portal gave."""
    for _fact, event in reversed(standing):
        if event.details.get("agency_number"):
            return str(event.details["agency_number"])
    for fact, event in reversed(standing):
        given = event.details.get("confirmation")
        # A confirmation of a posted or faxed letter is the carrier's number, not the agency's.
        if given and (fact.kind is EventKind.ACKNOWLEDGED or (fact.kind in _NUMBERED and fact.method == "portal")):
            return str(given)
    return None


def _items(letter: Letter | None) -> tuple[str, ...]:
    if letter is None:
        return ()
    return tuple(
        item for section in letter.sections if section.key == "records" for part in section.parts for item in part.items
    )


def _period(letter: Letter | None) -> str:
    """Return the period as the first letter words it: "for January 1, 2024 through the date of your search"."""
    if letter is None:
        return ""
    heading = next((section.heading for section in letter.sections if section.key == "records"), "")
    return heading.partition(", ")[2]


def _refusal(standing: Standing, words: Mapping[int, str]) -> Refusal | None:
    """Return the newest refusal, with the grounds of every refusal since records were last promised or came."""
    newest: tuple[EventFact, Event] | None = None
    objections: list[str] = []
    exemptions: list[str] = []
    quote = ""
    for fact, event in standing:
        if fact.kind is EventKind.PRODUCED:
            newest, objections, exemptions, quote = None, [], [], ""
        if fact.kind not in _REFUSALS:
            continue
        grounds = [*event.details.get("objections", []), *event.details.get("exemptions", [])]
        if fact.kind is EventKind.PRODUCED_PART and not grounds:
            continue  # a first instalment, and nothing was said against the rest
        newest = (fact, event)
        objections += event.details.get("objections", [])
        exemptions += event.details.get("exemptions", [])
        quote = words.get(event.pk, "") or quote
    if newest is None:
        return None
    return Refusal(
        on=newest[0].happened_on,
        kind=_REFUSALS[newest[0].kind],
        objections=tuple(dict.fromkeys(objections)),
        exemptions=tuple(dict.fromkeys(exemptions)),
        quote=quote,
    )
