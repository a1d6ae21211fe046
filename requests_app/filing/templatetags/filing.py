"""What the filing room's templates need beyond Django's own filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template

from requests_app.filing.models import RecordsRequest

register = template.Library()


@register.filter
def of_agency(running: Mapping[int, Sequence[RecordsRequest]], agency_id: int) -> Sequence[RecordsRequest]:
    """Return the running requests at one agency."""
    return running.get(agency_id, ())
