"""What the desk reads: the groups by what hurts most, paged by key, and what belongs to their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

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


def open_requests(
    person: Person | AnonymousUser, filters: Filters, viewer: Viewer | None = None
) -> QuerySet[RecordsRequest]:
    """Return the open requests this person may see that fit the filters; in no particular order yet."""
    return narrowed(filing.visible_to(person).exclude(phase=Phase.DONE), filters, viewer)


# --- what sleeps ------------------------------------------------------------------------------------------------------


def asleep(todays: Mapping[str, date]) -> dict[int, Snooze]:
    """Return the snoozes in force by the request's number, with `handle` of who put it to sleep. One query.

    `todays` gives each jurisdiction's own date; around midnight they differ, by a day at most. A snooze whose request
    has news, whose agency became late meanwhile, or past whose day a date of ours came to lie is over, without anybody
    writing so: see `models.Snooze`.
    """
    sql, values = _asleep_in_sql("s.*, p.handle AS handle", todays)
    return {snooze.request_id: snooze for snooze in Snooze.objects.raw(f"{sql} ORDER BY s.until, s.id", values)}


def snoozed(now_by_state: Mapping[str, date]) -> dict[int, Snooze]:
    """Return what sleeps, for reminders: an agency's duty is not mailed about meanwhile; our own always are."""
    return asleep(now_by_state)


def _asleep_in_sql(columns: str, todays: Mapping[str, date]) -> tuple[str, list[Any]]:
    """Return the statement that finds the snoozes in force, and its values.

    By hand for one word: CROSS JOIN makes SQLite begin with the few snoozes. Left to itself, it has no statistics of an
    empty table, takes it for a large one, and reads every request first.
    """
    newest = max(todays.values())
    behind = [code for code, today in todays.items() if today < newest] or [""]
    places = ", ".join(["%s"] * len(behind))
    sql = f"""
        SELECT {columns} FROM tracking_snooze AS s CROSS JOIN filing_recordsrequest AS r CROSS JOIN people_person AS p
        WHERE s.ended_at IS NULL AND r.id = s.request_id AND p.id = s.by_id
            AND (s.until > %s OR (s.until = %s AND r.jurisdiction IN ({places})))
            AND (s.overdue_since = r.overdue_since OR (s.overdue_since IS NULL AND r.overdue_since IS NULL))
            AND (r.next_due_duty_of <> %s OR r.next_due_on IS NULL OR r.next_due_on >= s.until)
            AND NOT EXISTS (SELECT 1 FROM filing_event AS e
                WHERE e.request_id = s.request_id AND e.sequence > s.sequence AND e.kind <> %s)
    """  # noqa: S608  columns and places are written here
    return sql, [newest, newest, *behind, Deadline.Duty.REQUESTER.value, EventKind.ASSIGNED.value]


# Numbers of what sleeps that stand in a statement themselves: it has nine parts, and SQLite takes 32,766 values.
LISTED: Final = 2000


@dataclass(frozen=True, slots=True)
class Sleeping:
    """What sleeps now: the numbers of the requests, and the days by which that was read."""

    numbers: tuple[int, ...]
    todays: Mapping[str, date]

    def condition(self) -> Q:
        """Return the condition for requests that sleep."""
        if len(self.numbers) <= LISTED:
            return Q(pk__in=self.numbers)
        sql, values = _asleep_in_sql("s.request_id", self.todays)
        return Q(pk__in=RawSQL(sql, values))  # noqa: S611  written above


# --- groups -----------------------------------------------------------------------------------------------------------


def in_group(
    rows: QuerySet[RecordsRequest], group: str, today: date, sleeping: Sleeping | None = None
) -> QuerySet[RecordsRequest]:
    """Return the rows of one group of the desk, most urgent first. `sleeping`: what is left out of it."""
    condition = Q()
    for part in _conditions(group, today):
        condition |= part
    # Rows without a date come last on both databases; left alone, SQLite puts them first.
    in_order = F(_date_column(group)).asc(nulls_last=True)
    return _awake(rows, group, sleeping).filter(condition).order_by(in_order, "pk")


def _awake(rows: QuerySet[RecordsRequest], group: str, sleeping: Sleeping | None) -> QuerySet[RecordsRequest]:
    if group == ASLEEP:
        return rows.none() if sleeping is None else rows.filter(sleeping.condition())
    return rows if sleeping is None or not sleeping.numbers else rows.exclude(sleeping.condition())


def _conditions(group: str, today: date) -> tuple[Q, ...]:
    """Return what makes a row one of the group: of the rows with the group's date, and of those without, if it has any.

    Two conditions and not one: together, they would keep SQLite from its indexes.
    """
    dated, undated = Q(next_due_on__isnull=False), Q(next_due_on__isnull=True)
    ours = Q(next_due_duty_of=Deadline.Duty.REQUESTER, next_due_on__lte=today + OUR_SOON)
    late, not_late = Q(overdue_since__isnull=False), Q(overdue_since__isnull=True)
    soon = Q(next_due_duty_of=Deadline.Duty.AGENCY, next_due_on__lte=today + SOON)
    waits_for_us, waits_for_them = Q(phase=Phase.WAITING_FOR_US), Q(phase__in=_NOT_OUR_TURN)
    heard_of = today - timedelta(days=settings.DESK_STALE_AFTER_DAYS)
    lively = Q(quiet_since__isnull=True) | Q(quiet_since__gte=heard_of)
    match group:
        case "ours":
            return (ours,)
        case "late":
            # NOT of a comparison with a NULL date is unknown, and no row: name the rows without a date.
            return (late & (~ours | undated),)
        case "soon":
            return (soon & not_late & ~waits_for_us,)
        case "us":
            return (dated & waits_for_us & ~ours & not_late, undated & waits_for_us & not_late)
        case "them":
            return (dated & waits_for_them & ~ours & not_late & ~soon, undated & waits_for_them & not_late & lively)
        case "stale":
            return (undated & waits_for_them & not_late & Q(quiet_since__lt=heard_of),)
        case _:
            return (dated, undated)


