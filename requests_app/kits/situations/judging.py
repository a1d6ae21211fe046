"""Every later letter judged for one request on one day: which judge hears which letter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from requests_app.kits.catalog import letter_type, letter_types
from requests_app.kits.later import event_kind_of
from requests_app.kits.letters import Addressee
from requests_app.kits.matter import Matter
from requests_app.kits.situations.answering import clarification, narrowing
from requests_app.kits.situations.closing import thanks, withdrawal
from requests_app.kits.situations.disputes import (
    dispute,
    format_complaint,
    incomplete,
    only_create,
    preservation,
    refused_in_words,
)
from requests_app.kits.situations.fees import acceptance, deposit, fee_judge, itemization, waiver_appeal, waiver_request
from requests_app.kits.situations.offer import Offer
from requests_app.kits.situations.reviews import review, suit
from requests_app.kits.situations.signs import NOT_OUT, WAITING, found_none
from requests_app.kits.situations.waiting import extension_expired, extension_unlawful, overdue, receipt
from requests_app.kits.standing import Ground
from requests_app.law.schema import Statute

_ORDER: Final[dict[str, int]] = {"now": 0, "possible": 1, "too_early": 2, "not_here": 3}

_JUDGES: Final[dict[str, Callable[[str, Ground], Iterator[Offer]]]] = {
    "receipt_confirmation": receipt,
    "acknowledgment_overdue": overdue("acknowledgment", frozenset({"sent", "received"}), "an acknowledgment"),
    "determination_overdue": overdue("determination", WAITING, "a decision"),
    "production_overdue": overdue("production", frozenset({"production", "partial"}), "the records"),
    "extension_unlawful": extension_unlawful,
    "extension_expired": extension_expired,
    "clarification_answer": clarification,
    "narrowing_offer": narrowing,
    "fee_waiver_request": fee_judge(waiver_request),
    "fee_waiver_appeal": fee_judge(waiver_appeal),
    "fee_itemization": fee_judge(itemization),
    "deposit_objection": fee_judge(deposit),
    "fee_acceptance": fee_judge(acceptance),
    "no_records_challenge": dispute(found_none, "They say that they have no records.", 72),
    "must_create_record": dispute(only_create, "They say that they would have to create a record.", 71),
    "objection_reply": dispute(refused_in_words, "They refused with reasons that can be answered.", 70),
    "incomplete_production": incomplete,
    "format_complaint": format_complaint,
    "administrative_appeal": review,
    "constructive_denial_appeal": review,
    "mediation_request": review,
    "attorney_general_complaint": review,
    "preservation_reminder": preservation,
    "notice_before_suit": suit,
    "thanks_and_closing": thanks,
    "withdrawal": withdrawal,
}


def offers(matter: Matter, statute: Statute) -> tuple[Offer, ...]:
    """Return every later letter judged for this matter, the most fitting first. At least one offer for each key."""
    found = sorted(_all_judged(matter, statute), key=_place)
    return tuple(_with_preset(offer, matter, statute) for offer in found)


def recommended(matter: Matter, statute: Statute) -> Offer | None:
    """Return the letter to write now; None when the right thing is to wait. The first of `offers`, found sooner."""
    first = min(_all_judged(matter, statute), key=_place)
    return _with_preset(first, matter, statute) if first.fits == "now" else None


def _all_judged(matter: Matter, statute: Statute) -> Iterator[Offer]:
    ground = Ground(statute, matter, Addressee(agency_code="", name=matter.agency_name))
    return (offer for letter in letter_types() for offer in _judged(letter.key, ground))


def _place(offer: Offer) -> tuple[int, int]:
    return _ORDER[offer.fits], -offer.weight


def _with_preset(offer: Offer, matter: Matter, statute: Statute) -> Offer:
    return replace(
        offer,
        event_kind=event_kind_of(letter_type(offer.key), statute, matter, offer.rule_id),
        preset={**_preset(offer, matter), **offer.preset},
    )


def _judged(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.matter.status in NOT_OUT or ground.matter.sent_on is None:
        yield Offer(key=key, fits="too_early", why="The request has not reached the agency yet. Send it first.")
        return
    yield from _JUDGES[key](key, ground)


def _preset(offer: Offer, matter: Matter) -> dict[str, Any]:
    """Return what the letter's form begins with: what was recorded of the refusal, and the review it asks for."""
    preset: dict[str, Any] = {} if offer.rule_id is None else {"rule_id": offer.rule_id}
    fields = {each.name for each in letter_type(offer.key).inputs}
    refusal = matter.refusal
    if refusal is not None:
        recorded = {"objections": refusal.objections, "exemptions": refusal.exemptions, "quote": refusal.quote}
        preset.update((name, value) for name, value in recorded.items() if name in fields and value)
    return preset
