"""Who may see and bring documents."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.filing import permissions as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role


def can_see_documents(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may see the request may see what came back for it."""
    return filing.can_see(person, records_request)


def can_bring_documents(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may record what happened to the request may add a file to it."""
    return filing.can_record_event(person, records_request)


def can_see_reading(person: Person | AnonymousUser) -> bool:
    """Coordinators, reviewers and administrators see what is being read, of all requests."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.REVIEWER, Role.ADMINISTRATOR)


def can_steer_reading(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may add files to the request may have them read again or stop that, and reviewers may."""
    reads = isinstance(person, Person) and person.has_role(Role.REVIEWER)
    return reads or can_bring_documents(person, records_request)


def can_see_locked(person: Person | AnonymousUser) -> bool:
    """Coordinators, reviewers and administrators see which files are locked, and why."""
    return can_see_reading(person)


def can_unlock(person: Person | AnonymousUser) -> bool:
    """Administrators open what the scanner locked."""
    return isinstance(person, Person) and person.has_role(Role.ADMINISTRATOR)
