"""What an agency asks for its records and what became of it, folded from the events. Pure: values in, values out.

An estimate names the whole sum the agency asks, with what was paid already; a later one replaces an earlier one, lines
and deposit included. Payments add up. Amounts are in cents; None where nobody named one.

`total` adds the accounts of many requests up. It counts only what was named: an agency that asks for a fee without a
sum, or waives a part without saying how much, is counted by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast

from requests_app.filing.lifecycle import EventKind, WaiverOutcome
from requests_app.kits.matter import FeeLine, Fees

Waiver = Literal["not_asked", "asked", "granted", "part", "refused"]

AGREED: Final = "agreed_cents"
"""Where an event keeps the sum up to which the letter that it records agreed to pay."""

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
    """The fees of one request: what a letter says of them, and what the panel shows beside.

    `agreed_cents`: the most that a letter of ours agreed to pay, the newest word.
    """

    fees: Fees
    payments: tuple[Payment, ...] = ()
    settled: bool = False
    agreed_cents: int | None = None

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
    def ceiling_cents(self) -> int | None:
        """Return the most that we said we pay: what we agreed to, else the limit of the first letter."""
        return self.fees.limit_cents if self.agreed_cents is None else self.agreed_cents

    @property
    def deposit_due_cents(self) -> int:
        """Return what is still to pay of the deposit; payments count towards it first."""
        if self.settled:
            return 0
        return max(0, (self.fees.deposit_cents or 0) - self.fees.paid_cents)

    @property
    def deposit_paid_cents(self) -> int:
        """Return what was paid of the deposit."""
        return min(self.fees.deposit_cents or 0, self.fees.paid_cents)

    @property
    def waived_cents(self) -> int:
        """Return what a waiver granted in full spared us: the sum asked, less what was paid."""
        if self.fees.waiver != "granted" or self.fees.estimated_cents is None:
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


@dataclass(frozen=True, slots=True)
class Totals:
    """The accounts of several requests, added up.

    `named`: how many agencies named a sum, be it nothing; `unnamed`: how many ask for a fee and named none.
    `limit_cents`: the most that we said we pay, for the `limited` requests in which we named a sum.
    `waived_in_part`: waivers granted in part, which say nothing of how much.
    """

    asked_cents: int = 0
    named: int = 0
    unnamed: int = 0
    limit_cents: int = 0
    limited: int = 0
    deposit_due_cents: int = 0
    deposit_paid_cents: int = 0
    paid_cents: int = 0
    waived_cents: int = 0
    waived_in_part: int = 0
    open_cents: int = 0

    @property
    def is_empty(self) -> bool:
        """Return whether no agency spoke of money and nothing was paid. A limit alone is only our own word."""
        return not (self.named or self.unnamed or self.paid_cents or self.waived_cents or self.waived_in_part)

    def over(self, budget_cents: int | None) -> int:
        """Return by how much the sum of what is asked exceeds the budget; 0 within it or without one."""
        return 0 if budget_cents is None else max(0, self.asked_cents - budget_cents)


def total(accounts: Iterable[Account]) -> Totals:
    """Return the sums of many accounts."""
    found = list(accounts)
    asked = [one.fees.estimated_cents for one in found if one.fees.estimated_cents is not None]
    limits = [one.ceiling_cents for one in found if one.ceiling_cents is not None]
    return Totals(
        asked_cents=sum(asked),
        named=len(asked),
        unnamed=sum(one.fees.estimated_on is not None and one.fees.estimated_cents is None for one in found),
        limit_cents=sum(limits),
        limited=len(limits),
        deposit_due_cents=sum(one.deposit_due_cents for one in found),
        deposit_paid_cents=sum(one.deposit_paid_cents for one in found),
        paid_cents=sum(one.fees.paid_cents for one in found),
        waived_cents=sum(one.waived_cents for one in found),
        waived_in_part=sum(one.fees.waiver == "part" for one in found),
        open_cents=sum(one.open_cents for one in found),
    )


def fold_fees(
    events: Iterable[FeeEvent], *, waiver_asked_at_first: bool = False, limit_cents: int | None = None
) -> Account:
    """Return the account that follows from the standing events, given in the order in which they count."""
    waiver: Waiver = "asked" if waiver_asked_at_first else "not_asked"
    estimate: FeeEvent | None = None
    payments: list[Payment] = []
    settled = False
    agreed: int | None = None
    for event in events:
        agreed = event.details.get(AGREED, agreed)
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
    return Account(fees, tuple(payments), settled, agreed)


def agreed_by(letter_key: str, inputs: Mapping[str, Any]) -> dict[str, int]:
    """Return what the event of a later letter keeps of the sum that the letter agrees to."""
    limit = inputs.get("limit") if letter_key == "fee_acceptance" else None
    return {} if limit is None else {AGREED: int(limit)}


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
