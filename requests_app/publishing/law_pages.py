"""A statute as a page for people: plain words first, each with its citation, doubts in their own box. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from requests_app.law.calendars import HolidayCalendar
from requests_app.law.deadlines import Deadline
from requests_app.law.phrases import sentence
from requests_app.law.schema import Confidence, Period, Rule, RuleKind, Statute, Trigger

Words = str | Promise

KIND_HEADINGS: Final[tuple[tuple[RuleKind, Words], ...]] = (
    ("acknowledgment", _("First answer")),
    ("determination", _("Decision")),
    ("production", _("Records")),
    ("extension", _("If they claim more time")),
    ("reply", _("If they ask you something")),
    ("appeal", _("If they refuse: review")),
    ("court", _("If they refuse: court")),
)

KIND_NAMES: Final[dict[RuleKind, Words]] = {
    "acknowledgment": _("the first answer"),
    "determination": _("the decision"),
    "production": _("the records"),
    "extension": _("more time"),
    "reply": _("your reply"),
    "appeal": _("the review"),
    "court": _("court"),
}

# To follow "counted from". The law room has English words of its own for traces; these can be translated.
STARTS: Final[dict[Trigger, Words]] = {
    "receipt": _("the day the request arrives"),
    "sending": _("the day the request is sent"),
    "acknowledgment": _("the acknowledgment"),
    "determination": _("the decision"),
    "denial": _("the refusal"),
    "deemed_denial": _("the end of a time limit that passes in silence"),
    "payment": _("the payment"),
    "clarification": _("your clarification"),
    "appeal_filing": _("the day the appeal is filed"),
    "appeal_decision": _("the decision on the appeal"),
    "clarification_request": _("their question"),
    "fee_estimate": _("the fee estimate"),
    "production": _("the delivery of the records"),
    "other": _("the event named in the rule"),
}

BASES: Final[dict[str, Words]] = {
    "statute": _("statute"),
    "regulation": _("a regulation, not the statute"),
    "guidance": _("official guidance, not law"),
}

SURENESS: Final[dict[Confidence, Words]] = {
    "high": _("we are sure of this"),
    "medium": _("fairly sure: check it before you rely on it"),
    "low": _("we are not sure of this: check it first"),
}
_LEAST_SURE_FIRST: Final[tuple[Confidence, ...]] = ("low", "medium", "high")

YES_NO: Final = {True: _("Yes"), False: _("No"), None: _("The law does not say, or we could not establish it")}


@dataclass(frozen=True)
class RuleLine:
    """One duty in words: who must do it in what time, counted from what, under which section.

    Several rules of one file that say the same of several duties are one line; `extends` then names those duties.
    """

    lead: str
    start: Words
    what: str
    body: str
    rules: tuple[Rule, ...]
    extends: tuple[Words, ...]
    basis: Words
    sureness: Words
    confidence: Confidence
    doubts: tuple[str, ...]

    @property
    def rule(self) -> Rule:
        """The first of the rules, for what they all have in common."""
        return self.rules[0]


@dataclass(frozen=True)
class Section:
    """The duties of one kind."""

    heading: Words
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True)
class Comparison:
    """One jurisdiction in the compare table. An empty text: the law sets no number."""

    statute: Statute
    who: Words
    first: str
    decision: str
    review: str
    waiver: Words


@dataclass(frozen=True)
class NotOpen:
    """A weekday on which offices are closed or may be, or a legal holiday on which they are open."""

    day: date
    kind: Literal["closed", "disputed", "open"]
    name: str
    citation: str
    note: str


# --- the rules --------------------------------------------------------------------------------------------------------


def compose_sections(statute: Statute, today: date) -> tuple[Section, ...]:
    """Return the duties in force on `today` or later, by kind, in the order in which a request meets them."""
    current = [rule for rule in statute.rules if rule.effective_to is None or today <= rule.effective_to]
    sections = []
    for kind, heading in KIND_HEADINGS:
        lines = _lines([rule for rule in current if rule.kind == kind], statute)
        if lines:
            sections.append(Section(heading, lines))
    return tuple(sections)


def other_doubts(statute: Statute, sections: Iterable[Section]) -> tuple[str, ...]:
    """Return the doubts of the whole file that stand beside none of its rules."""
    shown = {doubt for section in sections for line in section.lines for doubt in line.doubts}
    return tuple(doubt for doubt in statute.doubts if doubt not in shown)


def _lines(rules: Sequence[Rule], statute: Statute) -> tuple[RuleLine, ...]:
    """Return one line for each group of rules whose words are the same, in the order of their first rule."""
    groups: dict[tuple[object, ...], list[Rule]] = {}
    for rule in rules:
        groups.setdefault(_words_of(rule), []).append(rule)
    return tuple(_line(group, statute) for group in groups.values())


def _words_of(rule: Rule) -> tuple[object, ...]:
    """Return everything of a rule that its line shows, apart from which duty it extends, and its doubts."""
    return (
        *(rule.duty_of, rule.duty, rule.body, rule.level, rule.citation, rule.basis),
        *(rule.period, rule.or_earlier, rule.period_if_disputed, rule.counted_from),
        *(rule.trigger, rule.also_triggers, rule.runs_from),
        *(rule.condition, rule.consequence, rule.effective_from, rule.effective_to),
    )


def _line(group: list[Rule], statute: Statute) -> RuleLine:
    rule = group[0]
    least = min((one.confidence for one in group), key=_LEAST_SURE_FIRST.index)
    extended = (statute.rule(one.extends) for one in group if one.extends)
    return RuleLine(
        lead=_lead(rule),
        start=_start(rule),
        what=sentence(rule.duty),
        body=rule.body or "",
        rules=tuple(group),
        extends=tuple(dict.fromkeys(one.title or KIND_NAMES[one.kind] for one in extended)),
        basis=BASES[rule.basis],
        sureness=SURENESS[least],
        confidence=least,
        doubts=tuple(dict.fromkeys(doubt for one in group for doubt in one.doubts)),
    )


def _lead(rule: Rule) -> str:
    """Return who does what in what time: the sentence that a reader in a hurry takes away."""
    if rule.period is None:
        return _lead_without_number(rule)
    time = {"time": time_in_words(rule)}
    if rule.kind == "extension":
        if rule.counted_from == "due_date":
            return _now("They may take %(time)s more") % time
        return _now("They may take %(time)s in all") % time
    if rule.duty_of == "agency":
        if rule.kind == "appeal":
            return _now("They must decide the review within %(time)s") % time
        return _now("They have %(time)s") % time
    if rule.kind == "appeal":
        return _now("You file within %(time)s") % time
    if rule.kind == "court":
        return _now("You go to court within %(time)s") % time
    return _now("You have %(time)s") % time


def _lead_without_number(rule: Rule) -> str:
    if rule.kind == "extension":
        return _now("They may take more time; the law sets no number of days")
    if rule.duty_of == "agency":
        if rule.kind == "appeal":
            return _now("They must decide the review; the law sets no number of days")
        return _now("The law sets no number of days")
    if rule.kind in {"appeal", "court"}:
        return _now("You may file; the law sets no time limit that we know of")
    return _now("The law sets no number of days for your answer")


def _start(rule: Rule) -> Words:
    """Return from what the time is counted: the facts' own words where the file has them, else the trigger's."""
    if rule.counted_from == "due_date":
        return _("the date it was due")
    if rule.runs_from is not None:
        return rule.runs_from
    return _now(" or ").join(str(STARTS[trigger]) for trigger in (rule.trigger, *rule.also_triggers))


# --- times in words ---------------------------------------------------------------------------------------------------


def time_in_words(rule: Rule) -> str:
    """Return the time a rule gives, with its other readings; nothing where the law sets no number."""
    if rule.period is None:
        return ""
    words = period_in_words(rule.period)
    if rule.or_earlier is not None:
        other = period_in_words(rule.or_earlier)
        words = _now("%(time)s or %(other)s, whichever ends first") % {"time": words, "other": other}
    if rule.period_if_disputed is not None:
        other = period_in_words(rule.period_if_disputed)
        words = _now("%(time)s (or %(other)s: the law can be read both ways)") % {"time": words, "other": other}
    return words


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


def label_of(deadline: Deadline) -> Words:
    """Return what a projected date is called where its kind alone would mislead; else nothing."""
    if deadline.rule.title is not None:
        return deadline.rule.title
    if deadline.kind == "appeal" and deadline.duty_of == "agency":
        return _("Decision on the appeal")
    return ""


# --- the compare table ------------------------------------------------------------------------------------------------


def compose_comparison(statute: Statute, today: date) -> Comparison:
    """Return one row of the compare table, from the rules in force today that always apply."""
    rules = statute.as_of(today).rules
    return Comparison(
        statute=statute,
        who=_who(statute),
        first=_usual_time(rules, "acknowledgment"),
        decision=_usual_time(rules, "determination", "production"),
        review=_review(rules),
        waiver=_waiver(statute),
    )


def _who(statute: Statute) -> Words:
    if statute.requester.residents_only is None:
        return _("Unclear: residents are safe")
    return _("Residents only") if statute.requester.residents_only else _("Anyone")


def _waiver(statute: Statute) -> Words:
    if statute.fees.waiver_available is None:
        return _("not established")
    return _("Yes") if statute.fees.waiver_available else _("No")


def _usual_time(rules: Sequence[Rule], *kinds: RuleKind) -> str:
    """Return the time of the first rule of these kinds that has a number and no condition, the first kind first.

    Where every number hangs on a condition the answer says so; nothing where there is no number.
    """
    numbered = [rule for kind in kinds for rule in rules if rule.kind == kind and rule.period]
    always = [rule for rule in numbered if not rule.condition]
    if always:
        return time_in_words(always[0])
    return _now("depends on the case") if numbered else ""


def _review(rules: Sequence[Rule]) -> str:
    filings = [rule for rule in rules if rule.kind == "appeal" and rule.duty_of == "requester"]
    if not filings:
        return ""
    if filings[0].period is None:
        return _now("yes, no time limit that we know of")
    return _now("within %(time)s") % {"time": time_in_words(filings[0])}


# --- the calendar of the offices --------------------------------------------------------------------------------------


def compose_closings(calendar: HolidayCalendar, years: Iterable[int]) -> tuple[tuple[int, tuple[NotOpen, ...]], ...]:
    """Return the weekdays that are no ordinary working days, by year, as far as the calendar was reviewed."""
    return tuple((year, tuple(_not_open(calendar, year))) for year in years)


def _not_open(calendar: HolidayCalendar, year: int) -> Iterable[NotOpen]:
    day = max(date(year, 1, 1), calendar.first)
    while day <= min(date(year, 12, 31), calendar.last):
        status = calendar.status(day)
        if day.weekday() < 5 and (status.kind != "open" or status.holiday):
            yield NotOpen(day, status.kind, status.name or "", status.citation or "", status.note or "")
        day += timedelta(days=1)
