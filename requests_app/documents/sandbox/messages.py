"""What a worker says to the process that stands ready (`sandbox.ready`). Each message is answered with a number."""

from __future__ import annotations

from typing import Final

import msgspec

HEAD: Final = 4  # bytes that say how long a message is


class Start(msgspec.Struct, frozen=True, tag=True):
    """Split off a process for that reader. Its orders, answers and log come with the message as open files."""

    reader: str
    scratch: str


class End(msgspec.Struct, frozen=True, tag=True):
    """Kill that process and all it started."""

    number: int


def message(said: Start | End) -> bytes:
    """Return the message as it goes over the socket."""
    whole = msgspec.msgpack.encode(said)
    return len(whole).to_bytes(HEAD, "big") + whole
