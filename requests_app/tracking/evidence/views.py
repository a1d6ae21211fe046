"""The page of the evidence file, and its two downloads."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, audit
from requests_app.people.signed_in import signed_in
from requests_app.tracking.evidence.archive import archive_of
from requests_app.tracking.evidence.binder import binder_pdf
from requests_app.tracking.evidence.gathering import Gathered, gather


@require_GET
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what the evidence file will hold, and offer it."""
    _person, records_request = _allowed(request, reference)
    gathered = gather(records_request, with_notes=True, now=timezone.now(), rehash=False)
    crumbs = [(records_request.reference, records_request.get_absolute_url()), (_("Evidence file"), "")]
    context = {
        "records_request": records_request,
        "gathered": gathered,
        "has_notes": any(exhibit.kind == "notes" for exhibit in gathered.exhibits),
        "pdf_url": reverse("tracking:evidence-pdf", args=[reference]),
        "zip_url": reverse("tracking:evidence-zip", args=[reference]),
        "crumbs": crumbs,
    }
    return render(request, "tracking/evidence/page.html", context)


@require_GET
def binder(request: HttpRequest, reference: str) -> HttpResponse:
    """Give out the binder alone."""
    now = timezone.now()
    gathered = _gathered(request, reference, now)
    response = HttpResponse(binder_pdf(gathered), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="evidence-{gathered.request.reference}.pdf"'
    return response


@require_GET
def archive(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Give out the whole archive, streamed."""
    now = timezone.now()
    gathered = _gathered(request, reference, now)
    made = archive_of(gathered, binder_pdf(gathered))
    response = StreamingHttpResponse(made.chunks, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["Content-Length"] = str(made.length)
    return response


def _gathered(request: HttpRequest, reference: str, now: datetime) -> Gathered:
    person, records_request = _allowed(request, reference)
    with_notes = request.GET.get("notes") == "1"
    gathered = gather(records_request, with_notes=with_notes, now=now)
    audit("evidence file made", records_request, by=person, now=now, with_notes=with_notes)
    return gathered


def _allowed(request: HttpRequest, reference: str) -> tuple[Person, RecordsRequest]:
    """Return who asks and the request. The file holds the requester's legal name, as the letter does."""
    person = signed_in(request)
    visible = filing.with_people(filing.visible_to(person)).select_related("contact_point")
    records_request = get_object_or_404(visible, reference=reference)
    if not filing_permissions.can_read_letter(person, records_request):
        raise PermissionDenied
    return person, records_request
