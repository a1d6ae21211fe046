"""Filing what is ready in a campaign: a look, the run with its progress, and the guided task for a portal."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence import filing_runs, portal, tasks
from requests_app.correspondence.paper import pages
from requests_app.filing import campaign_queries
from requests_app.filing import choices as draft_choices
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.campaigning import Planned
from requests_app.filing.models import Campaign, Delivery, FilingRun, FilingRunPart
from requests_app.filing.our_addresses import address_of
from requests_app.filing.writing import finished, way_of
from requests_app.kits.letters import load
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in


def _planner(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not filing_permissions.can_plan_campaigns(person):
        raise PermissionDenied
    return person


def _crumbs(campaign: Campaign, here: str) -> list[tuple[str, str]]:
    return [(_("Campaigns"), reverse("tracking:campaigns")), (campaign.name, campaign.get_absolute_url()), (here, "")]


# --- filing -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def file_ready(request: HttpRequest, pk: int) -> HttpResponse:
    """A look at what would be filed: how many letters, to whom, how, from when. Then one button."""
    person = _planner(request)
    campaign = get_object_or_404(Campaign, pk=pk)
    now = timezone.now()
    if request.method == "POST":
        try:
            run = filing_services.start_run(pk, by=person, now=now)
        except filing_services.CampaignRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("filing:campaign-plan", pk)
        tasks.nudge(tasks.go_on_filing)
        return redirect("correspondence:run", run.pk)
    underway = campaign_queries.latest_run(campaign)
    if underway is not None and underway.state == FilingRun.State.RUNNING:
        return redirect("correspondence:run", underway.pk)
    rows = campaign_queries.ready_rows(campaign, now)
    context = {
        "campaign": campaign,
        "crumbs": _crumbs(campaign, _("File what is ready")),
        "undo_minutes": settings.SEND_UNDO_MINUTES,
        "per_receiver": settings.LETTERS_PER_RECEIVER_PER_HOUR,
        "in_all": settings.LETTERS_PER_HOUR,
        **_look(rows, now),
    }
    return render(request, "correspondence/file_ready.html", context)


def _look(rows: list[Planned], now: datetime) -> dict[str, Any]:
    """Return the letters of ready targets, when those by e-mail would leave, and how many go which way."""
    letters = [(row, asked) for row in rows for asked in row.asks]
    by_mail = [asked.contact.value for _row, asked in letters if asked.delivery == Delivery.EMAIL and asked.contact]
    moments = iter(filing_runs.when_each_leaves(by_mail, now + timedelta(minutes=settings.SEND_UNDO_MINUTES), now))
    lines, times = [], []
    for row, asked in letters:
        leaves = next(moments) if asked.delivery == Delivery.EMAIL and asked.contact else None
        lines.append({"row": row, "asked": asked, "leaves": leaves})
        if leaves is not None:
            times.append(leaves)
    counts = Counter(asked.delivery for _row, asked in letters)
    return {
        "lines": lines,
        "count": len(lines),
        "by_way": [(way.label, counts[way.value]) for way in Delivery if counts[way.value]],
        "first": min(times, default=None),
        "last": max(times, default=None),
    }


def _run(request: HttpRequest, pk: int) -> FilingRun:
    _planner(request)
    return get_object_or_404(FilingRun.objects.select_related("campaign", "started_by"), pk=pk)


@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a run. It can be left at any time: the work goes on without the page."""
    one = _run(request, pk)
    context = {"crumbs": _crumbs(one.campaign, _("Filing")), **_progress(one)}
    return render(request, "correspondence/run.html", context)


@require_GET
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the run's page that changes, asked for every two seconds while the run is under way."""
    return render(request, "correspondence/run_progress.html", _progress(_run(request, pk)))


