"""One request before one law: what every part of a projection needs to see, and the count that they all share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
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
    count_both_sides,
    count_period,
    merge_pauses,
    rolling_for,
)
from requests_app.law.phrases import long_date, period_words
from requests_app.law.receipt import Receipt
from requests_app.law.rows import Certainty, Deadline, Note, State
from requests_app.law.schema import EventKind, Period, Rule, RuleKind, Statute, Trigger
from requests_app.law.timeline import Event, Timeline
from requests_app.law.working import Start, Working

_NOT: Final = "not_"
_NO_PAUSES: Final[tuple[tuple[Pause, ...], tuple[Pause, ...]]] = ((), ())

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
    "production": "produced",
}


# What fulfils a duty. Whoever decides or produces has also acknowledged; whoever produces has also decided.
FULFILLED_BY: Final[dict[RuleKind, tuple[EventKind, ...]]] = {
    "acknowledgment": ("acknowledged", "determined", "denied", "produced", "extension"),
    "determination": ("determined", "denied", "produced"),
    "production": ("produced",),
}


class Plan(NamedTuple):
    """The rules of one law in force on one day, sorted by who meets them and how."""

    statute: Statute
    rolling: Mapping[str, Rolling]
    # The period of each rule that has just one, in days or months: what `count_both_sides` can count. Rules with the
    # same number count alike, so that each of these counts is made once in a projection.
    plain: Mapping[str, tuple[int, Period]]
    fulfilled_by: Mapping[str, frozenset[EventKind]]
    duties: tuple[Rule, ...]
    extensions: Mapping[str, tuple[Rule, ...]]
    remedies: tuple[Rule, ...]
    decisions: tuple[Rule, ...]
    replies: tuple[Rule, ...]
    # Whether any duty's silence counts as a denial.
    silence_counts: bool
    # Events that pause or restart some clock.
    pausing: frozenset[EventKind]
    # Events without which no remedy but one from silence can start; None when one starts from the request itself.
    remedy_events: frozenset[EventKind] | None


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
        plain=_plain_periods(statute),
        fulfilled_by={
            rule.id: frozenset((*FULFILLED_BY[rule.kind], *rule.also_met_by))
            for rule in statute.rules
            if rule.kind in FULFILLED_BY
        },
        duties=tuple(rule for rule in statute.rules if rule.kind in ("acknowledgment", "determination", "production")),
        extensions=extensions,
        remedies=tuple(rule for rule in reviews if rule.duty_of == "requester"),
        decisions=tuple(_placed(rule, reviews) for rule in reviews if rule.duty_of == "agency"),
        replies=tuple(rule for rule in statute.rules if rule.kind == "reply"),
        pausing=frozenset(toll.starts for toll in statute.tolling),
        silence_counts=any(rule.silence_is_denial for rule in statute.rules if rule.kind not in ("appeal", "court")),
        remedy_events=_waited_for([rule for rule in reviews if rule.duty_of == "requester"]),
    )


def _plain_periods(statute: Statute) -> dict[str, tuple[int, Period]]:
    """Return the one period of each rule that has just one, numbered so that equal ways of counting share a number."""
    numbers: dict[tuple[Period, Rolling], int] = {}
    plain = {}
    for rule in statute.rules:
        special = rule.first_day_counts or rule.or_earlier or rule.period_if_disputed
        if rule.period is not None and rule.period.unit != "hours" and not special:
            way = (rule.period, rolling_for(rule, statute.day_counting))
            plain[rule.id] = (numbers.setdefault(way, len(numbers)), rule.period)
    return plain


def _waited_for(rules: list[Rule]) -> frozenset[EventKind] | None:
    """Return the events that could start one of these rules; None when the request alone may."""
    triggers = {trigger for rule in rules for trigger in (rule.trigger, *rule.also_triggers)}
    if triggers & {"receipt", "sending"}:
        return None
    events: set[EventKind] = {_TRIGGER_EVENTS[trigger] for trigger in triggers if trigger in _TRIGGER_EVENTS}
    # A step that runs from something not recorded is at least mentioned once the agency has refused.
    return frozenset(events | {"denied"})


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
    receipt_start: Start
    notes: list[Note] = msgspec.field(default_factory=list)
    # Counts already made, by way of counting and first days.
    counted: dict[tuple[int, date, date], tuple[Count, Count]] = msgspec.field(default_factory=dict)

    @property
    def statute(self) -> Statute:
        """The law with only the rules in force."""
        return self.plan.statute

    def note(self, note: Note) -> None:
        """Add a note, to be written when it is read."""
        self.notes.append(note)


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
    if rule.trigger == "receipt":
        return case.receipt_start
    for trigger in (rule.trigger, *rule.also_triggers):
        start = _from_trigger(trigger, case)
        if start is not None:
            return _estimated(start) if _stands_in(rule, trigger) else start
    return None


def _from_trigger(trigger: Trigger, case: Case) -> Start | None:
    if trigger == "receipt":
        return case.receipt_start
    if trigger == "sending":
        return _from_sending(case)
    kind = _TRIGGER_EVENTS.get(trigger)
    # The newest: each new question, payment or decision begins its own period.
    event = case.timeline.last(kind) if kind is not None else None
    return None if event is None else Start(trigger=trigger, earliest=event.on, latest=event.on, event=event)


def start_from_receipt(receipt: Receipt) -> Start:
    """Return the start of every period that runs from the receipt."""
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
        "from the day of receipt, and the agency cannot be called late by it."
    )
    return msgspec.structs.replace(start, presumed=True, estimated=True, remark=remark)


def note_unrecorded_start(rule: Rule, case: Case) -> None:
    """Say, once the agency has refused, that a period runs from something that is not recorded here."""
    if rule.trigger == "other" and rule.period is not None and case.timeline.the("denied") is not None:
        words = period_words(rule.period, case.statute)
        text = f"Not dated here: {rule.duty.rstrip('.')}. The limit is {words} from {rule.runs_from} ({rule.citation})."
        case.note(lambda: text)


# --- counting ---------------------------------------------------------------------------------------------------------


def pauses_for(rule: Rule, case: Case) -> tuple[tuple[Pause, ...], tuple[Pause, ...]]:
    """Return the pauses of a duty for the earliest and the latest side; a disputed one only lengthens the latest."""
    certain: list[Pause] = []
    disputed: list[Pause] = []
    for toll in case.statute.tolling:
        if rule.id not in toll.applies_to if toll.applies_to else rule.kind not in FULFILLED_BY:
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
    plan = case.plan
    rolling = plan.rolling[rule.id]
    early_pauses, late_pauses = _NO_PAUSES
    if rule.duty_of == "agency" and not plan.pausing.isdisjoint(case.timeline.kinds):
        early_pauses, late_pauses = pauses_for(base.rule if base is not None and base.extends is None else rule, case)
    added = base is not None and rule.counted_from != "trigger"
    early, late = (base.earliest.raw, base.latest.due) if added and base is not None else (start.earliest, start.latest)
    plain = plan.plain.get(rule.id)
    try:
        if plain is not None and not late_pauses:
            number, period = plain
            counts = case.counted.get((number, early, late))
            if counts is None:
                counts = count_both_sides(early, late, period, rolling, case.calendar)
                case.counted[number, early, late] = counts
            earliest, latest = counts
        else:
            at, timezone = (None if added else start.at), plan.statute.timezone
            earliest = _count(rule, FirstDay(early, at, timezone), rolling.earliest, case.calendar, early_pauses)
            latest = _count(rule, FirstDay(late, at, timezone), rolling.latest, case.calendar, late_pauses)
    except CalendarEnds as end:
        case.note(partial(_beyond_calendar, rule, end.last))
        return None
    return Working(
        statute=plan.statute,
        calendar=case.calendar,
        rule=rule,
        start=start,
        rolling=rolling,
        earliest=earliest,
        latest=latest,
        pauses=late_pauses,
        extends=base,
    )


def _beyond_calendar(rule: Rule, last: date) -> str:
    reviewed = f"the holiday calendar was reviewed only through {long_date(last)}"
    return f"No date for “{rule.duty}” ({rule.citation}): {reviewed}."


def _count(rule: Rule, first: FirstDay, side: Side, calendar: HolidayCalendar, pauses: tuple[Pause, ...]) -> Count:
    if rule.period is None:
        raise ValueError(f"{rule.id} has no period to count.")
    counted = count_period(first, rule.period, side, calendar, pauses, rule.first_day_counts)
    if rule.or_earlier is not None:
        other = count_period(first, rule.or_earlier, side, calendar, pauses, rule.first_day_counts)
        counted = min(counted, other, key=_due)
    if rule.period_if_disputed is not None:
        other = count_period(first, rule.period_if_disputed, side, calendar, pauses, rule.first_day_counts)
        counted = (max if side.sure else min)(counted, other, key=_due)
    return counted


def _due(count: Count) -> date:
    return count.due


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
    doubtful = certainty == "conditional" or working.start.estimated
    if late and not doubtful and latest.paused_since is None:
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
