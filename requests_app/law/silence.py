"""Silence that counts as a denial: from which pair of days, and how sure it is."""

from __future__ import annotations

from datetime import date
from functools import partial

from requests_app.law.case import Case
from requests_app.law.phrases import long_date, period_words, who_hears
from requests_app.law.rows import Deadline
from requests_app.law.schema import Rule, Trigger
from requests_app.law.working import Start


def deemed_denial(duties: list[Deadline], case: Case) -> Start | None:
    """Return the denial by silence that the agency's unmet duties amount to; None when there is none (yet).

    A denial in words leaves no room for one by silence. The pair runs from the earliest to the latest date of every
    unmet duty whose silence the law calls a denial; it is uncertain until the latest has passed.
    """
    if not case.plan.silence_counts or case.timeline.the("denied") is not None:
        return None
    return _silence([row for row in duties if _silent(row, case)], "deemed_denial", case)


def silence_on_appeal(decisions: list[Deadline], case: Case) -> Start | None:
    """Return the denial of an appeal by the body's silence; None when there is none (yet)."""
    return (
        _silence([row for row in decisions if row.rule.silence_is_denial], "appeal_decision", case)
        if decisions
        else None
    )


def _silence(rows: list[Deadline], trigger: Trigger, case: Case) -> Start | None:
    waiting = [
        (row.earliest, row.latest, row.certainty)
        for row in rows
        if row.state in ("running", "missed") and row.earliest is not None and row.latest is not None
    ]
    if not waiting:
        return None
    earliest = min(first for first, _, _ in waiting)
    latest = max(last for _, last, _ in waiting)
    if case.today <= earliest:
        return None
    # One duty that surely applies is enough: once it and the doubtful ones have passed, only the day is in question.
    unsettled = all(certainty == "conditional" for _, _, certainty in waiting)
    return Start(
        trigger=trigger,
        earliest=earliest,
        latest=latest,
        presumed=any(certainty == "presumed" for _, _, certainty in waiting),
        uncertain=case.today <= latest or unsettled,
    )


def _silent(row: Deadline, case: Case) -> bool:
    """True when the duty's silence is a denial; an extension inherits that from the duty it extends."""
    if row.rule.silence_is_denial:
        return True
    extended = row.rule.extends
    return extended is not None and case.statute.rule(extended).silence_is_denial


def note_coming_silence(duties: list[Deadline], case: Case) -> None:
    """Say beforehand what silence will mean: from when it is a denial, and what must be done then."""
    if not case.plan.silence_counts or case.timeline.the("denied") is not None:
        return
    coming = [row for row in duties if row.state == "running" and row.earliest is not None and _silent(row, case)]
    sure = [row for row in coming if row.certainty != "conditional"]
    for row in sure or coming:
        if row.earliest is None or case.today > row.earliest:
            continue
        case.note(partial(_what_silence_means, row.earliest, row.rule, case))


def _what_silence_means(last: date, rule: Rule, case: Case) -> str:
    supposing = f" (if {rule.condition.rstrip('.')})" if rule.condition is not None else ""
    text = f"If the agency stays silent through {long_date(last)}, that counts as a denial{supposing} ({rule.citation})"
    remedies = [words for remedy in case.plan.remedies if (words := _then(remedy, case)) is not None]
    return f"{text}; {'; '.join(remedies)}." if remedies else f"{text}."


def _then(rule: Rule, case: Case) -> str | None:
    if "deemed_denial" not in (rule.trigger, *rule.also_triggers) or rule.period is None:
        return None
    what = "a court filing" if rule.kind == "court" else "an appeal"
    return f"{what} to {who_hears(rule)} is then due within {period_words(rule.period, case.statute)}"
