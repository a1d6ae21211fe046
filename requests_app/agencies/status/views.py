"""Pages about what is reported of a state: how things stand, the history, one more line."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.agencies import permissions
from requests_app.agencies.status import queries, services
from requests_app.agencies.status.forms import StatusLineForm, WithdrawForm
from requests_app.agencies.status.models import StatusLine
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import JURISDICTIONS, TERRITORIES, name_of


@require_safe
def status(request: HttpRequest, state: str) -> HttpResponse:
    """Show what is reported of one state at each door, and every line ever added."""
    person = signed_in(request)
    if not permissions.can_see_agencies(person):
        raise PermissionDenied
    code = _code(state)
    context = {
        "code": code,
        "state_name": name_of(code),
        "standing": queries.standing(code),
        "may_edit": permissions.can_edit_agencies(person),
        "crumbs": _crumbs(code),
    }
    return render(request, "agencies/status/state.html", context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, state: str) -> HttpResponse:
    """Add one line with its source."""
    editor, code = _editor(request), _code(state)
    form = StatusLineForm(request.POST or None, instance=StatusLine(jurisdiction=code, added_at=timezone.now()))
    if form.is_valid():
        services.add_line(jurisdiction=code, **form.cleaned_data, by=editor, now=timezone.now())
        messages.success(request, _("The line is added. What stood before is in the history."))
        return redirect("agencies:status", code.lower())
    context = {"form": form, "state_name": name_of(code), "crumbs": _crumbs(code, _("Add a report"))}
    return render(request, "agencies/status/add.html", context)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, state: str, pk: int) -> HttpResponse:
    """Take a mistaken line out of what stands now."""
    editor, code = _editor(request), _code(state)
    line = get_object_or_404(StatusLine, pk=pk, jurisdiction=code)
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        try:
            services.withdraw_line(line.pk, why=form.cleaned_data["why"], by=editor, now=timezone.now())
        except services.AlreadyWithdrawn as already:
            messages.info(request, str(already))
        else:
            messages.success(request, _("Withdrawn. The history keeps the line, with your reason."))
        return redirect("agencies:status", code.lower())
    context = {"form": form, "line": line, "state_name": name_of(code), "crumbs": _crumbs(code, _("Withdraw a line"))}
    return render(request, "agencies/status/withdraw.html", context)


def _code(state: str) -> str:
    code = state.upper()
    if code == "US" or code not in {*JURISDICTIONS, *TERRITORIES}:
        raise Http404  # the federal offices ask; they are no door
    return code


def _editor(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_edit_agencies(person):
        raise PermissionDenied
    return person


def _crumbs(code: str, here: str = "") -> list[tuple[str, str]]:
    crumbs = [
        (_("Officials"), reverse("agencies:officials")),
        (
            _("What is reported of %(state)s") % {"state": name_of(code)},
            reverse("agencies:status", args=[code.lower()]) if here else "",
        ),
    ]
    return [*crumbs, (here, "")] if here else crumbs
