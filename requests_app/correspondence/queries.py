"""Lists of letters."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person


def outgoing(person: Person | AnonymousUser) -> QuerySet[OutgoingLetter]:
    """Return the letters this person may see, newest first."""
    return (
        OutgoingLetter.objects.filter(request__in=filing.visible_to(person))
        .select_related("request", "request__agency", "queued_by")
        .order_by("-queued_at", "-pk")
    )


def waiting_letter(records_request: RecordsRequest) -> OutgoingLetter | None:
    """Return the letter of a request that can still be taken back, if there is one."""
    return records_request.outgoing_letters.filter(state=OutgoingLetter.State.QUEUED).order_by("-pk").first()
