"""Who is away on a day, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.people.absences.models import Absence
from requests_app.people.models import Person


def away_on(day: date) -> dict[int, Absence]:
    """Return who is away on a day, by the person's number, each with person and delegate. One query.

    Names and addresses stay sealed: a list shows handles.
    """
    found = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day)
    rows = found.select_related("person", "delegate").only(
        "person_id", "starts_on", "ends_on", "delegate_id", "person__handle", "delegate__handle", "delegate__is_active"
    )
    return {absence.person_id: absence for absence in rows}


def fold_delegates(away: Mapping[int, Absence]) -> dict[int, Person]:
    """Return for each absent person the first one of the chain of delegates who is here. Pure.

    A delegate who is away passes the work on to their own; a circle of people who are all away leads to nobody, and so
    does a delegate whose account was closed. Who has nobody to stand in is left out: the coordinators see to it.
    """
    found: dict[int, Person] = {}
    for person_id, absence in away.items():
        seen = {person_id}
        delegate = absence.delegate
        while delegate is not None and delegate.pk in away and delegate.pk not in seen:
            seen.add(delegate.pk)
            delegate = away[delegate.pk].delegate
        if delegate is not None and delegate.pk not in away and delegate.is_active:
            found[person_id] = delegate
    return found


def absent_for(delegate_id: int, away: Mapping[int, Absence]) -> list[int]:
    """Return the numbers of the absent people for whom this person stands in. Pure."""
    return sorted(person_id for person_id, who in fold_delegates(away).items() if who.pk == delegate_id)


def stands_in_for(person: Person) -> frozenset[int]:
    """Return the absent people for whom this person stands in today. One query, remembered for the life of the object.

    A day of the organisation's own zone, as for reminders.
    """
    known = vars(person)
    if _KNOWN not in known:
        today = timezone.now().astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)).date()
        known[_KNOWN] = frozenset(absent_for(person.pk, away_on(today)))
    remembered: frozenset[int] = known[_KNOWN]
    return remembered


_KNOWN = "_stands_in_for"


def absences_from(day: date, *, people: Iterable[int] | None = None) -> QuerySet[Absence]:
    """Return the absences that end on a day or later, of everybody or of these people, the first to start first."""
    found = Absence.objects.filter(ends_on__gte=day).select_related("person", "delegate").order_by("starts_on", "pk")
    return found if people is None else found.filter(person__in=list(people))
