"""Who may see and bring documents."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.documents.models import Document
from requests_app.filing import permissions as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role


def can_see_documents(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may see the request may see what came back for it."""
    return filing.can_see(person, records_request)


def can_bring_documents(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever may record what happened to the request may add a file to it."""
    return filing.can_record_event(person, records_request)


def can_show(document: Document) -> bool:
    """Whether what is in the file may be shown to those who may see the document: not when it is erased or locked."""
    return why_withheld(document) == ""


def why_withheld(document: Document) -> str:
    """Return "" when what is in the file may be shown, else why not: "erased" or "locked"."""
    if document.erased_at is not None or document.blob.erased_at is not None:
        return "erased"
    return "locked" if document.blob.is_locked else ""


def can_describe(person: Person | AnonymousUser) -> bool:
    """Reviewers and coordinators say what a document is, which items it answers, and number its pages."""
    return isinstance(person, Person) and person.has_role(Role.REVIEWER, Role.COORDINATOR)


def can_see_hidden_content(person: Person | AnonymousUser) -> bool:
    """What a file hides is for reviewers: it may be a secret that came by mistake."""
    return isinstance(person, Person) and person.has_role(Role.REVIEWER)


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
