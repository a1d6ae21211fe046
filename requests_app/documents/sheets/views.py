"""The pages of sheets: the table, parts of it while it scrolls, what was found, and a CSV of what is in sight."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.documents import queries as documents
from requests_app.documents.cells import Area, letters, shown_of, value_of
from requests_app.documents.models import Document, Sheet
from requests_app.documents.sheets import queries, wording
from requests_app.documents.sheets.choices import Choices, Condition, choices_in
from requests_app.documents.sheets.export import csv_of
from requests_app.documents.sheets.finding import find
from requests_app.documents.sheets.ordering import Rows, rows_of
from requests_app.documents.sheets.table import header_html, look_of, rows_html
from requests_app.documents.viewer.margin import margins_of

WINDOW: Final = 100  # rows drawn at once
COLUMNS: Final = 40  # columns drawn at once
SCROLLED: Final = 400_000  # rows that one table scrolls over: browsers bound the height of what they show
COMMENTS: Final = 200  # listed under the table


@dataclass(frozen=True)
class Open:
    """A sheet that a person has before them."""

    document: Document
    sheet: Sheet
    choices: Choices


@require_GET
def first_sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Go to the first sheet that the sender did not hide; where there is none, say how far the reading has come."""
    document = _visible(request, pk)
    sheets = queries.sheets_of(document)
    if not sheets:
        return _no_sheets(request, document)
    first = next((sheet for sheet in sheets if not sheet.hidden), sheets[0])
    return redirect("documents:sheet", pk=pk, number=first.number)


