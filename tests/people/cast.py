"""People for the tests of the people and agencies rooms: one for each role, one without any."""

from __future__ import annotations

from datetime import UTC, datetime

from django.test import Client

from requests_app.people.models import Person, RoleGrant

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in Maryland
PASSWORD = "correct horse battery"  # three words, no real one

ROLES = {
    "nobody": (),
    "volunteer": ("volunteer",),
    "coordinator": ("coordinator",),
    "reviewer": ("reviewer",),
    "administrator": ("administrator",),
}
EVERYBODY = ("anonymous", *ROLES)


def make_person(handle: str, *roles: str, password: str | None = None, **facts: object) -> Person:
    """Store one person. Without a password they cannot sign in by the form; tests sign them in directly."""
    person = Person(email=f"{handle}@people.example", handle=handle, **facts)
    person.set_password(password) if password else person.set_unusable_password()
    person.save()
    for role in roles:
        RoleGrant.objects.create(person=person, role=role, granted_at=NOW)
    return person


def make_cast() -> dict[str, Person]:
    """Store one person for each role, by the name of the role."""
    return {name: make_person(name, *roles) for name, roles in ROLES.items()}


def browser_of(person: Person | None) -> Client:
    """Return a browser in which that person is signed in; None is a stranger."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return client
