"""Letters that answer the agency: what it asked us, or that we asked too much. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from requests_app.kits import naming
from requests_app.kits.situations.offer import REPLY_AFTER, Offer, out_of_place
from requests_app.kits.situations.signs import our_reply, went_out
from requests_app.kits.standing import Ground


def clarification(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.matter.status != "clarification":
        yield Offer(key=key, fits="too_early", why="The agency has no open question to us.")
        return
    reply = our_reply(ground, "clarification_request")
    yield Offer(
        key=key,
        fits="now",
        weight=90,
        ours=True,
        by=reply.earliest if reply is not None else None,
        citation=reply.citation if reply is not None else None,
        why="The agency waits for our answer, and the request may rest until it has it."
        if reply is None or reply.earliest is None
        else f"The agency waits for our answer; the safe day for it is {naming.long_date(reply.earliest)}.",
    )


def narrowing(key: str, ground: Ground) -> Iterator[Offer]:
    matter, refusal = ground.matter, ground.matter.refusal
    if matter.status == "done":
        yield out_of_place(key, "The request is closed.")
    elif (
        refusal is not None and "O8" in refusal.objections and matter.status in ("refused", "partial", "clarification")
    ):
        recent = went_out(ground, key, REPLY_AFTER)
        yield Offer(
            key=key,
            fits="possible" if recent else "now",
            weight=68,
            why="They say that the request is too much work. A smaller first step answers that.",
        )
    elif matter.status in ("clarification", "fee", "refused"):
        yield Offer(
            key=key, fits="possible", why="A smaller first step often gets an answer sooner or cheaper.", weight=10
        )
    else:
        yield Offer(key=key, fits="too_early", why="Nobody has said that the request is too large.")
