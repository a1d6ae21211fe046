"""Who may mark, change and withdraw. Seeing an annotation is checked by `queries.visible_to`."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role
from requests_app.review.models import Annotation
from requests_app.review.permissions import can_note


def can_annotate(person: Person | AnonymousUser) -> bool:
    """Reviewers and coordinators mark, reply, resolve and open again."""
    return can_note(person)


def can_change(person: Person | AnonymousUser, annotation: Annotation) -> bool:
    """Only the author rewrites words, says who sees them, or puts them to another place."""
    return can_annotate(person) and annotation.author_id == person.pk


def can_label(person: Person | AnonymousUser, annotation: Annotation) -> bool:
    """Everybody who annotates may give another label: labels are the team's."""
    return can_annotate(person)


def can_withdraw(person: Person | AnonymousUser, annotation: Annotation) -> bool:
    """The author withdraws, and coordinators do."""
    if not isinstance(person, Person):
        return False
    return can_change(person, annotation) or person.has_role(Role.COORDINATOR)


def can_keep_labels(person: Person | AnonymousUser) -> bool:
    """Coordinators maintain the labels."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)
