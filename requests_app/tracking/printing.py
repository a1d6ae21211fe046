"""The summary of a campaign to take away: rows of a CSV file, and a PDF in the house's style."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string

from requests_app.agencies.importing import export_cell
from requests_app.kits import rendering
from requests_app.tracking.campaign_summary import Letter, Line, Summary

CSV_COLUMNS: Final = (
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
    "fee_asked_dollars",
    "refused",
    "objections",
    "why_left_out",
)


def csv_rows(summary: Summary) -> Iterator[list[str]]:
    """Walk the rows of the CSV file. No cell is one that a spreadsheet program takes for a formula."""
    for line in summary.lines:
        for letter in line.letters:
            yield [export_cell(cell) for cell in (*_target_cells(line, letter), *_letter_cells(letter), "")]
        if not line.letters:
            empty = [""] * len(_letter_cells_names())
            cells = (*_target_cells(line, None), *empty, line.row.target.why_skipped)
            yield [export_cell(cell) for cell in cells]


def _target_cells(line: Line, letter: Letter | None) -> tuple[str, ...]:
    row, target = line.row, line.row.target
    agencies = [letter.request.agency.name] if letter else [asked.agency.name for asked in row.asks]
    ways = [str(letter.request.get_delivery_display())] if letter else [asked.way for asked in row.asks]
    signer = target.assignee.handle if target.assignee else ""
    standing = str(line.course.label) if letter else str(row.standing.label)
    return (
        target.jurisdiction,
        target.state_name,
        target.kit_id,
        "; ".join(agencies),
        "; ".join(ways),
        signer,
        standing,
    )


def _letter_cells_names() -> tuple[str, ...]:
    return CSV_COLUMNS[CSV_COLUMNS.index("reference") : CSV_COLUMNS.index("why_left_out")]


def _letter_cells(letter: Letter) -> tuple[str, ...]:
    fee = letter.fee_cents
    return (
        letter.request.reference,
        letter.status_words,
        _day(letter.sent_on),
        _day(letter.acknowledged_on),
        _number(letter.days_to_acknowledgment),
        _day(letter.decided_on),
        _number(letter.days_to_decision),
        "" if fee is None else f"{fee / 100:.2f}",
        "yes" if letter.refused else "no",
        "; ".join(letter.objections),
    )


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
