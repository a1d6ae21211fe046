"""The report of dates that moved: the list, one recalculation, the table to take away, and asking for one."""

from __future__ import annotations

import msgspec
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from requests_app.filing import lawbook
from requests_app.law.snapshots import COUNTING, Changes
from requests_app.people.signed_in import signed_in
from requests_app.tracking import permissions
from requests_app.tracking.recalculation import queries, services
from requests_app.tracking.recalculation.forms import AskForm
from requests_app.tracking.recalculation.models import MovedDate, Recalculation
from requests_app.tracking.statistics.spreadsheet import CSV_TYPE, Value, stream_csv
from requests_app.tracking.wording import KIND_WORDS

SHOWN = 200


@require_GET
def recalculations(request: HttpRequest) -> HttpResponse:
    """Every time that dates were counted anew, the newest first."""
    _looker(request)
    context = {
        "recalculations": queries.recalculations()[:SHOWN],
        "outdated": [code.upper() for code in lawbook.book().outdated()],
        "may_ask": permissions.can_share_out(request.user),
        "form": AskForm(),
        "crumbs": [(_("Desk"), reverse("tracking:desk")), (_("Dates that moved"), "")],
    }
    return render(request, "tracking/recalculation/list.html", context)


@require_GET
def recalculation(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed in the law or the calendar, and every date that moved by it. Also for those who were told."""
    person = signed_in(request)
    one = get_object_or_404(Recalculation.objects.select_related("asked_by"), pk=pk)
    rows = list(queries.moved(one, person)[: SHOWN + 1])
    if not rows and not permissions.can_open_desk(person):
        raise PermissionDenied
    changes = msgspec.convert(one.changes, Changes)
    may_list = permissions.can_open_desk(person)
    crumbs = [(_("Dates that moved"), reverse("tracking:recalculations"))] if may_list else []
    context = {
        "one": one,
        "rules": [rule for rule in changes.rules if rule.rule_id != COUNTING],
        "counting": any(rule.rule_id == COUNTING for rule in changes.rules),
        "days": changes.days,
        "moved": [{"row": row, "kind": KIND_WORDS.get(row.kind, row.kind)} for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "troubled": queries.troubled(one, person),
        "csv_url": reverse("tracking:recalculation-csv", args=[pk]) if may_list else "",
        "shown": SHOWN,
        "crumbs": [*crumbs, (str(one.state_name), "")],
    }
    return render(request, "tracking/recalculation/one.html", context)


@require_GET
def moved_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the whole table out, row by row as it is read."""
    _looker(request)
    one = get_object_or_404(Recalculation, pk=pk)
    rows = queries.moved(one, request.user).iterator(chunk_size=500)
    name = f"moved-dates-{one.jurisdiction}-{one.pk}.csv"
    return StreamingHttpResponse(
        stream_csv(COLUMNS, map(_exported, rows)),
        content_type=CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


COLUMNS = (
    "reference", "agency", "duty_of", "kind", "what", "was_earliest", "was_latest", "is_earliest", "is_latest",
    "citation",
)  # fmt: skip


def _exported(row: MovedDate) -> list[Value]:
    shown = row.after or row.before
    return [
        *(row.request.reference, row.request.agency.name, row.duty_of, row.kind, row.what),
        *(row.was_earliest, row.was_latest, row.is_earliest, row.is_latest),
        shown.citation if shown else "",
    ]


@require_http_methods(["POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Have the dates of one state counted anew by the next sweep."""
    person = signed_in(request)
    if not permissions.can_share_out(person):
        raise PermissionDenied
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["state"])))
        return redirect("tracking:recalculations")
    one = services.ask(form.cleaned_data["state"], by=person, now=timezone.now())
    messages.success(
        request,
        _("The open dates of %(state)s are counted anew within minutes. Nothing is lost; this page shows what moves.")
        % {"state": one.state_name},
    )
    return redirect(one)


def _looker(request: HttpRequest) -> None:
    if not permissions.can_open_desk(request.user):
        raise PermissionDenied
