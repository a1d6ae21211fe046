"""The telephone: what to have at hand, what to ask, and what came of the call, recorded with proof."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence import permissions, services
from requests_app.correspondence.forms import can_be_answered
from requests_app.correspondence.paper import calling, queries
from requests_app.correspondence.paper.forms import CallForm
from requests_app.correspondence.views import add_refused, bounded, incoming, tell_refused
from requests_app.documents.uploads import BoundedUploads
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.lifecycle import EventKind, Status
from requests_app.filing.models import RecordsRequest
from requests_app.people.signed_in import signed_in


@csrf_exempt  # the upload handler must be in place before the token is read from the body
def call(request: HttpRequest, reference: str) -> HttpResponse:
    """Call an agency about a request, and record what came of it."""
    return _call(request, reference, bounded(request))


@csrf_protect
@require_http_methods(["GET", "POST"])
def _call(request: HttpRequest, reference: str, uploads: BoundedUploads) -> HttpResponse:
    visible = filing.visible_to(request.user).select_related("agency", "contact_point")
    records_request = get_object_or_404(visible, reference=reference)
    if not permissions.can_send(request.user, records_request):
        raise PermissionDenied
    status = Status(records_request.status)
    if not can_be_answered(status):
        messages.info(request, _("This letter has not left yet, so there is nothing to call about."))
        return redirect(records_request)
    now = timezone.now()
    today = lawbook.local_day(records_request.jurisdiction, now)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CallForm(*posted, initial={"called_on": today}, today=today)
    if add_refused(form, "proof", request, uploads) and form.is_valid():
        try:
            return _record(request, records_request, form, now)
        except filing_services.EventRefused as refusal:
            form.add_error("called_on", str(refusal))
    events = list(filing.timeline(records_request))
    contacts = queries.contacts_by_agency([records_request.agency_id]).get(records_request.agency_id, [])
    context = {
        "form": form,
        "records_request": records_request,
        "numbers": [contact for contact in contacts if contact.channel == ContactPoint.Channel.PHONE],
        "facts": calling.facts_of(records_request, events),
        "questions": calling.questions_for(status),
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Call"), "")],
    }
    return render(request, "correspondence/paper/call.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, records_request: RecordsRequest, form: CallForm, now: datetime) -> HttpResponse:
    said, person = form.cleaned_data, signed_in(request)
    if said["outcome"] == "nobody":
        day = said["called_on"].isoformat()
        text = _("Called on %(day)s; nobody answered, or a message was left. %(said)s") % {
            "day": day,
            "said": said["said"],
        }
        filing_services.add_note(records_request.pk, text=text, by=person, now=now)
        messages.success(request, _("Kept as a note. Nothing else changed."))
        return redirect(records_request)
    office = said["office"].strip()
    note = f"{office}: {said['said']}" if office else said["said"]
    recorded = services.record_reply(
        records_request,
        EventKind.REPLY,
        happened_on=said["called_on"],
        details={"method": "phone"},
        note=note,
        files=incoming(said["proof"]),
        by=person,
        now=now,
    )
    messages.success(
        request,
        _("Recorded. If they said that they decided, want more time or ask for money, record that as an answer, too."),
    )
    tell_refused(request, recorded.refused)
    return redirect(records_request)
