"""Who photographs letters, and who files scans."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.documents.permissions import can_bring_documents
from requests_app.people.models import Person, Role

can_photograph = can_bring_documents  # a photographed letter is a file that somebody brings


def can_place_scans(person: Person | AnonymousUser) -> bool:
    """Coordinators say to which request a scan belongs: it may be anybody's letter until then."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)
