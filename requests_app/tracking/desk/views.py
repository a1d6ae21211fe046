"""The desk itself: groups, one group, and what every row needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from requests_app.correspondence.delivery import queries as delivery
from requests_app.correspondence.incoming import queries as incoming
from requests_app.filing import queries as filing
from requests_app.filing.lawbook import todays
from requests_app.filing.models import RecordsRequest
from requests_app.people.absences.models import Absence
from requests_app.people.absences.queries import absent_for, away_on
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.tracking import permissions
from requests_app.tracking.desk import queries
from requests_app.tracking.desk.filters import Viewer
from requests_app.tracking.desk.models import COLUMNS, DeskChoice
from requests_app.tracking.desk.rows import Around, DeskLine, compose_desk_lines
from requests_app.tracking.forms import DeskFilterForm
from requests_app.tracking.reminders import undelivered
from requests_app.tracking.templatetags.once_for_all import REFERENCE

# How many rows of each group the whole desk shows: enough to work on, few enough that the last group is in reach.
GROUP_SIZES: Final = {"ours": 8, "late": 8, "soon": 6, "us": 6, "them": 4, "stale": 4}
PAGE_SIZE: Final = 40
EVERYTHING: Final = "everything"  # in the address: the whole desk, although another view is one's own first one
JUST_DONE: Final = "desk_done"  # in the session: what the page before did, and how to take it back


@dataclass(frozen=True)
class Desk:
    """Who looks at the desk, on which days, and who is away: read once for a page."""

    person: Person
    now: datetime
    todays: dict[str, date]
    away: dict[int, Absence]

    @property
    def viewer(self) -> Viewer:
        """The one who looks, with those for whom they stand in."""
        return Viewer(self.person.pk, absent_for(self.person.pk, self.away))

    @property
    def sleeping(self) -> queries.Sleeping:
        """What sleeps, for the groups."""
        return queries.Sleeping(self.todays)

    def lines(self, rows: Sequence[RecordsRequest], *, awake: bool = False) -> list[DeskLine]:
        """Return these requests as rows. Two queries; one where none of them sleeps, as in every group but one."""
        numbers = [row.pk for row in rows]
        letters = queries.open_letters(numbers)
        snoozes = {} if awake else queries.snoozes_of(numbers, self.todays)
        return compose_desk_lines(rows, Around(self.todays, letters, snoozes, self.away))


def desk_for(request: HttpRequest) -> Desk:
    """Return the desk for whoever asks. Raises PermissionDenied for those who may not open it."""
    person = signed_in(request)
    if not permissions.can_open_desk(person):
        raise PermissionDenied
    now = timezone.now()
    days = dict(todays(now))
    return Desk(person, now, days, away_on(timezone.localdate(now)))


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show the open requests by what hurts most; with nothing asked for, in the view that this person chose."""
    here = desk_for(request)
    look = queries.look_of(here.person)
    if not request.GET and look.default_view is not None:
        return redirect(f"{request.path}?{look.default_view.query or EVERYTHING}")
    form = DeskFilterForm(request.GET, people=filing.people_to_assign().only("handle"))
    filters = form.filters()
    rows = queries.open_requests(here.person, filters, here.viewer)
    place = urlencode(filters.as_query() | _page_named(request))
    chosen = filters.group if filters.group in (*queries.GROUPS, queries.ASLEEP) else ""
    views = list(queries.views_for(here.person))
    query = urlencode(filters.as_query())
    context: dict[str, Any] = {
        "form": form,
        "filters": filters,
        "query": query,
        "views": views,
        "view": next((view for view in views if view.query == query and query), None),
        "default_view_id": look.default_view_id,
        **_sweep_state(here.now),
        "just_done": request.session.pop(JUST_DONE, None) if JUST_DONE in request.session else None,
        "away": [absence for absence in here.away.values() if absence.person_id != here.person.pk],
        **row_context(here.person, look, place),
    }
    if chosen:
        page = _one_group(here, rows, chosen, filters.as_query(), request.GET.get("after", ""))
        context |= {"chosen": chosen, "page": page}
    else:
        context |= _groups(here, rows, filters.as_query())
    return render(request, "tracking/desk.html", context)


