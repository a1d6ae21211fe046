"""What the desk reads: the groups by what hurts most, paged by key, and what belongs to their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import EventKind, Phase
from requests_app.filing.models import Deadline, Event, NextLetter, RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking.desk.filters import Filters, Viewer, narrowed
from requests_app.tracking.desk.models import DeskChoice, SavedView, Snooze
from requests_app.tracking.queries import OUR_SOON, SOON, number_of, with_rows

# A group larger than this is "100 or more": counting further would read the whole table, and nobody acts on the number.
COUNTED_TO: Final = 100

# In order of what hurts most. Each request stands in the first group that fits, so that no row appears twice; one that
# sleeps stands in none of them, and in ASLEEP alone.
GROUPS: Final = ("ours", "late", "soon", "us", "them", "stale")
ASLEEP: Final = "asleep"
_NOT_OUR_TURN = (Phase.WAITING_FOR_THEM, Phase.IN_PROGRESS)
_WITH_UNDATED = ("us", "them", ASLEEP)  # the other groups are made of dates


def open_requests(
    person: Person | AnonymousUser, filters: Filters, viewer: Viewer | None = None
) -> QuerySet[RecordsRequest]:
    """Return the open requests this person may see that fit the filters; in no particular order yet."""
    return narrowed(filing.visible_to(person).exclude(phase=Phase.DONE), filters, viewer)


# --- what sleeps ------------------------------------------------------------------------------------------------------


def asleep(todays: Mapping[str, date]) -> QuerySet[Snooze]:
    """Return the snoozes in force, where `todays` gives each jurisdiction's own date (they differ by a day at most).

    A snooze whose request has news, whose agency became late meanwhile, or past whose day a date of ours came to lie is
    over, without anybody writing so: see `models.Snooze`.
    """
    newest = max(todays.values())
    behind = [code for code, today in todays.items() if today < newest]
    lasting = Q(until__gt=newest) | Q(until=newest, request__jurisdiction__in=behind)
    as_late = Q(overdue_since=F("request__overdue_since")) | Q(
        overdue_since__isnull=True, request__overdue_since__isnull=True
    )
    ours_later = (
        ~Q(request__next_due_duty_of=Deadline.Duty.REQUESTER)
        | Q(request__next_due_on__isnull=True)
        | Q(request__next_due_on__gte=F("until"))
    )
    news = Event.objects.filter(request=OuterRef("request_id"), sequence__gt=OuterRef("sequence"))
    found = Snooze.objects.filter(lasting, ended_at__isnull=True).filter(as_late, ours_later)
    return found.filter(~Exists(news.exclude(kind=EventKind.ASSIGNED))).order_by("until", "pk")


def snoozed(now_by_state: Mapping[str, date]) -> dict[int, Snooze]:
    """Return the snooze in force of each request that sleeps, by the request's number. One query.

    For reminders: an agency's duty is not mailed about while its request sleeps; our own always are.
    """
    return {snooze.request_id: snooze for snooze in asleep(now_by_state)}


# --- groups -----------------------------------------------------------------------------------------------------------


def in_group(
    rows: QuerySet[RecordsRequest], group: str, today: date, sleeping: QuerySet[Snooze] | None = None
) -> QuerySet[RecordsRequest]:
    """Return the rows of one group of the desk, most urgent first. `sleeping`: what is left out of it (`asleep`)."""
    condition = _condition(group, today)
    if sleeping is not None:
        those = Q(pk__in=sleeping.order_by().values("request"))
        condition = those if group == ASLEEP else condition & ~those
    # Rows without a date come last on both databases; left alone, SQLite puts them first.
    return rows.filter(condition).order_by(F(_date_column(group)).asc(nulls_last=True), "pk")


def _condition(group: str, today: date) -> Q:
    if group == ASLEEP:
        return Q()
    ours = Q(next_due_duty_of=Deadline.Duty.REQUESTER, next_due_on__lte=today + OUR_SOON)
    late = Q(overdue_since__isnull=False)
    soon = Q(next_due_duty_of=Deadline.Duty.AGENCY, next_due_on__lte=today + SOON)
    waits_for_us, waits_for_them = Q(phase=Phase.WAITING_FOR_US), Q(phase__in=_NOT_OUR_TURN)
    # A NULL date fits no comparison, and SQL's NOT of unknown is unknown: name the rows without a date.
    undated = Q(next_due_on__isnull=True, overdue_since__isnull=True)
    quiet = Q(quiet_since__lt=today - timedelta(days=settings.DESK_STALE_AFTER_DAYS))
    lively = Q(quiet_since__isnull=True) | Q(quiet_since__gte=today - timedelta(days=settings.DESK_STALE_AFTER_DAYS))
    return {
        "ours": ours,
        "late": late & ~ours,
        "soon": soon & ~late & ~waits_for_us,
        "us": (waits_for_us & ~ours & ~late) | (waits_for_us & undated),
        "them": (waits_for_them & ~ours & ~late & ~soon) | (waits_for_them & undated & lively),
        "stale": waits_for_them & undated & quiet,
    }[group]


def _date_column(group: str) -> str:
    return {"late": "overdue_since", "stale": "quiet_since"}.get(group, "next_due_on")


def page_key(last: RecordsRequest, group: str) -> str:
    """Return the place of a row in its group, for the link to the rows after it."""
    return f"{getattr(last, _date_column(group)) or ''}~{last.pk}"


def _parts(rows: QuerySet[RecordsRequest], group: str) -> list[QuerySet[RecordsRequest]]:
    """Return a group's rows with a date, and those without, each in order.

    Asked for by themselves: put last in one statement, SQLite would sort the whole group.
    """
    column = _date_column(group)
    parts = [rows.filter(**{f"{column}__isnull": False}).order_by(column, "pk")]
    if group in _WITH_UNDATED:
        parts.append(rows.filter(**{f"{column}__isnull": True}).order_by("pk"))
    return parts


def numbers_after(rows: QuerySet[RecordsRequest], group: str, key: str, size: int) -> list[int]:
    """Return the numbers of the rows of a group that come after `key`; an unreadable key begins at the top.

    By key and not by offset: the hundredth page costs what the first does.
    """
    column = _date_column(group)
    after, number = _place(key)
    dated, *undated = _parts(rows, group)
    found: list[int] = []
    if after is not None or number is None:
        if after is not None:
            same_day = Q(**{column: after}, pk__gt=number)
            dated = dated.filter(Q(**{f"{column}__gt": after}) | same_day, **{f"{column}__gte": after})
        found = list(dated.values_list("pk", flat=True)[:size])
        number = None
    for rest in undated if len(found) < size else ():
        if number is not None:
            rest = rest.filter(pk__gt=number)
        found += rest.values_list("pk", flat=True)[: size - len(found)]
    return found


def first_numbers(
    rows: QuerySet[RecordsRequest], today: date, sleeping: QuerySet[Snooze], limit: int
) -> dict[str, list[int]]:
    """Return the numbers of the first rows of every group, what sleeps included; at most `limit` of each. One query.

    Written as one statement of many limited ones, which Django's own union cannot do on SQLite.
    """
    names = (*GROUPS, ASLEEP)
    parts = [
        (name, part.values_list("pk", _date_column(name))[:limit])
        for name in names
        for part in _parts(in_group(rows, name, today, sleeping), name)
    ]
    statements, values = [], []
    for place, (_name, part) in enumerate(parts):
        sql, given = part.query.sql_with_params()
        statements.append(f"SELECT {place}, part.* FROM ({sql}) AS part")  # noqa: S608  a number and Django's own SQL
        values += given
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), values)
        read = cursor.fetchall()
    found: dict[str, list[int]] = {name: [] for name in names}
    # Each part is in order inside; that the parts of a union stay in order is what nobody promises.
    for place, number, _day in sorted(read, key=lambda row: (row[0], row[2] is None, row[2] or "", row[1])):
        group = found[parts[place][0]]
        if len(group) < limit:
            group.append(number)
    return found


def _place(key: str) -> tuple[date | None, int | None]:
    """Return the day and the number of the row that a key names; nothing where it cannot be read."""
    day, _tilde, pk = key.partition("~")
    number = number_of(pk)
    try:
        return (date.fromisoformat(day) if day and number is not None else None), number
    except ValueError:
        return None, None


# --- what belongs to the rows -----------------------------------------------------------------------------------------


def rows_by_number(numbers: Collection[int]) -> dict[int, RecordsRequest]:
    """Return these requests with what a row of the desk shows, by number. Three queries, however many groups they fill.

    The numbers come from rows that somebody may see (`open_requests`).
    """
    return with_rows(RecordsRequest.objects.order_by()).in_bulk(list(numbers))


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A later letter that is written and has not left."""

    pk: int
    key: str
    queued: bool


