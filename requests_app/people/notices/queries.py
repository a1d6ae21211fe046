"""Reads notices and how people want to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import QuerySet

from requests_app.people.models import Notice, Person
from requests_app.people.notices.models import Preferences
from requests_app.people.preferences import Channel, Period, Topic, Wishes, is_zone

PAGE: Final = 50
COUNTED_TO: Final = 100  # more unread notices than that are "99+": counting further would read the whole list
KEYS_ASKED_AT_ONCE: Final = 5000  # SQLite takes 32,766 values in one statement
_COLUMNS: Final = (
    "person_id", "person__time_zone", "theirs", "news", "overview", "gathers", "quiet_from", "quiet_until",
    "digest_hour", "weekday", "changed_at",
)  # fmt: skip


def wishes_of(person_ids: Collection[int]) -> dict[int, Wishes]:
    """Return the wishes of those of these people who have chosen anything. One query for each 5,000 people."""
    found: dict[int, Wishes] = {}
    asked = sorted(set(person_ids))
    for start in range(0, len(asked), KEYS_ASKED_AT_ONCE):
        some = asked[start : start + KEYS_ASKED_AT_ONCE]
        found |= {
            row["person_id"]: _wishes(row) for row in Preferences.objects.filter(person__in=some).values(*_COLUMNS)
        }
    return found


def wishes_of_one(person: Person) -> Wishes:
    """Return the wishes of one person, the defaults where they have chosen nothing. One query."""
    return wishes_of([person.pk]).get(person.pk) or Wishes(zone=person.time_zone)


def _wishes(row: Mapping[str, Any]) -> Wishes:
    # A zone can leave the machine's database under us; the default is off by hours, a broken sweep by everything.
    zone = row["person__time_zone"]
    return Wishes(
        zone=zone if is_zone(zone) else Wishes().zone,
        channels={Topic.THEIRS: Channel(row["theirs"]), Topic.NEWS: Channel(row["news"])},
        quiet_from=row["quiet_from"],
        quiet_until=row["quiet_until"],
        digest_hour=row["digest_hour"],
        weekday=row["weekday"],
        overview=Period(row["overview"]) if row["overview"] else None,
        gathers=row["gathers"],
        since=row["changed_at"],
    )


def unread_count(person: Person) -> int:
    """Return how many notices wait for a person, at most a hundred. One count in the index of the inbox."""
    unread = Notice.objects.filter(recipient=person, read_at__isnull=True).order_by()
    return unread.values("pk")[:COUNTED_TO].count()


def notice_page(
    person: Person, *, before: int | None = None, unread_only: bool = False
) -> tuple[list[Notice], int | None]:
    """Return one page of a person's notices, the newest first, and the id after which the next page begins."""
    notices = Notice.objects.filter(recipient=person).exclude(state=Notice.State.CANCELLED)
    if unread_only:
        notices = notices.filter(read_at__isnull=True)
    if before is not None:
        notices = notices.filter(pk__lt=before)
    page = list(notices.order_by("-pk")[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else None


def preferences_of(person: Person) -> Preferences | None:
    """Return what a person chose; None where they have chosen nothing yet."""
    return Preferences.objects.filter(person=person).first()


def who_wants_digests() -> QuerySet[Preferences]:
    """Return the choices of everybody here who wants anything gathered: the candidates of each look for digests."""
    gathered = (Channel.DAILY, Channel.WEEKLY)
    rows = Preferences.objects.filter(person__is_active=True)
    return rows.exclude(overview="") | rows.filter(theirs__in=gathered) | rows.filter(news__in=gathered)
