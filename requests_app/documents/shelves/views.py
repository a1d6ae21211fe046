"""Pages of the shelves: lists by choice, one ZIP of a choice, collections."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import permissions, queries
from requests_app.documents import services as documents
from requests_app.documents.identify import KIND_LABELS
from requests_app.documents.ingest import queries as reading
from requests_app.documents.models import Collection, Document
from requests_app.documents.paper.permissions import can_place_scans
from requests_app.documents.shelves import choosing, services, zipping
from requests_app.documents.shelves import queries as shelf_queries
from requests_app.documents.shelves.forms import CollectForm, CollectionForm, DatesForm
from requests_app.filing import queries as filing
from requests_app.people.models import Person, Role

PAGE = 50  # files on one page of a list


@require_GET
def shelves(request: HttpRequest) -> HttpResponse:
    """List the files of a choice, newest first, with links that choose less or more. The same few queries for any."""
    chosen = _chosen(request)
    agencies = list(queries.shelves(request.user))
    agency = next((each for each in agencies if each.code == chosen.agency), None)
    if chosen.agency and agency is None:
        raise Http404
    records_request = None
    if chosen.request:
        records_request = get_object_or_404(filing.visible_to(request.user), reference=chosen.request)
    campaigns = list(shelf_queries.campaigns_of(request.user))
    campaign = next((each for each in campaigns if str(each.pk) == chosen.campaign), None)
    if chosen.campaign and campaign is None:
        raise Http404
    rows = shelf_queries.chosen_of(request.user, chosen)
    after = request.GET.get("after", "")
    page = list((queries.older_than(rows, _document_id(after)) if after else rows)[: PAGE + 1])
    context = {
        "chosen": chosen,
        "agencies": [(each, chosen.but(agency=each.code).query) for each in agencies],
        "agency": agency,
        "records_request": records_request,
        "campaigns": [(each, chosen.but(campaign=str(each.pk)).query) for each in campaigns],
        "campaign": campaign,
        "kinds": _kinds(request, chosen),
        "dates": DatesForm(initial={"since": chosen.since, "until": chosen.until}),
        "kept_fields": _fields_besides_dates(chosen),
        "without": _without(chosen, agency, campaign),
        "inside_url": (chosen.but(inside="" if chosen.inside else "1").query) or ".",
        "documents": reading.with_progress(page[:PAGE]),
        "may_see_reading": permissions.can_see_reading(request.user),
        "may_place_scans": can_place_scans(request.user),
        "prev_url": (chosen.query or ".") if after else "",
        "next_url": _with_after(chosen, page[PAGE - 1].pk) if len(page) > PAGE else "",
        "zip_url": reverse("documents:zip") + chosen.query,
    }
    return render(request, "documents/shelves.html", context)


@require_GET
def as_zip(request: HttpRequest) -> HttpResponseBase:
    """Send every file of a choice as one ZIP, streamed, and write down for each that a copy was taken."""
    chosen = _chosen(request)
    rows = shelf_queries.chosen_of(request.user, chosen)
    back = reverse("documents:list") + chosen.query
    if chosen.collection:
        collection = get_object_or_404(Collection, pk=int(chosen.collection))
        rows = shelf_queries.in_order(request.user, collection, erased=True)
        back = reverse("documents:collection", args=[collection.pk])
    found = list(rows[: zipping.MOST_FILES + 1])
    if not found:
        messages.info(request, _("There is nothing to download in this choice."))
        return redirect(back)
    try:
        packed = zipping.pack(found, documents.the_store())
    except zipping.TooMuch as trouble:
        messages.error(request, str(trouble))
        return redirect(back)
    services.note_taken(packed.taken, by=cast(Person, request.user), now=timezone.now(), what=chosen.query or "all")
    response = StreamingHttpResponse(packed.chunks, content_type="application/zip")
    response.headers["Content-Length"] = str(packed.length)
    response.headers["Content-Disposition"] = f'attachment; filename="documents-{timezone.now():%Y-%m-%d-%H%M}.zip"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
def collections(request: HttpRequest) -> HttpResponse:
    """List the collections, and make one."""
    form = CollectionForm(request.POST or None) if can_collect(request.user) else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            try:
                made = services.make(**form.cleaned_data, by=cast(Person, request.user), now=timezone.now())
            except services.NotCollected as trouble:
                form.add_error("name", str(trouble))
            else:
                return redirect("documents:collection", made.pk)
    crumbs = [(_("Documents"), reverse("documents:list")), (_("Collections"), "")]
    context = {"collections": shelf_queries.collections_for(request.user), "form": form, "crumbs": crumbs}
    return render(request, "documents/shelves/collections.html", context, status=422 if form and form.errors else 200)


@require_GET
def collection(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what this person may see of a collection, in its order."""
    found = get_object_or_404(Collection.objects.select_related("made_by"), pk=pk)
    rows = list(shelf_queries.in_order(request.user, found)[: services.MOST_ENTRIES])
    context = {
        "collection": found,
        "documents": rows,
        "unseen": found.entries.count() - len(rows),
        "can_change": can_collect(request.user),
        "zip_url": reverse("documents:zip") + choosing.Chosen(collection=str(found.pk)).query,
        "crumbs": [*_collection_crumbs(), (found.name, "")],
    }
    return render(request, "documents/shelves/collection.html", context)