def open_letters(numbers: Collection[int]) -> dict[int, list[OpenLetter]]:
    """Return the letters of these requests that are written and have not left, the last touched first. One query."""
    found: dict[int, list[OpenLetter]] = {}
    rows = NextLetter.objects.filter(
        request__in=numbers, state__in=[NextLetter.State.DRAFT, NextLetter.State.QUEUED]
    ).order_by("-changed_at", "-pk")
    for request_id, pk, key, state in rows.values_list("request_id", "pk", "key", "state"):
        found.setdefault(request_id, []).append(OpenLetter(pk, key, state == NextLetter.State.QUEUED))
    return found


def asleep_of(numbers: Collection[int], todays: Mapping[str, date]) -> dict[int, Snooze]:
    """Return the snooze in force of each of these requests, with who put it to sleep. One query."""
    if not numbers:
        return {}
    rows = asleep(todays).filter(request__in=numbers).select_related("by")
    return {snooze.request_id: snooze for snooze in rows.only("request_id", "until", "why", "made_at", "by__handle")}


def newest_news(request_id: int, after: int) -> Event | None:
    """Return the newest event of a request after the one that somebody had seen, with who recorded it."""
    events = Event.objects.filter(request_id=request_id, sequence__gt=after)
    return events.select_related("recorded_by").order_by("-sequence").first()


# --- views and looks --------------------------------------------------------------------------------------------------


def views_for(person: Person) -> QuerySet[SavedView]:
    """Return the views a person can open: their own and the shared ones, by name, with their owners."""
    found = SavedView.objects.filter(Q(owner=person) | Q(shared=True)).select_related("owner")
    return found.only("name", "query", "shared", "owner__handle").order_by("name", "pk")


def look_of(person: Person) -> DeskChoice:
    """Return how a person likes the desk; as it comes where they have not said. One query."""
    found = DeskChoice.objects.select_related("default_view").filter(person=person).first()
    return found or DeskChoice(person=person)


def chosen_rows(person: Person | AnonymousUser, references: Sequence[str]) -> list[RecordsRequest]:
    """Return the requests of these references that the person may see, with what a row shows, in the order given."""
    found = {
        one.reference: one for one in with_rows(filing.visible_to(person).filter(reference__in=references).order_by())
    }
    return [found[reference] for reference in references if reference in found]
