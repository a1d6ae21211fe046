"""What the public pages show of the agencies and of our own work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency, StateNote
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS

# What reports say of the Nlets door. Never "safe": a direct account on the state's own switch is another door.
REPORTED: Final[dict[str, tuple[str | Promise, str]]] = {
    "blocked": (_("block on ICE reported"), "good"),
    "partially_restricted": (_("partial block reported"), "soon"),
    "in_progress": (_("block reported in progress"), "soon"),
    "no_block_reported": (_("no block reported"), "neutral"),
    "": (_("not a state"), "neutral"),
}


@dataclass(frozen=True)
class Place:
    """A tile of the map."""

    code: str
    name: str
    url: str
    status: str | Promise
    tone: str


def places(url_name: str) -> list[Place]:
    """Return every jurisdiction with what is reported of it, in the order of names."""
    notes = dict(StateNote.objects.values_list("jurisdiction", "ice_dmv_access"))
    found = []
    for code, name in sorted(JURISDICTIONS.items(), key=lambda item: item[1]):
        status, tone = REPORTED.get(notes.get(code, ""), REPORTED[""])
        found.append(Place(code, name, reverse(url_name, args=[code.lower()]), status, tone))
    return found


def state_note(code: str) -> StateNote | None:
    """Return what is reported of a state's Nlets door, with sources."""
    return StateNote.objects.filter(jurisdiction=code).first()


def agencies_of(code: str) -> QuerySet[Agency]:
    """Return a state's agencies with their roles and contact points."""
    return Agency.objects.filter(jurisdiction=code, is_active=True).prefetch_related("roles", "contact_points")


def requests_in(person: Person | AnonymousUser, code: str) -> QuerySet[RecordsRequest]:
    """Return the newest requests in a state that this person may see; strangers see none."""
    return filing.with_people(filing.visible_to(person).filter(jurisdiction=code)).order_by("-opened_at")[:20]
