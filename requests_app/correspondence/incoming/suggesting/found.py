"""What reading help is given, and what it gives."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests_app.correspondence.incoming.suggesting.links import Link


class Kind(enum.StrEnum):
    """What a mail may say."""

    ACKNOWLEDGMENT = "acknowledgment"
    EXTENSION = "extension"
    FEE = "fee"
    DEPOSIT = "deposit"
    WAIVER = "waiver"
    CLARIFICATION = "clarification"
    GRANTED = "granted"
    PRODUCTION = "production"
    NO_RECORDS = "no_records"
    DENIAL = "denial"
    REFERRAL = "referral"
    PORTAL = "portal"
    CLOSED = "closed"


class Level(enum.IntEnum):
    """How sure the words are: said outright, said in a way that mostly means it, or perhaps something else."""

    DOUBTFUL = 0
    LIKELY = 1
    CLEAR = 2


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known of the mail beside its text.

    `written_on`: the day of the mail, from which days without a year are read. `files`: how many files came with it
    that its sender would call attachments. `html`: its formatted form, read for the addresses of links alone.
    `ours`: the form of our own references, which are no number of the agency's.
    """

    subject: str = ""
    written_on: date | None = None
    files: int = 0
    html: str = ""
    ours: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that the mail may say, with the sentences that led to it, the first the strongest.

    `values`, each only where it was read: `until` (a day), `period` (its words) with `days`, `unit` ("business" or
    "calendar") and `counted_from` (a day), `received_on`, `amount_cents`, `deposit_cents`, `part` (true or false),
    `sections` (as written), `number`, `to` (a name), `outcome`, `other_weekday` (the day named is another weekday).
    """

    kind: Kind
    level: Level
    sentences: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found in one mail."""

    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[Link, ...] = ()
