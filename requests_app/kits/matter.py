"""What a later letter needs to know of a request: plain frozen values, no Django.

The filing room makes a `Matter` from its rows; the composer of later letters and the choice of the next letter read it.
Whatever nobody has recorded is None or empty, and the letter then does not speak of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from requests_app.kits.letters import DeliveryMethod

Party = Literal["agency", "requester"]


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One projected deadline of the request, as the law room counted it.

    `earliest` and `latest` are local days, None while the clock stands still. An agency is late only after `latest`,
    and never by a duty whose `certainty` is `conditional`. `trace` is how the days were counted, a sentence a step.
    """

    kind: str
    duty_of: Party
    rule_id: str
    duty: str
    citation: str
    trigger: str
    trigger_date: date
    earliest: date | None
    latest: date | None
    certainty: str
    state: str
    body: str | None = None
    level: str | None = None
    consequence: str | None = None
    condition: str | None = None
    title: str | None = None
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One standing event of the request (nothing that was corrected), in the order in which they count.

    `kind` is a value of filing.lifecycle.EventKind. `words`: what the agency wrote, where somebody kept it.
    `letter_key`: for a letter of ours, which one it was.
    """

    kind: str
    on: date
    method: str = ""
    outcome: str = ""
    words: str = ""
    letter_key: str = ""


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """One line of an agency's estimate. `hours` and `rate_cents` where the agency gave them."""

    what: str
    amount_cents: int
    hours: float | None = None
    rate_cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class Fees:
    """What the agency asks and what became of it. Amounts in cents; None where nobody named one.

    `waiver`: whether a fee waiver was asked for and how that was decided.
    """

    estimated_cents: int | None = None
    estimated_on: date | None = None
    lines: tuple[FeeLine, ...] = ()
    deposit_cents: int | None = None
    paid_cents: int = 0
    waiver: Literal["not_asked", "asked", "granted", "part", "refused"] = "not_asked"
    limit_cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What the agency said when it refused, wholly or in part, or found nothing.

    `objections`: ids of the objection bank (O1-O11). `exemptions`: the sections it cited, in its own words or in those
    of the law book. `quote`: the agency's words as a person pasted them; untrusted text, never a template.
    """

    on: date
    kind: Literal["denied", "no_records", "part"]
    objections: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A request as a later letter sees it on a day.

    `status` is a value of filing.lifecycle.Status. `today` is the day in the jurisdiction's own time zone.
    `received_on`: the recorded day, else None; `received_presumed` the pair that the law presumes, where it does.
    `agency_reference`: the agency's own tracking number. `items`: the numbered items of the first letter, as sent.
    `companion`: the agency that shares custody and was asked the same, where there is one.
    """

    reference: str
    jurisdiction: str
    kit_id: str
    subject: str
    status: str
    today: date
    agency_name: str
    delivery: DeliveryMethod
    sent_on: date | None = None
    received_on: date | None = None
    received_presumed: tuple[date, date] | None = None
    agency_reference: str | None = None
    items: tuple[str, ...] = ()
    period: str = ""
    duties: tuple[Duty, ...] = ()
    happened: tuple[Happening, ...] = ()
    fees: Fees = Fees()
    refusal: Refusal | None = None
    companions: tuple[str, ...] = ()
    conditions: tuple[tuple[str, bool], ...] = ()
