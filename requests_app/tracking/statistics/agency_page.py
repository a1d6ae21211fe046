"""What we know of one agency by dealing with it: how long it takes, who answers, what worked, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.agencies import queries as agencies
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, NextLetter, RecordsRequest
from requests_app.kits.later import LETTER_KEYS, letter_type
from requests_app.tracking.statistics import definitions, permissions, services
from requests_app.tracking.statistics.counting import Line, Part
from requests_app.tracking.statistics.definitions import Cell, Column
from requests_app.tracking.statistics.models import RequestFacts
from requests_app.tracking.statistics.views import objection_words, states_counted_from_sending
from requests_app.tracking.statistics.what_worked import WINDOW, Followed, Written, what_followed

SHOWN: Final = 25  # open requests, and done ones
LETTERS_READ: Final = 1000  # the newest: what worked years ago says little
RECORDS: Final = (EventKind.PRODUCED, EventKind.PRODUCED_PART)
COLUMNS: Final[tuple[Column, ...]] = (*definitions.TIMES.columns, definitions.DUTIES.columns[2])


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what we know of one agency by dealing with it."""
    if not permissions.can_see_statistics(request.user):
        raise PermissionDenied
    agency = get_object_or_404(Agency, code=code)
    now = timezone.now()
    table, known_at = services.table_of("period", Part(agency_id=agency.pk), now)
    running, done = requests_of(agency, request.user)
    context = {
        "agency": agency,
        "columns": COLUMNS,
        "whole": _cells(table.whole),
        "months": [(line.name, _cells(line)) for line in reversed(table.lines)],
        "notes": [
            *definitions.notes_of(definitions.TIMES, _here(states_counted_from_sending(), agency)),
            str(definitions.ON_TIME),
        ],
        "known_at": known_at,
        "objections": [(objection_words(key), n) for key, n in table.objections],
        "money": [(column.heading, column.cell(table.whole)) for column in definitions.MONEY.columns[1:]],
        "contacts": contacts_of(agency),
        "worked": [(_letter_words(row.key), row, _followed_cell(row)) for row in what_worked(agency, now)],
        "window": WINDOW.days,
        "running": running[:SHOWN],
        "more_running": len(running) > SHOWN,
        "done": done,
        "crumbs": [
            (_("Agencies"), reverse("agencies:list")),
            (agency.short_name, agency.get_absolute_url()),
            (_("What it did"), ""),
        ],
    }
    return render(request, "tracking/statistics/agency.html", context)


def _here(states: list[str], agency: Agency) -> list[str]:
    return [state for state in states if state == agency.state_name]


def _cells(line: Line) -> list[tuple[Any, Cell]]:
    return [(column.heading, column.cell(line)) for column in COLUMNS]


def requests_of(agency: Agency, visitor: Any) -> tuple[list[RecordsRequest], list[RecordsRequest]]:
    """Return the open and the last done requests to an agency that this person may see. Two queries."""
    rows: QuerySet[RecordsRequest] = filing.visible_to(visitor).filter(agency=agency)
    shown = rows.only(
        "reference", "subject", "status", "phase", "resolution", "next_due_on", "overdue_since", "jurisdiction"
    )
    running = shown.exclude(phase="done").order_by(
        F("overdue_since").asc(nulls_last=True), F("next_due_on").asc(nulls_last=True), "pk"
    )
    return list(running[: SHOWN + 1]), list(shown.filter(phase="done").order_by("-pk")[:SHOWN])


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach an agency, with how often we used it and how often an answer came."""

    contact: ContactPoint
    sent: int
    answered: int


def contacts_of(agency: Agency) -> list[Contact]:
    """Return the ways to reach an agency, those that answer most first, with what came of our letters. One query.

    Our records hold offices and titles, as the agencies room keeps them; a clerk's own name is in no timeline.
    """
    used = (
        RequestFacts.objects.filter(request__contact_point=OuterRef("pk"), sent_on__isnull=False)
        .order_by()
        .values("request__contact_point")
    )
    answered = Count("pk", filter=Q(days_to_acknowledgment__isnull=False))
    rows = agencies.current_contacts().filter(agency=agency).select_related(None)
    rows = rows.annotate(
        letters_sent=Coalesce(Subquery(used.annotate(n=Count("pk")).values("n")), 0),
        letters_answered=Coalesce(Subquery(used.annotate(n=answered).values("n")), 0),
    )
    found = [Contact(one, one.letters_sent, one.letters_answered) for one in rows]
    return sorted(found, key=lambda one: -one.answered)


def what_worked(agency: Agency, now: datetime) -> list[Followed]:
    """Return which later letters were followed by records. Two queries."""
    today = lawbook.local_day(agency.jurisdiction, now)
    sent = NextLetter.objects.filter(
        request__agency=agency, state=NextLetter.State.SENT, sent_event__corrected_by__isnull=True
    )
    newest = sent.order_by("-pk").values_list("request_id", "key", "sent_event__happened_on")[:LETTERS_READ]
    letters = [Written(request_id, key, on) for request_id, key, on in newest if on is not None]
    came: dict[int, list[date]] = {}
    events = Event.objects.filter(
        request_id__in={letter.request_id for letter in letters}, kind__in=RECORDS, corrected_by__isnull=True
    )
    for request_id, on in events.values_list("request_id", "happened_on"):
        came.setdefault(request_id, []).append(on)
    return what_followed(letters, came, today)


def _letter_words(key: str) -> str:
    return str(letter_type(key).title) if key in LETTER_KEYS else key


def _followed_cell(row: Followed) -> Cell:
    open_words = _("%(n)s too recent to say") % {"n": row.still_open} if row.still_open else ""
    return definitions.share_cell(row.followed, row.judged, open_words)
