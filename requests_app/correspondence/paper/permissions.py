"""Who may print many letters and see the logs. For one letter, the rights of its request decide (`can_send`)."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.correspondence import permissions as correspondence
from requests_app.people.models import Person, Role


def can_see_logs(person: Person | AnonymousUser) -> bool:
    """Coordinators watch over what leaves on paper, too; administrators may look."""
    return correspondence.can_see_outbox(person)


def can_print_many(person: Person | AnonymousUser) -> bool:
    """Letters of many people carry many legal names: coordinators print and post them."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)
