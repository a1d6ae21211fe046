"""The pages of campaigns: the list, how one goes, and its summary to take away."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.filing import campaign_queries as filing
from requests_app.filing import permissions as filing_permissions
from requests_app.filing.campaigning import Standing
from requests_app.filing.models import Campaign
from requests_app.kits.catalog import objections as objection_bank
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking import campaign_queries, printing
from requests_app.tracking.campaign_summary import NOT_SAID, TONES, Course, Left, Line, Summary


def _looker(request: HttpRequest) -> None:
    if not filing_permissions.can_see_campaigns(request.user):
        raise PermissionDenied


@require_GET
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign, the newest first."""
    _looker(request)
    context = {
        "campaigns": filing.campaigns(),
        "may_plan": filing_permissions.can_plan_campaigns(request.user),
        "crumbs": [(_("Campaigns"), "")],
    }
    return render(request, "tracking/campaigns.html", context)


@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """How a campaign goes: the map, the table, times, money, refusals, and what is left to do."""
    _looker(request)
    one = get_object_or_404(Campaign, pk=pk)
    now = timezone.now()
    summary = campaign_queries.summary_of(one, now)
    course_of = summary.course_of_states()
    context = {
        "campaign": one,
        "may_plan": filing_permissions.can_plan_campaigns(request.user),
        "run": filing.latest_run(one),
        "ready": sum(line.row.standing is Standing.READY for line in summary.lines),
        "tiles": [
            {
                "code": code,
                "name": name,
                "url": f"#{code}" if code in course_of else "",
                "status": course_of.get(code, Course.OUTSIDE).label,
                "tone": TONES[course_of.get(code, Course.OUTSIDE)],
            }
            for code, name in sorted(JURISDICTIONS.items(), key=lambda item: item[1])
        ],
        "legend": _legend(course_of),
        "lines": _with_anchors(summary.lines),
        "crumbs": [(_("Campaigns"), reverse("tracking:campaigns")), (one.name, "")],
        **_in_words(summary),
    }
    return render(request, "tracking/campaign.html", context)


def _legend(course_of: dict[str, Course]) -> list[tuple[str, str, int]]:
    counts = [(course, sum(found is course for found in course_of.values())) for course in Course]
    return [(TONES[course], str(course.label), count) for course, count in counts if count]


def _with_anchors(lines: tuple[Line, ...]) -> list[tuple[str, Line]]:
    """Return each line with the id by which its state's tile leads to it; only the first of a state has one."""
    seen: set[str] = set()
    found = []
    for line in lines:
        code = line.row.target.jurisdiction
        found.append(("" if code in seen else code, line))
        seen.add(code)
    return found


def _in_words(summary: Summary) -> dict[str, Any]:
    bank = objection_bank()
    refusals = [
        (
            _("no objection recorded") if key == NOT_SAID else f"{key}: {bank[key].objection}" if key in bank else key,
            count,
        )
        for key, count in summary.refusals
    ]
    to_do = [
        (one.handle, [(Left(kind).label, count) for kind, count in one.counts.items()], one.total)
        for one in summary.to_do
    ]
    return {
        "summary": summary,
        "money": [(JURISDICTIONS.get(code, code), code, sums) for code, sums in summary.money_by_state],
        "refusals": refusals,
        "to_do": to_do,
        "courses": [(course.label, TONES[course], count) for course, count in summary.by_course()],
    }


@require_GET
def campaign_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The table as a CSV file: one row for each letter, one for each target that has none yet."""
    _looker(request)
    one = get_object_or_404(Campaign, pk=pk)
    summary = campaign_queries.summary_of(one, timezone.now())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(printing.CSV_COLUMNS)
    writer.writerows(printing.csv_rows(summary))
    return _download(out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", one, "csv")


@require_GET
def campaign_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary on paper."""
    _looker(request)
    one = get_object_or_404(Campaign, pk=pk)
    now = timezone.now()
    summary = campaign_queries.summary_of(one, now)
    course_of = summary.course_of_states()
    context = {
        "campaign": one,
        "now": now,
        "tiles": [(code, course_of.get(code, Course.OUTSIDE).value) for code in JURISDICTIONS],
        "legend": [(course.value, course.label) for course in Course if course in {*course_of.values()}],
        "lines": summary.lines,
        **_in_words(summary),
    }
    return _download(printing.to_pdf(context), "application/pdf", one, "pdf")


def _download(content: bytes, content_type: str, one: Campaign, ending: str) -> HttpResponse:
    name = f"{slugify(one.name) or f'campaign-{one.pk}'}.{ending}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
