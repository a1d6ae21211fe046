"""After a denial: the requester's appeals and court limits, the bodies' decisions, and replies the requester owes."""

from __future__ import annotations

from functools import partial
from typing import Final

from requests_app.law.case import (
    Case,
    applies,
    certainty_of,
    judge,
    make_row,
    note_unrecorded_start,
    remark,
    start_of,
    work_out,
)
from requests_app.law.phrases import long_date, who_hears
from requests_app.law.rows import Deadline
from requests_app.law.schema import AppealLevel, EventKind, Rule, Trigger
from requests_app.law.silence import silence_on_appeal
from requests_app.law.timeline import Event, TimelineError
from requests_app.law.working import Start

# What an appeal can be about. Without one of these there must at least have been silence.
_APPEALABLE: Final[frozenset[EventKind]] = frozenset({"denied", "determined", "produced", "extension", "fee_estimated"})
_REPLIES: Final[dict[Trigger, tuple[EventKind, ...]]] = {
    "clarification_request": ("clarified",),
    "fee_estimate": ("fee_paid",),
    "determination": ("clarified", "fee_paid", "produced", "appeal_filed"),
}
# Without one of these nobody has asked the requester anything.
_QUESTIONS: Final = frozenset({"clarification_requested", "fee_estimated", "determined"})


def check_appeal(duties: list[Deadline], case: Case) -> None:
    """Raise TimelineError when the first appeal was filed before anything could be appealed, silence included."""
    filed = case.timeline.the("appeal_filed")
    if filed is None:
        return
    cause = case.timeline.first(_APPEALABLE)
    if cause is not None and cause.on <= filed.on:
        return
    answers = [row.earliest for row in duties if row.earliest is not None]
    if answers and filed.on <= min(answers):
        raise TimelineError(
            f"The appeal ({filed.on.isoformat()}) cannot come before a denial, and the agency's silence could not "
            f"count before {min(answers).isoformat()}; add the denial or correct the date."
        )


def remedy_rows(silence: Start | None, decisions: list[Deadline], case: Case) -> list[Deadline]:
    """Return the requester's appeals and court limits that have started.

    A denial in words starts an appeal before silence does; a decision on an appeal starts the next step.
    """
    rows: list[Deadline] = []
    refused_by_silence = silence_on_appeal(decisions, case)
    if silence is None and refused_by_silence is None and _nothing_refused(case):
        return rows
    for rule in case.plan.remedies:
        known = applies(rule, case.conditions)
        if known is False:
            continue
        start = _remedy_start(rule, silence, refused_by_silence, case)
        if start is None:
            note_unrecorded_start(rule, case)
            continue
        if rule.period is None:
            case.note(partial(_no_limit, rule))
            continue
        row = _remedy_row(rule, start, case, conditional=known is None or _decider_unknown(rule, start, case))
        if row is not None:
            rows.append(row)
    return rows


def _nothing_refused(case: Case) -> bool:
    """True when nothing has happened that any remedy of this law runs from."""
    waited_for = case.plan.remedy_events
    return waited_for is not None and case.timeline.kinds.isdisjoint(waited_for)


def _no_limit(rule: Rule) -> str:
    if rule.kind == "reply":
        return f"No number of days is set for this answer: {rule.duty.rstrip('.')} ({rule.citation})."
    if rule.duty_of == "agency":
        return f"No number of days is set for this decision: {rule.duty.rstrip('.')} ({rule.citation})."
    return f"No time limit is set for this step: {rule.duty.rstrip('.')} ({who_hears(rule)}; {rule.citation})."


def _remedy_start(rule: Rule, silence: Start | None, on_appeal: Start | None, case: Case) -> Start | None:
    start = start_of(rule, case)
    if start is not None:
        return start if _follows(rule, start, case) else None
    triggers = (rule.trigger, *rule.also_triggers)
    if "appeal_decision" in triggers and on_appeal is not None:
        return on_appeal
    return silence if "deemed_denial" in triggers else None


def _follows(rule: Rule, start: Start, case: Case) -> bool:
    """False when the decision that came is known to be another body's than the one this step follows."""
    if start.trigger != "appeal_decision" or rule.after_level is None:
        return True
    return rule.after_level in _possible_deciders(start, case)


def _decider_unknown(rule: Rule, start: Start, case: Case) -> bool:
    """True when it is not known whose decision came and this step follows only one body's."""
    if start.trigger != "appeal_decision" or rule.after_level is None or start.event is None:
        return False
    return len(_possible_deciders(start, case)) > 1


