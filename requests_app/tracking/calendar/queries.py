"""What runs between two days, for the pages; and what a feed tells.

Few requests or all of them: most people see some hundred, and then their running deadlines are read at once by the
index `deadline_runs_of`. Where there are more than `FEW`, each day is asked for its first few by `deadline_runs_to` and
`deadline_runs_from` (of one state by `deadline_state_to` and `deadline_state_from`), all days in one statement, so that
no page reads a month of a hundred thousand requests. Where no request is left out, that is the quicker way from a tenth
of `FEW` on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import Campaign, Deadline, RecordsRequest
from requests_app.people.models import Person
from requests_app.people.tokens import hash_of
from requests_app.tracking.calendar.entries import CALLED_OFF_FOR, DutyRow, Entry, Side, fold_entries
from requests_app.tracking.calendar.models import CalendarFeed

FEW: Final = 3000  # requests whose numbers stand in a statement themselves; SQLite takes 32,766 values
COUNTED_TO: Final = 20  # entries of a day that are counted where there are many requests
FEED_DATES: Final = 1000  # running deadlines in one feed, the nearest; each is one entry or two
FEED_CALLED_OFF: Final = 500  # rows that changed last, from which called-off entries are made
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Filters:
    """Whose and which dates are shown: empty fields do not filter. `duty`: requester (ours) or agency (theirs)."""

    person: str = ""
    campaign: str = ""
    state: str = ""
    duty: str = ""

    def as_query(self) -> dict[str, str]:
        """Return the filled fields, for a link that can be shared."""
        return {name: value for name, value in vars(self).items() if value}


class Mark(NamedTuple):
    """One date of one running deadline: the whole of what is read before it is known which are shown."""

    day: date
    ours: bool
    pk: int
    side: Side


class Shown(NamedTuple):
    """What a page shows of a deadline, its request and the agency."""

    pk: int
    kind: str
    title: str
    duty_of: str
    certainty: str
    reference: str
    agency: str
    short_name: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A mark with its deadline, as a page shows it."""

    mark: Mark
    deadline: Shown


@dataclass(frozen=True, slots=True)
class Day:
    """What runs out on one day: the first few, how many there are, and whether even more were not counted."""

    shown: list[Dated]
    count: int
    at_least: bool

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


# --- Which requests -------------------------------------------------------------------------------------------------


def follows(person: Person) -> Q:
    """Return the condition for the requests that are a person's work: assigned to them, or filed and nobody's else."""
    return Q(assignee=person) | Q(assignee=None, filer=person)


def in_scope(visitor: Person | AnonymousUser, filters: Filters) -> QuerySet[RecordsRequest]:
    """Return the open requests this person may see that fit the filters. A name that nobody has fits none."""
    rows = filing.visible_to(visitor).exclude(phase=Phase.DONE)
    if filters.state:
        rows = rows.filter(jurisdiction=filters.state)
    if filters.campaign:
        rows = rows.filter(draft__campaign_target__campaign_id=int(filters.campaign))
    if filters.person == NOBODY:
        rows = rows.filter(assignee=None)
    elif filters.person:
        person = Person.objects.filter(handle__iexact=filters.person).first()
        rows = rows.filter(follows(person)) if person is not None else rows.none()
    return rows


def campaigns_to_choose() -> QuerySet[Campaign]:
    """Return the campaigns by which the calendar can be narrowed, newest first."""
    return Campaign.objects.only("name").order_by("-made_at", "-pk")


@dataclass(frozen=True, slots=True)
class _Running:
    """Running deadlines of some requests. `few`: so few requests that all their marks may be read."""

    rows: QuerySet[Deadline]
    few: bool


