"""Lists for the desk, the homes, the request page and the sweep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Max, Prefetch, Q, QuerySet, prefetch_related_objects

from requests_app.agencies.models import Agency
from requests_app.correspondence.delivery import queries as delivery
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import EventKind, Phase
from requests_app.filing.models import Deadline, Event, NextLetter, Note, RecordsRequest
from requests_app.people.models import Notice, Person
from requests_app.people.preferences import Channel
from requests_app.tracking.desk.filters import Filters, Viewer, narrowed
from requests_app.tracking.models import Heartbeat, Reminder
from requests_app.tracking.reminders.policy import AGAIN, asks_for_action

SOON = timedelta(days=7)
OUR_SOON = timedelta(days=14)  # appeals need time to write
LONGEST_NUMBER = 18  # digits of a row's number: the largest that both databases take has 19
KEYS_ASKED_AT_ONCE = 5000  # SQLite takes 32,766 values in one statement


def seconds_since_last(name: str, now: datetime) -> int | None:
    """Return how long ago the last "sweep" or the last round of the "outboxes" ended; None when none ever did."""
    beat = Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()
    return None if beat is None else int((now - beat).total_seconds())


# --- The sweep ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToLookAt:
    """The requests of one batch of the sweep, and whether there are more behind them."""

    ids: list[int]
    more: bool


def requests_to_look_at(todays: Mapping[str, date], limit: int) -> ToLookAt:
    """Return the requests with a deadline whose day to be looked at has come, the oldest day first. One query."""
    due = list(deadlines_to_look_at(todays).values_list("request_id", flat=True)[: limit * 4])  # a request has several
    ids = list(dict.fromkeys(due))
    return ToLookAt(ids[:limit], more=len(ids) > limit or len(due) == limit * 4)


def deadlines_to_look_at(todays: Mapping[str, date]) -> QuerySet[Deadline]:
    """Return the deadlines whose day has come where their agency is; served by the index `deadline_watch`.

    `todays` gives each jurisdiction's own date; around midnight they differ, by a day at most.
    """
    newest = max(todays.values())
    there = [code for code, today in todays.items() if today == newest]
    come = Q(watch_on__lt=newest) | Q(watch_on=newest, request__jurisdiction__in=there)
    return Deadline.objects.filter(come, watch_on__lte=newest).order_by("watch_on", "pk")


def due_to_be_looked_at(request_id: int, today: date) -> list[int]:
    """Return the ids of one request's deadlines whose day to be looked at has come."""
    return list(Deadline.objects.filter(request_id=request_id, watch_on__lte=today).values_list("pk", flat=True))


def with_agency_and_people(requests: Sequence[RecordsRequest]) -> Sequence[RecordsRequest]:
    """Give requests that were read already what reminders are written from. Three queries.

    What is sealed stays closed: a reminder needs no legal names, and opening them takes long.
    """
    agencies, people = Agency.objects.only("name"), Person.objects.only("is_active", "handle")
    prefetch_related_objects(
        requests, Prefetch("agency", agencies), Prefetch("filer", people), Prefetch("assignee", people)
    )
    return requests


_ONE_DUTY = ("request_id", "rule_id", "duty_of", "trigger", "trigger_date", "earliest", "latest")


def duty_key(deadline: Deadline) -> tuple[Any, ...]:
    """Return what makes a duty the same one, however often it is projected.

    A deadline that was projected anew with the same dates, as after an edition of the law book that changed only words,
    is no news: reminders of the row that it replaced count.
    """
    return tuple(getattr(deadline, name) for name in _ONE_DUTY)


@dataclass(slots=True)
class Told:
    """Who was told of which moment of which duty, and when. `keys` holds (*duty, kind, person's number).

    `moments`: (*duty, kind) of which anybody was told. `mailed`: by duty, those of which anybody got a mail of its own.
    """

    keys: set[tuple[Any, ...]] = field(default_factory=set)
    moments: set[tuple[Any, ...]] = field(default_factory=set)
    mailed: dict[tuple[Any, ...], set[str]] = field(default_factory=dict)
    asked: dict[tuple[Any, ...], list[tuple[int, datetime, datetime | None]]] = field(default_factory=dict)

    def asked_of(self, duty: tuple[Any, ...]) -> list[tuple[int, datetime, datetime | None]]:
        """Return the reminders of a duty that asked for an action: (person's number, when told, when read)."""
        return self.asked.get(duty, [])


def told_before(request_ids: Collection[int]) -> Told:
    """Return who was told of which moment of which duty of these requests. One query."""
    rows = Reminder.objects.filter(deadline__request_id__in=request_ids).values_list(
        *(f"deadline__{name}" for name in _ONE_DUTY),
        "kind",
        "recipient_id",
        "made_at",
        "notice__read_at",
        "notice__channel",
    )
    told = Told()
    for row in rows:
        duty, (kind, recipient_id, made_at, read_at, channel) = row[: len(_ONE_DUTY)], row[len(_ONE_DUTY) :]
        told.keys.add((*duty, kind, recipient_id))
        told.moments.add((*duty, kind))
        if channel == Channel.SINGLE:
            told.mailed.setdefault(duty, set()).add(kind.removesuffix(AGAIN))
        if asks_for_action(duty[2], kind):
            told.asked.setdefault(duty, []).append((recipient_id, made_at, read_at))
    return told


