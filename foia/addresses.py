"""What no address holds is turned away before anything looks for it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class NoZeroByteMiddleware:
    """Answer an address with a zero byte as one that leads nowhere. PostgreSQL refuses to look for such a text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass everything else on."""
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