def _running(visitor: Person | AnonymousUser, filters: Filters) -> _Running:
    scope = in_scope(visitor, filters)
    everything = not (filters.person or filters.campaign) and _sees_everything(visitor)
    most = FEW // 10 if everything else FEW
    numbers = list(scope.order_by().values_list("pk", flat=True)[: most + 1])
    rows = Deadline.objects.filter(state=Deadline.State.RUNNING).order_by()
    if filters.duty:
        rows = rows.filter(duty_of=filters.duty)
    if filters.state:
        rows = rows.filter(jurisdiction=filters.state)
    few = len(numbers) <= most
    if everything:
        return _Running(rows, few)  # no request is looked at: a done one has nothing running
    if few:
        return _Running(rows.filter(request__in=numbers), few=True)
    # Each row asks for its request. As a list of numbers, SQLite would begin with all of them for every day.
    return _Running(rows.filter(Exists(scope.order_by().filter(pk=OuterRef("request")))), few=False)


def _sees_everything(visitor: Person | AnonymousUser) -> bool:
    return isinstance(visitor, Person) and visitor.has_role(*filing_permissions.SEES_EVERY_REQUEST)


# --- Pages of days ----------------------------------------------------------------------------------------------------


def days_of(visitor: Person | AnonymousUser, filters: Filters, days: Sequence[date], shown: int) -> Mapping[date, Day]:
    """Return what runs out on each of these days, ours first, at most `shown` of each. Four queries at most."""
    running = _running(visitor, filters)
    found = _few_marks(running.rows, days) if running.few else _first_marks(running.rows, days)
    kept = {day: marks[:shown] for day, marks in found.items()}
    deadlines = _deadlines(mark.pk for marks in kept.values() for mark in marks)
    return {
        day: Day(
            shown=[Dated(mark, deadlines[mark.pk]) for mark in kept[day] if mark.pk in deadlines],
            count=len(marks),
            at_least=not running.few and len(marks) >= COUNTED_TO,
        )
        for day, marks in found.items()
        if marks
    }


def _few_marks(rows: QuerySet[Deadline], days: Sequence[date]) -> dict[date, list[Mark]]:
    """Return every mark of the days. One query."""
    first, last = days[0], days[-1]
    found: dict[date, list[Mark]] = {day: [] for day in days}
    read = rows.filter(latest__gte=first, earliest__lte=last)
    for pk, duty_of, earliest, latest in read.values_list("pk", "duty_of", "earliest", "latest"):
        for mark in marks_of(pk, duty_of, earliest, latest):
            if first <= mark.day <= last:
                found[mark.day].append(mark)
    return {day: sorted(marks, key=_in_order) for day, marks in found.items()}


def marks_of(pk: int, duty_of: str, earliest: date | None, latest: date | None) -> list[Mark]:
    """Return the one date or the two dates of a running deadline."""
    if earliest is None or latest is None:
        return []  # no clock that runs is without
    ours = duty_of == Deadline.Duty.REQUESTER
    if earliest == latest:
        return [Mark(latest, ours, pk, "both")]
    return [Mark(earliest, ours, pk, "earliest"), Mark(latest, ours, pk, "latest")]


def _in_order(mark: Mark) -> tuple[date, bool, int, str]:
    return mark.day, not mark.ours, mark.pk, mark.side


def _first_marks(rows: QuerySet[Deadline], days: Sequence[date]) -> dict[date, list[Mark]]:
    """Return the first marks of each day, `COUNTED_TO` at most. One statement of a limited part for each day and side.

    Django's own union cannot limit its parts on SQLite, and would take longer to write a hundred of them than the
    database to answer. So one part for each side is written by Django, and repeated for every day.
    """
    parts: list[str] = []
    values: list[Any] = []
    by_latest = rows.filter(latest=_ANY_DAY).order_by("-duty_of", "pk")
    by_earliest = rows.filter(earliest=_ANY_DAY, latest__gt=F("earliest")).order_by("-duty_of", "pk")
    for column, part in (("latest", by_latest), ("earliest", by_earliest)):
        read = part.values_list("pk", "duty_of", "earliest", "latest")[:COUNTED_TO]
        sql, given = read.query.sql_with_params()
        for number, day in enumerate(days):
            parts.append(f"SELECT {number} AS place, '{column}' AS side, part.* FROM ({sql}) AS part")  # noqa: S608  Django's own SQL
            values += [_day_value(value, day) for value in given]
    found: dict[date, list[Mark]] = {day: [] for day in days}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for place, column, pk, duty_of, earliest, latest in cursor.fetchall():
            side: Side = "both" if str(earliest) == str(latest) else "latest" if column == "latest" else "earliest"
            found[days[place]].append(Mark(days[place], duty_of == Deadline.Duty.REQUESTER, pk, side))
    return {day: sorted(marks, key=_in_order)[:COUNTED_TO] for day, marks in found.items()}