@require_GET
def sheet(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Show a sheet: the table from the row that was asked for, and all that is known of it."""
    document = _visible(request, pk)
    sheets = queries.sheets_of(document)
    opened = _opened(request, document, number) if any(one.number == number for one in sheets) else None
    if opened is None:
        if sheets:
            raise Http404
        return _no_sheets(request, document)
    chosen, choices = opened.sheet, opened.choices
    rows = rows_of(chosen, choices)
    header = queries.seen(chosen, [chosen.header])[0] if chosen.header else None
    start, is_left_out = _start(rows, choices)
    context = {
        "document": document,
        "sheet": chosen,
        "sheets": sheets,
        "choices": choices,
        "crumbs": _crumbs(document),
        "is_left_out": is_left_out,
        "count": len(rows),
        "said": _said(document) if chosen.is_read else [],
        "comments": queries.comments_of(chosen, COMMENTS),
        "margins": margins_of(request, document, number, of="sheet"),
        "verbs": wording.VERBS.items(),
        **_table(opened, rows, start, header),
        **_switches(opened, header),
    }
    return render(request, "documents/sheets/sheet.html", context)


@require_GET
def rows(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Give the next rows of the table, for the script that scrolls."""
    opened = _opened(request, _visible(request, pk), number)
    found = rows_of(opened.sheet, opened.choices)
    start = opened.choices.start - 1
    numbers = found.part(start, min(start + WINDOW, len(found)))
    drawn = rows_html(queries.seen(opened.sheet, numbers), _look(opened), start + 1)
    response = HttpResponse(drawn)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
def find_words(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """List the cells in which words stand, of this sheet or of all."""
    document = _visible(request, pk)
    opened = _opened(request, document, number)
    sheets = queries.sheets_of(document)
    everywhere = request.GET.get("everywhere") == "1"
    words = opened.choices.find
    places, has_more = find(words, sheets if everywhere else [opened.sheet]) if words else ([], False)
    context = {
        "document": document,
        "sheet": opened.sheet,
        "sheets": sheets,
        "words": words,
        "everywhere": everywhere,
        "places": places,
        "has_more": has_more,
        "crumbs": [*_crumbs(document), (_name(opened.sheet), _address(document, opened.sheet)), (_("Found"), "")],
    }
    template = "documents/sheets/_found.html" if request.headers.get("HX-Request") else "documents/sheets/found.html"
    return render(request, template, context)


@require_GET
def as_csv(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponseBase:
    """Give the rows in sight as CSV."""
    document = _visible(request, pk)
    opened = _opened(request, document, number)
    found = rows_of(opened.sheet, opened.choices)
    response = StreamingHttpResponse(
        csv_of(opened.sheet, found, hide=opened.choices.hide), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="sheet-{number}-of-{document.pk}.csv"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _visible(request: HttpRequest, pk: uuid.UUID) -> Document:
    return get_object_or_404(documents.visible_to(request.user), pk=pk)


def _opened(request: HttpRequest, document: Document, number: int) -> Open:
    found = get_object_or_404(Sheet, blob=document.blob_id, number=number)
    return Open(document, found, choices_in(request.GET, found.columns))


def _start(rows: Rows, choices: Choices) -> tuple[int, bool]:
    """Return the place of the first row drawn, from 0, and whether the cell asked for is left out by the choices."""
    if choices.area is None:
        return min(choices.start - 1, max(0, len(rows) - 1)), False
    place = rows.place_of(choices.area.top)
    if place is None:
        return min(choices.start - 1, max(0, len(rows) - 1)), True
    return max(0, place - 3), False  # a few rows above it, so that the eye finds it


def _columns(opened: Open) -> list[int]:
    sheet, choices = opened.sheet, opened.choices
    left = choices.left
    if choices.area and not left <= choices.area.left < left + COLUMNS:
        left = min(choices.area.left, max(1, sheet.columns - COLUMNS + 1))
    shown = [
        number
        for number in range(left, sheet.columns + 1)
        if not (choices.hide and queries.is_within(sheet.hidden_columns, number))
    ]
    return shown[:COLUMNS]


def _look(opened: Open) -> Any:
    return look_of(opened.sheet, opened.choices, _columns(opened))


def _table(opened: Open, rows: Rows, start: int, header: queries.SeenRow | None) -> dict[str, Any]:
    sheet, choices = opened.sheet, opened.choices
    look = _look(opened)
    numbers = rows.part(start, min(start + WINDOW, len(rows)))
    found = queries.seen(sheet, numbers)
    names = header_html(header, look)
    here = reverse("documents:sheet", args=[opened.document.pk, sheet.number])
    part = start // SCROLLED
    rows_address = reverse("documents:sheet-rows", args=[opened.document.pk, sheet.number])
    return {
        "headings": [_heading(opened, number, names.get(number, ""), look.hidden) for number in look.columns],
        "has_header": bool(sheet.header),
        "rows_html": rows_html(found, look, start + 1),
        "columns_drawn": len(look.columns),
        "start": start,
        "first": start + 1 if numbers else 0,
        "last": start + len(numbers),
        "window": WINDOW,
        "base": part * SCROLLED,
        "scrolled": min(SCROLLED, len(rows) - part * SCROLLED),
        "rows_url": rows_address + choices.address(left=look.columns[0] if look.columns else 1),
        "prev_url": here + choices.address(start=max(1, start + 1 - WINDOW)) if start else "",
        "next_url": here + choices.address(start=start + 1 + WINDOW) if start + WINDOW < len(rows) else "",
        "parts": _parts(opened, len(rows), part),
        "columns_before": _columns_url(opened, look.columns[0] - COLUMNS)
        if look.columns and look.columns[0] > 1
        else "",
        "columns_after": _columns_url(opened, look.columns[-1] + 1)
        if look.columns and look.columns[-1] < sheet.columns
        else "",
        "columns_said": f"{letters(look.columns[0])}-{letters(look.columns[-1])}" if look.columns else "",
        "last_column": letters(sheet.columns),
        "cell": _cell_panel(opened, found if header is None else [header, *found]),
    }


def _parts(opened: Open, count: int, part: int) -> list[dict[str, Any]]:
    if count <= SCROLLED:
        return []
    return [
        {
            "first": start + 1,
            "last": min(start + SCROLLED, count),
            "url": opened.choices.address(start=start + 1),
            "is_this": start // SCROLLED == part,
        }
        for start in range(0, count, SCROLLED)
    ]


def _columns_url(opened: Open, left: int) -> str:
    return opened.choices.address(left=max(1, left), start=opened.choices.start)


def _heading(opened: Open, number: int, name: str, hidden: frozenset[int]) -> dict[str, Any]:
    choices = opened.choices
    is_sorted = choices.sort == number
    order = ("descending" if choices.down else "ascending") if is_sorted else ""
    turns = {"": (number, False), "ascending": (number, True), "descending": (0, False)}[order]
    return {
        "number": number,
        "letter": letters(number),
        "name": name,
        "is_hidden": number in hidden,
        "order": order,
        "url": choices.address(sort=turns[0], down=turns[1]),
    }


def _cell_panel(opened: Open, rows: list[queries.SeenRow]) -> dict[str, Any] | None:
    """Return all about the cell that the address names: what a person without the script sees of it."""
    area = opened.choices.area
    row = next((row for row in rows if area and row.number == area.top), None)
    if area is None or row is None:
        return None
    cell = row.cells[area.left - 1] if area.left <= len(row.cells) else None
    name = Area(area.top, area.left, area.top, area.left).name
    return {
        "name": area.name,
        "shown": shown_of(cell),
        "value": value_of(cell),
        "formula": row.formulas.get(name, ""),
        "comments": row.comments.get(area.left, []),
    }


def _switches(opened: Open, header: queries.SeenRow | None) -> dict[str, Any]:
    """Return what can be changed by a click: conditions, order, what is hidden, formulas; and the columns' profiles."""
    sheet, choices = opened.sheet, opened.choices
    names = _names_of_columns(opened.sheet, header)
    conditions = [
        {
            "said": _condition(one, names),
            "url": choices.address(conditions=tuple(other for other in choices.conditions if other != one)),
        }
        for one in choices.conditions
    ]
    return {
        "conditions": conditions,
        "sorted_by": names.get(choices.sort, ""),
        "unsorted_url": choices.address(sort=0, down=False),
        "plain_url": reverse("documents:sheet", args=[opened.document.pk, sheet.number]),
        "hides": bool(sheet.hidden_rows or sheet.hidden_columns),
        "hide_url": choices.address(hide=not choices.hide),
        "formulas_url": choices.address(formulas=not choices.formulas),
        "csv_url": reverse("documents:sheet-csv", args=[opened.document.pk, sheet.number]) + choices.address(),
        "fields": choices.fields(),
        "goto_fields": [(name, value) for name, value in choices.fields() if name != "left"],
        "column_names": names.items(),
        "letters_of_columns": [(letters(number), name) for number, name in names.items()],
        "profile": [
            {**told, "letter": letters(number), "name": names[number], "type_said": wording.TYPES.get(told["type"], "")}
            for number, told in enumerate(sheet.profile, 1)
            if number in names
        ],
    }


def _names_of_columns(sheet: Sheet, header: queries.SeenRow | None) -> dict[int, str]:
    """Return the name of each column, at most as many as a form can offer: its letter, and what its header says."""
    cells = header.cells if header else []
    found = {}
    for number in range(1, min(sheet.columns, 500) + 1):
        said = " ".join(shown_of(cells[number - 1] if number <= len(cells) else None).split())[:60]
        found[number] = f"{letters(number)}: {said}" if said else letters(number)
    return found


def _condition(condition: Condition, names: dict[int, str]) -> str:
    verb = wording.VERBS_SAID[condition.verb]
    name = names.get(condition.column, letters(condition.column))
    return f"{name} {verb} {condition.value.replace('..', ' – ') if condition.verb == 'between' else condition.value}"


def _said(document: Document) -> list[str]:
    step = queries.step_of(document)
    return wording.said_of(step.result) if step else []


def _no_sheets(request: HttpRequest, document: Document) -> HttpResponse:
    """Say why there is nothing to show yet, or ever."""
    step = queries.step_of(document)
    if step is None and document.blob.kind != "spreadsheet":
        raise Http404
    failed = step is not None and step.state in ("failed", "left_out")
    context = {
        "document": document,
        "refused": wording.refused(step.trouble) if failed and step else "",
        "crumbs": [*_crumbs(document), (_("Sheets"), "")],
    }
    return render(request, "documents/sheets/none.html", context)


def _name(sheet: Sheet) -> str:
    return sheet.name or _("Sheet %(n)d") % {"n": sheet.number}


def _address(document: Document, sheet: Sheet) -> str:
    return reverse("documents:sheet", args=[document.pk, sheet.number])


def _crumbs(document: Document) -> list[tuple[str, str]]:
    return [
        (_("Documents"), reverse("documents:list")),
        (document.request.reference, document.request.get_absolute_url()),
        (document.original_name, document.get_absolute_url()),
    ]
