"""Whether single keys act for a person, for pages that lie below this room and have rows like the desk's."""

from __future__ import annotations

from typing import Any

from django import template

from requests_app.people.models import Person
from requests_app.tracking.desk import queries

register = template.Library()


@register.simple_tag(takes_context=True)
def keys_act(context: dict[str, Any]) -> bool:
    """Return whether the reader has not turned the keys of the desk off. One query."""
    person = context["request"].user
    return isinstance(person, Person) and queries.look_of(person).keys
