"""Who may do what with officials."""

from requests_app.people.models import Person, Role


def can_see_officials(person: Person) -> bool:
    """Everybody with a role: officials are public, the log of what they said is the group's own."""
    return person.has_role(*Role.values)


def can_approach_officials(person: Person) -> bool:
    """Write to them, call them, and log what was said: whoever writes letters."""
    return person.has_role(Role.VOLUNTEER, Role.COORDINATOR, Role.ADMINISTRATOR)


def can_edit_officials(person: Person) -> bool:
    """Add, edit, retire, import and export."""
    return person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_strike(person: Person, written_by_id: int | None) -> bool:
    """Strike a mistaken entry of the log: whoever wrote it, and coordinators."""
    return can_edit_officials(person) or (can_approach_officials(person) and person.pk == written_by_id)
