"""The page on which people say when they are away."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from requests_app.people import permissions
from requests_app.people import queries as people
from requests_app.people.absences import queries, services
from requests_app.people.absences.forms import AbsenceForm
from requests_app.people.absences.models import Absence
from requests_app.people.models import Role
from requests_app.people.signed_in import signed_in


@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Show who is away and when, and take down more days."""
    reader = signed_in(request)
    for_others = permissions.can_say_who_is_away(reader)
    now = timezone.now()
    today = timezone.localdate(now)
    form = AbsenceForm(
        request.POST if request.method == "POST" else None,
        me=reader,
        people=people.active_people(Role.VOLUNTEER, Role.COORDINATOR),
        for_others=for_others,
        today=today,
    )
    if form.is_valid():
        said = form.cleaned_data
        person, delegate = said.get("person") or reader, said["delegate"]
        if delegate is not None and delegate.pk == person.pk:
            form.add_error("delegate", _("Nobody can stand in for themselves. Choose somebody else."))
        else:
            try:
                services.go_away(
                    person.pk,
                    starts_on=said["starts_on"],
                    ends_on=said["ends_on"],
                    delegate_id=None if delegate is None else delegate.pk,
                    by=reader,
                    now=now,
                )
            except services.AwayAlready as kept:
                form.add_error(None, str(kept))
            else:
                messages.success(request, _("Kept. Coordinators see it on the desk."))
                return redirect("people:absences")
    context = {
        "form": form,
        "for_others": for_others,
        "absences": queries.absences_from(today, people=None if for_others else [reader.pk]),
        "today": today,
        "reader": reader,
        "crumbs": [(_("You"), reverse("people:me")), (_("Days away"), "")],
    }
    return render(request, "people/absences/absences.html", context, status=422 if form.errors else 200)


@require_POST
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an absence back."""
    reader = signed_in(request)
    absence = get_object_or_404(Absence, pk=pk)
    if absence.person_id != reader.pk and not permissions.can_say_who_is_away(reader):
        raise Http404  # whether others are away is no business of theirs
    if services.come_back(absence.pk, by=reader, now=timezone.now()):
        messages.success(request, _("Taken back. These days count as any others."))
    return redirect("people:absences")
