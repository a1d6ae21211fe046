"""The shapes of the law book: one statute file and one calendar file per jurisdiction.

`data/statutes/MD.json` is a `Statute`, `data/calendars/MD.json` a `CalendarFile`. Everything here is a fact with its
source; nothing here computes. Cross checks that need more than one field (does the extended rule exist?) are in `book`.

Reading rules for whoever writes the files:

- A number that the law does not set is null. A null period never becomes a date, only a note.
- Each version of a rule is its own rule with its own id; `effective_from` and `effective_to` are both inclusive.
- `condition_key` names a fact about the request ("nonresident"). A rule for the opposite case uses the same key with
  "not_" in front ("not_nonresident"), so that one stated fact settles both.
- Unknown keys are refused: a misspelt field is a lost fact.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import msgspec

RuleKind = Literal["acknowledgment", "determination", "production", "extension", "appeal", "court", "reply"]
Party = Literal["agency", "requester"]
Unit = Literal["business_days", "calendar_days", "hours", "months"]
Trigger = Literal[
    "receipt",
    "sending",
    "acknowledgment",
    "determination",
    "denial",
    "deemed_denial",
    "payment",
    "clarification",
    "appeal_filing",
    "appeal_decision",
    "clarification_request",
    "fee_estimate",
    "production",
    "other",  # something this program does not record; `runs_from` says what. Never a date, only a note
]
EventKind = Literal[
    "sent",
    "received",
    "acknowledged",
    "extension",
    "clarification_requested",
    "clarified",
    "fee_estimated",
    "fee_paid",
    "determined",
    "denied",
    "produced",
    "appeal_filed",
    "appeal_decided",
]
AppealLevel = Literal["administrative", "commission", "attorney_general", "ombudsman", "court"]
Confidence = Literal["high", "medium", "low"]
RollDay = Literal["saturday", "sunday", "holiday"]
ArrivalReading = Literal["same_day", "next_business_day", "disputed"]

HintKey = Literal[
    "acknowledged_receipt_starts_clock",  # WY: ask for an immediate written acknowledgment
    "already_public_by_law",  # the law itself wants such counts, summaries or contracts to be public (MD, PA, NJ, ...)
    "ask_expedited",  # UT, US: ask for a fast answer and explain the benefit to the public
    "ask_reports_not_logs",  # NJ: logs are exempt, statistics and agreements are not
    "address_records_officer",  # the clock starts only at the named custodian, officer or published address
    "cite_both_statutes",  # CO: CORA and CCJRA
    "description_specific",  # the law lists what a description must contain
    "email_body_only",  # IL: whole request in the message body, no attachment, no link
    "first_response_only",  # the number is a limit for a first answer, not for the records (IN, KS, MO, ME, ...)
    "follow_published_procedure",  # the agency's own published procedure may bind (AL, MS, ...)
    "hand_or_certified",  # by hand, certified or registered mail (OH damages, SD review)
    "mark_as_records_request",  # the envelope, subject or first line must say what it is
    "name_address_contact_required",
    "name_the_act",  # say under which act the request is made
    "never_ask_officer_names",  # TN
    "no_personal_records",  # say that no record about an individual is asked for
    "no_purpose_may_be_asked",
    "non_commercial_statement",
    "one_agency_per_request",  # UT
    "own_form_or_route",  # NJ and agencies with a mandatory form
    "portal_only",
    "residency_statement",
    "same_name_throughout",  # RI: request, review petition and complaint by one and the same person
    "signed",
    "state_adult",  # LA
    "state_fee_category",  # US, DC
    "state_format",  # say whether copies or inspection, and in what format
    "state_not_immigration_enforcement",  # MD
    "state_purpose",
    "state_time_frame_and_search_terms",  # OK
    "subject_must_say_foia",  # MI
    "volume_tracks",  # IL: many or large requests by one person are put on slower tracks
    "watch_silence",  # CT: silence opens and later closes the time to appeal
    "two_step",  # SD: informal request first
    "written_request_secures_remedies",  # an oral request is valid but carries no deadline or remedy
]


class _Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every record in a law file: immutable, named fields only, no unknown fields."""


# --- the statute file -------------------------------------------------------------------------------------------------


class StatuteName(_Fact, frozen=True):
    name: str
    short_name: str
    citation: str
    records_term: str
    url: str


class WrittenAuthority(_Fact, frozen=True):
    """A document by which somebody to whom a law is open lets another ask for them.

    `text`: what they declare; `{representative}` is who asks. `givers`: who can give it, by the ground on which the law
    is open to them ("resident" or the id of an exception), with the words that follow their name in the letter.
    `doubts`: what is not settled about the document.
    """

    citation: str
    text: str
    givers: dict[str, str]
    doubts: tuple[str, ...] = ()


