"""Lists for the desk, the homes, the request page and the sweep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Q

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people.models import Person, Role
from requests_app.tracking.models import Heartbeat


def seconds_since_last_sweep(now: datetime) -> int | None:
    """Return how long ago the last sweep ended; None when none ever did."""
    beat = Heartbeat.objects.filter(name="sweep").values_list("beat_at", flat=True).first()
    return None if beat is None else int((now - beat).total_seconds())


def requests_to_look_at(todays: Mapping[str, date], limit: int) -> list[int]:
    """Return the ids of requests with a deadline whose day to be looked at has come where its agency is.

    `todays` gives each jurisdiction's own date; around midnight they differ, by a day at most.
    """
    newest = max(todays.values())
    there = [code for code, today in todays.items() if today == newest]
    come = Q(watch_on__lt=newest) | Q(watch_on=newest, request__jurisdiction__in=there)
    rows = Deadline.objects.filter(come, watch_on__lte=newest).order_by("watch_on", "pk")
    return list(dict.fromkeys(rows.values_list("request_id", flat=True)[: limit * 4]))[:limit]


def deadlines_with_dates(records_request: RecordsRequest) -> list[Deadline]:
    """Return the current deadlines of one request that have dates and are running or missed."""
    current = records_request.deadlines.filter(
        state__in=[Deadline.State.RUNNING, Deadline.State.MISSED], superseded_at=None, latest__isnull=False
    )
    return list(current)


def recipients(records_request: RecordsRequest, duty_of: str) -> list[Person]:
    """Return whom to tell: whoever filed and whoever follows; for our own duties, and where nobody follows, the
    coordinators too. Only people who can still sign in."""
    people = {person.pk: person for person in (records_request.filer, records_request.assignee) if person}
    if duty_of == Deadline.Duty.REQUESTER or records_request.assignee is None:
        coordinators = Person.objects.filter(is_active=True, role_grants__role=Role.COORDINATOR)
        people |= {person.pk: person for person in coordinators}
    return [person for person in people.values() if person.is_active]
