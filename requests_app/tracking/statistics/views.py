"""How it goes, on the screen and as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.agencies.importing import export_cell
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.kits.catalog import objections as objection_bank
from requests_app.law.book import CODES
from requests_app.people.states import name_of
from requests_app.tracking.statistics import charts, definitions, permissions, services
from requests_app.tracking.statistics.counting import Line, Table, kit_name, rows_of
from requests_app.tracking.statistics.definitions import TOPICS, Cell, Topic
from requests_app.tracking.statistics.folding import counts_from_sending
from requests_app.tracking.statistics.forms import StatisticsForm
from requests_app.tracking.statistics.spreadsheet import CSV_TYPE, XLSX_TYPE, Value, stream_csv, stream_xlsx

OLD: Final = timedelta(hours=2)
_TITLES: Final = {
    "acknowledgment": definitions.TIMES.columns[1].heading,
    "determination": definitions.TIMES.columns[2].heading,
    "production": definitions.TIMES.columns[3].heading,
}


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show one table with what its numbers mean, and its picture."""
    form = _form(request)
    now = timezone.now()
    table, known_at = services.table_of(form.by_what, form.part(), now)
    topic = TOPICS[form.topic]
    here = reverse("tracking:statistics")
    files = f"?{form.as_query()}"
    named = {line.key: line.name or _("none") for line in table.lines}
    context = {
        "form": form,
        "topic": topic,
        "topics": [(key, one.name, f"{here}?{form.as_query(show=key)}", one is topic) for key, one in TOPICS.items()],
        "heading_of_lines": definitions.GROUPING_NAMES[form.by_what],
        "lines": [(named[line.key], _deeper(form, line), _cells(topic, line)) for line in table.lines],
        "whole": _cells(topic, table.whole),
        "notes": definitions.notes_of(topic, states_counted_from_sending()),
        "csv_url": reverse("tracking:statistics-csv") + files,
        "xlsx_url": reverse("tracking:statistics-xlsx") + files,
        "requests_url": reverse("tracking:statistics-requests") + files,
        "plain": _plain(topic, table, form.by_what),
        "known_at": known_at,
        "is_old": known_at is not None and now - known_at > OLD,
        "of_part": _part_words(form),
        "reports_url": reverse("tracking:reports") if permissions.can_see_campaigns(request.user) else "",
        "crumbs": [(_("Statistics"), "")],
        **_pictures(topic, table),
    }
    return render(request, "tracking/statistics/page.html", context)


@require_GET
def table_csv(request: HttpRequest) -> HttpResponseBase:
    """The table as CSV: plain numbers, the same lines."""
    return _table_file(request, "csv")


@require_GET
def table_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The table as an Excel workbook."""
    return _table_file(request, "xlsx")


@require_GET
def requests_csv(request: HttpRequest) -> HttpResponseBase:
    """The facts of each request behind a table, as CSV: those that this person may see. One query, streamed."""
    form = _form(request)
    if not form.is_valid():
        return redirect(f"{reverse('tracking:statistics')}?{request.GET.urlencode()}")
    rows = rows_of(form.part()).filter(request__in=filing.visible_to(request.user).values("pk"))
    found = rows.values_list("request__reference", "agency__name", *FACTS_EXPORTED).iterator(chunk_size=2000)
    header = ["reference", "agency", *FACTS_EXPORTED]
    return _download(stream_csv(header, found), CSV_TYPE, f"requests-{_file_name(form)}.csv")


FACTS_EXPORTED: Final = (
    "jurisdiction", "kit_id", "sent_on", "clock", "started_on", "withdrawn_on", "done", "days_to_acknowledgment",
    "days_to_determination", "days_to_production", "acknowledgment_duty", "acknowledgment_due_on",
    "determination_duty", "determination_due_on", "production_duty", "production_due_on", "silence_on", "extensions",
    "fee_cents", "paid_cents", "waiver", "waived_cents", "refused", "objections", "appeals_filed", "appeals_won",
    "appeals_part", "appeals_lost", "pages",
)  # fmt: skip


def states_counted_from_sending() -> list[str]:
    """Return the names of the states whose law counts the time to decide from the sending."""
    return [name_of(code) for code in CODES if counts_from_sending(lawbook.statute_of(code))]


def _form(request: HttpRequest) -> StatisticsForm:
    if not permissions.can_see_statistics(request.user):
        raise PermissionDenied
    form = StatisticsForm(request.GET, campaigns=permissions.can_see_campaigns(request.user))
    form.is_valid()
    return form


def _cells(topic: Topic, line: Line) -> list[tuple[Any, Cell]]:
    return [(column.heading, column.cell(line)) for column in topic.columns]


def _deeper(form: StatisticsForm, line: Line) -> str:
    """Return where the name of a line leads: an agency's own page, or the agencies of a state."""
    here = reverse("tracking:statistics")
    if form.by_what == "state":
        return f"{here}?{form.as_query(by='agency', state=line.key)}"
    if form.by_what == "agency":
        return reverse("tracking:agency", args=[line.key])
    if form.by_what == "period":
        return f"{here}?{form.as_query(by='state', period=line.key)}"
    if form.by_what == "kit":
        return f"{here}?{form.as_query(by='state', kit=line.key)}"
    return f"{here}?{form.as_query(by='state', campaign=line.key)}"


