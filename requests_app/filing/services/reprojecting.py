"""Bringing deadlines up to date as days pass or the law book changes: hundreds of requests in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from requests_app.filing import lawbook
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.services import projecting, storing
from requests_app.filing.services.projecting import Following
from requests_app.filing.services.refusals import TRIES, Busy
from requests_app.filing.services.storing import Stood, stood
from requests_app.filing.timeline import StoredEvent
from requests_app.kits.catalog import own_kits_at_hand

_READ_OF_EVENTS = (
    "pk", "request_id", "sequence", "kind", "happened_on", "happened_at", "details", "corrects_id", "replaces_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reprojected:
    """What became of the requests that were projected again.

    `changed`: something differed and was stored. `overtaken`: another writer came first, so nothing was stored; look
    again. `troubled`: what could not be worked out, and why. Any other request stands as it stood. `requests`
    and `current`: all but the overtaken and the troubled, and their deadlines, as they stand now. `before`: how the
    deadlines of the changed stood until now.
    """

    changed: frozenset[int]
    overtaken: frozenset[int]
    troubled: Mapping[int, Exception]
    requests: Mapping[int, RecordsRequest]
    current: Mapping[int, list[Deadline]]
    before: Mapping[int, list[Stood]]


def reproject(request_id: int, *, now: datetime) -> bool:
    """Bring the deadlines of one request up to date. Idempotent. Returns whether anything changed.

    For whoever changes a law fact about a request. Raises EventRefused, and Busy when rivals always come first.
    """
    for _attempt in range(TRIES):
        done = reproject_many([request_id], now=now)
        if request_id in done.troubled:
            raise done.troubled[request_id]
        if request_id not in done.overtaken:
            return request_id in done.changed
    raise Busy(request_id)


@own_kits_at_hand()
@transaction.atomic
def reproject_many(request_ids: Collection[int], *, now: datetime) -> Reprojected:
    """Bring the deadlines of many requests up to date, in the caller's transaction if there is one. Idempotent.

    1. Take the requests, in the order of their numbers, so that two callers never wait for each other: on PostgreSQL
       rivals now wait for us, on SQLite this transaction is the only one that writes.
    2. Read all events and all current deadlines.
    3. Work out each request. One that fails is named with its trouble and holds back no other.
    4. Claim the requests in which something differs, those with the same outcome at once. A request whose number of
       events moved under us, lock or no lock, is left alone.
    5. Store the deadlines that differ.

    The queries do not grow with the requests, but for one in step 4 for each different outcome.
    """
    taken = {one.pk: one for one in _take(request_ids)}
    current = storing.read_current(taken)
    before = {request_id: [stood(row) for row in rows] for request_id, rows in current.items()}
    followings, troubled = _work_out(taken, now)
    changes = {
        request_id: storing.compare(
            taken[request_id],
            following.deadlines,
            current[request_id],
            today=lawbook.local_day(taken[request_id].jurisdiction, now),
            now=now,
        )
        for request_id, following in followings.items()
    }
    differing = {
        request_id: following
        for request_id, following in followings.items()
        if changes[request_id] or following.differs_from(taken[request_id])
    }
    claimed = _claim(differing, taken)
    storing.store([changes[request_id] for request_id in claimed], now=now)
    for request_id in claimed:
        followings[request_id].write_to(taken[request_id])
    overtaken = differing.keys() - claimed
    standing = [request_id for request_id in changes if request_id not in overtaken]
    return Reprojected(
        changed=frozenset(claimed),
        overtaken=frozenset(overtaken),
        troubled=troubled,
        requests={request_id: taken[request_id] for request_id in standing},
        current={request_id: changes[request_id].current for request_id in standing},
        before={request_id: before[request_id] for request_id in claimed},
    )


def watch_again(deadline_ids: Collection[int], *, on: date | None) -> None:
    """Note the day on which the sweep looks at deadlines again; None when their story is told."""
    Deadline.objects.filter(pk__in=deadline_ids).update(watch_on=on)


def watch_kind_again(jurisdictions: Collection[str], duty_of: str, kind: str, *, on: date) -> int:
    """Have the sweep look at the open deadlines of one kind in these jurisdictions on a day, or earlier as it would.

    For when the rules of reminding change. Returns how many. What is older than two months stays as it is.
    """
    rows = Deadline.objects.filter(
        Q(watch_on__gt=on) | Q(watch_on=None),
        jurisdiction__in=jurisdictions,
        duty_of=duty_of,
        kind=kind,
        superseded_at=None,
        state__in=(Deadline.State.RUNNING, Deadline.State.MISSED),
        latest__gte=on - timedelta(days=60),
    )
    return rows.exclude(request__phase=Phase.DONE).update(watch_on=on)


def _take(request_ids: Collection[int]) -> list[RecordsRequest]:
    requests = RecordsRequest.objects.filter(pk__in=request_ids).order_by("pk")
    return list(requests.defer("letter").select_for_update())  # the letter is sealed: opening it costs more than all


def _work_out(
    requests: Mapping[int, RecordsRequest], now: datetime
) -> tuple[dict[int, Following], dict[int, Exception]]:
    events: dict[int, list[StoredEvent]] = {request_id: [] for request_id in requests}
    rows = Event.objects.filter(request_id__in=requests.keys()).order_by("request_id", "sequence")
    for event in rows.values_list(*_READ_OF_EVENTS, named=True):
        events[event.request_id].append(event)
    followings: dict[int, Following] = {}
    troubled: dict[int, Exception] = {}
    for request_id, records_request in requests.items():
        try:
            followings[request_id] = projecting.work_out(records_request, events[request_id], now=now)
        except Exception as trouble:  # noqa: BLE001  whatever is wrong with this one, the others' dates must move on
            troubled[request_id] = trouble
    return followings, troubled


def _claim(followings: Mapping[int, Following], requests: Mapping[int, RecordsRequest]) -> set[int]:
    """Write the columns of each request whose events are still those that were read. Returns their numbers."""
    outcomes: dict[str, tuple[dict[str, Any], list[int]]] = {}
    for request_id, following in followings.items():
        columns = {**following.columns, "last_sequence": requests[request_id].last_sequence}
        outcomes.setdefault(repr(columns), (columns, []))[1].append(request_id)
    claimed: set[int] = set()
    for columns, request_ids in outcomes.values():
        unchanged = RecordsRequest.objects.filter(pk__in=request_ids, last_sequence=columns["last_sequence"])
        if unchanged.update(**columns) == len(request_ids):
            claimed.update(request_ids)
        else:
            claimed.update(unchanged.values_list("pk", flat=True))
    return claimed
