"""The page of one date: how it was counted, the law behind it, and what would move it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people.states import name_of
from requests_app.tracking.calendar import wording
from requests_app.tracking.calendar.explaining import explain, facts_for_trial
from requests_app.tracking.calendar.forms import TrialForm
from requests_app.tracking.calendar.trials import Outcome, Trial, TrialRefused, goes_by, try_out


@require_GET
def dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Send on to the date that comes next on a request, else to the first that passed; to the request without dates."""
    records_request = get_object_or_404(filing.visible_to(request.user), reference=reference)
    current = [one for one in filing.current_deadlines(records_request) if one.latest is not None]
    running = [one for one in current if one.state == Deadline.State.RUNNING]
    missed = [one for one in current if one.state == Deadline.State.MISSED]
    nearest = min(running or missed, key=lambda one: (_by(one), one.pk), default=None)
    if nearest is None:
        return redirect(records_request)
    return redirect("tracking:date", reference, nearest.pk)


def _by(deadline: Deadline) -> Any:
    return deadline.earliest if deadline.duty_of == Deadline.Duty.REQUESTER else deadline.latest


@require_GET
def date(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Show one date of a request and why it is what it is; try what would move it. Nothing is stored."""
    visible = filing.with_people(filing.visible_to(request.user)).defer("letter")
    records_request = get_object_or_404(visible, reference=reference)
    deadline = get_object_or_404(Deadline, pk=pk, request=records_request)
    form = TrialForm(request.GET if _tries(request) else None)
    context: dict[str, Any] = {
        "records_request": records_request,
        "deadline": deadline,
        "what": wording.title_of(deadline, deadline.title),
        "explained": explain(deadline, records_request.jurisdiction),
        "replaced_by": _replaced_by(deadline),
        "state_name": name_of(records_request.jurisdiction),
        "form": form,
        "suggestions": _suggestions(records_request),
        "crumbs": [
            (_("Requests"), reverse("tracking:requests")),
            (reference, records_request.get_absolute_url()),
            (wording.title_of(deadline, deadline.title), ""),
        ],
    }
    if form.is_bound and form.is_valid():
        context |= _tried(records_request, deadline, form.trial())
    return render(request, "tracking/calendar/date.html", context)


def _tries(request: HttpRequest) -> bool:
    return any(request.GET.get(name) for name in TrialForm.base_fields)


def _replaced_by(deadline: Deadline) -> Deadline | None:
    """Return the row that stands today for the same duty, where this one was replaced."""
    if deadline.superseded_at is None:
        return None
    same = Deadline.objects.filter(
        request=deadline.request_id, rule_id=deadline.rule_id, trigger=deadline.trigger, superseded_at__isnull=True
    )
    return same.order_by("pk").first()


def _suggestions(records_request: RecordsRequest) -> list[tuple[str, str]]:
    """Return trials that people ask for most, each a link."""
    today = lawbook.local_day(records_request.jurisdiction, timezone.now())
    tried: list[tuple[str, dict[str, str | int]]] = [
        (_("Received two days later"), {"received": 2}),
        (_("Received two days earlier"), {"received": -2}),
        (_("An extension today"), {"extension": today.isoformat()}),
        (_("Offices closed tomorrow"), {"closed": (today + timedelta(days=1)).isoformat()}),
    ]
    return [(label, f"?{urlencode(query)}#trial") for label, query in tried]


def _tried(records_request: RecordsRequest, deadline: Deadline, trial: Trial) -> dict[str, Any]:
    try:
        facts = facts_for_trial(records_request, filing.timeline(records_request), timezone.now())
        outcome = try_out(facts, trial)
    except TrialRefused as refused:
        return {"refused": str(refused)}
    return {"outcome": outcome, "rows": rows_of(outcome, deadline)}


def rows_of(outcome: Outcome, deadline: Deadline) -> list[dict[str, Any]]:
    """Return the rows of a trial's table, the date in question first, then what else moves, then the rest."""
    rows = []
    for pair in outcome.pairs:
        row = pair.row
        this = (row.rule_id, row.trigger) == (deadline.rule_id, deadline.trigger)
        rows.append(
            {
                "pair": pair,
                "what": wording.title_of(row, row.rule.title or ""),
                "whose": wording.whose(row),
                "this": this,
                "days": pair.days,
                "days_size": abs(pair.days or 0),
                "by_after": goes_by(pair.after) if pair.after is not None else None,
            }
        )
    return sorted(rows, key=lambda row: (not row["this"], not row["pair"].moved))
