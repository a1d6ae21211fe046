"""Writes daily and weekly digests, each at its reader's own hour, once for each person and period.

The unique row is the promise: two beats, or one that dies in the middle and begins again, write one. What it takes in
is marked in the same transaction, so that no notice stands in two digests and none is lost.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.people.mail import message_id
from requests_app.people.models import Notice, Person
from requests_app.people.notices import queries as telling
from requests_app.people.preferences import Period, Wishes, digest_day, is_zone, quiet_ends
from requests_app.tracking.reminders.gathering import told_section, work_sections
from requests_app.tracking.reminders.models import Digest

log = logging.getLogger(__name__)

LONGEST_AGO: Final = timedelta(days=9)  # a digest that is due was due within the last week and a day


@dataclass(frozen=True)
class Due:
    """One digest that may have to be written: for whom, which, and the moment at which it came due in their zone."""

    person_id: int
    period: Period
    at: datetime
    wishes: Wishes

    @property
    def day(self) -> date:
        """The reader's own day, which names the digest."""
        return self.at.date()


def due_digests(wishes: dict[int, Wishes], waiting: dict[int, set[Period]], now: datetime) -> list[Due]:
    """Return the digests that came due by `now`, written or not, for people with these wishes. Pure.

    `waiting`: for whom notices wait to be gathered, by period. One that came due before the reader chose is not due.
    """
    found = []
    for person_id, wished in wishes.items():
        periods = set(waiting.get(person_id, set()))
        if wished.overview is not None:
            periods.add(wished.overview)
        for period in sorted(periods):
            at = digest_day(period, wished, now)
            if wished.since is None or at.astimezone(UTC) > wished.since:
                found.append(Due(person_id, period, at, wished))
    return found


def write_digests(now: datetime) -> int:
    """Write every digest that came due and is not written yet. Returns how many rows that made, empty ones too.

    Four queries while nothing is due. Each digest is a transaction of its own: one in trouble holds back no other.
    """
    waiting = _waiting()
    wishes = telling.wishes_of([*telling.who_wants_digests().values_list("person_id", flat=True), *waiting])
    unset = [person_id for person_id in waiting if person_id not in wishes]
    if unset:
        zones = Person.objects.filter(pk__in=unset, is_active=True).values_list("pk", "time_zone")
        wishes |= {pk: Wishes(zone=zone if is_zone(zone) else Wishes().zone) for pk, zone in zones}
    due = due_digests(wishes, waiting, now)
    written = _written(due, now)
    made = 0
    for one in due:
        if (one.person_id, one.period.value, one.day) in written:
            continue
        try:
            made += _write(one, now)
        except Exception as trouble:  # noqa: BLE001  the next beat tries again; the others' digests must go out
            log.error("the %s digest of person %s: %s", one.period, one.person_id, type(trouble).__name__)
    return made


def _waiting() -> dict[int, set[Period]]:
    """Return for whom notices wait to be gathered, by period. One query, in the index `notice_gathering`."""
    rows = Notice.objects.filter(channel__in=list(Period), gathered_at__isnull=True, recipient__is_active=True)
    found: dict[int, set[Period]] = defaultdict(set)
    for person_id, channel in rows.order_by().values_list("recipient_id", "channel").distinct():
        found[person_id].add(Period(channel))
    return dict(found)


def _written(due: Iterable[Due], now: datetime) -> set[tuple[int, str, date]]:
    people = {one.person_id for one in due}
    rows = Digest.objects.filter(recipient__in=people, for_day__gte=(now - LONGEST_AGO).date())
    return set(rows.values_list("recipient_id", "period", "for_day"))


def _write(due: Due, now: datetime) -> bool:
    """Write one digest, or the note that there was nothing to say. Returns whether it was not written before."""
    person = Person.objects.get(pk=due.person_id)
    held = Notice.objects.filter(recipient=person, channel=due.period, gathered_at__isnull=True)
    key = f"digest:{person.pk}:{due.period}:{due.day.isoformat()}"
    try:
        with transaction.atomic():
            # The row first: a rival stops here, before it takes any notice in.
            made = Digest.objects.create(
                recipient=person,
                period=due.period,
                for_day=due.day,
                subject=_subject(due),
                send_after=quiet_ends(now, due.wishes),
                message_id=message_id("digest", key),
                made_at=now,
            )
            notices = list(held.order_by("pk"))
            sections = told_section(notices)
            if due.wishes.overview is due.period:
                sections += work_sections(person, now)
            if not sections:
                made.state = Digest.State.CANCELLED
            made.sections = sections
            made.save(update_fields=["sections", "state"])
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(gathered_at=now)
    except IntegrityError:
        if Digest.objects.filter(recipient=person, period=due.period, for_day=due.day).exists():
            return False  # another beat wrote it
        raise
    return True


def _subject(due: Due) -> str:
    day = date_format(due.day, "l, F j")
    if due.period is Period.DAILY:
        return _("Your day, %(day)s") % {"day": day}
    return _("Your week from %(day)s") % {"day": day}
