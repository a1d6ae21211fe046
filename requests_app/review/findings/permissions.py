"""Who may keep, read again, decide and see findings. Which findings there are for a person is in `queries`."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role
from requests_app.review.findings.states import BLIND, CLOSED, Act, State, after
from requests_app.review.models import Finding
from requests_app.review.permissions import can_note


def can_look(person: Person | AnonymousUser) -> bool:
    """Reviewers, coordinators and administrators see that there are findings, and where they stand."""
    return isinstance(person, Person) and person.has_role(Role.REVIEWER, Role.COORDINATOR, Role.ADMINISTRATOR)


def can_find(person: Person | AnonymousUser) -> bool:
    """Reviewers and coordinators keep findings and read them again."""
    return can_note(person)


def can_see_value(person: Person | AnonymousUser, finding: Finding) -> bool:
    """Nobody but its reader sees a value that waits for its second reader: not a coordinator, not an administrator."""
    if finding.state in BLIND:
        return isinstance(person, Person) and finding.read_by_id == person.pk
    return can_look(person)


def can_read_again(person: Person | AnonymousUser, finding: Finding) -> bool:
    """Everybody who finds may be the second reader, but for the one whose value stands there."""
    is_other = isinstance(person, Person) and finding.read_by_id != person.pk
    return can_find(person) and is_other and finding.state == State.WAITING


def can_decide(person: Person | AnonymousUser, finding: Finding, readers: set[int]) -> bool:
    """A third person decides between two readers (`readers`), or a coordinator."""
    if not isinstance(person, Person) or not can_find(person) or finding.state != State.DIFFERS:
        return False
    return person.has_role(Role.COORDINATOR) or person.pk not in readers


def can_change(person: Person | AnonymousUser, finding: Finding) -> bool:
    """While it is blind, its reader changes it; then everybody who finds, and it is read again."""
    if not can_find(person) or after(finding.state, Act.CHANGE) is None:
        return False
    return can_see_value(person, finding)


def can_withdraw(person: Person | AnonymousUser, finding: Finding) -> bool:
    """Its reader takes it back, and coordinators do, without seeing its value."""
    if not isinstance(person, Person) or not can_find(person) or finding.state in CLOSED:
        return False
    return finding.read_by_id == person.pk or person.has_role(Role.COORDINATOR)
