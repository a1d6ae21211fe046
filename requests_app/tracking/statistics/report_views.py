"""The monthly reports on the screen: the list, and each page as PDF."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.tracking.statistics import monthly, permissions
from requests_app.tracking.statistics.models import MonthlyReport

PAGE: Final = 60
LONGEST_NUMBER: Final = 18


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every report, the newest first; paged by number."""
    _looker(request)
    rows = monthly.reports().order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) <= LONGEST_NUMBER:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    context = {
        "reports": found[:PAGE],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "crumbs": [(_("Statistics"), reverse("tracking:statistics")), (_("Monthly reports"), "")],
    }
    return render(request, "tracking/statistics/reports.html", context)


@require_GET
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One report, as it was made."""
    _looker(request)
    report = get_object_or_404(MonthlyReport.objects.select_related("campaign"), pk=pk)
    name = f"{slugify(report.campaign.name) or 'campaign'}-{report.month:%Y-%m}.pdf"
    return HttpResponse(
        bytes(report.pdf),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _looker(request: HttpRequest) -> None:
    if not permissions.can_see_campaigns(request.user):
        raise PermissionDenied
