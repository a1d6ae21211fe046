"""From what a mail may mean to the event that a person would record, and to words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.correspondence.incoming.suggesting import Kind
from requests_app.filing.forms.answers import refusal_initial
from requests_app.filing.lifecycle import EventKind, WaiverOutcome
from requests_app.kits.naming import dollars
from requests_app.kits.objecting import find_exemption
from requests_app.law.calendars import CalendarEnds, HolidayCalendar
from requests_app.law.schema import Statute

Words = str | Promise

_EVENTS: Final = {
    Kind.ACKNOWLEDGMENT: EventKind.ACKNOWLEDGED,
    Kind.EXTENSION: EventKind.EXTENSION,
    Kind.FEE: EventKind.FEE_ESTIMATED,
    Kind.DEPOSIT: EventKind.FEE_ESTIMATED,
    Kind.WAIVER: EventKind.WAIVER_DECIDED,
    Kind.CLARIFICATION: EventKind.CLARIFICATION_REQUESTED,
    Kind.GRANTED: EventKind.DETERMINED,
    Kind.PRODUCTION: EventKind.PRODUCED_PART,
    Kind.NO_RECORDS: EventKind.NO_RECORDS,
    Kind.DENIAL: EventKind.DENIED,
    Kind.REFERRAL: EventKind.REPLY,
    Kind.PORTAL: EventKind.REPLY,
    Kind.CLOSED: EventKind.REPLY,
}
# What a list says of a message that says so: "suggests: ...".
SHORT: Final[Mapping[str, Words]] = {
    Kind.ACKNOWLEDGMENT.value: gettext_lazy("they have our letter"),
    Kind.EXTENSION.value: gettext_lazy("more time"),
    Kind.FEE.value: gettext_lazy("a fee"),
    Kind.DEPOSIT.value: gettext_lazy("a deposit"),
    Kind.WAIVER.value: gettext_lazy("a decision on the fee waiver"),
    Kind.CLARIFICATION.value: gettext_lazy("a question to us"),
    Kind.GRANTED.value: gettext_lazy("records will follow"),
    Kind.PRODUCTION.value: gettext_lazy("records came"),
    Kind.NO_RECORDS.value: gettext_lazy("no such records"),
    Kind.DENIAL.value: gettext_lazy("a refusal"),
    Kind.REFERRAL.value: gettext_lazy("another office has them"),
    Kind.PORTAL.value: gettext_lazy("news in a portal"),
    Kind.CLOSED.value: gettext_lazy("they closed the request"),
}
SENTENCES: Final[Mapping[str, Words]] = {
    Kind.ACKNOWLEDGMENT.value: gettext_lazy("They say they have our letter."),
    Kind.EXTENSION.value: gettext_lazy("They claim more time."),
    Kind.FEE.value: gettext_lazy("They ask for money."),
    Kind.DEPOSIT.value: gettext_lazy("They ask for a deposit."),
    Kind.WAIVER.value: gettext_lazy("They decide on the fee waiver."),
    Kind.CLARIFICATION.value: gettext_lazy("They ask us something."),
    Kind.GRANTED.value: gettext_lazy("They say yes; records will follow."),
    Kind.PRODUCTION.value: gettext_lazy("Records came."),
    Kind.NO_RECORDS.value: gettext_lazy("They say they have no such records."),
    Kind.DENIAL.value: gettext_lazy("They refuse."),
    Kind.REFERRAL.value: gettext_lazy("They send us to another office."),
    Kind.PORTAL.value: gettext_lazy("Their portal has something for us."),
    Kind.CLOSED.value: gettext_lazy("They say that they closed the request."),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The event that would be recorded, with its facts, and a note in our words.

    `complete`: it can be recorded as it is; else a person must first say what the mail does not, such as a sum.
    """

    kind: EventKind
    details: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    complete: bool = True


def proposal_of(kind: str, values: Mapping[str, Any], statute: Statute) -> Proposal:
    """Return the event for what a mail may mean. Sections of law are named as the law book names them, if it does."""
    known = Kind(kind)
    event, complete = _EVENTS[known], True
    details: dict[str, Any] = {"agency_number": values["number"]} if values.get("number") else {}
    match known:
        case Kind.FEE | Kind.DEPOSIT:
            # Without the whole sum, an event would say that they ask for nothing, and replace what they asked before.
            complete = known is Kind.FEE and values.get("amount_cents") is not None
            sums = ("amount_cents", "deposit_cents")
            details |= {name: int(values[name]) for name in sums if values.get(name) is not None}
        case Kind.WAIVER:
            complete = values.get("outcome") in WaiverOutcome.values
            details |= {"outcome": values["outcome"]} if complete else {}
        case Kind.PRODUCTION if values.get("part") is False:
            event = EventKind.PRODUCED
        case Kind.DENIAL:
            exemptions = exemptions_in(values.get("sections", ()), statute)
            details |= {"exemptions": exemptions} if exemptions else {}
    return Proposal(event, details, _note(known, values), complete)


def exemptions_in(sections: Sequence[str], statute: Statute) -> list[str]:
    """Return the sections that an agency cites, those that the law book knows by the book's own citation."""
    found = ((section, find_exemption(section, statute)) for section in sections)
    return list(dict.fromkeys(known.citation if known is not None else section for section, known in found))


