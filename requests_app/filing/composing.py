"""From a draft and one of its agencies to the letter: gathers what the composer needs to be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from requests_app.agencies.models import Agency, AgencyRole, ContactPoint
from requests_app.filing.choices import DraftChoices
from requests_app.filing.models import Delivery
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, Choices, Companion, DeliveryMethod, Letter
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute


@dataclass(frozen=True, slots=True)
class Sender:
    """Who stands at the head of the letter and where the agency answers to."""

    organisation: str
    reply_address: str


@dataclass(frozen=True, slots=True)
class Destination:
    """One agency that the letter goes to. `contact` is None only for a letter handed over in person."""

    agency: Agency
    delivery: Delivery
    contact: ContactPoint | None


def addressee_of(to: Destination, custodians: Iterable[Agency]) -> Addressee:
    """Return the agency as the composer addresses it; `custodians` are that state's, with their roles.

    The agency needs its `current_contacts` (see `agencies.queries`); a postal address stands in the letter only when it
    is the one chosen, or one that may be used unasked.
    """
    contacts: Sequence[ContactPoint] = to.agency.current_contacts  # type: ignore[attr-defined]
    return Addressee(
        agency_code=to.agency.code,
        name=to.agency.name,
        short_name=to.agency.short_name or None,
        office_or_title=(to.contact.office_or_title if to.contact else "") or to.agency.records_office or None,
        postal_address=tuple(_postal_address(to, contacts).splitlines()),
        email=_value(to, ContactPoint.Channel.EMAIL),
        portal_url=_value(to, ContactPoint.Channel.PORTAL),
        roles=tuple(role.kind for role in to.agency.roles.all()),
        dmv_name=_holder(custodians, AgencyRole.Kind.DMV),
        control_point_name=_holder(custodians, AgencyRole.Kind.NLETS_CONTROL_POINT),
        submission_notes=to.agency.submission_notes or None,
    )


def _postal_address(to: Destination, contacts: Sequence[ContactPoint]) -> str:
    if to.contact is not None and to.contact.channel == ContactPoint.Channel.POST:
        return to.contact.value
    sure = [c for c in contacts if c.channel == ContactPoint.Channel.POST and c.may_be_used_unasked]
    return sure[0].value if sure else ""


def _value(to: Destination, channel: str) -> str | None:
    return to.contact.value if to.contact is not None and to.contact.channel == channel else None


def _holder(custodians: Iterable[Agency], role: str) -> str | None:
    """Return the name of the agency that plays a role in this state; None when none or more than one does."""
    names = [agency.name for agency in custodians if any(held.kind == role for held in agency.roles.all())]
    return names[0] if len(names) == 1 else None


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
    companion: Companion | None = None,
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
        companion=companion,
        extra_paragraph=chosen.extra_paragraph or None,
    )
    return compose(kit, statute, addressee_of(to, custodians), choices)


def _resident(chosen: DraftChoices) -> bool | None:
    if chosen.standing:
        # An exception that is not put into words would make the letter claim a residence that is not there.
        return chosen.standing == "resident" or (chosen.standing == "exception" and bool(chosen.residency_statement))
    if "nonresident" in chosen.conditions:
        return not chosen.conditions["nonresident"]
    return None