_ANY_DAY: Final = date(1, 1, 1)  # stands for the day in a part that is written once


def _day_value(value: Any, day: date) -> Any:
    if isinstance(value, date):
        return day if value == _ANY_DAY else value
    return day.isoformat() if value == _ANY_DAY.isoformat() else value


def _deadlines(numbers: Iterable[int]) -> dict[int, Shown]:
    """Return deadlines with what a line shows of them, by number. One query."""
    rows = Deadline.objects.filter(pk__in=set(numbers)).order_by()
    return {row[0]: Shown(*row) for row in rows.values_list(*_SHOWN)}


_SHOWN: Final = (
    *("pk", "kind", "title", "duty_of", "certainty"),
    *("request__reference", "request__agency__name", "request__agency__short_name"),
)


# --- The agenda -------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where a page of the agenda ends: the order of its last mark."""

    day: date
    theirs: bool
    pk: int
    side: str

    def as_key(self) -> str:
        """Return the place as a link carries it."""
        return f"{self.day.isoformat()}~{int(self.theirs)}~{self.pk}~{self.side}"


_LONGEST_NUMBER: Final = 18  # digits of a row's number: the largest that both databases take has 19


def parse_place(key: str) -> Place | None:
    """Return the place that a link names; None for anything that is not one."""
    parts = key.split("~")
    if len(parts) != 4 or parts[1] not in ("0", "1") or parts[3] not in ("both", "earliest", "latest"):
        return None
    if not (parts[2].isascii() and parts[2].isdigit() and len(parts[2]) <= _LONGEST_NUMBER):
        return None
    try:
        return Place(date.fromisoformat(parts[0]), parts[1] == "1", int(parts[2]), parts[3])
    except ValueError:
        return None


def agenda(
    visitor: Person | AnonymousUser, filters: Filters, first: date, last: date, after: Place | None, size: int
) -> tuple[list[Dated], Place | None]:
    """Return the dates from a day on, or after a place, in order, and where the next page begins. Four queries."""
    rows = _running(visitor, filters).rows
    start = after.day if after is not None else first
    found: list[Mark] = []
    for column in ("latest", "earliest"):
        part = rows.filter(**{f"{column}__gte": start, f"{column}__lte": last})
        if column == "earliest":
            part = part.filter(latest__gt=F("earliest"))
        if after is not None:
            part = part.filter(_not_before(column, after))
        part = part.order_by(column, "-duty_of", "pk")
        for pk, duty_of, earliest, latest in part.values_list("pk", "duty_of", "earliest", "latest")[: size + 2]:
            found += [mark for mark in marks_of(pk, duty_of, earliest, latest) if mark.side in ("both", column)]
    place = None if after is None else (after.day, after.theirs, after.pk, after.side)
    rest = sorted((mark for mark in found if place is None or _in_order(mark) > place), key=_in_order)
    shown = rest[:size]
    deadlines = _deadlines(mark.pk for mark in shown)
    end = shown[-1] if len(rest) > size else None
    key = None if end is None else Place(end.day, not end.ours, end.pk, end.side)
    return [Dated(mark, deadlines[mark.pk]) for mark in shown if mark.pk in deadlines], key


