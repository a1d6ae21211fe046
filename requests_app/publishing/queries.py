"""What the public pages show of the agencies and of our own work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.functional import Promise

from requests_app.agencies import queries as agencies
from requests_app.agencies.models import Agency, AgencyRole, StateNote
from requests_app.agencies.status import queries as status
from requests_app.agencies.status.words import Standing, summary_key
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS
from requests_app.publishing.doors import REPORTED, Reported

NEWEST = 20


@dataclass(frozen=True)
class Place:
    """A tile of the map."""

    code: str
    name: str
    url: str
    status: str | Promise
    tone: str
    reported: Reported


def places(url_name: str) -> list[Place]:
    """Return every jurisdiction with what is reported of it, in the order of names. Two queries."""
    notes = dict(StateNote.objects.values_list("jurisdiction", "ice_dmv_access"))
    notes |= {code: summary_key(standing) for code, standing in status.standings().items() if _speaks(standing)}
    found = []
    for code, name in sorted(JURISDICTIONS.items(), key=lambda item: item[1]):
        reported = REPORTED.get(notes.get(code, ""), REPORTED[""])
        url = reverse(url_name, args=[code.lower()])
        found.append(Place(code, name, url, reported.words, reported.tone, reported))
    return found


def reported_of(standing: Standing, note: StateNote | None) -> Reported | None:
    """Return what is reported of a state's Nlets door in a word: by its status lines, else by its note."""
    if _speaks(standing):
        return REPORTED[summary_key(standing)]
    return REPORTED.get(note.ice_dmv_access) if note and note.ice_dmv_access else None


def _speaks(standing: Standing) -> bool:
    return any(row.line is not None for row in standing.nlets)


def legend(tiles: Sequence[Place]) -> list[tuple[Reported, list[Place]]]:
    """Return each reported status that a state on the map has, with its states."""
    groups = ((reported, [tile for tile in tiles if tile.reported is reported]) for reported in REPORTED.values())
    return [(reported, states) for reported, states in groups if states and reported.key]


def state_note(code: str) -> StateNote | None:
    """Return what is reported of a state's Nlets door, with sources."""
    return agencies.state_note(code)


def agencies_of(code: str) -> list[Agency]:
    """Return a state's agencies in use, the Nlets control point first, with roles and contact points in use."""
    order = {kind: place for place, kind in enumerate(AgencyRole.Kind.values)}
    found = Agency.objects.filter(jurisdiction=code, is_active=True).prefetch_related(
        "roles", Prefetch("contact_points", queryset=agencies.current_contacts())
    )
    return sorted(
        found, key=lambda one: (min((order[role.kind] for role in one.roles.all()), default=len(order)), one.name)
    )


def requests_in(person: Person | AnonymousUser, code: str) -> list[RecordsRequest]:
    """Return the newest requests in a state that this person may see; strangers see none."""
    seen = filing.visible_to(person).filter(jurisdiction=code)
    return list(filing.with_people(seen).order_by("-opened_at", "-pk")[:NEWEST])
