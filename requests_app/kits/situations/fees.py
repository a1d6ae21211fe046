"""Letters about money: a waiver, an itemised estimate, a deposit, consent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from requests_app.kits import naming
from requests_app.kits.situations.offer import REPLY_AFTER, Offer, out_of_place
from requests_app.kits.situations.signs import our_reply, went_out
from requests_app.kits.standing import Ground


def _fee_open(key: str, ground: Ground) -> Offer | None:
    """Return why a fee letter is out of place; None when a fee is open."""
    if ground.matter.status == "done":
        return out_of_place(key, "The request is closed.")
    if ground.matter.status != "fee" and ground.matter.fees.estimated_cents is None:
        return Offer(key=key, fits="too_early", why="The agency has asked for no fee.")
    return None


def fee_judge(
    judge: Callable[[str, Ground, bool], Offer],
) -> Callable[[str, Ground], Iterator[Offer]]:
    """Return the judge of a fee letter; it is asked only while a fee is open, and learns whether the agency waits."""

    def whole(key: str, ground: Ground) -> Iterator[Offer]:
        closed = _fee_open(key, ground)
        if closed is not None:
            yield closed
            return
        offer = judge(key, ground, ground.matter.status == "fee")
        if offer.fits == "now" and went_out(ground, key, REPLY_AFTER):
            offer = replace(offer, fits="possible", why=f"{offer.why} We wrote this a few days ago.")
        reply = our_reply(ground, "fee_estimate")
        if reply is not None and offer.fits in ("now", "possible"):
            offer = replace(offer, by=reply.earliest, ours=True, citation=offer.citation or reply.citation)
        yield offer

    return whole


def waiver_request(key: str, ground: Ground, waits: bool) -> Offer:
    fees, basis = ground.matter.fees, ground.voice.waiver_basis
    if fees.waiver != "not_asked":
        return out_of_place(key, "A waiver has been asked for already.")
    citation = ground.statute.fees.citation
    if basis == "none":
        return Offer(
            key=key,
            fits="possible",
            citation=citation,
            why="This law gives no waiver that can be claimed; the agency can still be asked for one.",
        )
    words = "says when a waiver is due" if basis == "right" else "lets the agency waive fees"
    small = _within_limit(ground)
    return Offer(
        key=key,
        fits="now" if waits and not small else "possible",
        weight=62,
        citation=citation,
        why=f"This law {words}, and none has been asked for since the estimate.",
    )


def waiver_appeal(key: str, ground: Ground, waits: bool) -> Offer:
    fees = ground.matter.fees
    if fees.waiver not in ("refused", "part"):
        return Offer(key=key, fits="too_early", why="No waiver has been refused.")
    return Offer(
        key=key,
        fits="now" if waits and ground.voice.waiver_basis != "none" else "possible",
        weight=64,
        citation=ground.statute.fees.citation,
        why="They refused the waiver, or a part of it. Ask them to look again.",
    )


def itemization(key: str, ground: Ground, waits: bool) -> Offer:
    fees = ground.matter.fees
    if fees.lines:
        return Offer(
            key=key, fits="possible", why="The estimate has lines already; the letter asks for what they leave open."
        )
    return Offer(
        key=key,
        fits="now" if waits and not _within_limit(ground) else "possible",
        weight=60,
        why="They name a sum and not how they reached it.",
        citation=ground.statute.fees.citation,
    )


def deposit(key: str, ground: Ground, waits: bool) -> Offer:
    if not ground.matter.fees.deposit_cents:
        return Offer(key=key, fits="too_early", why="They have asked for no money in advance.")
    return Offer(
        key=key,
        fits="now" if waits and not _within_limit(ground) else "possible",
        weight=58,
        why="They want money before they begin. Ask for the free part first.",
        citation=ground.statute.fees.citation,
    )


def acceptance(key: str, ground: Ground, waits: bool) -> Offer:
    fees = ground.matter.fees
    small = _within_limit(ground)
    preset = {"limit": fees.estimated_cents} if fees.estimated_cents is not None and small else {}
    if small and waits and fees.waiver != "asked":
        return Offer(
            key=key,
            fits="now",
            weight=66,
            preset=preset,
            why=f"The fee is within the limit of {naming.dollars(fees.limit_cents or 0)} that the request named.",
        )
    return Offer(
        key=key,
        fits="possible",
        preset=preset,
        why="Paying ends the dispute over the fee. Whether to pay is the group's choice.",
    )


def _within_limit(ground: Ground) -> bool:
    fees = ground.matter.fees
    return (
        fees.estimated_cents is not None and fees.limit_cents is not None and fees.estimated_cents <= fees.limit_cents
    )
