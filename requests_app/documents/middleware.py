"""A page that needs bytes which the storage does not give says so, instead of breaking."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from requests_app.documents.store import DamagedInStorage, StorageUnreachable

log = logging.getLogger(__name__)


class StorageTroubleMiddleware:
    """Answers 503 with the trouble's own sentence where a view did not deal with it itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for trouble with the storage; None for any other."""
        if not isinstance(exception, StorageUnreachable | DamagedInStorage):
            return None
        log.error("a page could not be shown: %s", type(exception).__name__)
        return render(request, "documents/storage_trouble.html", {"trouble": str(exception)}, status=503)
