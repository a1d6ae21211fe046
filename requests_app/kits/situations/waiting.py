"""Letters that ask for an answer that has not come: receipt, decision, records, and an extended time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from requests_app.kits import naming
from requests_app.kits.situations.offer import ASK_AFTER, CONFIRM_AFTER, REPLY_AFTER, Offer, out_of_place
from requests_app.kits.situations.signs import (
    ASK,
    WAITING,
    asked_lately,
    days_in_words,
    latest_of,
    sent_on,
    silent,
    went_out,
)
from requests_app.kits.standing import Ground

_OVERDUE_WEIGHT: Final = {"acknowledgment": 50, "determination": 60, "production": 60, "extension": 65}

_FULFILLS: Final = {
    "acknowledgment": ("acknowledged", "determined", "denied", "no_records", "produced", "produced_part"),
    "determination": ("determined", "denied", "no_records", "produced"),
    "production": ("produced",),
    "extension": ("determined", "denied", "no_records", "produced"),
}


def receipt(key: str, ground: Ground) -> Iterator[Offer]:
    matter = ground.matter
    if matter.status not in WAITING:
        yield out_of_place(key, "The agency has the request and has moved on.")
    elif not (matter.status == "sent" or (matter.status == "received" and silent(ground))):
        yield out_of_place(key, "The agency has already confirmed that it has the request.")
    elif went_out(ground, key, ASK_AFTER):
        yield Offer(key=key, fits="too_early", why="We asked for this a short while ago. Give them time to answer.")
    else:
        asked_now = any(hint.key == "acknowledged_receipt_starts_clock" for hint in ground.statute.submission.hints)
        due = sent_on(matter) + timedelta(days=CONFIRM_AFTER)
        if asked_now:
            yield Offer(
                key=key,
                fits="now",
                weight=40,
                why=f"In {ground.statute.name} the clock starts with the agency's own confirmation of receipt.",
            )
        elif matter.today >= due and matter.received_on is None:
            yield Offer(
                key=key,
                fits="now",
                weight=40,
                why=f"{days_in_words(CONFIRM_AFTER)} have passed since the request was sent, "
                "and nobody has confirmed receipt.",
            )
        else:
            yield Offer(key=key, fits="possible", why="A short question whether the request arrived never hurts.")


def overdue(kind: str, statuses: frozenset[str], nouns: str) -> Callable[[str, Ground], Iterator[Offer]]:
    """Return the judge of a letter about a duty of this kind that has not been met."""

    def judge(key: str, ground: Ground) -> Iterator[Offer]:
        matter = ground.matter
        missed = ground.missed_answer() if kind == "determination" else ground.missed(kind)
        if matter.status not in statuses:
            yield out_of_place(key, f"The request no longer waits for {nouns}.")
        elif missed is not None:
            duty, _ = missed
            recent = asked_lately(ground)
            yield Offer(
                key=key,
                fits="possible" if recent else "now",
                why=f"The time for {nouns} certainly ended on {naming.long_date(latest_of(duty))}."
                + (" We wrote about it a few days ago; give them time to answer." if recent else ""),
                by=duty.latest,
                citation=duty.citation,
                weight=_OVERDUE_WEIGHT[kind],
            )
        elif (coming := ground.coming(kind)) is not None:
            yield Offer(
                key=key,
                fits="too_early",
                by=coming.latest,
                citation=coming.citation,
                why=f"The time for {nouns} runs through {naming.long_date(latest_of(coming))}. They are not late yet.",
            )
        elif ground.happened(*_FULFILLS[kind]) is not None:
            yield out_of_place(key, f"The agency has already given {nouns}.")
        elif ground.extended(kind):
            over = ground.missed("extension") is not None
            why = f"The agency extended the time for {nouns}."
            more = "Write about the extended time instead." if over else "Until that is over they are not late."
            yield Offer(key=key, fits="possible" if over else "too_early", why=f"{why} {more}")
        else:
            yield from _untimed(key, kind, nouns, ground)

    return judge


def _untimed(key: str, kind: str, nouns: str, ground: Ground) -> Iterator[Offer]:
    """Where no sure date counts: nothing to accuse anybody of, but after a while a question is due."""
    matter = ground.matter
    if kind == "acknowledgment" and not ground.timed(kind):
        yield Offer(
            key=key,
            fits="not_here",
            why=f"The law of {ground.statute.name} sets no time to acknowledge a request. Ask them to confirm it.",
        )
        return
    since = ground.happened("determined") if kind == "production" else None
    begun = since.on if since is not None else sent_on(matter)
    reason = "depends on a fact that is not settled" if ground.timed(kind) else "is not a fixed number of days"
    asked = f"The time for {nouns} {reason} in {ground.statute.name}, so the letter asks and accuses nobody."
    long_enough = matter.today >= begun + ASK and ground.all_over(kind)
    if not long_enough:
        yield Offer(key=key, fits="too_early", why=f"{asked} It is early to ask.")
    elif went_out(ground, key, ASK_AFTER) or asked_lately(ground):
        yield Offer(key=key, fits="too_early", why=f"{asked} We asked a short while ago; give them time to answer.")
    elif kind == "acknowledgment":
        yield Offer(key=key, fits="possible", why=asked)
    else:
        weight = 32 if kind == "extension" else 30
        yield Offer(key=key, fits="now", weight=weight, why=f"{asked} {days_in_words(ASK_AFTER)} have passed.")


def extension_unlawful(key: str, ground: Ground) -> Iterator[Offer]:
    notice = ground.happened("extension")
    if notice is None:
        yield Offer(key=key, fits="too_early", why="The agency has claimed no extension.")
    elif ground.matter.status not in WAITING:
        yield out_of_place(key, "The request has moved on since the extension.")
    elif (late := ground.late_extension) is not None:
        recent = went_out(ground, key, REPLY_AFTER)
        yield Offer(
            key=key,
            fits="possible" if recent else "now",
            weight=70,
            by=late[1].latest,
            citation=late[1].citation,
            why=f"The extension of {naming.long_date(notice.on)} came after the time had certainly ended on "
            f"{naming.long_date(latest_of(late[1]))}.",
        )
    elif not any(rule.kind == "extension" for rule in ground.law.rules):
        yield Offer(
            key=key,
            fits="possible",
            why=f"The law book knows no extension in {ground.statute.name}. The letter asks which rule they rely on.",
        )
    else:
        yield Offer(
            key=key,
            fits="possible",
            why="The letter asks which ground of the law applies. It accuses nobody of anything.",
        )


def extension_expired(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.happened("extension") is None:
        yield Offer(key=key, fits="too_early", why="The agency has claimed no extension.")
        return
    yield from overdue("extension", WAITING, "an answer after the extension")(key, ground)