def initial_of(proposal: Proposal, statute: Statute, *, day: date, words: str) -> dict[str, Any]:
    """Return the answer form filled in with a proposal, for a person to look at and change."""
    details = proposal.details
    cents, deposit = details.get("amount_cents"), details.get("deposit_cents")
    return {
        "kind": proposal.kind.value,
        "happened_on": day,
        "words": words,
        "amount": None if cents is None else Decimal(cents) / 100,
        "deposit": None if deposit is None else Decimal(deposit) / 100,
        "waiver_outcome": details.get("outcome", ""),
        "agency_number": details.get("agency_number", ""),
        "note": proposal.note,
        **refusal_initial(details, statute),
    }


def sentence_of(kind: str, values: Mapping[str, Any]) -> str:
    """Return what a mail may mean as a sentence."""
    if kind == Kind.DENIAL.value and values.get("part"):
        return _("They refuse a part.")
    return str(SENTENCES.get(kind, kind))


def short_words(kind: str, values: Mapping[str, Any]) -> str:
    """Return in a few words what a mail may mean, for lists: "a fee of $45.00"."""
    said = str(SHORT.get(kind, kind))
    match kind:
        case Kind.FEE.value if values.get("amount_cents") is not None:
            return _("a fee of %(sum)s") % {"sum": dollars(int(values["amount_cents"]))}
        case Kind.DEPOSIT.value if values.get("deposit_cents") is not None:
            return _("a deposit of %(sum)s") % {"sum": dollars(int(values["deposit_cents"]))}
        case Kind.EXTENSION.value if values.get("until"):
            return _("more time, until %(day)s") % {"day": date_format(date.fromisoformat(values["until"]), "F j, Y")}
        case Kind.EXTENSION.value if values.get("period"):
            return _("more time, %(period)s") % {"period": values["period"]}
        case Kind.DENIAL.value if values.get("part"):
            return _("a refusal in part")
    return said


def facts_of(
    kind: str, values: Mapping[str, Any], statute: Statute | None = None, calendar: HolidayCalendar | None = None
) -> list[tuple[str, str]]:
    """Return what was read beside the kind itself, each with its label."""
    facts: list[tuple[str, str]] = []
    if values.get("amount_cents") is not None:
        facts.append((_("Amount"), dollars(int(values["amount_cents"]))))
    if values.get("deposit_cents") is not None:
        facts.append((_("Deposit"), dollars(int(values["deposit_cents"]))))
    if values.get("until"):
        facts.append((_("Until"), date_format(date.fromisoformat(values["until"]), "l, F j, Y")))
    if values.get("period"):
        facts.append((_("Time"), str(values["period"])))
        counted = _counted(values, calendar)
        if counted:
            facts.append((_("Counted from the mail’s own day"), counted))
    if values.get("received_on"):
        facts.append((_("They had it on"), date_format(date.fromisoformat(values["received_on"]), "l, F j, Y")))
    if values.get("outcome"):
        facts.append((_("Decision"), str(dict(WaiverOutcome.choices).get(values["outcome"], values["outcome"]))))
    if values.get("sections"):
        sections = values["sections"] if statute is None else exemptions_in(values["sections"], statute)
        facts.append((_("Law they cite"), "; ".join(sections)))
    if values.get("to"):
        facts.append((_("Office"), str(values["to"])))
    if values.get("number"):
        facts.append((_("Their number"), str(values["number"])))
    return facts


def doubts_of(kind: str, values: Mapping[str, Any]) -> list[str]:
    """Return what a person should check before recording, in sentences."""
    doubts = []
    if values.get("other_weekday"):
        doubts.append(_("The weekday in the mail is not that of the date. Ask them which they mean."))
    if values.get("several"):
        doubts.append(_("The mail names several sums. We took the largest."))
    if kind == Kind.PRODUCTION.value and "part" not in values:
        doubts.append(_("The mail does not say that this is all. We take it for a part."))
    return doubts


def _note(kind: Kind, values: Mapping[str, Any]) -> str:
    match kind:
        case Kind.EXTENSION if values.get("until"):
            day = date_format(date.fromisoformat(values["until"]), "l, F j, Y")
            return _("They say: until %(day)s.") % {"day": day}
        case Kind.EXTENSION if values.get("period"):
            return _("They say: %(period)s.") % {"period": values["period"]}
        case Kind.REFERRAL if values.get("to"):
            return _("They send us to another office: %(name)s.") % {"name": values["to"]}
        case Kind.REFERRAL | Kind.PORTAL | Kind.CLOSED:
            return str(SENTENCES[kind.value])
    return ""


def _counted(values: Mapping[str, Any], calendar: HolidayCalendar | None) -> str:
    """Return where a number of business days that begins with the mail ends; "" where it cannot be counted."""
    if values.get("unit") != "business" or not values.get("counted_from") or calendar is None:
        return ""
    start, days = date.fromisoformat(values["counted_from"]), int(values["days"])
    try:
        ends = {calendar.nth_open_day(start, days, sure=sure) for sure in (False, True)} if days > 0 else set()
    except CalendarEnds:
        return ""
    return _(" or ").join(date_format(day, "l, F j, Y") for day in sorted(ends))