def _progress(one: FilingRun) -> dict[str, Any]:
    parts = list(campaign_queries.parts_of(one))
    letters = filing_runs.letters_of(one)
    states = Counter(part.state for part in parts)
    filed = []
    for part in parts:
        requests = list(part.target.draft.requests.all()) if part.target.draft else []
        if part.state == FilingRunPart.State.FILED:
            filed.append({"part": part, "requests": [(one_of, letters.get(one_of.pk)) for one_of in requests]})
    waiting = [letter for letter in letters.values() if letter.state == letter.State.QUEUED]
    done = states[FilingRunPart.State.FILED] + states[FilingRunPart.State.FAILED]
    return {
        "run": one,
        "campaign": one.campaign,
        "filed": filed,
        "failed": [part for part in parts if part.state == FilingRunPart.State.FAILED],
        "to_do": [part for part in parts if part.state == FilingRunPart.State.WAITING],
        "done": done,
        "total": len(parts),
        "waiting_letters": len(waiting),
        "last_leaves": max((letter.send_after for letter in waiting), default=None),
    }


@require_POST
def stop_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run before its next letter."""
    _run(request, pk)
    if filing_services.stop_run(pk, now=timezone.now()):
        messages.success(request, _("Stopped. What is filed stays filed; the rest waits until you go on."))
    else:
        messages.info(request, _("The run is not under way, so there was nothing to stop."))
    return redirect("correspondence:run", pk)


@require_POST
def continue_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a stopped run."""
    _run(request, pk)
    try:
        went_on = filing_services.continue_run(pk, now=timezone.now())
    except filing_services.CampaignRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if went_on:
            tasks.nudge(tasks.go_on_filing)
            messages.success(request, _("The run goes on."))
    return redirect("correspondence:run", pk)


@require_POST
def take_back_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run and take back every letter that has not left."""
    person = signed_in(request)
    _run(request, pk)
    count = filing_runs.take_back_all(pk, by=person, now=timezone.now())
    said = ngettext(
        "Stopped. %(count)d letter was taken back; its request is kept and can be sent again.",
        "Stopped. %(count)d letters were taken back; their requests are kept and can be sent again.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect("correspondence:run", pk)


# --- portals ----------------------------------------------------------------------------------------------------------


class LimitForm(forms.Form):
    """How many characters the portal's field takes."""

    limit = forms.IntegerField(
        label=_lazy("Its field takes only so many characters"), min_value=200, max_value=100_000, required=False
    )


@require_GET
def portal_task(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Send a letter, first or later, through a portal or form, field by field."""
    at = pages.letter_at(request, reference, pk)
    if not at.can_leave:
        messages.info(request, _("This letter has left already, so there is nothing to send."))
        return redirect(at.home)
    records_request = at.request
    draft = records_request.draft
    chosen = draft_choices.load(draft.choices if draft else {})
    if at.letter is None:
        letter, contact = load(records_request.letter), records_request.contact_point
        address = contact.value if contact is not None and contact.channel == "portal" else ""
    else:
        letter, way = finished(at.letter), way_of(at.letter)
        address = way.address if way.delivery == Delivery.PORTAL else ""
    fields = portal.fields_of(
        letter,
        reply_address=address_of(records_request),
        postal_address=chosen.postal_address,
        phone=chosen.phone,
    )
    form = LimitForm(request.GET if "limit" in request.GET else None)
    limit = form.cleaned_data["limit"] if form.is_bound and form.is_valid() else None
    whole = next(field for field in fields if field.name == "text")
    cut = portal.pieces(whole.value, limit) if limit and whole.length > limit else []
    context = {
        "at": at,
        "records_request": records_request,
        "fields": fields,
        "form": form,
        "limit": limit,
        "whole": whole,
        "pieces": list(enumerate(cut, start=1)),
        "authority": filing.authority_behind(records_request) if at.letter is None else None,
        "enclosures": letter.enclosures if at.letter is not None else (),
        "portal_url": address,
        "crumbs": at.crumbs(_("Through the portal")),
    }
    return render(request, "correspondence/portal_task.html", context)
