"""The conversation about one request: on the screen, page by page, and whole on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.correspondence.incoming import conversation
from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.kits import rendering

_SHEET: Final = Path(__file__).with_name("conversation.css")


@require_GET
def request_mail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what the agency and we wrote to each other about one request, newest first."""
    records_request = _readable(request, reference)
    after = conversation.key_from(request.GET.get("after", ""))
    entries, following = conversation.page_of(records_request, after)
    context = {
        "records_request": records_request,
        "entries": entries,
        "is_first_page": after is None,
        "next_url": "?" + urlencode({"after": conversation.key_text(following)}) if following else "",
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Mail"), "")],
    }
    return render(request, "correspondence/incoming/request_mail.html", context)


@require_GET
def request_mail_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the whole conversation as a PDF, oldest first, quotes and all."""
    records_request = _readable(request, reference)
    entries, is_cut = conversation.all_of(records_request)
    zone = lawbook.zone_of(records_request.jurisdiction)
    with timezone.override(zone):
        context = {
            "records_request": records_request,
            "entries": entries,
            "is_cut": is_cut,
            "made_at": timezone.now(),
        }
        html = render_to_string("correspondence/incoming/conversation_print.html", context)
    pdf = rendering.to_pdf(html, extra_sheet=_SHEET.read_text(encoding="utf-8"))
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{records_request.reference}-mail.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _readable(request: HttpRequest, reference: str) -> RecordsRequest:
    rows = filing.visible_to(request.user).select_related("agency")
    records_request = get_object_or_404(rows, reference=reference)
    if not filing_permissions.can_read_letter(request.user, records_request):
        raise PermissionDenied
    return records_request
