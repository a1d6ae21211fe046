"""The sweep: what time alone brings about. It reads deadlines, writes reminders, and sends nothing itself."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.queries import OnDuty, whom_to_tell
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people import services as people
from requests_app.people.preferences import Topic
from requests_app.people.services import NoticeDraft
from requests_app.tracking import queries
from requests_app.tracking.looking import look_at
from requests_app.tracking.models import Heartbeat
from requests_app.tracking.reminders import queries as reminders
from requests_app.tracking.reminders.writing import Known, Word, remind, words_for

log = logging.getLogger(__name__)

BATCH = 200  # requests in one sweep; a full batch is followed by another at once
REFUSALS = 3  # requests in a row that the database refuses before the sweep leaves the rest to the next one


def sweep(now: datetime) -> bool:
    """Do what time alone brings about, one batch of it.

    1. Find the requests with a deadline whose day to be looked at has come (an index holds exactly these).
    2. Look at all of them in one transaction (`_look_at`). Where that cannot be written, at each in one of its own.
    3. Put off until tomorrow what could not be worked out, and tell people so. It holds back no other.
    4. End the invitations to sign that nobody answered in time.
    5. Note that the sweep ran.

    Returns True when there is more to look at, so that the caller goes on at once.
    """
    found = queries.requests_to_look_at(lawbook.todays(now), BATCH)
    troubles = _Troubles()
    if found.ids:
        try:
            troubles.wrong = _look_at(found.ids, now)
        except Exception as trouble:  # noqa: BLE001  one bad row must not hold back the reminders of all others
            log.warning("the sweep goes on one by one: %s in a batch of %s", type(trouble).__name__, len(found.ids))
            troubles = _look_one_by_one(found.ids, now)
    for request_id, wrong in troubles.wrong.items():
        _put_off(request_id, wrong, now)
    filing.close_expired(now)
    beat("sweep", now)
    return found.more and not troubles.passing


@dataclass(slots=True)
class _Troubles:
    """What went wrong: requests that cannot be worked out, and whether the database was busy or away."""

    wrong: dict[int, Exception] = field(default_factory=dict)
    passing: bool = False


def beat(name: str, now: datetime) -> None:
    """Note that a kind of periodic work ran to its end."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})


def _put_off(request_id: int, trouble: Exception, now: datetime) -> None:
    """Leave a request that cannot be looked at until tomorrow, and say so to the coordinators: nobody else would know.

    The log gets the kind of trouble and the lines of code, not the words of the exception: they can hold a name.
    """
    kind = type(trouble).__name__
    lines = "".join(traceback.format_tb(trouble.__traceback__))
    log.error("the sweep could not look at request %s: %s\n%s", request_id, kind, lines)
    records_request = RecordsRequest.objects.select_related("filer", "assignee").get(pk=request_id)
    today = lawbook.local_day(records_request.jurisdiction, now)
    with transaction.atomic():
        filing.watch_again(queries.due_to_be_looked_at(request_id, today), on=today + timedelta(days=1))
        drafts = [
            NoticeDraft(
                recipient_id=person.pk,
                key=f"sweep-trouble:{request_id}:{kind}:{person.pk}",
                subject=_("%(reference)s: reminders have stopped") % {"reference": records_request.reference},
                text=_(
                    "Daylight could not work out the dates of this request, so no reminder about it can be relied on. "
                    "Nothing is lost, and Daylight tries again every day. Look at its dates yourself, and ask whoever "
                    "runs Daylight to look into its log."
                ),
                why=why,
                path=records_request.get_absolute_url(),
                topic=Topic.OURS,
            )
            for person, why in whom_to_tell(records_request, coordinators_too=True)
        ]
        people.queue_notices(drafts, send_after=now, now=now)


def _look_one_by_one(request_ids: Iterable[int], now: datetime) -> _Troubles:
    """Look at each request in a transaction of its own, so that the one that cannot be written is found."""
    troubles = _Troubles()
    refusals = 0
    for request_id in request_ids:
        try:
            troubles.wrong |= _look_at([request_id], now)
            refusals = 0
        except (OperationalError, InterfaceError) as trouble:
            # The database is busy or away, not this request wrong: the next sweep looks again.
            troubles.passing = True
            log.error("the sweep could not look at request %s now: %s", request_id, type(trouble).__name__)
            refusals += 1
            if refusals == REFUSALS:
                break
        except Exception as trouble:  # noqa: BLE001  the others' reminders must go out, whatever is wrong with this one
            troubles.wrong[request_id] = trouble
    return troubles


@transaction.atomic
def _look_at(request_ids: Sequence[int], now: datetime) -> dict[int, Exception]:
    """Look at requests in one transaction. Returns those that could not be worked out, with their trouble.

    1. Project each again: what was running may have become missed, silence may have become a denial. A request that
       somebody else is just changing waits for the next sweep.
    2. See for each deadline still current whether a moment has come that calls for a word.
    3. Write these reminders, once for each recipient.
    4. Note the days on which to look at the deadlines again.
    """
    projected = filing.reproject_many(request_ids, now=now)
    troubles = dict(projected.troubled)
    words: list[Word] = []
    look_again: dict[date | None, list[int]] = {}
    known = _what_is_known(list(projected.requests.values()), now)
    for records_request in queries.with_agency_and_people(list(projected.requests.values())):
        current = projected.current[records_request.pk]
        try:
            seen = look_at(
                records_request,
                current,
                today=known.todays[records_request.jurisdiction],
                calendar=lawbook.book().calendar(records_request.jurisdiction),
                policy=known.policy,
                past=known.past_of(records_request, current),
            )
            words += words_for(records_request, seen, known)
        except Exception as trouble:  # noqa: BLE001  the others' reminders must go out, whatever is wrong with this one
            troubles[records_request.pk] = trouble
            continue
        for day, deadline_ids in seen.look_again.items():
            look_again.setdefault(day, []).extend(deadline_ids)
    remind(words, known.told, now)
    for day, deadline_ids in look_again.items():
        filing.watch_again(deadline_ids, on=day)
    return troubles


def _what_is_known(requests: Sequence[RecordsRequest], now: datetime) -> Known:
    """Read what a batch needs besides its deadlines. Six queries, however many requests."""
    numbers, todays = [one.pk for one in requests], lawbook.todays(now)
    return Known(
        policy=reminders.current_policy(),
        on_duty=OnDuty(now),
        told=queries.told_before(numbers),
        steps=queries.steps_since(numbers),
        held_back=reminders.held_back(requests, todays),
        todays=todays,
    )
