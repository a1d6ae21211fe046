"""Whom and what the commands of this room are about."""

from __future__ import annotations

import uuid

from django.core.management.base import CommandError

from requests_app.documents import permissions
from requests_app.documents import queries as documents
from requests_app.documents.models import Document
from requests_app.people.models import Person


def person_named(address: str) -> Person:
    """Return the person with this e-mail address. Raises CommandError."""
    person = Person.objects.filter(email__iexact=address, is_active=True).first()
    if person is None:
        raise CommandError("No open account has this address. Give the address with which the person signs in.")
    return person


def document_for(person: Person, pk: uuid.UUID) -> Document:
    """Return a document whose content this person may see. Raises CommandError."""
    document = documents.visible_to(person).filter(pk=pk).first()
    if document is None or not permissions.can_show(document):
        raise CommandError("This person sees no such document. Check the id in the address of its page.")
    return document