def row_context(person: Person, look: DeskChoice, place: str) -> dict[str, Any]:
    """Return what a row needs besides itself: what the reader may do, what they like to see, the way back."""
    back = f"?{urlencode({'back': place})}" if place else ""
    acts = reverse("tracking:desk-row", args=[REFERENCE])
    drawn_with = {"acts": acts, "reference": REFERENCE, "back": back}
    return {
        "may_act": permissions.can_share_out(person),
        "act_links": render_to_string("tracking/desk/_acts.html", drawn_with),
        "shows": {name: name not in look.left_out for name in COLUMNS},
        "keys": look.keys,
        "place": place,
        "back": back,
    }


def _page_named(request: HttpRequest) -> dict[str, str]:
    return {"after": request.GET["after"]} if request.GET.get("after") else {}


def _groups(here: Desk, rows: Any, asked: dict[str, str]) -> dict[str, Any]:
    """Return the groups of the desk, each with its first rows and how many there are, and how many rows sleep."""
    today = timezone.localdate(here.now)
    found = queries.first_numbers(rows, today, here.sleeping, queries.COUNTED_TO)
    first = {name: found[name][: GROUP_SIZES[name]] for name in queries.GROUPS}
    read = queries.rows_by_number([number for numbers in first.values() for number in numbers])
    lines = {line.pk: line for line in here.lines(list(read.values()), awake=True)}
    groups = [
        {
            "name": name,
            "rows": [lines[number] for number in first[name] if number in lines],
            "count": len(found[name]),
            "at_least": len(found[name]) >= queries.COUNTED_TO,
            "more_url": "?" + urlencode(asked | {"group": name}) if len(found[name]) > GROUP_SIZES[name] else "",
        }
        for name in queries.GROUPS
    ]
    sleeping = found[queries.ASLEEP]
    return {
        "groups": groups,
        "nothing": all(not group["rows"] for group in groups),
        "asleep_count": len(sleeping),
        "asleep_at_least": len(sleeping) >= queries.COUNTED_TO,
        "asleep_url": "?" + urlencode(asked | {"group": queries.ASLEEP}),
    }


def _one_group(here: Desk, rows: Any, name: str, asked: dict[str, str], after: str) -> dict[str, Any]:
    numbers = queries.numbers_after(rows, name, timezone.localdate(here.now), here.sleeping, after, PAGE_SIZE + 1)
    read = queries.rows_by_number(numbers)
    shown = [read[number] for number in numbers if number in read]
    last = shown[PAGE_SIZE - 1] if len(shown) > PAGE_SIZE else None
    next_url = "?" + urlencode(asked | {"after": queries.page_key(last, name)}) if last else ""
    return {"rows": here.lines(shown[:PAGE_SIZE], awake=name != queries.ASLEEP), "next_url": next_url}


def _sweep_state(now: datetime) -> dict[str, Any]:
    """Return whether sweeps run, how many mails and letters did not arrive, and how much mail waits. One query."""
    beat_at, given_up, waiting, letters_back, asking, handed_in = undelivered.count_with_heartbeat("sweep", now)
    age = None if beat_at is None else int((now - beat_at).total_seconds())
    late = age is not None and age > settings.SWEEPS_LATE_AFTER_SECONDS
    return {
        "sweep": {"never": age is None, "late": late, "minutes": (age or 0) // 60},
        "undelivered": given_up,
        "letters_back": letters_back,
        "letters_counted_to": delivery.COUNTED_TO,
        "mail_waits": waiting,
        "mail_asks": asking,
        "mail_counted_to": incoming.COUNTED_TO,
        "handed_in": handed_in,
    }
