"""Who may look at the reminder policy, change it, and mute requests."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role
from requests_app.tracking.reminders.models import Mute


def can_change_policy(person: Person | AnonymousUser) -> bool:
    """The policy is the coordinators' and the administrators'."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_see_undelivered(person: Person | AnonymousUser) -> bool:
    """Mail that did not arrive concerns whoever runs the desk."""
    return can_change_policy(person)


def can_mute(person: Person | AnonymousUser, records_request: RecordsRequest) -> bool:
    """Whoever gets its reminders may mute them: who filed, who follows, and the coordinators."""
    if not isinstance(person, Person) or not person.is_active:
        return False
    return person.pk in (records_request.filer_id, records_request.assignee_id) or person.has_role(Role.COORDINATOR)


def can_confirm(person: Person | AnonymousUser, mute: Mute) -> bool:
    """A coordinator who is somebody else confirms that our own deadlines of a request are muted for one person."""
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR) and mute.person_id != person.pk


def can_end(person: Person | AnonymousUser, mute: Mute) -> bool:
    """One ends one's own; a coordinator ends anybody's, because reminders are the safe side."""
    return isinstance(person, Person) and (mute.person_id == person.pk or person.has_role(Role.COORDINATOR))
