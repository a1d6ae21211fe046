"""The sweep: what time alone brings about. It reads deadlines, writes reminders, and sends nothing itself."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.queries import whom_to_tell
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import Phase, Status
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.filing.next_action import overdue_since
from requests_app.law.calendars import HolidayCalendar
from requests_app.people import services as people
from requests_app.people.models import Notice, Person
from requests_app.people.services import NoticeDraft
from requests_app.tracking import queries, wording
from requests_app.tracking.models import Heartbeat, Reminder
from requests_app.tracking.reminding import Moment, Policy, Watched, compose_moments, moment_due, next_look

log = logging.getLogger(__name__)

BATCH = 200  # requests in one sweep; a full batch is followed by another at once
_SATURDAY = 5


def policy() -> Policy:
    """Return the reminder policy that the settings describe."""
    return Policy(
        agency_lead_days=tuple(sorted(settings.REMINDER_LEAD_DAYS, reverse=True)),
        own_lead_days=tuple(sorted(settings.OWN_DUTY_LEAD_DAYS, reverse=True)),
    )


def sweep(now: datetime) -> bool:
    """Do what time alone brings about, one batch of it.

    1. Find the requests with a deadline whose day to be looked at has come (an index holds exactly these).
    2. Project each again: what was running may have become missed, silence may have become a denial.
    3. For each deadline still current, write the reminder that has come due, once for each recipient.
    4. Note the day on which to look at the deadline again.
    5. Note that the sweep ran.

    Each request is a transaction of its own: one that fails holds back no other. Returns True when there is more to
    look at, so that the caller goes on at once.
    """
    found = queries.requests_to_look_at(lawbook.todays(now), BATCH)
    passing_trouble = False
    for request_id in found.ids:
        try:
            with transaction.atomic():
                _look_at(request_id, now)
        except (OperationalError, InterfaceError, filing.Busy) as trouble:
            # The database is busy or away, not this request wrong: the next sweep looks again.
            passing_trouble = True
            log.error("the sweep could not look at request %s now: %s", request_id, type(trouble).__name__)
        except Exception as trouble:  # noqa: BLE001  the others' reminders must go out, whatever is wrong with this one
            _put_off(request_id, trouble, now)
    beat("sweep", now)
    return found.more and not passing_trouble


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
        for deadline_id in queries.due_to_be_looked_at(request_id, today):
            filing.watch_again(deadline_id, on=today + timedelta(days=1))
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


def _look_at(request_id: int, now: datetime) -> None:
    filing.reproject(request_id, now=now)
    records_request = RecordsRequest.objects.select_related("agency", "filer", "assignee").get(pk=request_id)
    today = lawbook.local_day(records_request.jurisdiction, now)
    calendar = lawbook.book().calendar(records_request.jurisdiction)
    current = queries.current_deadlines(records_request)
    recipients: dict[str, list[tuple[Person, str]]] = {}
    for deadline in current:
        look_again = None
        if deadline.earliest and deadline.latest and deadline.state in queries.WATCHED_STATES:
            watched = Watched(deadline.duty_of, deadline.earliest, deadline.latest)
            moments = compose_moments(watched, policy(), partial(open_days_before, calendar=calendar))
            come = moment_due(moments, today)
            if come is not None and _calls_for_a_word(records_request, deadline, come, current):
                if deadline.duty_of not in recipients:
                    ours = deadline.duty_of == Deadline.Duty.REQUESTER
                    recipients[deadline.duty_of] = whom_to_tell(records_request, coordinators_too=ours)
                _remind(records_request, deadline, come, recipients[deadline.duty_of], now)
            look_again = next_look(watched, moments, today)
        if deadline.watch_on != look_again:
            filing.watch_again(deadline.pk, on=look_again)


def open_days_before(day: date, days: int, calendar: HolidayCalendar) -> date:
    """Return the `days`-th surely open day before `day` in the jurisdiction's own calendar.

    Outside the reviewed years every weekday counts as open: a moment may then be a day late, never lost.
    """
    left = days
    while left:
        day -= timedelta(days=1)
        reviewed = calendar.first <= day <= calendar.last
        left -= calendar.surely_open(day) if reviewed else day.weekday() < _SATURDAY
    return day


def _calls_for_a_word(
    records_request: RecordsRequest, deadline: Deadline, moment: Moment, current: Sequence[Deadline]
) -> bool:
    """Decide whether anybody is told of a moment that has come.

    Of our own duty: while it runs, and when it is missed and still ours. Of the agency's: while it runs, and late only
    where the desk says so too. A duty that hangs on a fact we do not know is mentioned only where nothing surer runs.
    """
    if records_request.phase == Phase.DONE:
        return False
    running = deadline.state == Deadline.State.RUNNING
    status = Status(records_request.status)
    if deadline.duty_of == Deadline.Duty.REQUESTER:
        return running or _still_ours(deadline, status)
    if moment.key == "after":
        return overdue_since(status, [deadline]) is not None
    if deadline.certainty == "conditional":
        surer = [
            other
            for other in current
            if other.duty_of == Deadline.Duty.AGENCY
            and other.certainty != "conditional"
            and other.state == Deadline.State.RUNNING
        ]
        return running and not surer
    return running


def _still_ours(deadline: Deadline, status: Status) -> bool:
    """Return whether a missed duty of ours is still undone: the law calls one missed that was done too late."""
    if deadline.kind == "appeal":
        return status is not Status.APPEAL
    if deadline.kind == "reply":
        return status in (Status.CLARIFICATION, Status.FEE)
    return True


def _remind(
    records_request: RecordsRequest,
    deadline: Deadline,
    moment: Moment,
    recipients: Sequence[tuple[Person, str]],
    now: datetime,
) -> None:
    told = queries.told_of(deadline, moment.key)
    drafts = []
    for person, why in recipients:
        if person.pk not in told:
            words = wording.compose_reminder(records_request, deadline, moment)
            key = f"reminder:{deadline.pk}:{moment.key}:{person.pk}"
            path = records_request.get_absolute_url()
            drafts.append(NoticeDraft(person.pk, key, words.subject, words.text, why, path))
    if not drafts:
        return
    people.queue_notices(drafts, send_after=now, now=now)
    notices = Notice.objects.filter(key__in=[draft.key for draft in drafts])
    # A rival worker's repeat hits the same unique row and changes nothing. Not ignore_conflicts: on SQLite that
    # would also hide a failed check constraint.
    Reminder.objects.bulk_create(
        [
            Reminder(deadline=deadline, kind=moment.key, recipient_id=notice.recipient_id, notice=notice, made_at=now)
            for notice in notices
        ],
        update_conflicts=True,
        unique_fields=["deadline", "kind", "recipient"],
        update_fields=["kind"],
    )
