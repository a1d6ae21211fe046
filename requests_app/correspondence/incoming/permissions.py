"""Who may decide about mail that came in, who may read it, and who may erase it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.people.models import Person, Role


def can_settle_mail(person: Person | AnonymousUser) -> bool:
    """Coordinators alone see all mail, decide where it belongs, and take out mails as they came.

    Others read what is filed on the requests they work on (`queries.messages_for`).
    """
    return isinstance(person, Person) and person.has_role(Role.COORDINATOR)


def can_erase_mail(person: Person | AnonymousUser) -> bool:
    """Administrators alone erase a mail for good."""
    return isinstance(person, Person) and person.has_role(Role.ADMINISTRATOR)