def _date_column(group: str) -> str:
    return {"late": "overdue_since", "stale": "quiet_since"}.get(group, "next_due_on")


def page_key(last: RecordsRequest, group: str) -> str:
    """Return the place of a row in its group, for the link to the rows after it."""
    return f"{getattr(last, _date_column(group)) or ''}~{last.pk}"


def _parts(
    rows: QuerySet[RecordsRequest], group: str, today: date, sleeping: Sleeping | None
) -> list[QuerySet[RecordsRequest]]:
    """Return a group's rows with a date, and those without if it has any, each in order.

    Asked for by themselves: put last in one statement, SQLite would sort the whole group.
    """
    awake = _awake(rows, group, sleeping)
    dated, *undated = _conditions(group, today)
    in_order = [awake.filter(dated).order_by(_date_column(group), "pk")]
    return in_order + [awake.filter(condition).order_by("pk") for condition in undated]


def numbers_after(
    rows: QuerySet[RecordsRequest], group: str, today: date, sleeping: Sleeping | None, key: str, size: int
) -> list[int]:
    """Return the numbers of the rows of a group that come after `key`; an unreadable key begins at the top.

    By key and not by offset: the hundredth page costs what the first does.
    """
    column = _date_column(group)
    after, number = _place(key)
    dated, *undated = _parts(rows, group, today, sleeping)
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


def first_numbers(rows: QuerySet[RecordsRequest], today: date, sleeping: Sleeping, limit: int) -> dict[str, list[int]]:
    """Return the numbers of the first rows of every group, what sleeps included; at most `limit` of each. One query."""
    names, sql, values = _statement_of_groups(rows, today, sleeping, limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        read = cursor.fetchall()
    found: dict[str, list[int]] = {name: [] for name in (*GROUPS, ASLEEP)}
    # Each part is in order inside; that the parts of a union stay in order is what nobody promises.
    for place, number, _day in sorted(read, key=lambda row: (row[0], row[2] is None, row[2] or "", row[1])):
        group = found[names[place]]
        if len(group) < limit:
            group.append(number)
    return found


_Statement = tuple[list[str], str, tuple[Any, ...]]
_statements: dict[tuple[Any, ...], _Statement] = {}
_KEPT: Final = 200  # statements; a desk asks for the same one all day


def _statement_of_groups(rows: QuerySet[RecordsRequest], today: date, sleeping: Sleeping, limit: int) -> _Statement:
    """Return one statement of many limited ones, the group of each, and its values.

    Django's own union cannot limit its parts on SQLite. Kept by what it is made from, as its nine parts take Django
    longer to write than the database to answer.
    """
    base, given = rows.order_by().values("pk").query.sql_with_params()
    days = tuple(sleeping.todays.items()) if len(sleeping.numbers) > LISTED else ()
    key = (base, given, today, sleeping.numbers, days, limit, settings.DESK_STALE_AFTER_DAYS)
    kept = _statements.get(key)
    if kept is not None:
        return kept
    names: list[str] = []
    statements: list[str] = []
    values: list[Any] = []
    for name in (*GROUPS, *([ASLEEP] if sleeping.numbers else [])):
        for part in _parts(rows, name, today, sleeping):
            sql, inside = part.values_list("pk", _date_column(name))[:limit].query.sql_with_params()
            statements.append(f"SELECT {len(names)}, part.* FROM ({sql}) AS part")  # noqa: S608  Django's own SQL
            names.append(name)
            values += inside
    if len(_statements) >= _KEPT:
        _statements.clear()
    made = _statements[key] = names, " UNION ALL ".join(statements), tuple(values)
    return made


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
    """Return these requests with what a row of the desk shows, by number. Two queries, however many groups they fill.

    The numbers come from rows that somebody may see (`open_requests`).
    """
    return with_rows(RecordsRequest.objects.order_by()).in_bulk(list(numbers))


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A later letter that is written and has not left. `changes`: how often its text was changed."""

    pk: int
    key: str
    queued: bool
    changes: int


def open_letters(numbers: Collection[int]) -> dict[int, list[OpenLetter]]:
    """Return the letters of these requests that are written and have not left, the last touched first. One query."""
    found: dict[int, list[OpenLetter]] = {}
    rows = NextLetter.objects.filter(
        request__in=numbers, state__in=[NextLetter.State.DRAFT, NextLetter.State.QUEUED]
    ).order_by("-changed_at", "-pk")
    for request_id, pk, key, state, changes in rows.values_list("request_id", "pk", "key", "state", "changes"):
        found.setdefault(request_id, []).append(OpenLetter(pk, key, state == NextLetter.State.QUEUED, changes))
    return found


def newest_news(request_id: int, after: int) -> Event | None:
    """Return the newest event of a request after the one that somebody had seen, with who recorded it."""
    events = Event.objects.filter(request_id=request_id, sequence__gt=after)
    return events.select_related("recorded_by").order_by("-sequence").first()


# --- views and looks --------------------------------------------------------------------------------------------------


def views_for(person: Person) -> QuerySet[SavedView]:
    """Return the views a person can open: their own and the shared ones, by name, with their owners."""
    found = SavedView.objects.filter(Q(owner=person) | Q(shared=True)).select_related("owner")
    return found.only("name", "query", "shared", "owner__handle", "owner__is_active").order_by("name", "pk")


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
