"""Who may give agencies a link, and who sees what came over one."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.documents import permissions as documents
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role


def can_give_link(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may add files to a request may let its agency do so: coordinators, and the volunteers who work on it."""
    return documents.can_bring_documents(person, records_request)


def can_settle(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may record what happened says that nothing of a handing in is to be recorded."""
    return documents.can_bring_documents(person, records_request)


def can_see_waiting(person: Person | AnonymousUser) -> bool:
    """Coordinators see what agencies handed in and nobody recorded yet, of all requests."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)
