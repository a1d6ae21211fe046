"""Lists of drafts and requests for screens, with everything their templates touch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet

from requests_app.filing import permissions
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import Deadline, Draft, DraftTarget, Event, Note, RecordsRequest
from requests_app.people.models import Person, Role


def visible_to(visitor: Person | AnonymousUser) -> QuerySet[RecordsRequest]:
    """Return the requests this person may see; the only way by which a view gets its rows."""
    everything = RecordsRequest.objects.all()
    if not isinstance(visitor, Person):
        return everything.none()
    if visitor.has_role(*permissions.SEES_EVERY_REQUEST):
        return everything
    if visitor.has_role(Role.VOLUNTEER):
        return everything.filter(Q(filer=visitor) | Q(assignee=visitor))
    return everything.none()


def with_people(requests: QuerySet[RecordsRequest]) -> QuerySet[RecordsRequest]:
    """Add what every row of a list shows: agency, filer and assignee."""
    return requests.select_related("agency", "filer", "assignee")


def drafts_of(person: Person) -> QuerySet[Draft]:
    """Return a person's unfinished drafts, the last touched first, with their agencies."""
    return (
        Draft.objects.filter(filer=person, filed_at__isnull=True, discarded_at__isnull=True)
        .prefetch_related(Prefetch("targets", DraftTarget.objects.select_related("agency", "contact_point")))
        .order_by("-changed_at")
    )


def open_already(
    agency_ids: Iterable[int], kit_id: str, period_start: date | None, period_end: date | None
) -> QuerySet[RecordsRequest]:
    """Return the group's running requests to these agencies for the same kit and an overlapping period.

    An empty start or end is open: a request without an end runs to the day of the search. Served by the index
    `request_open_already`.
    """
    found = RecordsRequest.objects.filter(agency__in=list(agency_ids), kit_id=kit_id).exclude(phase=Phase.DONE)
    if period_end is not None:
        found = found.filter(Q(period_start__isnull=True) | Q(period_start__lte=period_end))
    if period_start is not None:
        found = found.filter(Q(period_end__isnull=True) | Q(period_end__gte=period_start))
    return with_people(found)


def current_deadlines(records_request: RecordsRequest) -> QuerySet[Deadline]:
    """Return the deadlines as projected now, soonest first; replaced rows stay in the table as history."""
    return Deadline.objects.filter(request=records_request, superseded_at__isnull=True).order_by(
        "latest", "earliest", "pk"
    )


def timeline(records_request: RecordsRequest) -> QuerySet[Event]:
    """Return the events, newest first, with who recorded them and what corrects or replaces them."""
    return (
        Event.objects.filter(request=records_request)
        .select_related("recorded_by", "corrects", "corrected_by", "corrected_by__recorded_by", "replaces")
        .order_by("-sequence")
    )


def notes(records_request: RecordsRequest) -> QuerySet[Note]:
    """Return the notes on a request, newest first, with their authors."""
    return Note.objects.filter(request=records_request).select_related("author").order_by("-at", "-pk")


def companions(records_request: RecordsRequest) -> QuerySet[RecordsRequest]:
    """Return the requests filed together with this one, itself left out."""
    same = RecordsRequest.objects.filter(filed_together=records_request.filed_together)
    return with_people(same.exclude(pk=records_request.pk)).order_by("reference")


def people_to_assign() -> QuerySet[Person]:
    """Return everyone who can be given a request, by handle."""
    return (
        Person.objects.filter(is_active=True, role_grants__role__in=[Role.VOLUNTEER, Role.COORDINATOR])
        .distinct()
        .order_by("handle")
    )
