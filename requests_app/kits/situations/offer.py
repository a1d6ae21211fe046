"""One letter judged for a request, and the rules of thumb that the judges share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from requests_app.law.schema import AppealLevel

Fit = Literal["now", "possible", "too_early", "not_here"]

# Our own rules of thumb, in days. None of them is law, and no letter names them.
CONFIRM_AFTER: Final = 7  # after sending, when nobody has confirmed receipt
ASK_AFTER: Final = 30  # for an answer, where the law sets no time
REPLY_AFTER: Final = 10  # for an answer to a letter of ours before the next step
APPEAL_LEAD: Final = 14  # before an appeal's own date, when it no longer waits for a reply
REMIND_AFTER: Final = 60  # before the agency is asked again to keep its logs


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One letter judged for a request.

    `by`: the date that counts: with `ours`, the last safe day for our own step; otherwise the agency's latest day.
    `citation`: where the law says so. `body`: who would hear it. `preset`: inputs to begin with.
    `level`, `rule_id`: the review behind it. `agency_head`: it goes to the agency's own head. `event_kind`: what is
    recorded when it is sent. `weight` orders offers that fit alike.
    """

    key: str
    fits: Fit
    why: str
    by: date | None = None
    ours: bool = False
    citation: str | None = None
    body: str | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)
    level: AppealLevel | None = None
    rule_id: str | None = None
    agency_head: bool = False
    event_kind: str = "follow_up"
    weight: int = 0


def out_of_place(key: str, why: str) -> Offer:
    return Offer(key=key, fits="not_here", why=why)
