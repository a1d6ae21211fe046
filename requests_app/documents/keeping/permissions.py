"""Who may place and lift holds, and who may erase."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role


def can_hold(person: Person | AnonymousUser) -> bool:
    """A hold only keeps, so that coordinators may place one, too."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_lift(person: Person | AnonymousUser) -> bool:
    """Lifting lets files be erased: an administrator's to do."""
    return isinstance(person, Person) and person.has_role(Role.ADMINISTRATOR)


def can_erase(person: Person | AnonymousUser) -> bool:
    """Erase the bytes of returned documents for good."""
    return isinstance(person, Person) and person.has_role(Role.ADMINISTRATOR)
