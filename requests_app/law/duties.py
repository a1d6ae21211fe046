"""The agency's own duties: acknowledge, decide, produce; and how an extension notice moves them."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Final

import msgspec

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
from requests_app.law.phrases import long_date, period_words, sentence
from requests_app.law.rows import Deadline
from requests_app.law.schema import EventKind, Rule
from requests_app.law.timeline import WORDS, Event
from requests_app.law.working import Start

# What also answers a decision cannot fulfil a duty that only begins with that decision.
_DECIDING: Final[frozenset[EventKind]] = frozenset({"acknowledged", "determined", "denied"})


def duty_rows(case: Case) -> list[Deadline]:
    """Return a row for each agency duty that has started, with the rows of its extensions after it."""
    rows: list[Deadline] = []
    notices = case.timeline.all("extension")
    moved = False
    for rule in case.plan.duties:
        known = applies(rule, case.conditions)
        start = start_of(rule, case) if known is not False else None
        if start is None:
            if known is not False:
                note_unrecorded_start(rule, case)
            continue
        if rule.period is None:
            case.note(partial(_no_number, rule))
            continue
        row = _duty_row(rule, start, case, conditional=known is None)
        if row is None:
            continue
        if not notices or rule.id not in case.plan.extensions:
            rows.append(row)
            continue
        extended = _extended(row, notices, case)
        moved = moved or len(extended) > 1 or extended[0].state == "superseded"
        rows += extended
    answered = any(row.working.met_by is not None and row.working.met_by.kind == "extension" for row in rows)
    if notices and not moved and not answered:
        case.note(partial(_moves_nothing, notices[0], case))
    return rows


def _no_number(rule: Rule) -> str:
    return f"No number of days is set for this duty: {rule.duty.rstrip('.')} ({rule.citation})."


def _moves_nothing(notice: Event, case: Case) -> str:
    if case.plan.extensions:
        return f"The extension notice of {long_date(notice.on)} moves no date: no period that it extends is running."
    return f"The extension notice of {long_date(notice.on)} moves no date: this law names no extension."


def _duty_row(rule: Rule, start: Start, case: Case, *, conditional: bool) -> Deadline | None:
    working = work_out(rule, start, case)
    if working is None:
        return None
    met = _fulfilled(rule, start, case)
    certainty = certainty_of(working, conditional=conditional)
    row = make_row(working, met=met, certainty=certainty, state=judge(working, met, certainty, case.today))
    return _after_denial(row, case) if rule.kind == "production" else row


def _fulfilled(rule: Rule, start: Start, case: Case) -> Event | None:
    """Return the event that fulfilled a duty; the event that started the clock never does."""
    kinds = case.plan.fulfilled_by[rule.id]
    if case.timeline.kinds.isdisjoint(kinds):
        return None
    if start.trigger in ("determination", "denial"):
        kinds -= _DECIDING
    return case.timeline.first(kinds)


def _after_denial(row: Deadline, case: Case) -> Deadline:
    """Return a production row that waits no longer once the agency has refused in time."""
    denied = case.timeline.the("denied")
    last = row.working.latest.due
    if denied is None or row.state not in ("running", "missed", "paused") or denied.on > last:
        return row
    text = f"The agency denied the request on {long_date(denied.on)}, so no production is awaited."
    settled = remark(row, text, state="superseded")
    return msgspec.structs.replace(settled, earliest=row.working.earliest.due, latest=last)


# --- extensions -------------------------------------------------------------------------------------------------------


def _extended(row: Deadline, notices: tuple[Event, ...], case: Case) -> list[Deadline]:
    """Return the original row and the rows of every extension that may have been claimed.

    1. A notice after the duty was met moves nothing.
    2. Each extension rule of the law that may apply gives its own date; several are conditional.
    3. A notice in time supersedes the original date; a late one leaves it standing.
    4. An extension without a number gives no date, only a note; one that needs more than a notice (MS: an agreement)
       leaves the date standing until that is known.
    """
    notice = notices[0]
    met = row.working.met_by
    if met is not None and (met is notice or met.on < notice.on):
        return [row]
    options = _options(row, case)
    if not options:
        return [row]
    late = row.latest is not None and notice.on > row.latest
    rows: list[Deadline] = []
    for rule in options:
        if rule.period is None or _has_no_start(rule):
            case.note(partial(_open_ended, rule, notice, late=late))
        else:
            rows += _extension_rows(rule, row, notices, case, alternatives=len(options) > 1)
    if not rows and all(applies(rule, case.conditions) is None for rule in options):
        return [remark(row, f"The notice of {long_date(notice.on)} moves this date only if {options[0].condition}.")]
    surely_one_of_them = len(options) > 1 and len(rows) >= len(options)
    in_time = row.earliest is None or notice.on <= row.earliest
    if surely_one_of_them and in_time and row.certainty != "conditional":
        answered = _fulfilled(row.rule, row.working.start, case)
        rows = _missed_after_every_option(rows, answered.on if answered is not None else case.today)
    return [_original(row, notice, late=late), *rows]


def _options(row: Deadline, case: Case) -> list[Rule]:
    """Return the extensions that may have been claimed: those known to apply when any is, else all not excluded."""
    rules = case.plan.extensions[row.rule_id]
    known = [rule for rule in rules if rule.condition_key is not None and applies(rule, case.conditions) is True]
    return known or [rule for rule in rules if applies(rule, case.conditions) is not False]


def _has_no_start(rule: Rule) -> bool:
    """True for a total that is counted from something this program does not record."""
    return rule.counted_from == "trigger" and rule.trigger == "other"


def _open_ended(rule: Rule, notice: Event, *, late: bool) -> str:
    if rule.period is not None:
        text = (
            f"The extension notice of {long_date(notice.on)} may rest on {period_words(rule.period)} that "
            f"run from {rule.runs_from} ({rule.citation}); that day is not recorded here, so it gives no date."
        )
        return f"{text} The notice came after the original last day." if late else text
    text = (
        f"The extension notice of {long_date(notice.on)} may rest on a provision that sets no number of days "
        f"({rule.citation}): the agency names the date, within the limits of what is reasonable. {sentence(rule.duty)}"
    )
    return f"{text} The notice came after the original last day." if late else text


def _original(row: Deadline, notice: Event, *, late: bool) -> Deadline:
    """Return the row of the extended duty: superseded, unless the notice came too late or the duty is met."""
    if row.state == "met":
        return row
    if late:
        return remark(row, f"The extension notice of {long_date(notice.on)} came after the last day; it moves nothing.")
    if row.earliest is not None and notice.on > row.earliest:
        text = (
            f"The extension notice came on {long_date(notice.on)}, between the earliest and the latest date; "
            "whether it was in time is not certain."
        )
        return remark(row, text, state="superseded")
    return remark(row, f"Extended by the notice of {long_date(notice.on)}.", state="superseded")


def _extension_rows(
    rule: Rule, original: Deadline, notices: tuple[Event, ...], case: Case, *, alternatives: bool
) -> list[Deadline]:
    """Return a row per notice under one extension rule: one, or a chain where the law lets it repeat."""
    rows: list[Deadline] = []
    base = original
    for number, notice in enumerate(notices):
        if number and not rule.repeatable:
            case.note(partial(_claimed_once, rule, notice))
            break
        row = _extension_row(rule, original, base, notice, case, alternatives=alternatives)
        if row is None:
            break
        if rows:
            rows[-1] = _original(rows[-1], notice, late=_came_late(rows[-1], notice))
        rows.append(row)
        base = row
    return rows


def _claimed_once(rule: Rule, notice: Event) -> str:
    return (
        f"The further extension notice of {long_date(notice.on)} moves no date: this extension can be claimed once "
        f"({rule.citation})."
    )


def _came_late(row: Deadline, notice: Event) -> bool:
    return row.latest is not None and notice.on > row.latest


def _extension_row(
    rule: Rule, original: Deadline, base: Deadline, notice: Event, case: Case, *, alternatives: bool
) -> Deadline | None:
    working = work_out(rule, original.working.start, case, base=base.working)
    if working is None:
        return None
    unsettled = rule.condition_key is not None and applies(rule, case.conditions) is None
    in_time = base.earliest is None or notice.on <= base.earliest
    conditional = original.certainty == "conditional" or alternatives or unsettled or not in_time
    certainty = certainty_of(working, conditional=conditional)
    met = _fulfilled(original.rule, original.working.start, case)
    row = make_row(working, met=met, certainty=certainty, state=judge(working, met, certainty, case.today))
    return remark(row, _notice_words(rule, base, notice))


def _notice_words(rule: Rule, base: Deadline, notice: Event) -> str:
    claimed = f"Claimed by {WORDS['extension']} of {long_date(notice.on)}: {rule.duty.rstrip('.')} ({rule.citation})."
    if base.latest is None or base.earliest is None or notice.on <= base.earliest:
        return claimed
    if notice.on > base.latest:
        return (
            f"{claimed} The notice came late, after {long_date(base.latest)}, so this extension is not lawful; the "
            "date is shown because the agency may rely on it."
        )
    return (
        f"{claimed} The notice came between the earliest and the latest original date, so it is not certain that it "
        "was in time."
    )


def _missed_after_every_option(rows: list[Deadline], moment: date) -> list[Deadline]:
    """Call alternative dates missed once the longest has passed: whichever applied, the agency is late then."""
    last = max((row.latest for row in rows if row.latest is not None), default=date.max)
    if moment <= last:
        return rows
    return [msgspec.structs.replace(row, state="missed") if row.state != "superseded" else row for row in rows]
