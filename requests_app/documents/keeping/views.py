"""Pages of safekeeping: where a document came from, the holds, erasing."""

from __future__ import annotations

import csv
import uuid
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import queries
from requests_app.documents.keeping import erasing, holds, permissions, provenance
from requests_app.documents.keeping.forms import EraseForm, HoldForm, LiftForm
from requests_app.documents.models import Document, Hold
from requests_app.documents.shelves.zipping import harmless_cell
from requests_app.documents.store import StorageUnreachable
from requests_app.people.models import Person

Crumbs = list[tuple[str, str]]


@require_GET
def origin(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show where a document came from, to be printed too. What was erased still has this page."""
    return _origin_page(request, _found(request, pk), HoldForm())


@require_GET
def origin_csv(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send the same lines as a table of two columns."""
    found = _found(request, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="origin-{found.pk}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    writer = csv.writer(response)
    for line in provenance.chain(found):
        writer.writerow([line.label, harmless_cell(line.value)])
    return response


@require_POST
def place_hold(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Place a hold on a document, its request or its agency."""
    found = _found(request, pk)
    if not permissions.can_hold(request.user):
        raise PermissionDenied
    form = HoldForm(request.POST)
    if form.is_valid():
        try:
            holds.place(found, **form.cleaned_data, by=cast(Person, request.user), now=timezone.now())
        except holds.NotHeld as trouble:
            form.add_error(None, str(trouble))
        else:
            messages.success(request, _("The hold stands. Nothing of it can be erased until it is lifted."))
            return redirect("documents:origin", found.pk)
    return _origin_page(request, found, form, status=422)


@require_GET
def holds_list(request: HttpRequest) -> HttpResponse:
    """List every hold, those that stand first."""
    if not permissions.can_hold(request.user):
        raise PermissionDenied
    rows = Hold.objects.select_related("request", "agency", "document", "placed_by", "lifted_by")
    context = {
        "standing": rows.filter(lifted_at=None),
        "lifted": rows.filter(lifted_at__isnull=False)[:100],
        "can_lift": permissions.can_lift(request.user),
        "crumbs": [(_("Documents"), reverse("documents:list")), (_("Holds"), "")],
    }
    return render(request, "documents/keeping/holds.html", context)


@require_http_methods(["GET", "POST"])
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """End a hold, with the reason."""
    if not permissions.can_lift(request.user):
        raise PermissionDenied
    hold = get_object_or_404(Hold.objects.select_related("request", "agency", "document", "placed_by"), pk=pk)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        holds.lift(hold.pk, why=form.cleaned_data["why"], by=cast(Person, request.user), now=timezone.now())
        messages.success(request, _("The hold is lifted. It stays in the list, with your reason."))
        return redirect("documents:holds")
    crumbs: Crumbs = [(_("Documents"), reverse("documents:list")), (_("Holds"), reverse("documents:holds"))]
    context = {"hold": hold, "form": form, "crumbs": [*crumbs, (_("Lift"), "")]}
    return render(request, "documents/keeping/lift.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Name everything that would be erased; erase it when an administrator says so and why."""
    found = _found(request, pk)
    if not permissions.can_erase(request.user):
        raise PermissionDenied
    if found.erased_at is not None and request.method != "POST":
        return redirect("documents:origin", found.pk)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {"confirmed": form.cleaned_data["confirmed"], "why": form.cleaned_data["why"]}
        try:
            done = erasing.erase(found, **given, by=cast(Person, request.user), now=timezone.now())
        except erasing.NotErased as trouble:
            form.add_error(None, str(trouble))
        except StorageUnreachable:
            text = _(
                "The file is erased here, but the storage did not answer, so its bytes may still be there. "
                "`check_store` names them; `check_store --remove-orphans` deletes them after a day."
            )
            messages.error(request, text)
            return redirect("documents:origin", found.pk)
        else:
            said = _("%(count)d erased. Who, when and why stays on this page.") % {"count": len(done.documents)}
            messages.success(request, said)
            return redirect("documents:origin", found.pk)
    plan = erasing.plan(found)
    if form.is_bound:  # the next try confirms what is listed now
        form.data = {**request.POST.dict(), "confirmed": plan.fingerprint}
    form.initial["confirmed"] = plan.fingerprint
    context = {"document": found, "plan": plan, "form": form, "crumbs": [*_crumbs(found), (_("Erase"), "")]}
    return render(request, "documents/keeping/erase.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: uuid.UUID) -> Document:
    return get_object_or_404(queries.with_erased(request.user), pk=pk)


def _origin_page(request: HttpRequest, found: Document, form: HoldForm, status: int = 200) -> HttpResponse:
    context = {
        "document": found,
        "lines": provenance.chain(found),
        "form": form if permissions.can_hold(request.user) and found.erased_at is None else None,
        "can_erase": permissions.can_erase(request.user) and found.erased_at is None,
        "crumbs": [*_crumbs(found), (_("Where it came from"), "")],
    }
    return render(request, "documents/keeping/origin.html", context, status=status)


def _crumbs(found: Document) -> Crumbs:
    return [
        (_("Documents"), reverse("documents:list")),
        (found.request.reference, found.request.get_absolute_url()),
        (found.original_name, "" if found.erased_at else found.get_absolute_url()),
    ]
