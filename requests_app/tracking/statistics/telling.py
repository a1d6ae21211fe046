"""The facts of one request in words: why a number counts it as it does. Pure, but for the row it is given."""

from __future__ import annotations

from datetime import date
from typing import Final

from requests_app.tracking.statistics.facts import DUTY_KINDS
from requests_app.tracking.statistics.models import RequestFacts

_TIMES: Final = {"acknowledgment": "First answer", "determination": "Decision", "production": "All records"}
_CLOCKS: Final = {
    "received": "the recorded receipt",
    "presumed": "the later day on which the law presumes the receipt",
    "sent": "the sending, as this law does",
}


def tell(row: RequestFacts, today: date) -> list[str]:
    """Return the facts of a request, a sentence's part a line, as they are counted on the jurisdiction's `today`."""
    if row.sent_on is None:
        return ["Not counted: it has not left, or asks for no records."]
    if row.started_on is None:
        return ["Counted as sent, but in no time: its days cannot be counted under this law."]
    said = [f"Days count from {row.started_on}, {_CLOCKS[row.clock]}."]
    said += [f"{_TIMES[kind]}: {_time(row, kind, today)}." for kind in DUTY_KINDS]
    said += [f"{_TIMES[kind]} by law: {_duty(row, kind, today)}." for kind in DUTY_KINDS]
    if row.silence_on is not None and row.silence_on <= today:
        said.append(f"Silence counts as a denial from {row.silence_on}.")
    if row.fee_cents is not None or row.paid_cents:
        asked, paid, waived = (cents / 100 for cents in (row.fee_cents or 0, row.paid_cents, row.waived_cents))
        said.append(f"Fee asked ${asked:,.2f}, paid ${paid:,.2f}, waived ${waived:,.2f}.")
    if row.refused:
        said.append(f"Refused, with {row.objections or 'no objection recorded'}.")
    return said


def _time(row: RequestFacts, kind: str, today: date) -> str:
    days: int | None = getattr(row, f"days_to_{kind}")
    if days is not None:
        return f"after {days} days"
    if row.started_on is None:
        return "not counted"
    waited = max(0, ((row.withdrawn_on or today) - row.started_on).days)
    return f"not in {waited} days, then withdrawn by us" if row.withdrawn_on else f"not in {waited} days so far"


def _duty(row: RequestFacts, kind: str, today: date) -> str:
    state: str = getattr(row, f"{kind}_duty")
    due_on: date | None = getattr(row, f"{kind}_due_on")
    if state == "open" and due_on is not None:
        state = "missed" if due_on < today else state
    words = {
        "": "no number of days, or it ended before its day",
        "met": f"on time, due by {due_on}",
        "missed": f"late, due by {due_on}",
        "open": f"not due yet, due by {due_on}",
        "paused": "not due yet, the clock stands still",
        "conditional": "uncertain, counted neither way",
    }
    return words[state]
