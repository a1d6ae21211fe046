"""The sweep: what time alone brings about. It reads deadlines, writes reminders, and sends nothing itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.law.calendars import HolidayCalendar
from requests_app.people import services as people
from requests_app.people.models import Notice, Person
from requests_app.tracking import queries, wording
from requests_app.tracking.models import Heartbeat, Reminder
from requests_app.tracking.reminding import Moment, Policy, Watched, compose_moments, moment_due, next_look

log = logging.getLogger(__name__)

BATCH = 200  # requests in one sweep; a full batch is followed by another at once


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

    Each request is a transaction of its own: one that fails is logged and holds back no other.
    Returns True when the batch was full, so that the caller looks again at once.
    """
    todays = lawbook.todays(now)
    requests = queries.requests_to_look_at(todays, BATCH)
    for request_id in requests:
        try:
            with transaction.atomic():
                _look_at(request_id, now)
        except Exception:
            # Whatever is wrong with one request, the others' reminders must go out. It is tried again tomorrow.
            log.exception("the sweep could not look at request %s", request_id)
            for deadline_id in queries.watched_ids(request_id):
                filing.watch_again(deadline_id, on=max(todays.values()) + timedelta(days=1))
    beat("sweep", now)
    return len(requests) == BATCH


def beat(name: str, now: datetime) -> None:
    """Note that a kind of periodic work ran to its end."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})


def _look_at(request_id: int, now: datetime) -> None:
    filing.reproject(request_id, now=now)
    records_request = RecordsRequest.objects.select_related("agency", "filer", "assignee").get(pk=request_id)
    today = lawbook.local_day(records_request.jurisdiction, now)
    calendar = lawbook.book().calendar(records_request.jurisdiction)
    recipients: dict[str, list[Person]] = {}
    for deadline in queries.deadlines_with_dates(records_request):
        watched = Watched(deadline.duty_of, deadline.earliest, deadline.latest)
        moments = compose_moments(watched, policy(), partial(open_days_before, calendar=calendar))
        come = moment_due(moments, today)
        if come is not None and _calls_for_a_word(deadline, come):
            if deadline.duty_of not in recipients:
                recipients[deadline.duty_of] = queries.recipients(records_request, deadline.duty_of)
            _remind(records_request, deadline, come, recipients[deadline.duty_of], today, now)
        filing.watch_again(deadline.pk, on=next_look(watched, moments, today))


def open_days_before(day: date, days: int, calendar: HolidayCalendar) -> date:
    """Return the `days`-th surely open day before `day` in the jurisdiction's own calendar.

    Days before the reviewed years count as open: the moment is then a little late, never lost.
    """
    left = days
    while left and day > calendar.first:
        day -= timedelta(days=1)
        left -= calendar.surely_open(day)
    return day


def _calls_for_a_word(deadline: Deadline, moment: Moment) -> bool:
    """Only a running deadline is coming up; only a missed one, or our own running into its last days, is late."""
    if moment.key == "after":
        ours_is_late = deadline.duty_of == Deadline.Duty.REQUESTER and deadline.state == Deadline.State.RUNNING
        return deadline.state == Deadline.State.MISSED or ours_is_late
    return deadline.state == Deadline.State.RUNNING


def _remind(
    records_request: RecordsRequest,
    deadline: Deadline,
    moment: Moment,
    recipients: Sequence[Person],
    today: date,
    now: datetime,
) -> None:
    told = set(Reminder.objects.filter(deadline=deadline, kind=moment.key).values_list("recipient_id", flat=True))
    for person in recipients:
        if person.pk in told:
            continue
        words = wording.compose_reminder(records_request, deadline, moment, today)
        notice: Notice = people.queue_notice(
            recipient=person,
            key=f"reminder:{deadline.pk}:{moment.key}:{person.pk}",
            subject=words.subject,
            text=words.text,
            why=words.why,
            path=records_request.get_absolute_url(),
            send_after=now,
            now=now,
        )
        # A rival worker's repeat hits the same unique row and changes nothing. Not ignore_conflicts: on SQLite that
        # would also hide a failed check constraint.
        Reminder.objects.bulk_create(
            [Reminder(deadline=deadline, kind=moment.key, recipient=person, notice=notice, made_at=now)],
            update_conflicts=True,
            unique_fields=["deadline", "kind", "recipient"],
            update_fields=["kind"],
        )