class StandingException(_Fact, frozen=True):
    """Somebody besides those who live there to whom a law is open, as the facts give it.

    `statement`: the sentence that the letter then says. A blank `{whom}` in it is filled by the requester, who is
    asked for it in the words of `asks_for`; both or neither are there. `authority`: the paper on which the exception
    rests, where it is somebody's written authority. `doubts`: what is not settled about it.
    """

    id: str
    who: str
    citation: str
    statement: str
    asks_for: str | None = None
    notes: str | None = None
    authority: WrittenAuthority | None = None
    doubts: tuple[str, ...] = ()


class RequesterRule(_Fact, frozen=True):
    """Who may ask. `residents_only` null: the law is unclear.

    `residency_statement`: the sentence that a requester to whom it applies puts in the letter (only where residence or
    citizenship matters in this law); null elsewhere. `exceptions`: who else may ask where residents alone may.
    `doubts`: which of the statute's doubts bear on who may ask and how it is shown.
    """

    residents_only: bool | None
    who: str
    citation: str
    notes: str | None = None
    residency_statement: str | None = None
    exceptions: tuple[StandingException, ...] = ()
    doubts: tuple[str, ...] = ()


class Hint(_Fact, frozen=True):
    """One machine-readable thing a letter or the wizard must do in this jurisdiction, with why in plain words."""

    key: HintKey
    text: str
    citation: str


class Submission(_Fact, frozen=True):
    writing_required: bool | None
    official_form_required: bool | None
    email_allowed: bool | None
    identification_required: bool | None
    purpose_may_be_asked: bool | None
    citation: str
    notes: str | None
    hints: tuple[Hint, ...] = ()


