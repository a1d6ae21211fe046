"""Pages of the fax: print or send one, record it, the log, and what the report says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence import permissions as correspondence
from requests_app.correspondence import queries as correspondence_queries
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.paper import faxing, permissions, queries
from requests_app.correspondence.paper.by_hand import Way, record_leaving
from requests_app.correspondence.paper.forms import FaxedForm, FaxResultForm
from requests_app.correspondence.paper.models import FaxSending
from requests_app.correspondence.paper.pages import At, letter_at, number, pdf_response, title_of
from requests_app.correspondence.paper.post_views import PAGE
from requests_app.correspondence.paper.posting import AlreadySettled
from requests_app.correspondence.paper.sheets import PaperLetter
from requests_app.correspondence.services import NotSendable, Recorded
from requests_app.correspondence.views import add_refused, bounded, incoming, tell_refused
from requests_app.documents.uploads import BoundedUploads
from requests_app.filing import lawbook
from requests_app.filing import services as filing_services
from requests_app.people.signed_in import signed_in


@require_GET
def fax(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Send a letter by fax: through the gateway, or by a machine and recorded here."""
    at = letter_at(request, reference, pk)
    paper = at.paper()
    if at.letter is None:
        waiting = correspondence_queries.letter_underway(at.request)
    else:
        waiting = correspondence_queries.next_letter_underway(at.letter)
    context = {
        "at": at,
        "records_request": at.request,
        "paper": paper,
        "gateway": bool(settings.FAX_GATEWAY),
        "waiting": waiting if waiting is not None and waiting.state == OutgoingLetter.State.QUEUED else None,
        "undo_url": at.url("undo" if at.letter is None else "letter-undo"),
        "now_url": at.url("send-now" if at.letter is None else "letter-send-now"),
        "pdf_url": at.url("fax-pdf"),
        "send_url": at.url("fax-send"),
        "sent_url": at.url("fax-sent"),
        "undo_minutes": settings.SEND_UNDO_MINUTES,
        "faxes": list(queries.faxes(at.person).filter(request=at.request)),
        "crumbs": at.crumbs(_("By fax")),
    }
    return render(request, "correspondence/paper/fax.html", context)


