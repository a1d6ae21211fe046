"""Everybody who can stand before a page, for the truth tables of the documents and review rooms."""

from __future__ import annotations

from django.test import Client

from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.factories import PersonFactory

EVERYBODY = (
    "anonymous",
    "owner",
    "assigned",
    "stranger",
    "coordinator",
    "reviewer",
    "administrator",
    "inactive",
    "roleless",
)


def client_of(who: str, letter: RecordsRequest) -> Client:
    """Return the browser of one of EVERYBODY, who stand in different relations to this letter."""
    client = Client()
    if who == "anonymous":
        return client
    person = letter.filer if who == "owner" else PersonFactory(roles=_roles(who))
    client.force_login(person)
    if who == "assigned":
        RecordsRequest.objects.filter(pk=letter.pk).update(assignee=person)
    if who == "inactive":
        Person.objects.filter(pk=person.pk).update(is_active=False)  # after signing in: the session must end
    return client


def _roles(who: str) -> list[str]:
    if who in ("coordinator", "reviewer", "administrator"):
        return [who]
    return {"inactive": ["coordinator", "reviewer"], "roleless": []}.get(who, ["volunteer"])
