"""The brake of the outbox: letters of campaigns that must wait although their time has come.

A filing run gives each letter a moment that keeps the limits. When nothing could be sent for a while, many of those
moments pass at once; then the limits are kept here, counted from what really left. Two workers at the same instant may
each let one through.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q

from requests_app.correspondence.throttle import HOUR, Limits, Timetable

if TYPE_CHECKING:
    from requests_app.correspondence.models import OutgoingLetter


def held_back(outbox: type[OutgoingLetter], now: datetime) -> list[int]:
    """Return the ids of due letters of campaigns that would break a limit if they left now. One or two queries."""
    state = outbox.State
    waiting = list(
        outbox.objects.filter(state=state.QUEUED, send_after__lte=now, request__draft__campaign_target__isnull=False)
        .order_by("attempts", "send_after", "pk")
        .values_list("pk", "to_address")
    )
    if not waiting:
        return []
    left = outbox.objects.filter(Q(state=state.SENT, sent_at__gt=now - HOUR) | Q(state=state.SENDING)).values_list(
        "to_address", "sent_at"
    )
    limits = Limits(settings.LETTERS_PER_RECEIVER_PER_HOUR, settings.LETTERS_PER_HOUR)
    timetable = Timetable(limits, [(address, sent_at or now) for address, sent_at in left])
    held = []
    for pk, address in waiting:
        if timetable.has_room(address, now):
            timetable.take(address, now)
        else:
            held.append(pk)
    return held
