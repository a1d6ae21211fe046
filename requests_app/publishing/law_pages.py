"""A statute as a page for people: plain words first, each with its citation, doubts in their own box. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from requests_app.law.phrases import TRIGGER_WORDS, sentence
from requests_app.law.schema import Period, Rule, Statute

KIND_HEADINGS: Final = (
    ("acknowledgment", _("First answer")),
    ("determination", _("Decision")),
    ("production", _("Records")),
    ("extension", _("If they claim more time")),
    ("reply", _("If they ask us something")),
    ("appeal", _("If they refuse: review")),
    ("court", _("If they refuse: court")),
)

YES_NO: Final = {True: _("Yes"), False: _("No"), None: _("The law does not say, or we could not establish it")}


@dataclass(frozen=True)
class RuleLine:
    """One duty in words: what, in what time, from when, under which section."""

    rule: Rule
    what: str
    time: str
    start: str


@dataclass(frozen=True)
class Section:
    """The duties of one kind."""

    heading: str | Promise
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True)
class Comparison:
    """One jurisdiction in the compare table."""

    statute: Statute
    who: str | Promise
    first: str
    decision: str
    review: str
    waiver: str | Promise


def compose_sections(statute: Statute) -> tuple[Section, ...]:
    """Return the duties of a statute, by kind, in the order in which a request meets them."""
    sections = []
    for kind, heading in KIND_HEADINGS:
        lines = tuple(_line(rule) for rule in statute.rules if rule.kind == kind)
        if lines:
            sections.append(Section(heading, lines))
    return tuple(sections)


def compose_comparison(statute: Statute) -> Comparison:
    """Return one row of the compare table, from the rules that always apply."""
    return Comparison(
        statute=statute,
        who=_who(statute),
        first=_shortest(statute, "acknowledgment"),
        decision=_shortest(statute, "determination") or _shortest(statute, "production"),
        review=_review(statute),
        waiver=YES_NO[statute.fees.waiver_available],
    )


def period_in_words(period: Period) -> str:
    """Return a period as people say it, in figures: "10 business days", "2 years"."""
    amount = period.amount
    if period.unit == "business_days":
        return ngettext("%(n)d business day", "%(n)d business days", amount) % {"n": amount}
    if period.unit == "calendar_days":
        return ngettext("%(n)d calendar day", "%(n)d calendar days", amount) % {"n": amount}
    if period.unit == "hours":
        return ngettext("%(n)d hour", "%(n)d hours", amount) % {"n": amount}
    if amount % 12 == 0:
        return ngettext("%(n)d year", "%(n)d years", amount // 12) % {"n": amount // 12}
    return ngettext("%(n)d month", "%(n)d months", amount) % {"n": amount}


def _line(rule: Rule) -> RuleLine:
    time = period_in_words(rule.period) if rule.period else str(_("no number of days in the law"))
    what = sentence(rule.duty if rule.kind not in {"appeal", "court"} or not rule.body else rule.body)
    start = rule.runs_from or TRIGGER_WORDS[rule.trigger]
    return RuleLine(rule, what, time, start)


def _who(statute: Statute) -> str | Promise:
    if statute.requester.residents_only is None:
        return _("Unclear: residents are safe")
    return _("Residents only") if statute.requester.residents_only else _("Anyone")


def _shortest(statute: Statute, kind: str) -> str:
    """Return the time of the first rule of a kind that holds without a condition; nothing where there is none."""
    always = [rule for rule in statute.rules if rule.kind == kind and rule.period and not rule.condition]
    return period_in_words(always[0].period) if always and always[0].period else ""


def _review(statute: Statute) -> str:
    filings = [rule for rule in statute.rules if rule.kind == "appeal" and rule.duty_of == "requester"]
    if not filings:
        return ""
    first = filings[0]
    if first.period is None:
        return str(_("yes, no time limit stated"))
    return str(_("within %(time)s")) % {"time": period_in_words(first.period)}
