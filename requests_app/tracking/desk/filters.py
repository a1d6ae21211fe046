"""What the desk can be asked for, kept in the address so that a view can be shared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person

ME: Final = "me"
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Filters:
    """What a list shows: empty fields do not filter. `person`: a handle, "me" (whoever looks) or "nobody"."""

    state: str = ""
    status: str = ""
    agency: str = ""
    person: str = ""
    group: str = ""
    words: str = ""

    def as_query(self) -> dict[str, str]:
        """Return the filled fields, for a link that can be shared."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Viewer:
    """Who looks, for the filter "me": their own number, and those of the absent people for whom they stand in."""

    person_id: int
    stands_in_for: Collection[int] = ()


def narrowed(
    rows: QuerySet[RecordsRequest], filters: Filters, viewer: Viewer | None = None
) -> QuerySet[RecordsRequest]:
    """Return the rows that fit the filters."""
    if filters.state:
        rows = rows.filter(jurisdiction=filters.state)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.agency:
        rows = rows.filter(agency__code=filters.agency)
    if filters.person == NOBODY:
        rows = rows.filter(assignee=None)
    elif filters.person == ME and viewer is not None:
        rows = rows.filter(followed_by([viewer.person_id, *viewer.stands_in_for]))
    elif filters.person:
        rows = rows.filter(followed_by(Person.objects.filter(handle__iexact=filters.person).values("pk")))
    if filters.words:
        named = Q(agency__name__icontains=filters.words) | Q(agency__short_name__iexact=filters.words)
        rows = rows.filter(Q(reference__istartswith=filters.words) | Q(subject__icontains=filters.words) | named)
    return rows


def followed_by(people: Collection[int] | QuerySet[Any, Any]) -> Q:
    """Return the condition for requests that these people follow: given to them, or filed and given to nobody."""
    return Q(assignee__in=people) | Q(assignee__isnull=True, filer__in=people)


def place_of(query: str) -> str:
    """Return a place of the desk, as a query that names nothing but filters and a page; for the way back to it."""
    given = QueryDict(query[:1000])
    kept = {name: given[name] for name in (*Filters.__dataclass_fields__, "after") if given.get(name)}
    return urlencode(kept)
