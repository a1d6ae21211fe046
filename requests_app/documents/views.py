"""Bringing files in, and taking a safe copy out."""

from __future__ import annotations

import logging
import uuid
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, TooManyFilesSent
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from requests_app.documents import locks, permissions, queries, services
from requests_app.documents.forms import UploadForm
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Document
from requests_app.documents.names import clean_name
from requests_app.documents.store import StoreTrouble
from requests_app.documents.uploads import BoundedUploads, BrokenOff, given_name
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person

log = logging.getLogger(__name__)

Refused = list[tuple[str, str]]  # a name fit to show, and why the file was not kept


@csrf_exempt  # the upload handler must be in place before the token is read from the body; see _upload
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, reference: str) -> HttpResponse:
    """Take files for one request in bounded memory.

    1. Ask who it is before a byte of the body is read: a stranger fills no disk.
    2. Put our handler in place, which stops at the limit and notices a body that ends too early.
    3. Only then read the body: the token against forged forms, then the files.
    """
    records_request = get_object_or_404(filing.visible_to(request.user).select_related("agency"), reference=reference)
    if not permissions.can_bring_documents(request.user, records_request):
        raise PermissionDenied
    uploads = BoundedUploads(request, services.the_store(), services.upload_limit())
    request.upload_handlers = [uploads]
    try:
        return _upload(request, records_request, uploads)
    except TooManyFilesSent:
        reason = _("There are too many files for one go, and none was kept. Choose up to 100 at a time.")
    except BrokenOff as trouble:
        reason = str(trouble)
    except MultiPartParserError:
        reason = _(
            "The upload could not be understood, and nothing was kept. Load this page again and choose the files."
        )
    form = UploadForm(today=_today(records_request))
    return _upload_page(request, records_request, form, [(_("The upload"), reason)], status=400)


@csrf_protect
def _upload(request: HttpRequest, records_request: RecordsRequest, uploads: BoundedUploads) -> HttpResponse:
    today = _today(records_request)
    if request.method != "POST":
        return _upload_page(request, records_request, UploadForm(today=today), [])
    form = UploadForm(request.POST, request.FILES, today=today)
    is_valid = form.is_valid()
    refused = [(name, str(trouble)) for name, trouble in uploads.refused]
    if is_valid:
        refused += _receive(request, records_request, form.cleaned_data)
    elif refused and "files" in form.errors:
        form.errors.pop("files")  # there were files: those named above, with the true reason
    if is_valid and not refused:
        return redirect(records_request)
    return _upload_page(request, records_request, form, refused, status=422)


def _upload_page(
    request: HttpRequest, records_request: RecordsRequest, form: UploadForm, refused: Refused, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "records_request": records_request,
        "refused": refused,
        "limit_mb": services.upload_limit() >> 20,
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Add files"), "")],
    }
    return render(request, "documents/upload.html", context, status=status)


def _receive(request: HttpRequest, records_request: RecordsRequest, data: dict[str, Any]) -> Refused:
    """Keep each file by itself: one bad file does not take the others with it. Returns those that were refused."""
    refused: Refused = []
    kept = 0
    for file in data["files"]:
        name = given_name(file)
        try:
            outcome = services.receive_file(
                records_request,
                file.chunks(),
                name=name,
                received_on=data["received_on"],
                via=Document.Via.UPLOAD,
                by=cast(Person, request.user),
                now=timezone.now(),
            )
        except (StoreTrouble, NotKept) as trouble:
            refused.append((clean_name(name), str(trouble)))
            continue
        if isinstance(outcome, services.Duplicate):
            text = _("%(name)s is here already, as %(known)s. Nothing was added and nothing is lost.")
            messages.info(request, text % {"name": outcome.given_name, "known": outcome.document.original_name})
            continue
        kept += 1
        if outcome.also_in:
            text = _("%(name)s was also returned for %(others)s: the very same file.")
            others = ", ".join(outcome.also_in)
            messages.info(request, text % {"name": outcome.document.original_name, "others": others})
    if kept:
        said = ngettext("%(count)d file is kept.", "%(count)d files are kept.", kept) % {"count": kept}
        messages.success(request, said)
    return refused


@require_GET
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a copy of the original. It is never shown inline: an agency's file may hold anything."""
    document = get_object_or_404(queries.visible_to(request.user), pk=pk)
    if document.blob.is_locked:
        messages.error(request, locks.why_locked(document.blob))
        return redirect(document)
    try:
        content = services.the_store().open(document.blob_id)
    except FileNotFoundError:
        log.exception("the store lost blob %s of document %s", document.blob_id, document.pk)
        messages.error(
            request,
            _(
                "The content of this file is missing from the store, so there is nothing to download. What we know "
                "about it is safe. Tell an administrator; if you have a copy of the file, add it to the request again."
            ),
        )
        return redirect(document)
    services.note_download(document, by=cast(Person, request.user), now=timezone.now())
    response = FileResponse(
        content, as_attachment=True, filename=document.original_name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _today(records_request: RecordsRequest) -> date:
    return lawbook.local_day(records_request.jurisdiction, timezone.now())
