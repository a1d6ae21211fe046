"""Who is at the keyboard, for views behind the sign-in."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from requests_app.people.models import Person


def signed_in(request: HttpRequest) -> Person:
    """Return who made this request. Raises PermissionDenied for a stranger, whom the middleware stops before."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user
