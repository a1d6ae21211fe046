"""The summary of a campaign to take away: rows of a CSV file, and a PDF in the house's style."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string

from requests_app.agencies.importing import export_cell
from requests_app.filing.fees import Totals, total
from requests_app.kits import rendering
from requests_app.people.states import name_of
from requests_app.tracking.campaign_summary import Letter, Line, Summary

CSV_COLUMNS: Final = (
    "row",
    "state",
    "state_name",
    "kit",
    "agency",
    "way",
    "signer",
    "standing",
    "reference",
    "status",
    "sent_on",
    "acknowledged_on",
    "days_to_acknowledgment",
    "decided_on",
    "days_to_decision",
    "refused",
    "objections",
    "why_left_out",
    "fee_asked_dollars",
    "fee_limit_dollars",
    "deposit_due_dollars",
    "deposit_paid_dollars",
    "fee_paid_dollars",
    "fee_waived_dollars",
    "fee_open_dollars",
    "budget_dollars",
    "over_budget_dollars",
)
_TARGET: Final = CSV_COLUMNS.index("reference")
_LETTER: Final = CSV_COLUMNS.index("why_left_out")
_MONEY: Final = CSV_COLUMNS.index("fee_asked_dollars")


def csv_rows(summary: Summary) -> Iterator[list[str]]:
    """Walk the rows of the CSV file: letters and targets, then the sums of each state and of the campaign.

    The column `row` tells them apart. No cell is one that a spreadsheet program takes for a formula.
    """
    for cells in _rows(summary):
        yield [export_cell(cell) for cell in (*cells, *[""] * (len(CSV_COLUMNS) - len(cells)))]


def _rows(summary: Summary) -> Iterator[tuple[str, ...]]:
    for line in summary.lines:
        for letter in line.letters:
            yield ("letter", *_target_cells(line, letter), *_letter_cells(letter), "", *_money(total([letter.account])))
        if not line.letters:
            empty = [""] * (_LETTER - _TARGET)
            yield ("target", *_target_cells(line, None), *empty, line.row.target.why_skipped)
    for code, sums in summary.money_by_state:
        yield ("state total", code, name_of(code), *[""] * (_MONEY - 3), *_money(sums))
    budget, over = summary.budget_cents, summary.over_cents
    against = ("", "") if budget is None else (_dollars(budget), _dollars(over))
    yield ("campaign total", *[""] * (_MONEY - 1), *_money(summary.money), *against)


def _target_cells(line: Line, letter: Letter | None) -> tuple[str, ...]:
    row, target = line.row, line.row.target
    agencies = [letter.request.agency.name] if letter else [asked.agency.name for asked in row.asks]
    ways = [str(letter.request.get_delivery_display())] if letter else [asked.way for asked in row.asks]
    signer = target.assignee.handle if target.assignee else ""
    standing = str(line.course.label) if letter else str(row.standing.label)
    return (
        target.jurisdiction,
        name_of(target.jurisdiction),
        target.kit_id,
        "; ".join(agencies),
        "; ".join(ways),
        signer,
        standing,
    )


def _letter_cells(letter: Letter) -> tuple[str, ...]:
    return (
        letter.request.reference,
        letter.status_words,
        _day(letter.sent_on),
        _day(letter.acknowledged_on),
        _number(letter.days_to_acknowledgment),
        _day(letter.decided_on),
        _number(letter.days_to_decision),
        "yes" if letter.refused else "no",
        "; ".join(letter.objections),
    )


def _money(sums: Totals) -> tuple[str, ...]:
    """Return sums in dollars; what nobody named is left empty."""
    named = (sums.deposit_due_cents, sums.deposit_paid_cents, sums.paid_cents, sums.waived_cents, sums.open_cents)
    return (
        _dollars(sums.asked_cents) if sums.named else "",
        _dollars(sums.limit_cents) if sums.limited else "",
        *("" if sums.is_empty else _dollars(cents) for cents in named),
    )


def _dollars(cents: int) -> str:
    return f"{cents / 100:.2f}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def to_pdf(context: dict[str, Any]) -> bytes:
    """Return the summary as PDF. Needs what tracking/campaign_pdf.html names."""
    return rendering.to_pdf(render_to_string("tracking/campaign_pdf.html", context), extra_sheet=_stylesheet())


@cache
def _stylesheet() -> str:
    return (Path(__file__).parent / "summary.css").read_text(encoding="utf-8")
