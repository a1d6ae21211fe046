"""Who may write about documents."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role
from requests_app.review.models import PageNote


def can_note(person: Person | AnonymousUser) -> bool:
    """Reviewers write notes; coordinators may, too. Seeing the document is checked by its own room."""
    return isinstance(person, Person) and person.has_role(Role.REVIEWER, Role.COORDINATOR)


def can_change(person: Person | AnonymousUser, note: PageNote) -> bool:
    """Only the author changes a note."""
    return can_note(person) and note.author_id == person.pk


def can_open_queue(person: Person | AnonymousUser) -> bool:
    """The reading queue belongs to reviewers; coordinators and administrators may look."""
    return isinstance(person, Person) and person.has_role(Role.REVIEWER, Role.COORDINATOR, Role.ADMINISTRATOR)
