"""The list of proposed addresses, and what a coordinator decides about each."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from requests_app.agencies import permissions
from requests_app.agencies.proposals import queries, services
from requests_app.agencies.proposals.forms import AcceptForm, DeclineForm
from requests_app.agencies.proposals.models import ContactProposal
from requests_app.people.models import Person


@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """List the addresses that wait to be looked up, and those that were decided."""
    _editor(request)
    return _page(request)


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a proposed address one of the agency's, not confirmed."""
    editor, proposal, form = _editor(request), get_object_or_404(ContactProposal, pk=pk), AcceptForm(request.POST)
    if not form.is_valid():
        return _page(request, accepting=(proposal, form))
    try:
        services.accept(proposal.pk, **form.cleaned_data, by=editor, now=timezone.now())
    except services.NotDecided as trouble:
        messages.error(request, str(trouble))
    else:
        messages.success(
            request,
            _(
                "It is among the agency’s addresses now, not confirmed. Requests that are under way go on as before; "
                "confirm it before a letter goes there."
            ),
        )
    return redirect("agencies:proposals")


@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a proposed address out."""
    editor, proposal, form = _editor(request), get_object_or_404(ContactProposal, pk=pk), DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, declining=(proposal, form))
    try:
        services.decline(proposal.pk, **form.cleaned_data, by=editor, now=timezone.now())
    except services.NotDecided as trouble:
        messages.error(request, str(trouble))
    else:
        messages.success(request, _("Left out. The agency’s addresses are as they were."))
    return redirect("agencies:proposals")


def _page(
    request: HttpRequest,
    *,
    accepting: tuple[ContactProposal, AcceptForm] | None = None,
    declining: tuple[ContactProposal, DeclineForm] | None = None,
) -> HttpResponse:
    lines = []
    for one in queries.open_proposals():
        accept_form = accepting[1] if accepting and accepting[0] == one else AcceptForm(auto_id=f"accept_{one.pk}_%s")
        decline_form = declining[1] if declining and declining[0] == one else DeclineForm(auto_id=f"no_{one.pk}_%s")
        lines.append((one, accept_form, decline_form))
    context = {
        "lines": lines,
        "decided": queries.decided_proposals(),
        "crumbs": [(_("Agencies"), reverse("agencies:list")), (_("Proposed addresses"), "")],
    }
    return render(request, "agencies/proposals.html", context)


def _editor(request: HttpRequest) -> Person:
    person = request.user
    if not isinstance(person, Person) or not permissions.can_edit_agencies(person):
        raise PermissionDenied
    return person
