"""Lists for the report of dates that moved."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet

from requests_app.filing import queries as filing
from requests_app.filing.models import Deadline
from requests_app.people.models import Person
from requests_app.tracking.recalculation.models import MovedDate, Recalculation


def recalculations() -> QuerySet[Recalculation]:
    """Return every recalculation, newest first, with how many dates moved and how many of them are ours."""
    return Recalculation.objects.select_related("asked_by").annotate(
        moved_count=Count("moved"), ours_count=Count("moved", filter=Q(moved__duty_of=Deadline.Duty.REQUESTER))
    )


def moved(one: Recalculation, person: Person | AnonymousUser) -> QuerySet[MovedDate]:
    """Return the dates that moved on requests this person may see: ours first, then the soonest. One query."""
    theirs = filing.visible_to(person).order_by().values("pk")
    rows = one.moved.filter(request__in=theirs).select_related("request__agency", "after", "before")
    return rows.defer("request__letter", "before__trace", "after__trace").order_by(
        # "requester" is greater than "agency": our own duties come first.
        F("duty_of").desc(), F("is_earliest").asc(nulls_last=True), "pk"
    )  # fmt: skip


def troubled(one: Recalculation, person: Person | AnonymousUser) -> list[str]:
    """Return which of the requests that could not be counted this person may see, by reference."""
    if not one.troubled:
        return []
    theirs = filing.visible_to(person).filter(reference__in=one.troubled)
    return list(theirs.order_by("reference").values_list("reference", flat=True))
