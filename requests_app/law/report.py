"""The law book as a readable report: per jurisdiction its rules in words, its doubts, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from requests_app.law.book import LawBook, LawFileError, UnknownJurisdiction
from requests_app.law.inquiry import BAD_QUESTION, Answer
from requests_app.law.phrases import TITLES, TRIGGER_WORDS, period_words, sentence, wrapped
from requests_app.law.schema import CalendarFile, Rule, Statute, Tolling

_PARTY: Final = {"agency": "agency", "requester": "you"}
# Facts that a volunteer would look for; a null among them is a gap to say aloud.
_EXPECTED: Final = (
    ("requester", "residents_only", "whether only residents may ask"),
    ("submission", "writing_required", "whether the request must be in writing"),
    ("submission", "official_form_required", "whether an official form is required"),
    ("submission", "email_allowed", "whether e-mail is accepted"),
    ("submission", "identification_required", "whether identification is required"),
    ("submission", "purpose_may_be_asked", "whether the purpose may be asked"),
    ("fees", "inspection_free", "whether inspection is free"),
    ("fees", "waiver_available", "whether fees can be waived"),
    ("fees", "may_charge_labor", "whether labour may be charged"),
    ("segregability", "required", "whether exempt parts must be cut out and the rest released"),
    ("electronic_copies", "right_to_electronic_format", "whether there is a right to an electronic format"),
    ("electronic_copies", "new_compilation_required", "whether new compilations must be made"),
)


def answer_lawbook(book: LawBook, codes: Sequence[str]) -> Answer:
    """Answer the `lawbook` command for these jurisdictions (all when none is named).

    A file that cannot be used ends the report with one line of error and the status 2.
    """
    try:
        parts = [jurisdiction_report(book.statute(code), book.calendar_file(code)) for code in codes or book.codes]
    except UnknownJurisdiction as error:
        return Answer(error=str(error), status=BAD_QUESTION)
    except LawFileError as error:
        return Answer(error=f"The law book cannot be used: {error.problems[0]}", status=BAD_QUESTION)
    return Answer(text="\n\n\n".join(parts))


def jurisdiction_report(statute: Statute, calendar: CalendarFile) -> str:
    """Return one jurisdiction's part: the law, its periods, pauses, counting, calendar, doubts, gaps, sources."""
    sections = (
        ("Periods", [line for rule in statute.rules for line in _rule_lines(rule, statute)]),
        ("Pauses", [_tolling_line(toll) for toll in statute.tolling]),
        ("Counting", list(_counting_lines(statute))),
        ("Office calendar", list(_calendar_lines(calendar))),
        ("Doubts", [f"- {doubt}" for doubt in _doubts(statute, calendar)]),
        ("Not established", [f"- {gap}" for gap in missing_facts(statute)]),
        ("Sources", [f"- {one.url} ({one.supports}; {_text_date(one.text_as_of)})" for one in statute.sources]),
    )
    head = f"{statute.name} ({statute.code})"
    lines = [head, "=" * len(head)]
    lines += [_filled(f"{statute.statute.name}, {statute.statute.citation}")]
    lines += [f"Edition {statute.edition}, facts as of {statute.status_date}, confidence {statute.confidence}."]
    lines += [_filled(f"Who may ask: {statute.requester.who} ({statute.requester.citation})")]
    for title, body in sections:
        if body:
            lines += ["", title, *(_filled(line, 2) for line in body)]
    return "\n".join(lines)


def missing_facts(statute: Statute) -> Iterator[str]:
    """Walk in plain words what the file leaves open, periods without a number included."""
    for section, field, words in _EXPECTED:
        if getattr(getattr(statute, section), field) is None:
            yield words
    if not statute.day_counting.rolls and statute.day_counting.rolls_disputed:
        yield "whether a last day on a weekend or holiday moves"
    if statute.receipt.post is None:
        yield "when a posted letter counts as received (a house estimate is used)"
    for rule in statute.rules:
        if rule.period is None and rule.kind in ("appeal", "court") and rule.duty_of == "requester":
            yield f"a time limit for this step: {rule.duty.rstrip('.')} ({rule.citation})"