def steps_since(request_ids: Collection[int]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """Return for each request when an event was last recorded, and when somebody last took another step. Three queries.

    Giving a request to somebody else is no event that deals with a date. A step is a note, or work on a later letter.
    """
    events = Event.objects.filter(request_id__in=request_ids).exclude(kind=EventKind.ASSIGNED).order_by()
    recorded = dict(events.values_list("request_id").annotate(newest=Max("recorded_at")))
    notes = Note.objects.filter(request_id__in=request_ids).order_by()
    noted = dict(notes.values_list("request_id").annotate(newest=Max("at")))
    letters = NextLetter.objects.filter(request_id__in=request_ids).order_by()
    written = dict(letters.values_list("request_id").annotate(newest=Max("changed_at")))
    found: dict[int, tuple[datetime | None, datetime | None]] = {}
    for number in request_ids:
        steps = [moment for moment in (noted.get(number), written.get(number)) if moment is not None]
        found[number] = (recorded.get(number), max(steps, default=None))
    return found


def notices_by_key(keys: Sequence[str]) -> dict[str, int]:
    """Return the numbers of notices by their keys."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), KEYS_ASKED_AT_ONCE):
        some = keys[start : start + KEYS_ASKED_AT_ONCE]
        found |= dict(Notice.objects.filter(key__in=some).values_list("key", "pk"))
    return found


# --- Lists --------------------------------------------------------------------------------------------------------


def with_rows(rows: QuerySet[RecordsRequest]) -> QuerySet[RecordsRequest]:
    """Add what a row of the desk shows: agency, people, current deadlines. Nothing else.

    Above all not what is sealed, letters and legal names: opening it took longer than all other work for a row.
    """
    current = Deadline.objects.filter(superseded_at=None).only(*_SHOWN_OF_DEADLINES)
    return _with_names(rows).prefetch_related(
        Prefetch("deadlines", queryset=current.order_by("latest", "earliest", "pk"), to_attr="current_deadlines"),
    )


def _with_names(rows: QuerySet[RecordsRequest]) -> QuerySet[RecordsRequest]:
    return rows.select_related("agency", "filer", "assignee").only(*_SHOWN_OF_REQUESTS)


_SHOWN_OF_REQUESTS = (
    "reference", "jurisdiction", "subject", "status", "phase", "resolution", "next_due_on", "next_due_duty_of",
    "overdue_since", "quiet_since", "last_sequence", "kit_id", "delivery", "conditions", "agency__name",
    "filer__handle", "assignee__handle",
)  # fmt: skip
_SHOWN_OF_DEADLINES = (
    "request", "kind", "duty_of", "earliest", "latest", "certainty", "state", "citation", "rule_id", "trigger",
    "trigger_date", "body", "level",
)  # fmt: skip


def letters_of(person: Person) -> QuerySet[RecordsRequest]:
    """Return a volunteer's own open letters: what did not arrive, what the agency let pass, then by the next date, then
    what has none. `letter_is_back`: a letter did not arrive and waits for somebody to choose another way.
    """
    mine = with_rows(_own(person).exclude(phase=Phase.DONE)).annotate(letter_is_back=delivery.letter_is_back())
    return mine.order_by(
        "-letter_is_back",
        F("overdue_since").asc(nulls_last=True),
        F("next_due_on").asc(nulls_last=True),
        "-opened_at",
        "-pk",
    )


def done_letters_of(person: Person) -> QuerySet[RecordsRequest]:
    """Return a volunteer's own letters that are done, newest first."""
    return _with_names(_own(person).filter(phase=Phase.DONE)).order_by("-opened_at")


def _own(person: Person) -> QuerySet[RecordsRequest]:
    return filing.visible_to(person).filter(filing.worked_on_by(person))


def unasked_states(codes: tuple[str, ...]) -> int:
    """Return how many jurisdictions the group has never asked."""
    asked = set(RecordsRequest.objects.order_by().values_list("jurisdiction", flat=True).distinct())
    return len(set(codes) - asked)


def number_of(key: str) -> int | None:
    """Return the number of a row that a link names; None for anything that is not one, such as `²` or a novel."""
    return int(key) if key.isascii() and key.isdigit() and len(key) <= LONGEST_NUMBER else None


def search(person: Person | AnonymousUser, filters: Filters, viewer: Viewer | None = None) -> QuerySet[RecordsRequest]:
    """Return every request this person may see that fits the filters, done ones too, newest first."""
    return narrowed(filing.visible_to(person), filters, viewer).order_by("-pk")


def newest_after(rows: QuerySet[RecordsRequest], key: str) -> QuerySet[RecordsRequest]:
    """Return the rows older than the one whose number is `key`."""
    number = number_of(key)
    return rows if number is None else rows.filter(pk__lt=number)
