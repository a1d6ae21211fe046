"""The exhibits of an evidence file, in order and numbered. Pure: plain values in, plain values out.

An exhibit is one thing a court can look at: a letter, the proof that it left, a message with its headers, what the
agency answered, a file it returned, the count of each deadline. Each carries the day it belongs to; they stand in the
order of those days. What covers the whole time (deadlines, notes, the full record) comes last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

Kind = Literal["letter", "sending", "message", "answer", "ours", "file", "deadlines", "notes", "record"]
Condition = Literal["kept", "missing", "damaged"]

# On one day: our letter, the proof that it left, what else we did, then what came back and its files.
_RANK: dict[Kind, int] = {
    "letter": 0,
    "message": 1,
    "sending": 2,
    "ours": 3,
    "answer": 4,
    "file": 5,
    "deadlines": 6,
    "notes": 7,
    "record": 8,
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of what is known about an exhibit: "Sent to", "records@agency.example"."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Original:
    """Bytes that go into the archive as they are.

    `sha256` and `size` as stored when the file came in. `condition`: whether today's bytes are still those.
    """

    name: str
    sha256: str
    size: int
    condition: Condition = "kept"


@dataclass(frozen=True, kw_only=True)
class CountedDeadline:
    """One deadline with how it was counted. `dates` is a sentence; `steps` is the trace, one sentence each."""

    title: str
    whose: str
    citation: str
    trigger: str
    dates: str
    state: str
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the record: who noted what and when. `struck`: corrected later; both stand, with names."""

    number: int
    day: date
    what: str
    noted_by: str
    noted_at: datetime
    words: str = ""
    struck: bool = False


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """One exhibit. `number` is 0 until `compose_exhibits` has put it in its place.

    `day` None: it covers the whole time. `text` is printed as it is, line breaks kept; `headers` likewise above it.
    """

    kind: Kind
    title: str
    day: date | None = None
    number: int = 0
    facts: tuple[Fact, ...] = ()
    headers: str = ""
    text: str = ""
    original: Original | None = None
    deadlines: tuple[CountedDeadline, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def archive_name(self) -> str:
        """Where the exhibit's own file stands in the archive; empty for one that only the binder holds."""
        return f"exhibits/{self.number:02}-{self.original.name}" if self.original is not None else ""


def compose_exhibits(found: Iterable[Exhibit]) -> tuple[Exhibit, ...]:
    """Return the exhibits in the order of their days, numbered from 1; those that cover the whole time come last."""
    ordered = sorted(found, key=lambda each: (each.day is None, each.day or date.min, _RANK[each.kind]))
    return tuple(replace(exhibit, number=number) for number, exhibit in enumerate(ordered, start=1))
