"""What every page's shell needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from requests_app.people.models import Person, Role
from requests_app.people.notices import queries

# key, label, URL name, the roles that open the door, and the rooms that lie behind it. Mail that came in
# and the logs of post and fax are a coordinator's work: their pages lie behind "Track" for whoever has that door.
_TRACKING = {Role.COORDINATOR, Role.ADMINISTRATOR}
_BEHIND_TRACK = ("mail/", "post/", "fax/", "requests/<str:reference>/mail")
DOORS = (
    ("file", _("File"), "tracking:letters", {Role.VOLUNTEER}, {"filing", "correspondence"}),
    ("track", _("Track"), "tracking:desk", _TRACKING, {"tracking"}),
    ("review", _("Review"), "review:queue", {Role.REVIEWER, Role.ADMINISTRATOR}, {"review", "documents"}),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the doors this person may open, their roles and how many notices wait. Two queries."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"doors": [], "roles": frozenset(), "unread_notices": 0, "demo": settings.DEMO}
    return {
        "doors": doors(request, person),
        "roles": person.roles,
        "unread_notices": queries.unread_count(person),
        "demo": settings.DEMO,
    }


def doors(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    """Return the doors of the roles a person holds. An administrator looks on, and has no letters of their own."""
    match = request.resolver_match
    room = match.namespace if match is not None else ""
    is_mail = match is not None and match.route.startswith(_BEHIND_TRACK) and person.has_role(*_TRACKING)
    opened = []
    for key, label, url_name, roles, rooms in DOORS:
        if not person.has_role(*roles):
            continue
        try:
            url = reverse(url_name)
        except NoReverseMatch:
            continue  # a room that this installation does not serve has no door
        opened.append({"key": key, "label": label, "url": url, "current": key == "track" if is_mail else room in rooms})
    return opened
