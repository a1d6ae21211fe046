"""What a changed policy would write tonight, before it holds. Reads, and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Prefetch, Q

from requests_app.correspondence.queries import OnDuty
from requests_app.filing import lawbook
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.tracking import queries
from requests_app.tracking.looking import WATCHED_STATES, look_at
from requests_app.tracking.reminders.muting import HeldBack
from requests_app.tracking.reminders.policy import LOOK_BACK, OURS, Policy, differences
from requests_app.tracking.reminders.writing import Known, whom_and_how

CHUNK: Final = 500
MOST_REQUESTS: Final = 10_000  # beyond that the answer is "at least": nobody waits minutes for a preview


@dataclass(slots=True)
class Preview:
    """How many notices a policy would write tonight about the rules that change, and to how many people."""

    notices: int = 0
    people: set[int] = field(default_factory=set)
    at_least: bool = False

    def asks_first(self, bound: int) -> bool:
        """Return whether so many need a second look."""
        return self.notices > bound


def preview(before: Policy, after: Policy, now: datetime) -> tuple[Preview, Preview]:
    """Return what tonight would bring under each of two policies, about the kinds of deadline that they differ in.

    Tonight is the next midnight of each jurisdiction. What was told already is not told again, as in the sweep.
    Six queries for each 500 requests with such a deadline near.
    """
    kinds = {(change.duty_of, change.kind) for change in differences(before, after)}
    found = (Preview(), Preview())
    if not kinds:
        return found
    tonight = {code: day + timedelta(days=1) for code, day in lawbook.todays(now).items()}
    numbers = _requests_near(kinds, before, after, tonight)
    if len(numbers) > MOST_REQUESTS:
        for one in found:
            one.at_least = True
    on_duty = OnDuty(now)
    for start in range(0, min(len(numbers), MOST_REQUESTS), CHUNK):
        requests = _read(numbers[start : start + CHUNK])
        for policy, result in zip((before, after), found, strict=True):
            _count(requests, policy, kinds, tonight, on_duty, result)
    return found


def _requests_near(
    kinds: Collection[tuple[str, str]], before: Policy, after: Policy, tonight: dict[str, date]
) -> list[int]:
    """Return the open requests with a deadline of these kinds whose moments may have come by tonight."""
    day = max(tonight.values())
    business_days = max(before.longest_lead(), after.longest_lead())
    last = day + timedelta(days=business_days * 2 + 14)  # two days for each business day, and two weeks of holidays
    first = min(tonight.values()) - LOOK_BACK - timedelta(days=120)  # `after` moments lie up to 60 business days behind
    wanted = Q()
    for duty_of, kind in kinds:
        column = "earliest" if duty_of == OURS else "latest"
        wanted |= Q(duty_of=duty_of, kind=kind, **{f"{column}__gte": first, f"{column}__lte": last})
    rows = Deadline.objects.filter(wanted, superseded_at=None, state__in=WATCHED_STATES).exclude(
        request__phase=Phase.DONE
    )
    return sorted(set(rows.order_by().values_list("request_id", flat=True)[: MOST_REQUESTS * 4]))


def _read(numbers: Sequence[int]) -> list[RecordsRequest]:
    current = Deadline.objects.filter(superseded_at=None, latest__isnull=False)
    rows = RecordsRequest.objects.filter(pk__in=numbers).defer("letter")
    read: list[RecordsRequest] = list(
        rows.prefetch_related(Prefetch("deadlines", current, to_attr="current_deadlines"))
    )
    queries.with_agency_and_people(read)
    return read


def _count(
    requests: Sequence[RecordsRequest],
    policy: Policy,
    kinds: Collection[tuple[str, str]],
    tonight: dict[str, date],
    on_duty: OnDuty,
    result: Preview,
) -> None:
    numbers = [one.pk for one in requests]
    steps = queries.steps_since(numbers)
    known = Known(policy, on_duty, queries.told_before(numbers), steps, HeldBack(), tonight)
    for one in requests:
        current: list[Deadline] = one.current_deadlines  # type: ignore[attr-defined]  # prefetched above
        seen = look_at(
            one,
            current,
            today=tonight[one.jurisdiction],
            calendar=lawbook.book().calendar(one.jurisdiction),
            policy=policy,
            past=known.past_of(one, current),
        )
        for deadline, moment in seen.words:
            if (deadline.duty_of, deadline.kind) not in kinds:
                continue
            told, _asked = whom_and_how(one, deadline, moment, known)
            for person, _why in told:
                if (*queries.duty_key(deadline), moment.key, person.pk) not in known.told.keys:
                    result.notices += 1
                    result.people.add(person.pk)
