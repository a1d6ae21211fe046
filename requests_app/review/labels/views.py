"""The labels, as coordinators keep them, and everything that has one."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.people.signed_in import signed_in
from requests_app.review import permissions as review
from requests_app.review.annotations import permissions, queries
from requests_app.review.annotations.cards import cards_of
from requests_app.review.annotations.forms import FilterForm
from requests_app.review.labels import services
from requests_app.review.labels.forms import LabelFactsForm
from requests_app.review.labels.services import IsTaken
from requests_app.review.models import Label

PAGE: Final = 50


@require_GET
def labels(request: HttpRequest) -> HttpResponse:
    """List the labels: what each means, how it looks, which key gives it."""
    if not review.can_open_queue(request.user):
        raise PermissionDenied
    everything = list(Label.objects.order_by("order", "name"))
    context = {
        "labels": [each for each in everything if each.retired_at is None],
        "retired": [each for each in everything if each.retired_at is not None],
        "may_keep": permissions.can_keep_labels(request.user),
        "crumbs": [(_("Review"), reverse("review:queue")), (_("Labels"), "")],
    }
    return render(request, "review/labels/labels.html", context)


@require_GET
def label(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everything with one label, in all documents the visitor may see, newest first."""
    if not review.can_open_queue(request.user):
        raise PermissionDenied
    shown = get_object_or_404(Label, slug=slug)
    given = request.GET.get("before", "")
    before = int(given) if given.isdecimal() and len(given) < 12 else None
    chosen = {**FilterForm(request.GET).chosen(), "label": ""}
    found = queries.filtered(queries.of_label(shown, request.user, before=before), **chosen)
    rows = list(found.prefetch_related("replies__author")[: PAGE + 1])
    asked = "".join(f"{name}={value}&" for name, value in chosen.items() if value and value.isidentifier())
    context = {
        "label": shown,
        "cards": cards_of(rows[:PAGE], request.user),
        "chosen": chosen,
        "may_keep": permissions.can_keep_labels(request.user),
        "prev_url": f"?{asked}" if before is not None else "",
        "next_url": f"?{asked}before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "crumbs": [(_("Review"), reverse("review:queue")), (_("Labels"), reverse("review:labels")), (shown.name, "")],
    }
    return render(request, "review/labels/label.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a label."""
    _check(request)
    form = LabelFactsForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.make_label(form.facts(), by=signed_in(request), now=timezone.now())
        except IsTaken as taken:
            form.add_error(taken.field, str(taken))
        else:
            messages.success(request, _("“%(name)s” can be given now.") % {"name": made.name})
            return redirect("review:labels")
    return _form_page(request, form, _("Add a label"))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a label."""
    _check(request)
    kept = get_object_or_404(Label, slug=slug)
    form = LabelFactsForm(request.POST or None, initial=LabelFactsForm.opened(kept))
    if form.is_valid():
        try:
            services.change_label(kept, form.facts(), by=signed_in(request), now=timezone.now())
        except IsTaken as taken:
            form.add_error(taken.field, str(taken))
        else:
            messages.success(request, _("The label is changed, wherever it was given."))
            return redirect("review:labels")
    return _form_page(request, form, _("Change the label “%(name)s”") % {"name": kept.name}, kept)


@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer a label no longer, or again."""
    _check(request)
    kept = get_object_or_404(Label, slug=slug)
    if kept.retired_at is None:
        services.retire_label(kept, by=signed_in(request), now=timezone.now())
        messages.success(request, _("“%(name)s” is offered no longer. What has it keeps it.") % {"name": kept.name})
        return redirect("review:labels")
    try:
        services.bring_back_label(kept, by=signed_in(request), now=timezone.now())
    except IsTaken as taken:
        messages.error(request, _("It was not brought back. %(why)s") % {"why": taken})
        return redirect("review:label-change", slug)
    messages.success(request, _("“%(name)s” is offered again.") % {"name": kept.name})
    return redirect("review:labels")


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin with the first labels."""
    _check(request)
    services.start_vocabulary(by=signed_in(request), now=timezone.now())
    return redirect("review:labels")


def _check(request: HttpRequest) -> None:
    if not permissions.can_keep_labels(request.user):
        raise PermissionDenied


def _form_page(request: HttpRequest, form: LabelFactsForm, heading: str, kept: Label | None = None) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "label": kept,
        "crumbs": [(_("Review"), reverse("review:queue")), (_("Labels"), reverse("review:labels")), (heading, "")],
    }
    return render(request, "review/labels/form.html", context, status=422 if form.is_bound else 200)
