"""One request before one law: what every part of a projection needs to see, and the count that they all share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from requests_app.law.calendars import CalendarEnds, HolidayCalendar
from requests_app.law.counting import (
    Count,
    FirstDay,
    Pause,
    Rolling,
    Side,
    count_period,
    merge_pauses,
    rolling_for,
)
from requests_app.law.phrases import long_date
from requests_app.law.receipt import Receipt
from requests_app.law.rows import Certainty, Deadline, State
from requests_app.law.schema import EventKind, Rule, Statute, Trigger
from requests_app.law.timeline import Event, Timeline
from requests_app.law.working import Start, Working

_NOT: Final = "not_"

# Which event a trigger waits for. Receipt, sending and silence have their own ways.
_TRIGGER_EVENTS: Final[dict[Trigger, EventKind]] = {
    "acknowledgment": "acknowledged",
    "determination": "determined",
    "denial": "denied",
    "payment": "fee_paid",
    "clarification": "clarified",
    "appeal_filing": "appeal_filed",
    "appeal_decision": "appeal_decided",
    "clarification_request": "clarification_requested",
    "fee_estimate": "fee_estimated",
}


class Plan(NamedTuple):
    """The rules of one law in force on one day, sorted by who meets them and how."""

    statute: Statute
    rolling: Mapping[str, Rolling]
    duties: tuple[Rule, ...]
    extensions: Mapping[str, tuple[Rule, ...]]
    remedies: tuple[Rule, ...]
    decisions: tuple[Rule, ...]
    replies: tuple[Rule, ...]


@lru_cache(maxsize=1024)
def plan_for(statute: Statute) -> Plan:
    """Sort the rules of a statute in force; kept, because every projection under it uses the same."""
    extensions: dict[str, tuple[Rule, ...]] = {}
    for rule in statute.rules:
        if rule.extends is not None:
            extensions[rule.extends] = (*extensions.get(rule.extends, ()), rule)
    reviews = [rule for rule in statute.rules if rule.kind in ("appeal", "court")]
    return Plan(
        statute=statute,
        rolling={rule.id: rolling_for(rule, statute.day_counting) for rule in statute.rules},
        duties=tuple(rule for rule in statute.rules if rule.kind in ("acknowledgment", "determination", "production")),
        extensions=extensions,
        remedies=tuple(rule for rule in reviews if rule.duty_of == "requester"),
        decisions=tuple(_placed(rule, reviews) for rule in reviews if rule.duty_of == "agency"),
        replies=tuple(rule for rule in statute.rules if rule.kind == "reply"),
    )


def _placed(decision: Rule, reviews: list[Rule]) -> Rule:
    """Return a body's decision rule with the level it comes after, which the file may give only with the filing."""
    for filing in reviews:
        if filing.duty_of == "requester" and filing.kind == "appeal" and filing.body == decision.body:
            return msgspec.structs.replace(decision, after_level=decision.after_level or filing.after_level)
    return decision


class Case(msgspec.Struct, kw_only=True):
    """A projection in progress. `today` is a local day; `notes` collects what cannot be put as a date."""

    plan: Plan
    timeline: Timeline
    calendar: HolidayCalendar
    today: date
    receipt: Receipt
    conditions: Mapping[str, bool]
    notes: list[str] = msgspec.field(default_factory=list)

    @property
    def statute(self) -> Statute:
        """The law with only the rules in force."""
        return self.plan.statute

    def note(self, text: str) -> None:
        """Add a note once."""
        if text not in self.notes:
            self.notes.append(text)


def local_day(moment: date | datetime, timezone: str) -> date:
    """Return the jurisdiction's day at a moment; a naive moment or a plain date is taken as local already."""
    if not isinstance(moment, datetime):
        return moment
    return moment.date() if moment.tzinfo is None else moment.astimezone(ZoneInfo(timezone)).date()


def stated_conditions(conditions: Mapping[str, bool] | Collection[str] | None) -> Mapping[str, bool]:
    """Return conditions as a mapping; a plain collection names those that hold."""
    if conditions is None:
        return {}
    return conditions if isinstance(conditions, Mapping) else dict.fromkeys(conditions, True)


def applies(rule: Rule, conditions: Mapping[str, bool]) -> bool | None:
    """Return whether a rule's condition holds; None when it has one that nobody has settled."""
    if rule.condition is None:
        return True
    key = rule.condition_key
    if key is None:
        return None
    if key in conditions:
        return conditions[key]
    opposite = key.removeprefix(_NOT) if key.startswith(_NOT) else _NOT + key
    return None if opposite not in conditions else not conditions[opposite]


# --- where a rule starts ----------------------------------------------------------------------------------------------


def start_of(rule: Rule, case: Case) -> Start | None:
    """Return the start of a rule from what has happened; None when nothing that starts it has.

    The first listed trigger that has happened wins. Silence is not an event: see `silence`.
    """
    for trigger in (rule.trigger, *rule.also_triggers):
        start = _from_trigger(trigger, case)
        if start is not None:
            return _estimated(start) if _stands_in(rule, trigger) else start
    return None


def _from_trigger(trigger: Trigger, case: Case) -> Start | None:
    if trigger == "receipt":
        return _from_receipt(case.receipt)
    if trigger == "sending":
        return _from_sending(case)
    kind = _TRIGGER_EVENTS.get(trigger)
    # The newest: each new question, payment or decision begins its own period.
    event = case.timeline.last(kind) if kind is not None else None
    return None if event is None else Start(trigger=trigger, earliest=event.on, latest=event.on, event=event)


def _from_receipt(receipt: Receipt) -> Start:
    return Start(
        trigger="receipt",
        earliest=receipt.earliest,
        latest=receipt.latest,
        event=receipt.event,
        receipt=receipt,
        presumed=receipt.presumed,
    )


