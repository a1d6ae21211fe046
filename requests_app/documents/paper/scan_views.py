"""Pages of scans: the list of those that wait for a request, and the cover sheet to print."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from requests_app.documents.models import Scan
from requests_app.documents.paper import cover_sheet as sheet
from requests_app.documents.paper import queries, scanning, wording
from requests_app.documents.paper.forms import PlaceForm
from requests_app.documents.paper.permissions import can_photograph, can_place_scans
from requests_app.documents.paper.scanning import NotPlaced
from requests_app.documents.store import StoreTrouble
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.people.models import Person

PAGE = 20


@require_GET
def scans(request: HttpRequest) -> HttpResponse:
    """List the scans that wait for a person, and below what became of others lately."""
    _must_place(request)
    return _list(request)


@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """File a scan under the request that a person chose."""
    _must_place(request)
    scan = get_object_or_404(Scan, pk=pk)
    form = PlaceForm(request.POST, scanned_on=timezone.localtime(scan.scanned_at).date(), prefix=str(scan.pk))
    if not form.is_valid():
        return _list(request, form_of=scan, form=form, status=422)
    chosen = form.cleaned_data["reference"]
    try:
        document = scanning.place(
            scan,
            chosen,
            received_on=form.cleaned_data["received_on"],
            by=cast(Person, request.user),
            now=timezone.now(),
        )
    except (NotPlaced, StoreTrouble) as trouble:
        messages.error(request, str(trouble))
        return redirect("documents:scans")
    facts = {"name": document.original_name, "reference": chosen.reference}
    messages.success(request, _("%(name)s is filed under %(reference)s. Its words are being read.") % facts)
    return redirect("documents:scans")


@require_POST
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a scan off the list, or bring it back."""
    _must_place(request)
    scan = get_object_or_404(Scan, pk=pk)
    person, now = cast(Person, request.user), timezone.now()
    try:
        if request.POST.get("back"):
            scanning.bring_back(scan, by=person, now=now)
        else:
            scanning.set_aside(scan, by=person, now=now)
    except NotPlaced as trouble:
        messages.error(request, str(trouble))
    return redirect("documents:scans")


@require_GET
def picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a drawn picture of the first page of a scan."""
    _must_place(request)
    path = scanning.first_page(get_object_or_404(Scan, pk=pk))
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/webp")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@require_GET
def cover_sheet(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the cover sheet of a request as a PDF to print."""
    found = get_object_or_404(filing.visible_to(request.user).select_related("agency"), reference=reference)
    if not can_photograph(request.user, found):
        raise PermissionDenied
    today = lawbook.local_day(found.jurisdiction, timezone.now())
    response = HttpResponse(sheet.make_cover_sheet(found, today=today), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.reference} cover sheet.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _list(
    request: HttpRequest, *, form_of: Scan | None = None, form: PlaceForm | None = None, status: int = 200
) -> HttpResponse:
    page = Paginator(queries.waiting_scans(), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "rows": [_row(scan, form if form_of is not None and scan.pk == form_of.pk else None) for scan in page],
        "page": page,
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "settled": list(queries.settled_scans()[: queries.RECENT]),
        "is_on": bool(settings.SCAN_FOLDER),
        "crumbs": [(_("Documents"), reverse("documents:list")), (_("Scans"), "")],
    }
    return render(request, "documents/paper/scans.html", context, status=status)


def _row(scan: Scan, form: PlaceForm | None) -> dict[str, Any]:
    """Return one scan with its form, which is there only where it can be filed."""
    is_kept = scan.state == Scan.State.WAITING
    if form is None and is_kept:
        form = PlaceForm(scanned_on=timezone.localtime(scan.scanned_at).date(), prefix=str(scan.pk))
    return {"scan": scan, "form": form if is_kept else None, "why": wording.of_scan(scan.why)}


def _must_place(request: HttpRequest) -> None:
    if not can_place_scans(request.user):
        raise PermissionDenied
