"""From a draft and one of its agencies to the letter: gathers what the composer needs to be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from requests_app.agencies.models import Agency, ContactPoint
from requests_app.filing.choices import DraftChoices
from requests_app.filing.models import Delivery
from requests_app.kits.addressees import addressee_at
from requests_app.kits.composer import compose
from requests_app.kits.letters import Choices, Companion, DeliveryMethod, Letter
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute


@dataclass(frozen=True, slots=True)
class Sender:
    """Who stands at the head of the letter and where the agency answers to."""

    organisation: str
    reply_address: str


@dataclass(frozen=True, slots=True)
class Destination:
    """One agency that the letter goes to, with its `current_contacts` (see `agencies.queries`).

    `contact` is None only for a letter handed over in person.
    """

    agency: Agency
    delivery: Delivery
    contact: ContactPoint | None


def letter_for(
    *,
    kit: Kit,
    statute: Statute,
    to: Destination,
    custodians: Iterable[Agency],
    chosen: DraftChoices,
    sender: Sender,
    on: date,
    reference: str | None = None,
    companions: Sequence[Companion] = (),
) -> Letter:
    """Return the finished letter. Raises kits.letters.ChoiceError when the choices cannot make one."""
    method = cast(DeliveryMethod, to.delivery.value)
    choices = Choices(
        requester_name=chosen.requester_name,
        reply_address=sender.reply_address,
        request_date=on,
        organisation=sender.organisation or None,
        requester_postal_address=tuple(chosen.postal_address.splitlines()),
        phone=chosen.phone or None,
        period_start=chosen.period_start,
        period_end=chosen.period_end,
        block_date=chosen.block_date,
        item_ids=chosen.items,
        fmt=chosen.fmt,
        fee_limit_cents=chosen.fee_limit_cents,
        ask_fee_waiver=chosen.ask_fee_waiver,
        delivery_method=method,
        include_preservation=chosen.include_preservation,
        include_definitions=chosen.include_definitions,
        resident_confirmed=_resident(chosen),
        residency_statement=chosen.residency_statement or None,
        reference=reference,
        companions=tuple(companions),
        extra_paragraph=chosen.extra_paragraph or None,
    )
    return compose(kit, statute, addressee_at(to.agency, to.contact, custodians), choices)


def _resident(chosen: DraftChoices) -> bool | None:
    if chosen.standing:
        # An exception that is not put into words would make the letter claim a residence that is not there.
        return chosen.standing == "resident" or (chosen.standing == "exception" and bool(chosen.residency_statement))
    if "nonresident" in chosen.conditions:
        return not chosen.conditions["nonresident"]
    return None