def _from_sending(case: Case) -> Start:
    sending = case.receipt.sending
    if sending is not None:
        return Start(trigger="sending", earliest=sending.on, latest=sending.on, event=sending)
    on = case.receipt.event.on
    return Start(
        trigger="sending",
        earliest=on,
        latest=on,
        event=case.receipt.event,
        presumed=True,
        remark="This period runs from the request itself. No sending is recorded, so the day of receipt stands in.",
    )


def _stands_in(rule: Rule, trigger: Trigger) -> bool:
    """True when a period that runs from the acknowledged receipt has only the bare receipt to run from (WY)."""
    return rule.trigger == "acknowledgment" and trigger == "receipt"


def _estimated(start: Start) -> Start:
    remark = (
        "This period runs from the acknowledged receipt. No acknowledgment is recorded, so the date is an estimate "
        "from the day of receipt."
    )
    return msgspec.structs.replace(start, presumed=True, remark=remark)


# --- counting ---------------------------------------------------------------------------------------------------------


def pauses_for(rule: Rule, case: Case) -> tuple[tuple[Pause, ...], tuple[Pause, ...]]:
    """Return the pauses of a duty for the earliest and the latest side; a disputed one only lengthens the latest."""
    if not case.statute.tolling:
        return (), ()
    certain: list[Pause] = []
    disputed: list[Pause] = []
    for toll in case.statute.tolling:
        if toll.applies_to and rule.id not in toll.applies_to:
            continue
        answers = case.timeline.all(toll.ends)
        for number, event in enumerate(case.timeline.all(toll.starts)):
            end = answers[number].on if number < len(answers) else None
            (disputed if toll.disputed else certain).append(Pause(event.on, end, toll))
    if not disputed:
        merged = merge_pauses(certain)
        return merged, merged
    return merge_pauses(certain), merge_pauses((*certain, *disputed))


def work_out(rule: Rule, start: Start, case: Case, *, base: Working | None = None) -> Working | None:
    """Count a rule's period from a start, on both sides; None (and a note) where the reviewed calendar ends.

    With `base`, the rule is an extension of it: the period is added to its last day unless the rule is a total.
    """
    rolling = case.plan.rolling[rule.id]
    paused_rule = base.rule if base is not None and base.extends is None else rule
    early_pauses, late_pauses = pauses_for(paused_rule, case) if rule.duty_of == "agency" else ((), ())
    if base is not None and rule.counted_from != "trigger":
        first_early, first_late = FirstDay(base.earliest.raw), FirstDay(base.latest.due)
    else:
        timezone = case.statute.timezone
        first_early = FirstDay(start.earliest, start.at, timezone)
        first_late = FirstDay(start.latest, start.at, timezone)
    try:
        earliest = _count(rule, first_early, rolling.earliest, case, early_pauses)
        latest = _count(rule, first_late, rolling.latest, case, late_pauses)
    except CalendarEnds as end:
        case.note(
            f"No date for “{rule.duty}” ({rule.citation}): the holiday calendar was reviewed only through "
            f"{long_date(end.last)}."
        )
        return None
    return Working(
        statute=case.statute,
        calendar=case.calendar,
        rule=rule,
        start=start,
        rolling=rolling,
        earliest=earliest,
        latest=latest,
        pauses=late_pauses,
        extends=base,
    )


def _count(rule: Rule, first: FirstDay, side: Side, case: Case, pauses: tuple[Pause, ...]) -> Count:
    if rule.period is None:
        raise ValueError(f"{rule.id} has no period to count.")
    counted = count_period(
        first, rule.period, side, case.calendar, pauses=pauses, first_day_counts=rule.first_day_counts
    )
    if rule.or_earlier is None:
        return counted
    other = count_period(
        first, rule.or_earlier, side, case.calendar, pauses=pauses, first_day_counts=rule.first_day_counts
    )
    return min(counted, other, key=lambda count: count.due)


# --- rows -------------------------------------------------------------------------------------------------------------


def certainty_of(working: Working, *, conditional: bool) -> Certainty:
    """Return how sure a pair of dates is; what we do not know outweighs what we presume, and that what is disputed."""
    if conditional or working.start.uncertain:
        return "conditional"
    if working.start.presumed:
        return "presumed"
    return "fixed" if working.earliest.due == working.latest.due else "disputed"


def judge(working: Working, met: Event | None, certainty: Certainty, today: date) -> State:
    """Return where a duty stands. It is missed only after the latest date, and never while it may not apply at all."""
    latest = working.latest
    if met is None and latest.paused_since is not None:
        return "paused"
    late = (met.on if met is not None else today) > latest.due
    # A pause that still stands lets no date pass.
    if late and certainty != "conditional" and latest.paused_since is None:
        return "missed"
    return "running" if met is None else "met"


def make_row(working: Working, *, met: Event | None, certainty: Certainty, state: State) -> Deadline:
    """Return the row for a working; a paused one has no dates."""
    if met is not None and state == "met":
        working = msgspec.structs.replace(working, met_by=met)
    paused = state == "paused"
    return Deadline(
        rule=working.rule,
        trigger=working.start.trigger,
        trigger_date=working.start.on,
        earliest=None if paused else working.earliest.due,
        latest=None if paused else working.latest.due,
        certainty=certainty,
        state=state,
        working=working,
    )


def remark(row: Deadline, text: str, *, state: State | None = None, certainty: Certainty | None = None) -> Deadline:
    """Return a row with one more sentence in its trace, and perhaps another state or certainty."""
    return msgspec.structs.replace(
        row,
        state=state or row.state,
        certainty=certainty or row.certainty,
        working=msgspec.structs.replace(row.working, remarks=(*row.working.remarks, text)),
    )
