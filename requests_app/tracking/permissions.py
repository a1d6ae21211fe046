"""Who may open the desk."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role


def can_open_desk(person: Person | AnonymousUser) -> bool:
    """The desk is the coordinators'; administrators may look."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)