@require_http_methods(["GET", "POST"])
def collect(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a document into a collection."""
    found = get_object_or_404(queries.visible_to(request.user), pk=pk)
    if not can_collect(request.user):
        raise PermissionDenied
    form = CollectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["collection"]
        try:
            services.add(chosen, found, by=cast(Person, request.user), now=timezone.now())
        except services.NotCollected as trouble:
            form.add_error("collection", str(trouble))
        else:
            return redirect("documents:collection", chosen.pk)
    crumbs = [(_("Documents"), reverse("documents:list")), (found.original_name, found.get_absolute_url())]
    context = {"document": found, "form": form, "crumbs": [*crumbs, (_("Add to a collection"), "")]}
    return render(request, "documents/shelves/collect.html", context, status=422 if form.errors else 200)


@require_POST
def change_collection(request: HttpRequest, pk: int, document: uuid.UUID) -> HttpResponse:
    """Move a document up in a collection, or take it out."""
    found = get_object_or_404(Collection, pk=pk)
    row: Document = get_object_or_404(queries.visible_to(request.user), pk=document)
    if not can_collect(request.user):
        raise PermissionDenied
    if request.POST.get("act") == "out":
        services.remove(found, row)
        messages.success(request, _("%(name)s is no longer in this collection.") % {"name": row.original_name})
    else:
        services.move_up(found, row)
    return redirect("documents:collection", found.pk)


def can_collect(person: Any) -> bool:
    """Whoever works here may make collections and change them: they hold nothing that is not elsewhere."""
    return isinstance(person, Person) and person.has_role(*Role.values)


def _chosen(request: HttpRequest) -> choosing.Chosen:
    try:
        return choosing.read(request.GET)
    except choosing.NotUnderstood as unknown:
        raise Http404 from unknown


def _kinds(request: HttpRequest, chosen: choosing.Chosen) -> list[tuple[str, int, str, bool]]:
    counted = shelf_queries.kinds_in(shelf_queries.chosen_of(request.user, chosen.but(kind="")))
    return [
        (str(KIND_LABELS.get(kind, kind)), number, chosen.but(kind=kind).query, kind == chosen.kind)
        for kind, number in counted
    ]


def _without(chosen: choosing.Chosen, agency: Any, campaign: Any) -> list[tuple[str, str]]:
    """Return what is chosen, each in words with the address of the same choice without it."""
    words = {
        "agency": agency.name if agency else "",
        "request": chosen.request,
        "campaign": campaign.name if campaign else "",
        "kind": str(KIND_LABELS.get(chosen.kind, "")),
        "since": _("from %(day)s") % {"day": chosen.since} if chosen.since else "",
        "until": _("until %(day)s") % {"day": chosen.until} if chosen.until else "",
    }
    return [(said, chosen.but(**{name: ""}).query or ".") for name, said in words.items() if said]


def _fields_besides_dates(chosen: choosing.Chosen) -> list[tuple[str, str]]:
    names = ("agency", "request", "campaign", "kind", "inside")
    return [(name, getattr(chosen, name)) for name in names if getattr(chosen, name)]


def _with_after(chosen: choosing.Chosen, last: uuid.UUID) -> str:
    return f"{chosen.query}&after={last}" if chosen.query else f"?after={last}"


def _collection_crumbs() -> list[tuple[str, str]]:
    return [(_("Documents"), reverse("documents:list")), (_("Collections"), reverse("documents:collections"))]


def _document_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as unknown:
        raise Http404 from unknown
