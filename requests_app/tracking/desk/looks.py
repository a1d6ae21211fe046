"""Saved views, and how one likes the desk."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.tracking import permissions
from requests_app.tracking.desk import queries, services
from requests_app.tracking.desk.filters import place_of
from requests_app.tracking.desk.forms import LookForm, ViewForm
from requests_app.tracking.desk.models import COLUMNS


def _reader(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_open_desk(person):
        raise PermissionDenied
    return person


@require_http_methods(["GET", "POST"])
def views(request: HttpRequest) -> HttpResponse:
    """List the views this person can open, and keep what the desk shows under a name."""
    person = _reader(request)
    query = place_of(request.GET.get("query", ""))
    form = ViewForm(request.POST if request.method == "POST" else None, initial={"query": query})
    if form.is_valid():
        said = form.cleaned_data
        query = place_of(said["query"])
        services.save_view(name=said["name"], query=query, shared=said["shared"], by=person, now=timezone.now())
        messages.success(request, _("Kept as “%(name)s”.") % {"name": said["name"]})
        return redirect(reverse("tracking:desk") + f"?{query or 'everything'}")
    context = {
        "form": form,
        "query": query,
        "views": queries.views_for(person),
        "look": queries.look_of(person),
        "reader": person,
        "crumbs": [(_("Desk"), reverse("tracking:desk")), (_("Saved views"), "")],
    }
    return render(request, "tracking/desk/views.html", context, status=422 if form.errors else 200)


@require_POST
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one's own view."""
    if not services.remove_view(pk, by=_reader(request)):
        raise Http404
    messages.success(request, _("The view is gone. No request was changed."))
    return redirect("tracking:desk-views")


@require_POST
def share_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Share one's own view, or keep it to oneself again."""
    shared = request.POST.get("shared") == "yes"
    if not services.share_view(pk, shared=shared, by=_reader(request)):
        raise Http404
    messages.success(
        request, _("Everybody who opens the desk sees it now.") if shared else _("You alone see it from now on.")
    )
    return redirect("tracking:desk-views")


@require_POST
def open_with(request: HttpRequest) -> HttpResponse:
    """Let one's desk open with a view, or with everything."""
    given = request.POST.get("view", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None
    if not services.open_with(number, by=_reader(request)):
        raise Http404
    messages.success(request, _("Your desk opens so from now on."))
    return redirect("tracking:desk-views")


@require_http_methods(["GET", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """Choose what one's rows show, and whether single keys act."""
    person = _reader(request)
    kept = queries.look_of(person)
    shown = [name for name in COLUMNS if name not in kept.left_out]
    form = LookForm(request.POST if request.method == "POST" else None, initial={"columns": shown, "keys": kept.keys})
    if form.is_valid():
        said = form.cleaned_data
        left_out = [name for name in COLUMNS if name not in said["columns"]]
        services.choose_look(left_out=left_out, keys=said["keys"], by=person)
        messages.success(request, _("Kept. Your desk looks so from now on."))
        return redirect("tracking:desk")
    context = {"form": form, "crumbs": [(_("Desk"), reverse("tracking:desk")), (_("How it looks"), "")]}
    return render(request, "tracking/desk/look.html", context, status=422 if form.errors else 200)
