"""What goes into a letter and what comes out: `Addressee`, `Choices`, `Letter`. Plain frozen values, no Django.

`dump` and `load` turn a letter into JSON-ready data and back, so that a request can keep the letter it was sent with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import msgspec

DeliveryMethod = Literal["email", "portal", "post", "hand", "fax"]
Format = Literal["native", "pdf", "paper"]
WarningLevel = Literal["stop", "check", "note"]

DEFAULT_FEE_LIMIT_CENTS = 5_000


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """The agency office that a letter goes to, as far as it is known.

    `dmv_name` and `control_point_name`: the two agencies that share custody in this state, either of which may be the
    addressee itself. `switch_name`: what the state calls its message switch, None when that is not known.
    `postal_address`: lines. `submission_notes`: what the agency's own record says about sending, shown to the filer.
    `salutation_language`: the language in which the office likes to be greeted.
    """

    agency_code: str
    name: str
    short_name: str | None = None
    office_or_title: str | None = None
    postal_address: tuple[str, ...] = ()
    email: str | None = None
    portal_url: str | None = None
    roles: tuple[str, ...] = ()
    dmv_name: str | None = None
    control_point_name: str | None = None
    switch_name: str | None = None
    submission_notes: str | None = None
    salutation_language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Companion:
    """A request to another custodian that went out with this one."""

    reference: str | None
    agency_name: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the filer decided. Everything that the law or the kit does not settle.

    `period_start` None: the kit's own. `period_end` None: through the date of the agency's search. `item_ids` None: the
    kit's own selection. `fee_limit_cents` None: no limit is named. `resident_confirmed`: True when the filer confirmed
    that the requester is a citizen or resident as the law asks, False when they said that they are not, None when it
    was not asked. `residency_statement`: the requester's own sentence in place of the standard one.
    `block_date`: the day on which access was limited, for K7, when it is known.
    """

    requester_name: str
    reply_address: str
    request_date: date
    organisation: str | None = None
    requester_postal_address: tuple[str, ...] = ()
    phone: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    block_date: date | None = None
    item_ids: tuple[str, ...] | None = None
    fmt: Format = "native"
    fee_limit_cents: int | None = DEFAULT_FEE_LIMIT_CENTS
    ask_fee_waiver: bool = True
    delivery_method: DeliveryMethod = "email"
    include_preservation: bool = True
    include_definitions: bool = True
    resident_confirmed: bool | None = None
    residency_statement: str | None = None
    reference: str | None = None
    companions: tuple[Companion, ...] = ()
    extra_paragraph: str | None = None
    subject: str | None = None


class ChoiceError(ValueError):
    """The filer's choices cannot make a letter. `field` names the choice, the message says what to change."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One paragraph, followed by a numbered list when `items` is not empty. Either may stand alone.

    `legal`: the paragraph says what the law is, so whoever edits the letter must unlock it and give a reason.
    """

    text: str = ""
    items: tuple[str, ...] = ()
    legal: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A step of the letter. `run_in`: the heading opens the first paragraph instead of standing above it."""

    key: str
    parts: tuple[Part, ...]
    heading: str = ""
    run_in: bool = True


@dataclass(frozen=True, kw_only=True)
class Closing:
    valediction: str
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Warning:
    """Something the filer must know before sending. It is never part of the letter.

    stop: do not send before this is settled. check: look once more. note: good to know.
    """

    level: WarningLevel
    text: str
    citation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What the law asks of the agency once the letter is there, in words. Dates are the law room's business."""

    kind: str
    text: str
    citation: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished letter, ready to be shown, sent and kept. `body_only`: the law wants no attachment to an e-mail.

    `letter_key`: "request" for the first letter, else the kind of later letter. `enclosures`: what goes with it, one
    line each; printed under the closing. `salutation_language`: "en", or the language that the office prefers to be
    greeted in. `letterhead`, `signature`: rows of the kits room from which `stationery.dress_of` takes the pictures.
    """

    kit_id: str
    kit_edition: str
    jurisdiction: str
    law_edition: str
    subject: str
    date: date
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    delivery: str
    salutation: str
    sections: tuple[Section, ...]
    closing: Closing
    reference: str | None = None
    reference_line: str | None = None
    body_only: bool = False
    letter_key: str = "request"
    enclosures: tuple[str, ...] = ()
    salutation_language: str = "en"
    letterhead: int | None = None
    signature: int | None = None
    warnings: tuple[Warning, ...] = field(default=())
    expected: tuple[Expectation, ...] = field(default=())

    @property
    def must_wait(self) -> bool:
        """True when something has to be settled before this letter may be sent."""
        return any(warning.level == "stop" for warning in self.warnings)

    def paragraphs(self) -> tuple[str, ...]:
        """Every paragraph and list item of the letter's body, in order."""
        return tuple(
            text for section in self.sections for part in section.parts for text in (part.text, *part.items) if text
        )


@dataclass(frozen=True, kw_only=True)
class CallSheet:
    """What to say on the telephone to an official: the steps, the questions, and what to ask if there is time."""

    steps: tuple[str, ...]
    questions: tuple[str, ...]
    follow_ups: tuple[str, ...] = ()


def dump(letter: Letter) -> dict[str, Any]:
    """Return the letter as JSON-ready data."""
    built: dict[str, Any] = msgspec.to_builtins(letter)
    return built


def load(stored: dict[str, Any]) -> Letter:
    """Return the letter that `dump` made. Raises msgspec.ValidationError when the data is not a letter."""
    return msgspec.convert(stored, Letter)
