"""What every page's shell needs."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the doors this person may open, their roles and how many notices wait."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"doors": [], "roles": frozenset(), "unread_notices": 0}
    return {"doors": [], "roles": person.roles, "unread_notices": 0}
