"""Who may do what with agencies. Everybody who is signed in may read them: they are public offices."""

from requests_app.people.models import Person, Role


def can_see_agencies(person: Person) -> bool:
    """Any active person."""
    return person.is_active


def can_edit_agencies(person: Person) -> bool:
    """Edit, add, import and export agencies; edit and retire their addresses."""
    return person.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)


def can_confirm_contact(person: Person) -> bool:
    """Confirm that an address is right, or propose one: whoever writes letters."""
    return person.has_role(Role.VOLUNTEER, Role.COORDINATOR, Role.ADMINISTRATOR)
