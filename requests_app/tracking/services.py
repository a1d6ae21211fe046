"""The sweep: what time alone brings about. It reads deadlines, writes reminders, and sends nothing itself."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.queries import OnDuty, whom_to_tell
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people import services as people
from requests_app.people.models import Person
from requests_app.people.services import NoticeDraft
from requests_app.tracking import queries, wording
from requests_app.tracking.looking import Seen, look_at
from requests_app.tracking.models import Heartbeat, Reminder
from requests_app.tracking.reminding import Policy

log = logging.getLogger(__name__)

BATCH = 200  # requests in one sweep; a full batch is followed by another at once
REFUSALS = 3  # requests in a row that the database refuses before the sweep leaves the rest to the next one


def policy() -> Policy:
    """Return the reminder policy that the settings describe."""
    return Policy(
        agency_lead_days=tuple(sorted(settings.REMINDER_LEAD_DAYS, reverse=True)),
        own_lead_days=tuple(sorted(settings.OWN_DUTY_LEAD_DAYS, reverse=True)),
    )


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
    todays, reminder_policy, on_duty = lawbook.todays(now), policy(), OnDuty()
    words: list[_Word] = []
    look_again: dict[date | None, list[int]] = {}
    for records_request in queries.with_agency_and_people(list(projected.requests.values())):
        try:
            seen = look_at(
                records_request,
                projected.current[records_request.pk],
                today=todays[records_request.jurisdiction],
                calendar=lawbook.book().calendar(records_request.jurisdiction),
                policy=reminder_policy,
            )
            words += _words_for(records_request, seen, on_duty)
        except Exception as trouble:  # noqa: BLE001  the others' reminders must go out, whatever is wrong with this one
            troubles[records_request.pk] = trouble
            continue
        for day, deadline_ids in seen.look_again.items():
            look_again.setdefault(day, []).extend(deadline_ids)
    _remind(words, now)
    for day, deadline_ids in look_again.items():
        filing.watch_again(deadline_ids, on=day)
    return troubles


@dataclass(frozen=True, slots=True)
class _Word:
    """One person to be told of one moment of one deadline."""

    deadline: Deadline
    kind: str  # the moment's key
    draft: NoticeDraft


def _words_for(records_request: RecordsRequest, seen: Seen, on_duty: OnDuty) -> list[_Word]:
    """Return what to tell of a request, to each person who is told of it."""
    said: list[_Word] = []
    recipients: dict[str, list[tuple[Person, str]]] = {}
    for deadline, moment in seen.words:
        if deadline.duty_of not in recipients:
            ours = deadline.duty_of == Deadline.Duty.REQUESTER
            recipients[deadline.duty_of] = whom_to_tell(records_request, coordinators_too=ours, on_duty=on_duty)
        words = wording.compose_reminder(records_request, deadline, moment)
        path = records_request.get_absolute_url()
        for person, why in recipients[deadline.duty_of]:
            key = f"reminder:{deadline.pk}:{moment.key}:{person.pk}"
            draft = NoticeDraft(person.pk, key, words.subject, words.text, why, path)
            said.append(_Word(deadline, moment.key, draft))
    return said


def _remind(words: Sequence[_Word], now: datetime) -> None:
    """Write the reminders that were not written before, each with the notice that carries it."""
    if not words:
        return
    told = queries.told_before({word.deadline.request_id for word in words})
    news: list[_Word] = []
    for word in words:
        key = (*queries.duty_key(word.deadline), word.kind, word.draft.recipient_id)
        if key not in told:
            told.add(key)
            news.append(word)
    if not news:
        return
    people.queue_notices([word.draft for word in news], send_after=now, now=now)
    notices = queries.notices_by_key([word.draft.key for word in news])
    # A rival worker's repeat hits the same unique row and changes nothing. Not ignore_conflicts: on SQLite that
    # would also hide a failed check constraint.
    Reminder.objects.bulk_create(
        [
            Reminder(
                deadline=word.deadline,
                kind=word.kind,
                recipient_id=word.draft.recipient_id,
                notice_id=notices[word.draft.key],
                made_at=now,
            )
            for word in news
        ],
        update_conflicts=True,
        unique_fields=["deadline", "kind", "recipient"],
        update_fields=["kind"],
    )