class Period(_Fact, frozen=True):
    """A length of time. Months are anniversaries (two years = 24 months), never 365 days."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError("a period needs an amount of at least 1; use null where the law sets no number")


class Rule(_Fact, frozen=True):
    """One duty: who must do what, in what time, from which event, under which section.

    `first_day_counts`: the trigger's own day is day one (rare). `or_earlier`: a second period from the same trigger;
    whichever ends first counts (AL: 30 business days or 60 calendar days). `period_if_disputed`: another length that
    the same words, or another source, may mean; both are counted, the sooner date is earliest and the later one latest
    (AL: ten calendar or ten business days). `runs_from`: the facts' own words for the start of the period.
    `also_met_by`: events that fulfil the duty besides the usual ones, because this law lists them (WA: a clarification
    request answers the five-day duty). `repeatable`: an extension that may be claimed again and again (AL). `title`: a
    short name where the kind's own would mislead (MD: "Notice of delay" rather than "Acknowledgment").
    """

    id: str
    kind: RuleKind
    duty_of: Party
    duty: str
    period: Period | None
    trigger: Trigger
    citation: str
    confidence: Confidence
    also_triggers: tuple[Trigger, ...] = ()
    consequence: str | None = None
    condition: str | None = None
    condition_key: str | None = None
    silence_is_denial: bool = False
    extends: str | None = None
    counted_from: Literal["due_date", "trigger"] | None = None
    or_earlier: Period | None = None
    period_if_disputed: Period | None = None
    runs_from: str | None = None
    first_day_counts: bool = False
    also_met_by: tuple[EventKind, ...] = ()
    repeatable: bool = False
    title: str | None = None
    body: str | None = None
    level: AppealLevel | None = None
    required_before_court: bool | None = None
    after_level: AppealLevel | None = None
    basis: Literal["statute", "regulation", "guidance"] = "statute"
    rolls: tuple[RollDay, ...] | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    sources: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def in_force(self, day: date) -> bool:
        """True when this version of the rule applies to a trigger on `day` (both ends inclusive)."""
        starts_in_time = self.effective_from is None or self.effective_from <= day
        return starts_in_time and (self.effective_to is None or day <= self.effective_to)


class Tolling(_Fact, frozen=True):
    """A pair of events between which a clock stands still (pause) or after which it begins anew (restart).

    Empty `applies_to`: every duty to acknowledge, decide or produce that is not yet met, never a decision on an appeal.
    `disputed`: counted only for the latest date. `words`: what the law says about it, in plain words.
    """

    id: str
    starts: Literal["clarification_requested", "fee_estimated"]
    ends: Literal["clarified", "fee_paid"]
    effect: Literal["pause", "restart"]
    citation: str
    words: str | None = None
    applies_to: tuple[str, ...] = ()
    disputed: bool = False
    doubts: tuple[str, ...] = ()


class ReceiptRule(_Fact, frozen=True):
    """When something sent counts as received.

    `email` also serves portal and hand delivery unless the law moves e-mail alone (then `email_citation` says so).
    `post`: days from posting, null where the law is silent. `after_hours`, `closed_day`: what happens to an arrival
    after `close_of_business` (local, "HH:MM") or on a closed day.
    """

    email: Literal["same_business_day", "next_business_day"]
    after_hours: ArrivalReading
    closed_day: ArrivalReading
    email_citation: str | None = None
    post: Period | None = None
    post_citation: str | None = None
    citation: str | None = None
    close_of_business: str = "17:00"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.close_of_business):
            raise ValueError(f"close_of_business must look like 17:00, not {self.close_of_business!r}")
        if self.post is not None and self.post_citation is None:
            raise ValueError("post has a period but post_citation is null; every number needs a citation")
        if self.email == "next_business_day" and self.email_citation is None:
            raise ValueError("email is next_business_day but email_citation is null; a presumption in law needs one")
        if self.post is not None and self.post.unit not in ("business_days", "calendar_days"):
            raise ValueError("post must be counted in business_days or calendar_days")


class DayCounting(_Fact, frozen=True):
    """The computation-of-time rule. A last day named in `rolls` moves for certain; one in `rolls_disputed` may move."""

    business_day_excludes: str
    rolls: tuple[RollDay, ...]
    rolls_disputed: tuple[RollDay, ...]
    citation: str
    notes: str | None = None

    def __post_init__(self) -> None:
        both = set(self.rolls) & set(self.rolls_disputed)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} is both in rolls and in rolls_disputed; choose one")


class Fees(_Fact, frozen=True):
    inspection_free: bool | None
    waiver_available: bool | None
    waiver_standard: str | None
    free_allowance: str | None
    may_charge_labor: bool | None
    advance_notice_or_deposit: str | None
    citation: str


class Segregability(_Fact, frozen=True):
    required: bool | None
    citation: str


class ElectronicCopies(_Fact, frozen=True):
    right_to_electronic_format: bool | None
    new_compilation_required: bool | None
    citation: str


class Exemption(_Fact, frozen=True):
    label: str
    citation: str
    rebuttal_hint: str


class Remedies(_Fact, frozen=True):
    attorney_fees: str | None
    civil_penalty: str | None
    citation: str


class OversightBody(_Fact, frozen=True):
    name: str
    role: str
    url: str | None


class Change(_Fact, frozen=True):
    """A recent change of the law. `effective` is an ISO date, or null when not confirmed. Never drives a date."""

    effective: str | None
    what: str
    citation: str | None


class Source(_Fact, frozen=True):
    url: str
    supports: str
    text_as_of: str | None
    kind: str


class Statute(_Fact, frozen=True, eq=False):
    """A jurisdiction's records law as a reviewed file. Compared by identity: one loaded book, one object per code."""

    code: str
    name: str
    timezone: str
    edition: str
    status_date: date
    statute: StatuteName
    requester: RequesterRule
    submission: Submission
    standard_if_no_fixed_deadline: str | None
    rules: tuple[Rule, ...]
    tolling: tuple[Tolling, ...]
    receipt: ReceiptRule
    day_counting: DayCounting
    fees: Fees
    denial_must: tuple[str, ...]
    denial_citation: str | None
    segregability: Segregability
    electronic_copies: ElectronicCopies
    likely_exemptions: tuple[Exemption, ...]
    remedies: Remedies
    oversight: tuple[OversightBody, ...]
    recent_changes: tuple[Change, ...]
    sources: tuple[Source, ...]
    confidence: Confidence
    doubts: tuple[str, ...]

    def as_of(self, day: date) -> Statute:
        """Return this statute with only the rules in force on `day` (the date of the triggering receipt)."""
        changes = _change_days(self)
        return _in_force(self, bisect_right(changes, day)) if changes else self

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with this id. Raises KeyError when the file has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


@lru_cache(maxsize=1024)
def _change_days(statute: Statute) -> tuple[date, ...]:
    """Return the days on which the set of rules in force changes, in order."""
    starts = {rule.effective_from for rule in statute.rules if rule.effective_from is not None}
    ends = {rule.effective_to + timedelta(days=1) for rule in statute.rules if rule.effective_to is not None}
    return tuple(sorted(starts | ends))


@lru_cache(maxsize=1024)
def _in_force(statute: Statute, changes_passed: int) -> Statute:
    """Return the statute as it stands after its first changes; kept, so that equal days give the same object."""
    changes = _change_days(statute)
    day = changes[changes_passed - 1] if changes_passed else changes[0] - timedelta(days=1)
    rules = tuple(rule for rule in statute.rules if rule.in_force(day))
    if len(rules) == len(statute.rules):
        return statute
    left = {rule.id for rule in rules}
    # A tolling rule keeps only the targets still in force; one whose targets all ended must not become "everything".
    tolling = tuple(
        msgspec.structs.replace(toll, applies_to=tuple(target for target in toll.applies_to if target in left))
        for toll in statute.tolling
        if not toll.applies_to or left.intersection(toll.applies_to)
    )
    return msgspec.structs.replace(statute, rules=rules, tolling=tolling)