@require_GET
def fax_pdf(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Return cover sheet, letter and papers for the fax machine."""
    at = letter_at(request, reference, pk)
    paper = at.paper()
    try:
        made = faxing.print_fax(paper)
    except faxing.NotAFaxNumber as trouble:
        messages.error(request, str(trouble))
        return redirect(at.url("fax"))
    return pdf_response(made.pdf, f"{paper.stem}-fax.pdf")


@require_POST
def fax_send(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Put a fax into the outbox, for the gateway."""
    at = letter_at(request, reference, pk)
    seen = number(request.POST.get("seen", "0")) or 0
    try:
        faxing.queue_fax(at.paper(), seen_changes=seen, by=at.person, now=timezone.now())
    except NotSendable as stop:
        messages.error(request, str(stop))
    else:
        messages.success(request, _("The fax waits in the outbox. You can still take it back."))
    return redirect(at.url("fax"))


@csrf_exempt  # the upload handler must be in place before the token is read from the body
def fax_sent(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Record that a letter was faxed by a machine."""
    return _fax_sent(request, reference, pk, bounded(request))


@csrf_protect
@require_http_methods(["GET", "POST"])
def _fax_sent(request: HttpRequest, reference: str, pk: int | None, uploads: BoundedUploads) -> HttpResponse:
    return record_leaving(request, letter_at(request, reference, pk), uploads, BY_FAX)


def _record_faxed(at: At, paper: PaperLetter, form: FaxedForm, now: datetime) -> Recorded:
    said = form.cleaned_data
    _made, recorded = faxing.record_faxed(
        paper,
        number=said["number"],
        pages=said["pages"],
        sent_on=said["sent_on"],
        sent_at=form.moment(lawbook.zone_of(at.request.jurisdiction)),
        confirmation=said["confirmation"],
        note=said["note"],
        proof=incoming(said["proof"]),
        seen_changes=at.seen_changes,
        by=at.person,
        now=now,
    )
    return recorded


BY_FAX = Way(
    template="correspondence/paper/faxed.html",
    day="sent_on",
    begins="fax",
    begins_title=_lazy("By fax"),
    title=_lazy("Faxed"),
    done=_lazy("Recorded. The dates that follow from the sending are below."),
    form=lambda data, files, at, paper: FaxedForm(
        data, files, initial={"sent_on": at.today, "number": paper.fax}, written_on=at.written_on(paper)
    ),
    record=_record_faxed,
)


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Every fax, newest first, with what its report says."""
    if not permissions.can_see_logs(request.user):
        raise PermissionDenied
    rows = queries.faxes(request.user)
    after = number(request.GET.get("after", ""))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    page = list(rows[: PAGE + 1])
    context = {
        "rows": [(one, title_of(one.next_letter)) for one in page[:PAGE]],
        "next_url": "?" + urlencode({"after": page[PAGE - 1].pk}) if len(page) > PAGE else "",
        "crumbs": [(_("Fax"), "")],
    }
    return render(request, "correspondence/paper/fax_log.html", context)


@csrf_exempt  # as above
def fax_sending(request: HttpRequest, pk: int) -> HttpResponse:
    """One fax: what is known of it; and what its report says, recorded with the report."""
    return _fax_sending(request, pk, bounded(request))


@csrf_protect
@require_http_methods(["GET", "POST"])
def _fax_sending(request: HttpRequest, pk: int, uploads: BoundedUploads) -> HttpResponse:
    found = get_object_or_404(queries.faxes(request.user).prefetch_related("proofs"), pk=pk)
    may = correspondence.can_send(request.user, found.request)
    if not may and (request.method == "POST" or not permissions.can_see_logs(request.user)):
        raise PermissionDenied
    form = _result_form(request, found) if may and _has_left(found) else None
    if form is None and request.method == "POST":
        messages.error(request, _("This fax has not left yet, so there is no report. Nothing was changed."))
        return redirect(found)
    if form is not None and add_refused(form, "proof", request, uploads) and form.is_valid():
        said = form.cleaned_data
        try:
            recorded = faxing.record_result(
                found.pk,
                said["result"],
                on=said["on"],
                on_timeline=said.get("on_timeline", False),
                note=said["note"],
                proof=incoming(said["proof"]),
                by=signed_in(request),
                now=timezone.now(),
            )
        except filing_services.EventRefused as refusal:
            form.add_error("on_timeline" if "on_timeline" in form.fields else None, str(refusal))
        except AlreadySettled as stop:
            messages.error(request, str(stop))
            return redirect(found)
        else:
            messages.success(request, _("Recorded."))
            tell_refused(request, recorded.refused if recorded else [])
            return redirect(found)
    context: dict[str, Any] = {
        "fax": found,
        "records_request": found.request,
        "title": title_of(found.next_letter),
        "form": form if found.result == FaxSending.Result.WAITING or (form is not None and form.is_bound) else None,
        "crumbs": [
            (found.request.reference, found.request.get_absolute_url()),
            (_("By fax"), reverse("correspondence:fax", args=[found.request.reference])),
            (_("What became of it"), ""),
        ],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "correspondence/paper/fax_sending.html", context, status=status)


def _has_left(found: FaxSending) -> bool:
    return found.outgoing is None or found.outgoing.state == OutgoingLetter.State.SENT


def _result_form(request: HttpRequest, found: FaxSending) -> FaxResultForm:
    jurisdiction = found.request.jurisdiction
    today = lawbook.local_day(jurisdiction, timezone.now())
    sent_on = found.sent_on
    if found.outgoing is not None and found.outgoing.sent_at is not None:
        sent_on = lawbook.local_day(jurisdiction, found.outgoing.sent_at)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return FaxResultForm(
        *posted, initial={"on": today}, sent_on=sent_on, today=today, heard=found.next_letter_id is None
    )
