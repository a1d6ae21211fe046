"""What an agency asks for its records and what became of it, folded from the events. Pure: values in, values out.

An estimate names the whole sum the agency asks, with what was paid already; a later one replaces an earlier one, lines
and deposit included. Payments add up. Amounts are in cents; None where nobody named one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast

from requests_app.filing.lifecycle import EventKind, WaiverOutcome
from requests_app.kits.matter import FeeLine, Fees

Waiver = Literal["not_asked", "asked", "granted", "part", "refused"]

# Letters of ours that ask for a waiver, or ask again.
_ASKING: Final = frozenset({"fee_waiver_request", "fee_waiver_appeal"})


@dataclass(frozen=True, slots=True)
class FeeEvent:
    """One standing event as far as money is concerned. `details` as the event keeps them."""

    kind: EventKind
    on: date
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Payment:
    """A sum that left us. `settles`: nothing more was asked for after it."""

    on: date
    amount_cents: int
    settles: bool


@dataclass(frozen=True, slots=True)
class Account:
    """The fees of one request: what a letter says of them, and what the panel shows beside."""

    fees: Fees
    payments: tuple[Payment, ...] = ()
    settled: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether money was never spoken of."""
        return self.fees.estimated_on is None and not self.payments and self.fees.waiver in ("not_asked", "asked")

    @property
    def open_cents(self) -> int:
        """Return what is still to pay as far as the agency named it; 0 once it is settled or waived in full."""
        if self.settled or self.fees.estimated_cents is None:
            return 0
        return max(0, self.fees.estimated_cents - self.fees.paid_cents)

    @property
    def lines_cents(self) -> int:
        """Return what the lines of the estimate come to."""
        return sum(line.amount_cents for line in self.fees.lines)

    @property
    def lines_differ_by(self) -> int:
        """Return by how much the lines miss the sum that the agency asks for; 0 where both agree or one lacks."""
        if not self.fees.lines or self.fees.estimated_cents is None:
            return 0
        return abs(self.lines_cents - self.fees.estimated_cents)

    @property
    def over_limit_cents(self) -> int:
        """Return by how much the estimate is above the limit that the first letter named."""
        if self.fees.limit_cents is None or self.fees.estimated_cents is None:
            return 0
        return max(0, self.fees.estimated_cents - self.fees.limit_cents)


def fold_fees(
    events: Iterable[FeeEvent], *, waiver_asked_at_first: bool = False, limit_cents: int | None = None
) -> Account:
    """Return the account that follows from the standing events, given in the order in which they count."""
    waiver: Waiver = "asked" if waiver_asked_at_first else "not_asked"
    estimate: FeeEvent | None = None
    payments: list[Payment] = []
    settled = False
    for event in events:
        if event.kind is EventKind.FEE_ESTIMATED:
            estimate, settled = event, False
        elif event.kind is EventKind.FEE_PAID:
            settled = event.details.get("settles") is not False
            paid = cents_of(event.details)
            if paid:
                payments.append(Payment(event.on, paid, settled))
        elif event.kind is EventKind.WAIVER_DECIDED:
            waiver = _decided(event)
            settled = settled or waiver == "granted"
        elif event.kind is EventKind.FOLLOW_UP and event.details.get("letter_key") in _ASKING:
            waiver = "asked"
    details = estimate.details if estimate else {}
    fees = Fees(
        estimated_cents=cents_of(details),
        estimated_on=estimate.on if estimate else None,
        lines=lines_of(details),
        deposit_cents=details.get("deposit_cents"),
        paid_cents=sum(payment.amount_cents for payment in payments),
        waiver=waiver,
        limit_cents=limit_cents,
    )
    return Account(fees, tuple(payments), settled)


def cents_of(details: Mapping[str, Any]) -> int | None:
    """Return the sum that an event names. `fee_cents` is how replies were recorded at first."""
    cents = details.get("amount_cents", details.get("fee_cents"))
    return None if cents is None else int(cents)


def lines_of(details: Mapping[str, Any]) -> tuple[FeeLine, ...]:
    """Return the lines of an estimate as the event keeps them."""
    lines: Sequence[Mapping[str, Any]] = details.get("lines") or ()
    return tuple(
        FeeLine(
            what=str(line["what"]),
            amount_cents=int(line["amount_cents"]),
            hours=line.get("hours"),
            rate_cents=line.get("rate_cents"),
        )
        for line in lines
    )


def _decided(event: FeeEvent) -> Waiver:
    outcome = event.details.get("outcome")
    return cast(Waiver, outcome) if outcome in WaiverOutcome.values else "asked"