# --- the calendar file ------------------------------------------------------------------------------------------------

WeekdayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


# Where a fixed date goes that falls on a weekend. "sunday_to_monday" leaves a Saturday where it is,
# "saturday_to_friday" a Sunday; "nearest_weekday" moves both.
Observance = Literal[
    "nearest_weekday", "sunday_to_monday", "saturday_to_friday", "next_monday", "previous_friday", "none"
]


class When(_Fact, frozen=True):
    """Which days a correction names. Exactly one of these shapes:

    {"date": "2026-11-03"}, {"month": 6, "day": 20, "observed": "nearest_weekday"},
    {"month": 11, "weekday": "thursday", "nth": 4, "offset": 1} (nth -1 is the last; offset in days),
    {"easter_offset": -2} (never 0: Easter is a Sunday),
    {"election": "general_even_years" | "general"} (optional offset),
    {"base_name": "Columbus Day"} (a holiday of the base library, to reopen or to dispute).
    """

    date: datetime.date | None = None
    month: int | None = None
    day: int | None = None
    observed: Observance | None = None
    weekday: WeekdayName | None = None
    nth: int | None = None
    offset: int = 0
    easter_offset: int | None = None
    election: Literal["general_even_years", "general"] | None = None
    base_name: str | None = None

    def __post_init__(self) -> None:
        named = frozenset(name for name in self.__struct_fields__ if getattr(self, name) not in (None, "none", 0))
        for required, optional in _WHEN_SHAPES:
            if required <= named <= required | optional:
                break
        else:
            raise ValueError(f"'when' names {', '.join(sorted(named)) or 'nothing'}; that is none of the known shapes")
        if self.month is not None and not 1 <= self.month <= 12:
            raise ValueError(f"month must be 1 to 12, not {self.month}")
        if self.day is not None and not 1 <= self.day <= 31:
            raise ValueError(f"day must be 1 to 31, not {self.day}")
        if self.nth is not None and self.nth not in (1, 2, 3, 4, 5, -1):
            raise ValueError(f"nth must be 1 to 5, or -1 for the last, not {self.nth}")


_WHEN_SHAPES: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"date"}), frozenset()),
    (frozenset({"month", "day"}), frozenset({"observed"})),
    (frozenset({"month", "weekday", "nth"}), frozenset({"offset"})),
    (frozenset({"easter_offset"}), frozenset()),
    (frozenset({"election"}), frozenset({"offset"})),
    (frozenset({"base_name"}), frozenset()),
)


class Correction(_Fact, frozen=True):
    """One reviewed difference from the base library, for the years given (both inclusive; null is unlimited).

    `last_day_may_move`, only with status open: a legal holiday on which offices are nevertheless open. The day counts
    as a working day, but a period that ends on it may end on the next day instead (Md. Gen. Prov. § 1-302 names legal
    holidays, not closed offices).
    """

    name: str
    status: Literal["closed", "open", "disputed"]
    when: When
    citation: str
    from_year: int | None = None
    to_year: int | None = None
    source: str | None = None
    as_of: date | None = None
    note: str | None = None
    last_day_may_move: bool = False

    def __post_init__(self) -> None:
        if self.last_day_may_move and (self.status != "open" or self.when.base_name is not None):
            raise ValueError("'last_day_may_move' is for an open day named by its date, not for a base holiday")


class CalendarBase(_Fact, frozen=True):
    """The `holidays` library's country and subdivision that the corrections start from."""

    country: str
    subdiv: str | None


class CalendarSource(_Fact, frozen=True):
    url: str
    supports: str
    as_of: date | None


class CalendarFile(_Fact, frozen=True, eq=False):
    """What was reviewed for one jurisdiction. `citation` is the holiday statute behind the base days."""

    code: str
    base: CalendarBase
    citation: str
    reviewed_from: date
    reviewed_through: date
    corrections: tuple[Correction, ...]
    sources: tuple[CalendarSource, ...]
    confidence: Confidence
    doubts: tuple[str, ...]


class DayStatus(msgspec.Struct, frozen=True):
    """Whether a jurisdiction's public offices are open on one day, and why not.

    `kind`: open, closed, or disputed (optional or partly staffed). `name` and `citation` say which holiday or weekend
    day. `holiday`: the day is (or, when disputed, may be) a legal holiday; also true for a holiday on a weekend, which
    a roll-forward rule that names Sundays and holidays but not Saturdays has to know, and on a legal holiday on which
    offices are open. `note` says what is unclear.
    """

    kind: Literal["open", "closed", "disputed"]
    name: str | None = None
    citation: str | None = None
    holiday: bool = False
    note: str | None = None
