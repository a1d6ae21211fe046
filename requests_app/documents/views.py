"""Bringing files in, listing them by agency and request, and taking a safe copy out."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from requests_app.documents import permissions, queries, services
from requests_app.documents.forms import UploadForm
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Document
from requests_app.documents.names import clean_name
from requests_app.documents.store import StoreTrouble, TooLarge
from requests_app.documents.uploads import BoundedUploads
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest

log = logging.getLogger(__name__)

PAGE = 50


@require_GET
def shelves(request: HttpRequest) -> HttpResponse:
    """List the agencies that returned something, and the newest files of the one chosen."""
    agency = request.GET.get("agency", "")
    documents = queries.visible_to(request.user)
    if agency:
        documents = documents.filter(agency__code=agency)
    after = request.GET.get("after", "")
    if after:
        documents = _older_than(documents, after)
    page = list(documents[: PAGE + 1])
    context = {
        "shelves": queries.shelves(request.user),
        "chosen": agency,
        "documents": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
    }
    return render(request, "documents/shelves.html", context)


@csrf_exempt  # the upload handler must be in place before the token is read from the body; see _upload
def upload(request: HttpRequest, reference: str) -> HttpResponse:
    """Take files for one request in bounded memory."""
    uploads = BoundedUploads(request, services.upload_limit())
    request.upload_handlers = [uploads]
    return _upload(request, reference, uploads)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _upload(request: HttpRequest, reference: str, uploads: BoundedUploads) -> HttpResponse:
    records_request = get_object_or_404(filing.visible_to(request.user), reference=reference)
    if not permissions.can_bring_documents(request.user, records_request):
        raise PermissionDenied
    today = timezone.localdate()
    form = UploadForm(request.POST or None, request.FILES or None, initial={"received_on": today})
    refused = [(clean_name(name), str(TooLarge(uploads.limit))) for name in uploads.too_large] if request.POST else []
    if request.method == "POST" and form.is_valid():
        refused += _receive(request, records_request, form.cleaned_data)
        if not refused:
            return redirect(records_request)
    elif refused and list(form.errors) == ["files"]:
        form.errors.pop("files")  # the one file there was is named below, with the true reason
    context = {"form": form, "records_request": records_request, "refused": refused, "limit_mb": uploads.limit >> 20}
    return render(request, "documents/upload.html", context, status=422 if refused or form.errors else 200)


def _receive(request: HttpRequest, records_request: RecordsRequest, data: dict[str, Any]) -> list[tuple[str, str]]:
    """Keep each file by itself: one bad file does not take the others with it. Returns (name, reason) of the refused."""
    refused: list[tuple[str, str]] = []
    kept = 0
    for file in data["files"]:
        try:
            outcome = services.receive_file(
                records_request,
                file.chunks(),
                name=_given_name(file),
                received_on=data["received_on"],
                via=Document.Via.UPLOAD,
                by=request.user,
                now=timezone.now(),
            )
        except (StoreTrouble, NotKept) as trouble:
            refused.append((clean_name(_given_name(file)), str(trouble)))
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


def _given_name(file: UploadedFile) -> str:
    return file.name or "unnamed file"


@require_GET
def download(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """Send a copy of the original. It is never shown inline: an agency's file may hold anything."""
    document = get_object_or_404(queries.visible_to(request.user), pk=pk)
    try:
        content = services.the_store().open(document.blob_id)
    except FileNotFoundError as lost:
        log.exception("the store lost blob %s of document %s", document.blob_id, document.pk)
        raise Http404 from lost
    services.note_download(document, by=request.user, now=timezone.now())
    response = FileResponse(
        content, as_attachment=True, filename=document.original_name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _older_than(documents: Any, after: str) -> Any:
    try:
        last = documents.get(pk=uuid.UUID(after))
    except (ValueError, Document.DoesNotExist) as unknown:
        raise Http404 from unknown
    same_moment = documents.filter(brought_at=last.brought_at, id__gt=last.pk)
    return (documents.filter(brought_at__lt=last.brought_at) | same_moment).order_by("-brought_at", "id")