def _not_before(column: str, place: Place) -> Q:
    """Return the condition for rows at a place or after it: the place itself is compared once all is read."""
    ours = Deadline.Duty.REQUESTER
    later = Q(**{f"{column}__gt": place.day})
    same = Q(**{column: place.day})
    if place.theirs:
        return later | same & ~Q(duty_of=ours) & Q(pk__gte=place.pk)
    return later | same & (~Q(duty_of=ours) | Q(pk__gte=place.pk))


# --- Feeds ------------------------------------------------------------------------------------------------------------


def feeds_of(person: Person) -> QuerySet[CalendarFeed]:
    """Return a person's feeds that can be read, newest first."""
    mine = CalendarFeed.objects.filter(owner=person, revoked_at__isnull=True)
    return mine.select_related("owner", "about", "campaign")


def feed_by_secret(secret: str) -> CalendarFeed | None:
    """Return the feed that a secret opens, revoked ones too, with its owner and their roles."""
    feeds = CalendarFeed.objects.select_related("owner", "about", "campaign")
    return feeds.prefetch_related("owner__role_grants").filter(secret_sha256=hash_of(secret)).first()


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with the words that go with it."""

    entry: Entry
    deadline: Deadline
    records_request: RecordsRequest


@dataclass(frozen=True, slots=True)
class FeedContent:
    """What a feed tells now, and whether there is more than it may hold."""

    told: list[Told]
    cut_off: bool


def requests_in_feed(feed: CalendarFeed) -> QuerySet[RecordsRequest]:
    """Return the requests of a feed that its owner may see now, done ones too: their dates are called off."""
    rows = filing.visible_to(feed.owner)
    if feed.about is not None:
        return rows.filter(follows(feed.about))
    if feed.campaign_id is not None:
        return rows.filter(draft__campaign_target__campaign_id=feed.campaign_id)
    return rows.filter(jurisdiction=feed.jurisdiction)


def read_feed(feed: CalendarFeed, now: datetime) -> FeedContent:
    """Return what a feed tells: the nearest running dates, and what was called off lately. Five queries."""
    requests = requests_in_feed(feed).order_by().values("pk")
    deadlines = Deadline.objects.filter(request__in=requests)
    running = deadlines.filter(state=Deadline.State.RUNNING).order_by("latest", "pk")
    nearest = list(running.values_list("pk", "request_id")[: FEED_DATES + 1])
    cut_off, nearest = len(nearest) > FEED_DATES, nearest[:FEED_DATES]
    since = now - CALLED_OFF_FOR
    changed = deadlines.exclude(state=Deadline.State.RUNNING).filter(
        Q(superseded_at__gte=since) | Q(superseded_at__isnull=True, projected_at__gte=since)
    )
    lately = changed.order_by("-pk").values_list("request_id", flat=True)[:FEED_CALLED_OFF]
    numbers = {request_id for _pk, request_id in nearest} | set(lately)
    rows = Deadline.objects.filter(request__in=numbers).order_by("pk").values_list(*_READ_OF_DUTIES)
    entries = fold_entries((DutyRow(*row) for row in rows), {pk for pk, _request in nearest}, now)
    words = Deadline.objects.only(*_WORDS).in_bulk({entry.row for entry in entries})
    about = RecordsRequest.objects.select_related("agency").only("reference", "kit_id", "agency__name")
    asked = about.in_bulk({entry.request_id for entry in entries})
    return FeedContent([Told(entry, words[entry.row], asked[entry.request_id]) for entry in entries], cut_off)


_READ_OF_DUTIES: Final = (
    *("pk", "request_id", "rule_id", "trigger", "trigger_date", "earliest", "latest", "state"),
    *("revision", "stored_at", "projected_at", "superseded_at"),
)
_WORDS: Final = ("kind", "title", "duty_of", "duty", "citation", "certainty", "condition", "body", "earliest", "latest")
