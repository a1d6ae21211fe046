"""What every page view passes through: the group's own kits are read at most once for it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from requests_app.kits.catalog import own_kits_at_hand


class OwnKitsMiddleware:
    """Answers each request with the own kits read once, however many rows of a list name one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with own_kits_at_hand():
            return self.get_response(request)
