"""Who may do what with kits, paragraphs, the letterhead and signatures. One truth table in the tests."""

from __future__ import annotations

from requests_app.people.models import Person, Role


def can_edit_kits(person: Person) -> bool:
    """Coordinators write the group's kits and paragraphs."""
    return person.has_role(Role.COORDINATOR)


def can_edit_letterhead(person: Person) -> bool:
    """The letterhead speaks for the whole group."""
    return person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_have_signature(person: Person) -> bool:
    """Those who sign letters; each his or her own."""
    return person.has_role(Role.VOLUNTEER, Role.COORDINATOR)