def _rule_lines(rule: Rule, statute: Statute) -> Iterator[str]:
    title = rule.title or ("Decision on the appeal" if _decides(rule) else TITLES[rule.kind])
    yield f"- {title} ({_PARTY[rule.duty_of]}): {_limit(rule, statute)}. {sentence(rule.duty)} [{rule.citation}]"
    if rule.condition is not None:
        yield f"    only if {rule.condition}" + (f" ({rule.condition_key})" if rule.condition_key else "")
    if rule.consequence is not None:
        yield f"    if missed: {rule.consequence}"
    if rule.basis != "statute":
        yield f"    rests on a {rule.basis}, not on the statute"
    if rule.effective_from is not None or rule.effective_to is not None:
        yield f"    in force {_range(rule.effective_from, rule.effective_to)}"
    if rule.confidence != "high":
        yield f"    confidence {rule.confidence}"
    yield f"    rule {rule.id}"


def _decides(rule: Rule) -> bool:
    return rule.kind == "appeal" and rule.duty_of == "agency"


def _limit(rule: Rule, statute: Statute) -> str:
    if rule.period is None:
        return "no number of days in the law"
    words = period_words(rule.period, statute)
    if rule.or_earlier is not None:
        words += f" or {period_words(rule.or_earlier, statute)}, whichever ends first,"
    if rule.period_if_disputed is not None:
        words += f" (or, by another reading, {period_words(rule.period_if_disputed, statute)})"
    if rule.kind == "extension" and rule.counted_from == "due_date":
        return f"{words} more"
    starts = " or ".join(
        rule.runs_from or TRIGGER_WORDS[trigger] if trigger == "other" else TRIGGER_WORDS[trigger]
        for trigger in (rule.trigger, *rule.also_triggers)
    )
    return f"{words} from {starts}"


def _range(start: date | None, end: date | None) -> str:
    parts = [f"from {start}" if start else "", f"through {end}" if end else ""]
    return " ".join(part for part in parts if part)


def _tolling_line(toll: Tolling) -> str:
    what = "begins anew" if toll.effect == "restart" else "stands still"
    doubt = "; disputed" if toll.disputed else ""
    starts, ends = toll.starts.replace("_", " "), toll.ends.replace("_", " ")
    return f"- The clock {what} from {starts} until {ends} [{toll.citation}]{doubt}"


def _counting_lines(statute: Statute) -> Iterator[str]:
    counting = statute.day_counting
    yield f"- Business days leave out: {counting.business_day_excludes} [{counting.citation}]"
    if counting.rolls:
        yield f"- A last day on a {_listed(counting.rolls)} moves to the next day that is none."
    if counting.rolls_disputed:
        yield f"- Whether a last day on a {_listed(counting.rolls_disputed)} moves is not settled."
    if counting.notes is not None:
        yield f"- {counting.notes}"


def _listed(days: Sequence[str]) -> str:
    words = [day if day == "holiday" else day.title() for day in days]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _calendar_lines(calendar: CalendarFile) -> Iterator[str]:
    yield (
        f"- Reviewed from {calendar.reviewed_from} through {calendar.reviewed_through}, confidence "
        f"{calendar.confidence} [{calendar.citation}]"
    )
    for correction in calendar.corrections:
        years = ""
        if correction.from_year is not None or correction.to_year is not None:
            years = f", {correction.from_year or '…'} to {correction.to_year or '…'}"
        yield f"- {correction.status}: {correction.name}{years} [{correction.citation}]"


def _doubts(statute: Statute, calendar: CalendarFile) -> list[str]:
    """Return every doubt once: of the file, of its rules and pauses, of the calendar."""
    found = [*statute.doubts]
    for rule in statute.rules:
        found += rule.doubts
    for toll in statute.tolling:
        found += toll.doubts
    return list(dict.fromkeys((*found, *calendar.doubts)))


def _text_date(text_as_of: str | None) -> str:
    return f"text as of {text_as_of}" if text_as_of else "date of the text not known"


def _filled(text: str, indent: int = 0) -> str:
    own = len(text) - len(text.lstrip())
    lead = " " * (indent + own)
    return wrapped(text.strip(), lead, f"{lead}  ")
