"""Who may see how it goes."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.filing import permissions as filing
from requests_app.people.models import Person, Role

Visitor = Person | AnonymousUser


def can_see_statistics(visitor: Visitor) -> bool:
    """Everybody who works here: the tables hold counts and sums, and no name of a person."""
    roles = (Role.VOLUNTEER, Role.COORDINATOR, Role.REVIEWER, Role.ADMINISTRATOR)
    return isinstance(visitor, Person) and visitor.has_role(*roles)


def can_see_campaigns(visitor: Visitor) -> bool:
    """Tables by campaign and monthly reports are for those who see campaigns."""
    return filing.can_see_campaigns(visitor)
