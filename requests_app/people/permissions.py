"""Who may do what with people, roles and invitations."""

from __future__ import annotations

from collections.abc import Iterable

from requests_app.people.models import Person, Role


def can_see_people(person: Person) -> bool:
    """The list of people by handle, and the open invitations one may deal with."""
    return person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_invite(person: Person, roles: Iterable[str]) -> bool:
    """Invite somebody to these roles: an administrator to any, a coordinator volunteers only."""
    wanted = set(roles)
    if person.has_role(Role.ADMINISTRATOR):
        return bool(wanted)
    return person.has_role(Role.COORDINATOR) and wanted == {Role.VOLUNTEER}


def can_withdraw_invitation(person: Person, roles: Iterable[str]) -> bool:
    """Whoever could have made the invitation may withdraw it."""
    return can_invite(person, roles)


def can_manage_people(person: Person) -> bool:
    """Give and take roles, close and reopen accounts, see e-mail addresses and the audit trail."""
    return person.has_role(Role.ADMINISTRATOR)


def can_say_who_is_away(person: Person) -> bool:
    """Everybody says it of themselves; a coordinator of others, too, who may have fallen ill."""
    return person.has_role(Role.COORDINATOR)
