"""The brake of the outbox: which moments are taken, and letters of campaigns that must wait although theirs has come.

A filing run gives each letter a moment that keeps the limits, and so does whoever ends an undo window early. When
nothing could be sent for a while, many moments of a campaign pass at once; then the limits are kept here, counted from
what really left. Two workers at the same instant may each let one through.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    timetable = Timetable(_limits(), [(address, sent_at or now) for address, sent_at in left])
    held = []
    for pk, address in waiting:
        if timetable.has_room(address, now):
            timetable.take(address, now)
        else:
            held.append(pk)
    return held


def timetable(outbox: type[OutgoingLetter], now: datetime, leaving: Iterable[int] = ()) -> Timetable:
    """Return the moments taken by letters that left in the last hour or are about to. One query.

    `leaving`: the ids of letters that look for a moment themselves; they are left out.
    """
    state = outbox.State
    recent = Q(state=state.SENT, sent_at__gt=now - HOUR) | Q(state__in=[state.QUEUED, state.SENDING])
    rows = (
        outbox.objects.filter(recent).exclude(pk__in=list(leaving)).values_list("to_address", "sent_at", "send_after")
    )
    return Timetable(_limits(), [(address, sent_at or max(send_after, now)) for address, sent_at, send_after in rows])


def _limits() -> Limits:
    return Limits(settings.LETTERS_PER_RECEIVER_PER_HOUR, settings.LETTERS_PER_HOUR)