def _part_words(form: StatisticsForm) -> str:
    """Return in words which requests are counted; empty for all."""
    said = form.cleaned_data
    words = [
        name_of(said["state"]) if said.get("state") else "",
        said["agency"].name if said.get("agency") else "",
        kit_name(said["kit"]) if said.get("kit") else "",
        said["campaign"].name if said.get("campaign") else "",
        _("sent in %(period)s") % {"period": said["period"]} if said.get("period") else "",
    ]
    return ", ".join(filter(None, words))


def _pictures(topic: Topic, table: Table) -> dict[str, Any]:
    lines = table.lines
    if topic is definitions.TIMES:
        found = [(kind, _TITLES[kind], table.curves.get(kind, [])) for kind in _TITLES]
        title = _("Half had a decision by this day (dot), and how sure that is (line)")
        return {
            "curves": charts.curves(_("What share had an answer, by day"), found),
            "bars": charts.medians(title, lines, "determination"),
        }
    if topic is definitions.DUTIES:
        return {
            "bars": charts.duties(_("Dates for the decision: on time / late / not due yet"), lines, "determination")
        }
    if topic is definitions.MONEY:
        return {"bars": charts.sums(_("Fees asked"), lines)}
    objections = [(objection_words(key), n) for key, n in table.objections]
    return {
        "objections": objections,
        "objections_chart": charts.counts(_("Requests by objection"), objections) if len(objections) > 1 else None,
    }


def objection_words(key: str) -> str:
    """Return an objection in words."""
    bank = objection_bank()
    if not key:
        return _("no objection recorded")
    return f"{key}: {bank[key].objection}" if key in bank else key


def _plain(topic: Topic, table: Table, by: str) -> str:
    """Return the table as tab-separated text, which every spreadsheet program takes from the clipboard."""
    rows: list[Sequence[Value]] = [definitions.exported_header(topic, by), *_exported(topic, table)]
    return "\n".join("\t".join(map(_plain_cell, row)) for row in rows)


def _plain_cell(value: Value) -> str:
    """Return a cell on one line, in which no spreadsheet program sees a formula."""
    if isinstance(value, str):
        return export_cell(" ".join(value.split()))
    return "" if value is None else str(value)


def _exported(topic: Topic, table: Table) -> Iterator[list[definitions.Exported]]:
    yield from definitions.exported_rows(topic, table.lines)
    for _key, _name, *numbers in definitions.exported_rows(topic, [table.whole]):
        yield ["", _("All"), *numbers]


def _table_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    form = _form(request)
    if not form.is_valid():
        return redirect(f"{reverse('tracking:statistics')}?{request.GET.urlencode()}")
    topic = TOPICS[form.topic]
    table, _known_at = services.table_of(form.by_what, form.part(), timezone.now())
    header, rows = definitions.exported_header(topic, form.by_what), _exported(topic, table)
    name = f"{topic.key}-{_file_name(form)}.{ending}"
    if ending == "csv":
        return _download(stream_csv(header, rows), CSV_TYPE, name)
    return _download(stream_xlsx(str(topic.name), header, rows), XLSX_TYPE, name)


def _file_name(form: StatisticsForm) -> str:
    return slugify(f"by-{form.by_what} {_part_words(form)}")[:80]


def _download(content: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
