"""Who may open the desk."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role


def can_open_desk(person: Person | AnonymousUser) -> bool:
    """The desk is the coordinators'; administrators may look."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_share_out(person: Person | AnonymousUser) -> bool:
    """Coordinators say on the desk who follows a request; `filing.permissions.can_assign` decides for each one."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)


def can_write_on_every_request(person: Person | AnonymousUser) -> bool:
    """Coordinators write the next letter on any request; others on those they work on (`filing.permissions`)."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)


def can_hand_over(person: Person | AnonymousUser) -> bool:
    """Coordinators share out the work; an administrator who closes an account must not leave requests with nobody."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)
