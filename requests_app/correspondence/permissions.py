"""Who may send, take back and record. The rights of the request decide."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.filing import permissions as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role


def can_send(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever works on a request may send its letter, take it back, and record what came of it."""
    return filing.can_record_event(person, records_request)


def can_send_anything(person: Person | AnonymousUser) -> bool:
    """Coordinators work on every request."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)


def can_see_outbox(person: Person | AnonymousUser) -> bool:
    """Coordinators watch over what leaves; administrators may look."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)
