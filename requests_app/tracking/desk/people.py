"""Pages about who has how much, and about handing all of it over."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from requests_app.filing import queries as filing
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.tracking import permissions
from requests_app.tracking.desk import workload
from requests_app.tracking.desk.forms import HandOverForm


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Show who has how much, who is away, and who stands in."""
    person = signed_in(request)
    if not permissions.can_open_desk(person):
        raise PermissionDenied
    context = {
        "loads": workload.workload(timezone.localdate()),
        "may_hand_over": permissions.can_hand_over(person),
        "crumbs": [(_("Desk"), reverse("tracking:desk")), (_("Who has how much"), "")],
    }
    return render(request, "tracking/desk/people.html", context)


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, handle: str) -> HttpResponse:
    """Show all that somebody has, and give it to another."""
    by = signed_in(request)
    if not permissions.can_hand_over(by):
        raise PermissionDenied
    person = get_object_or_404(Person, handle__iexact=handle)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        people=filing.people_to_assign().exclude(pk=person.pk).only("handle"),
    )
    context = {
        "person": person,
        "form": form,
        "crumbs": [
            (_("Desk"), reverse("tracking:desk")),
            (_("Who has how much"), reverse("tracking:desk-people")),
            (person.handle, ""),
        ],
    }
    if form.is_valid():
        to = form.cleaned_data["to"]
        results = workload.hand_over(person, to=to, by=by, now=timezone.now())
        context |= {
            "to": to,
            "results": [one for one in results if not one.failed],
            "left_alone": [one for one in results if one.failed],
            "holdings": workload.holdings_of(person),
        }
        return render(request, "tracking/desk/handed_over.html", context)
    context["holdings"] = workload.holdings_of(person)
    return render(request, "tracking/desk/hand_over.html", context, status=422 if form.errors else 200)
