"""Dates, numbers and periods in words, for traces, notes and reports."""

from __future__ import annotations

from datetime import date, time
from textwrap import wrap
from typing import Final

from requests_app.law.schema import Period, Rule, RuleKind, Statute, Trigger

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS: Final = {"calendar_days": "calendar day", "hours": "hour", "months": "month"}
_MONTHS_IN_A_YEAR: Final = 12
_WIDTH: Final = 118

TITLES: Final[dict[RuleKind, str]] = {
    "acknowledgment": "Acknowledgment",
    "determination": "Decision",
    "production": "Records",
    "extension": "Decision after the extension",
    "appeal": "Appeal",
    "court": "Court filing",
    "reply": "Your reply",
}

# The event that a trigger names, to follow "the day of" and "from".
TRIGGER_WORDS: Final[dict[Trigger, str]] = {
    "receipt": "receipt",
    "sending": "the request",
    "acknowledgment": "the acknowledgment",
    "determination": "the decision",
    "denial": "the denial",
    "deemed_denial": "the denial by silence",
    "payment": "the payment",
    "clarification": "the clarification",
    "appeal_filing": "the appeal",
    "appeal_decision": "the decision on the appeal",
    "clarification_request": "the request for clarification",
    "fee_estimate": "the fee estimate",
    "production": "the delivery of records",
    "other": "the event named in the rule",
}


# English by themselves: what strftime() says depends on the server's locale.
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_date(day: date) -> str:
    """Return "Friday, February 6, 2026"."""
    return f"{day_and_month(day)}, {day.year}"


def day_and_month(day: date) -> str:
    """Return "Friday, February 6"."""
    return f"{_WEEKDAYS[day.weekday()]}, {_MONTHS[day.month - 1]} {day.day}"


def short_date(day: date) -> str:
    """Return "Mon Feb 16"."""
    return f"{short_weekday(day)} {_MONTHS[day.month - 1][:3]} {day.day}"


def short_weekday(day: date) -> str:
    """Return "Mon"."""
    return _WEEKDAYS[day.weekday()][:3]


def clock_time(at: time) -> str:
    """Return "2:10 pm"."""
    hour = at.hour % 12 or 12
    return f"{hour}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def number_word(number: int) -> str:
    """Return a number below one hundred in words, a larger one in figures."""
    if number < len(_ONES):
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    return str(number)


def period_words(period: Period, statute: Statute | None = None) -> str:
    """Return "ten working days", "thirty calendar days", "two years".

    With the statute, business days carry the name that its law uses ("working days").
    """
    amount, unit = period.amount, _UNITS.get(period.unit, "")
    if period.unit == "business_days":
        unit = "working day" if statute is not None and says_working_days(statute) else "business day"
    elif period.unit == "months" and amount % _MONTHS_IN_A_YEAR == 0:
        amount, unit = amount // _MONTHS_IN_A_YEAR, "year"
    return f"{number_word(amount)} {unit}{'' if amount == 1 else 's'}"


def says_working_days(statute: Statute) -> bool:
    """Return True when this law speaks of working days rather than of business days."""
    text = statute.day_counting.business_day_excludes.lower()
    return "working day" in text and "business day" not in text


def wrapped(text: str, lead: str, indent: str) -> str:
    """Return text as a paragraph for a terminal. Words stay whole: addresses and section numbers must be copied."""
    lines = wrap(
        text, _WIDTH, initial_indent=lead, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def who_hears(rule: Rule) -> str:
    """Return the body of an appeal rule, or a plain word for it."""
    return rule.body or "the reviewing body"


def sentence(text: str) -> str:
    """Return text with a capital first letter and a full stop."""
    stripped = text.strip()
    if not stripped:
        return stripped
    return stripped[0].upper() + stripped[1:] + ("" if stripped[-1] in ".!?" else ".")
