"""Who sent a mail, as far as the net goes, and whether so many of its like were wrong that it may be guessing.

A token of 97 bits is not found by trying; a short one of before, or a slip that we read kindly, might be. So addresses
that may be tokens, and were never given out, are counted for the server they came from. Beyond a number in an hour,
mail from there is kept and shown like any other, but is put with a request only by what nobody guesses. Nobody outside
can tell: the answer to a delivery is given before anything is read.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from requests_app.correspondence.incoming.matching import Clues, Match

_HOPS: Final = 10  # lines of servers that are looked at: ours stand on top
_LINE: Final = 1_000
_IN_BRACKETS: Final = re.compile(r"\[(?:IPv6:)?([0-9a-f.:]{3,45})\]", re.IGNORECASE)
_HOW_GUESSED: Final = frozenset({"retyped", "reference", "number"})


def sending_server(headers: Iterable[tuple[str, str]]) -> str:
    """Return the address from which a mail came to us, for IPv6 its /64; "" where no server of ours noted one.

    The first address of the public net in the lines of servers, from the top: what stands above the first line of a
    server that is not ours was written by ours, and a sender writes only what stands below.
    """
    lines = [value[:_LINE] for name, value in headers if name.lower() == "received"]
    for line in lines[:_HOPS]:
        came_from = re.split(r"(?:^|\s)by\s", line, maxsplit=1)[0]
        for found in _IN_BRACKETS.finditer(came_from):
            address = _public(found[1])
            if address:
                return address
    return ""


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour of a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def rests_on_a_guess(match: Match, clues: Clues) -> bool:
    """Return whether a mail was matched by what somebody can find by trying: all but long tokens and Message-IDs."""
    if match.how == "token":
        return not any(one.written and not one.written.reference for one in clues.addressed)
    return match.how in _HOW_GUESSED


def _public(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if not address.is_global:
        return ""
    if address.version == 6:  # a customer of a provider has at least a /64 to write from
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
