"""Letters that end a request. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from requests_app.kits.situations.offer import Offer, out_of_place
from requests_app.kits.situations.signs import CAME, went_out
from requests_app.kits.standing import Ground


def thanks(key: str, ground: Ground) -> Iterator[Offer]:
    matter = ground.matter
    if matter.status == "done" and ground.happened("produced") is not None and not went_out(ground, key, None):
        yield Offer(
            key=key, fits="now", weight=20, why="Everything has come. A word of thanks is remembered next time."
        )
    elif matter.status == "done":
        yield out_of_place(key, "The request is closed.")
    elif ground.happened(*CAME) is not None:
        yield Offer(key=key, fits="possible", why="Right when what came is all that we need. It closes the request.")
    else:
        yield Offer(key=key, fits="too_early", why="No records have come yet.")


def withdrawal(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.matter.status == "done":
        yield out_of_place(key, "The request is closed.")
    else:
        yield Offer(key=key, fits="possible", why="Ends the request. A new one can be made at any time.", weight=-10)