def _possible_deciders(start: Start, case: Case) -> set[AppealLevel | None]:
    """Return the levels that may have made the newest decision: the recorded one, else all that could have by then."""
    if start.event is not None and start.event.level is not None:
        return {start.event.level}
    decisions = len(case.timeline.all("appeal_decided"))
    return {level for level, _ in _bodies(max(0, decisions - 1), case)}


def _remedy_row(rule: Rule, start: Start, case: Case, *, conditional: bool) -> Deadline | None:
    working = work_out(rule, start, case)
    if working is None:
        return None
    met = _filed(rule, start, case) if rule.kind == "appeal" else None
    certainty = certainty_of(working, conditional=conditional)
    row = make_row(working, met=met, certainty=certainty, state=judge(working, met, certainty, case.today))
    if start.event is None and start.uncertain:
        return remark(row, f"The silence counts for certain only after {long_date(start.latest)}.")
    return row


def _filed(rule: Rule, start: Start, case: Case) -> Event | None:
    """Return the appeal that took this step: the first after its start, to this body when that is known."""
    decided = [event for event in case.timeline.all("appeal_decided") if start.trigger == "appeal_decision"]
    # A filing with an unknown body is not taken for a second step that nothing yet leads to.
    known_only = rule.after_level is not None and start.trigger != "appeal_decision"
    for event in case.timeline.all("appeal_filed")[len(decided) :]:
        if event.on >= start.earliest and (event.level == rule.level or (event.level is None and not known_only)):
            return event
    return None


# --- decisions on appeals ---------------------------------------------------------------------------------------------


def decision_rows(case: Case) -> list[Deadline]:
    """Return by when each body that may hold an appeal must decide it; several bodies make each row conditional."""
    rows: list[Deadline] = []
    appeals = case.timeline.all("appeal_filed")
    if not appeals:
        return rows
    decided = case.timeline.all("appeal_decided")
    for number, filed in enumerate(appeals):
        answer = decided[number] if number < len(decided) else None
        ambiguous = filed.level is None and len(_bodies(number, case)) > 1
        for rule in case.plan.decisions:
            known = applies(rule, case.conditions)
            if known is False or rule.trigger != "appeal_filing" or not _may_hold(rule, filed, number):
                continue
            if rule.period is None:
                case.note(partial(_no_limit, rule))
                continue
            start = Start(trigger="appeal_filing", earliest=filed.on, latest=filed.on, event=filed)
            working = work_out(rule, start, case)
            if working is None:
                continue
            certainty = certainty_of(working, conditional=ambiguous or known is None)
            state = judge(working, answer, certainty, case.today)
            row = make_row(working, met=answer, certainty=certainty, state=state)
            rows.append(remark(row, f"This applies if the appeal went to {who_hears(rule)}.") if ambiguous else row)
    return rows


def _may_hold(rule: Rule, filed: Event, number: int) -> bool:
    """True when a body may hold the appeal: a second-level body only hears what another has decided."""
    if filed.level is not None and filed.level != rule.level:
        return False
    return rule.after_level is None or number > 0


def _bodies(number: int, case: Case) -> set[tuple[AppealLevel | None, str | None]]:
    return {
        (rule.level, rule.body)
        for rule in case.plan.remedies + case.plan.decisions
        if rule.kind == "appeal" and (rule.after_level is None or number > 0)
    }


# --- replies ----------------------------------------------------------------------------------------------------------


def reply_rows(case: Case) -> list[Deadline]:
    """Return by when the requester must answer the agency so that the request does not lapse."""
    rows: list[Deadline] = []
    if case.timeline.kinds.isdisjoint(_QUESTIONS):
        return rows
    for rule in case.plan.replies:
        known = applies(rule, case.conditions)
        start = start_of(rule, case) if known is not False else None
        if start is None:
            continue
        if rule.period is None:
            case.note(partial(_no_limit, rule))
            continue
        working = work_out(rule, start, case)
        if working is None:
            continue
        met = _replied(start, case)
        certainty = certainty_of(working, conditional=known is None)
        rows.append(make_row(working, met=met, certainty=certainty, state=judge(working, met, certainty, case.today)))
    return rows


def _replied(start: Start, case: Case) -> Event | None:
    """Return the answer to the newest question."""
    answers = _REPLIES.get(start.trigger, ())
    if start.trigger == "determination":
        after = [event for event in case.timeline.events if event.kind in answers and event.on >= start.earliest]
        return after[0] if after else None
    question: EventKind = "clarification_requested" if start.trigger == "clarification_request" else "fee_estimated"
    asked = len(case.timeline.all(question))
    given = case.timeline.all(answers[0])
    return given[asked - 1] if len(given) >= asked else None
