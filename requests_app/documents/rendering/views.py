"""The searchable copy of a scan, as a download."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath
from typing import cast

from django.contrib import messages
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.documents import queries, services
from requests_app.documents.rendering.searchable import searchable_copy
from requests_app.people.models import Person


@require_GET
def searchable(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send the searchable copy. It is never shown inline: most of it is still what the agency sent."""
    document = get_object_or_404(queries.visible_to(request.user), pk=pk)
    copy = None if document.blob.is_locked else searchable_copy(document.blob)
    if copy is None:
        messages.info(
            request,
            _(
                "There is no searchable copy of this file. One is made when pages without text of their own have been "
                "read from their pictures. Download the original instead."
            ),
        )
        return redirect(document)
    services.note_download(document, by=cast(Person, request.user), now=timezone.now())
    name = _("%(name)s, searchable") % {"name": PurePosixPath(document.original_name).stem}
    response = FileResponse(
        copy.open("rb"), as_attachment=True, filename=f"{name}.pdf", content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
