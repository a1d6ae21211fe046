"""Letters about what was refused, left out or sent in a poor form, and about what may be deleted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from requests_app.kits.situations.offer import REMIND_AFTER, Offer, out_of_place
from requests_app.kits.situations.signs import CAME, found_none, sent_on, went_out
from requests_app.kits.standing import Ground


def dispute(fits_refusal: Callable[[Ground], bool], why: str, weight: int) -> Callable[[str, Ground], Iterator[Offer]]:
    """Return the judge of a letter that answers a refusal; what was answered already is not pressed again."""

    def judge(key: str, ground: Ground) -> Iterator[Offer]:
        matter = ground.matter
        if matter.status == "done":
            yield out_of_place(key, "The request is closed.")
        elif not ground.refused:
            yield Offer(key=key, fits="too_early", why="The agency has refused nothing.")
        elif not fits_refusal(ground):
            yield Offer(key=key, fits="possible", why=f"Only if they say it: {why[:1].lower()}{why[1:]}")
        elif matter.status == "appeal" or went_out(ground, key, None):
            yield Offer(key=key, fits="possible", why=f"{why} We have answered this already.")
        else:
            yield Offer(key=key, fits="now", why=why, weight=weight)

    return judge


def _raises(*names: str) -> Callable[[Ground], bool]:
    def raised(ground: Ground) -> bool:
        refusal = ground.matter.refusal
        return refusal is not None and not set(names).isdisjoint(refusal.objections)

    return raised


def only_create(ground: Ground) -> bool:
    refusal = ground.matter.refusal
    return refusal is not None and set(refusal.objections) == {"O4"} and not refusal.exemptions


def refused_in_words(ground: Ground) -> bool:
    refusal = ground.matter.refusal
    if found_none(ground) or only_create(ground):
        return False
    return refusal is not None or ground.happened("denied") is not None


def incomplete(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.happened(*CAME) is None:
        yield Offer(key=key, fits="too_early", why="No records have come yet.")
    else:
        yield Offer(
            key=key,
            fits="possible",
            why="Right when something that was asked for is missing and was not refused.",
            weight=8,
        )


def format_complaint(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.happened(*CAME) is None:
        yield Offer(key=key, fits="too_early", why="No records have come yet.")
    else:
        yield Offer(
            key=key,
            fits="possible",
            why="Right when data came as a scan or a picture.",
            weight=6,
            citation=ground.statute.electronic_copies.citation,
        )


def preservation(key: str, ground: Ground) -> Iterator[Offer]:
    matter = ground.matter
    if matter.status == "done":
        yield out_of_place(key, "The request is closed.")
        return
    kit = ground.kit
    rolls = kit is not None and kit.preservation == "logs"
    old = matter.today >= sent_on(matter) + timedelta(days=REMIND_AFTER)
    why = (
        "Nlets says that it keeps about one year, so each day of delay can lose a day of records."
        if rolls
        else "Records are deleted on schedules; asking to keep them costs nothing."
    )
    yield Offer(key=key, fits="possible", why=why, weight=12 if old and rolls else 2)
