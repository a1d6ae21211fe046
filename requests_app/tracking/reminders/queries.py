"""Reads the policy in force, its history, and who muted what."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import QuerySet

from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking.desk import queries as desk
from requests_app.tracking.reminders.models import Mute, PolicyEdition
from requests_app.tracking.reminders.muting import HeldBack
from requests_app.tracking.reminders.policy import Policy, PolicyUnreadable, parse_policy, seed

log = logging.getLogger(__name__)


def newest_edition() -> PolicyEdition | None:
    """Return the edition of the policy in force; None while the one that Daylight comes with is."""
    return PolicyEdition.objects.select_related("made_by").order_by("-number").first()


def current_policy() -> Policy:
    """Return the policy in force. One query.

    An edition that this version cannot read, as after going back to an older one, must not stop all reminders: then
    the policy that Daylight comes with holds, and the log says so.
    """
    rules = PolicyEdition.objects.order_by("-number").values_list("rules", flat=True).first()
    return seed() if rules is None else _readable(rules)


def policy_of(edition: PolicyEdition | None) -> Policy:
    """Return the policy of an edition; of none, the one that Daylight comes with."""
    return seed() if edition is None else _readable(edition.rules)


def _readable(rules: Mapping[str, object]) -> Policy:
    try:
        return parse_policy(rules)
    except PolicyUnreadable as wrong:
        log.error("the reminder policy cannot be read, the one that Daylight comes with holds: %s", wrong)
        return seed()


def history(limit: int = 50) -> list[PolicyEdition]:
    """Return the newest editions with who made them, the newest first. One query."""
    return list(PolicyEdition.objects.select_related("made_by").order_by("-number")[:limit])


def held_back(requests: Collection[RecordsRequest], todays: Mapping[str, date]) -> HeldBack:
    """Return whose mails about these requests are held back today: by a mute, or as the request sleeps. Two queries."""
    where = {one.pk: one.jurisdiction for one in requests}
    rows = Mute.objects.filter(request__in=where, ended_at__isnull=True, until__gte=min(todays.values()))
    theirs, ours = set(), set()
    for mute in rows:
        if mute.until < todays[where[mute.request_id]]:
            continue
        theirs.add((mute.request_id, mute.person_id))
        if mute.asks_for_ours and mute.confirmed_at is not None:
            ours.add((mute.request_id, mute.person_id))
    return HeldBack(frozenset(theirs), frozenset(ours), frozenset(where.keys() & desk.sleeping_numbers(todays)))


def mutes_of(person: Person) -> QuerySet[Mute]:
    """Return what a person mutes now, the first to end first. Some may have ended today."""
    return _open().filter(person=person)


def mutes_waiting(besides: Person) -> QuerySet[Mute]:
    """Return the mutes of others that ask for a second coordinator's word."""
    return _open().filter(asks_for_ours=True, confirmed_at__isnull=True).exclude(person=besides)


def mutes_on(records_request: RecordsRequest) -> QuerySet[Mute]:
    """Return who mutes a request."""
    return _open().filter(request=records_request)


def _open() -> QuerySet[Mute]:
    rows = Mute.objects.filter(ended_at__isnull=True).select_related("request", "person", "confirmed_by")
    return rows.only(
        "until", "why", "asks_for_ours", "made_at", "confirmed_at", "ended_at", "request__reference",
        "request__jurisdiction", "request__subject", "person__handle", "confirmed_by__handle",
    ).order_by("until", "pk")  # fmt: skip
