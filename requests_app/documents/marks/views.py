"""Saying what a document is, ticking the items it answers, numbering its pages, and what is still missing."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import permissions
from requests_app.documents import queries as documents
from requests_app.documents.marks import queries, services
from requests_app.documents.marks.forms import DescriptionForm, ItemsForm
from requests_app.documents.models import Description, Document
from requests_app.filing import queries as filing
from requests_app.people.models import Person


@require_http_methods(["GET", "POST"])
def describe(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say what a document is. What another window wrote meanwhile is shown beside it, and neither is lost."""
    document = _describable(request, pk)
    if request.method != "POST":
        return _describe_page(request, document, DescriptionForm(initial=_opened(queries.description_of(document))))
    form = DescriptionForm(request.POST)
    if not form.is_valid():
        return _describe_page(request, document, form, status=422)
    said = {**form.cleaned_data}
    seen = said.pop("seen_revision")
    by, now = cast(Person, request.user), timezone.now()
    try:
        services.describe(document, services.Words(**said), seen_revision=seen, by=by, now=now)
    except services.ChangedMeanwhile as meanwhile:
        # The next try is made in sight of what stands there now.
        form = DescriptionForm({**request.POST.dict(), "seen_revision": str(meanwhile.now.revision)})
        form.add_error(None, str(meanwhile))
        return _describe_page(request, document, form, stands_now=meanwhile.now, status=409)
    messages.success(request, _("The description is kept. What it said before is kept with it."))
    return redirect(document)


@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Tick the items of the letter that a document answers."""
    document = _describable(request, pk)
    asked = queries.answered_by(document)
    form = ItemsForm(*([request.POST] if request.method == "POST" else []), asked=asked)
    if request.method == "POST" and form.is_valid():
        services.tick_items(document, form.cleaned_data["items"], by=cast(Person, request.user), now=timezone.now())
        missing = sum(not each.documents for each in queries.standing_of(document.request))
        if missing:
            said = _("Kept. Items of %(reference)s that nothing answers yet: %(missing)d.")
            messages.success(request, said % {"reference": document.request.reference, "missing": missing})
        else:
            said = _("Kept. Every item of %(reference)s has an answer now.")
            messages.success(request, said % {"reference": document.request.reference})
        return redirect(document)
    context = {"document": document, "form": form, "asked": asked, "crumbs": _crumbs(document, _("What it answers"))}
    return render(request, "documents/marks/answers.html", context, status=422 if form.is_bound else 200)


@require_POST
def number_pages(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give each page of the document a number of its own."""
    document = _describable(request, pk)
    try:
        services.give_page_numbers(document, by=cast(Person, request.user), now=timezone.now())
    except services.NoPagesYet as trouble:
        messages.error(request, str(trouble))
    else:
        said = _("The pages are numbered: %(ids)s. These numbers stay, and no other page gets them.")
        messages.success(request, said % {"ids": queries.page_ids_of(document)})
    return redirect(document)


@require_GET
def missing(request: HttpRequest, reference: str) -> HttpResponse:
    """Show which items of a letter are answered, by what, and which are not."""
    records_request = get_object_or_404(filing.visible_to(request.user).select_related("agency"), reference=reference)
    standing = queries.standing_of(records_request)
    context = {
        "records_request": records_request,
        "standing": standing,
        "missing": [each for each in standing if not each.documents],
        "crumbs": [
            (records_request.reference, records_request.get_absolute_url()),
            (_("What is still missing"), ""),
        ],
    }
    return render(request, "documents/marks/missing.html", context)


@require_GET
def page_with_id(request: HttpRequest) -> HttpResponse:
    """Go to the page that has the id somebody read on a printed page or in a letter; an erased one says that it was."""
    given = request.GET.get("id", "")[:60].strip()
    found = queries.page_with_id(documents.with_erased(request.user), given) if given else None
    if found:
        document, number = found
        return redirect("documents:page", document.pk, number)
    context = {
        "given": given,
        "example": queries.page_id(123),
        "crumbs": [(_("Documents"), reverse("documents:list")), (_("Page by its id"), "")],
    }
    return render(request, "documents/marks/page_with_id.html", context, status=404 if given else 200)


def _describable(request: HttpRequest, pk: uuid.UUID) -> Document:
    document = get_object_or_404(documents.visible_to(request.user), pk=pk)
    if not permissions.can_describe(request.user):
        raise PermissionDenied
    return document


def _opened(kept: Description | None) -> dict[str, Any]:
    if kept is None:
        return {"seen_revision": 0}
    return {
        "title": kept.title,
        "summary": kept.summary,
        "tags": ", ".join(kept.tags),
        "covers_from": kept.covers_from,
        "covers_to": kept.covers_to,
        "seen_revision": kept.revision,
    }


def _describe_page(
    request: HttpRequest,
    document: Document,
    form: DescriptionForm,
    stands_now: Description | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "document": document,
        "form": form,
        "stands_now": stands_now,
        "crumbs": _crumbs(document, _("Describe it")),
    }
    return render(request, "documents/marks/describe.html", context, status=status)


def _crumbs(document: Document, here: str) -> list[tuple[str, str]]:
    return [
        (_("Documents"), reverse("documents:list")),
        (document.request.reference, document.request.get_absolute_url()),
        (document.original_name, document.get_absolute_url()),
        (here, ""),
    ]
