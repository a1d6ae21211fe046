"""The calendar as month, week and agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.law.calendars import CalendarEnds
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import name_of
from requests_app.tracking.calendar import permissions, queries, wording
from requests_app.tracking.calendar.days import Form, Pages, bounds, compose_pages
from requests_app.tracking.calendar.forms import CalendarForm
from requests_app.tracking.calendar.queries import Dated, Day, Filters

SHOWN: Final = {"month": 4, "week": 12}  # entries of one day
AGENDA_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One date of one deadline in words. `side` is empty where the deadline has one date only.

    `tone`: "ours" or "theirs", and `shape` the mark that goes with it, as classes and drawings are called.
    """

    day: date
    ours: bool
    tone: str
    shape: str
    whose: str
    what: str
    side: str
    advice: str
    reference: str
    url: str
    request_url: str
    agency: str
    short_name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a page: its lines, how many more there are, and why offices are closed, where one state is shown.

    `words`: the day written out. `classes`: how the day is drawn.
    """

    day: date
    words: str
    today: bool
    classes: str
    lines: list[Line]
    more: int
    at_least: bool
    url: str
    closed: str
    disputed: str


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show what runs out on which day, as far as this person may see it."""
    person = signed_in(request)
    if not permissions.can_open_calendar(person):
        raise PermissionDenied
    form = _filter_form(request, person)
    filters = form.filters()
    now = timezone.now()
    today = lawbook.local_day(filters.state, now) if filters.state else timezone.localdate(now)
    chosen, day = form.which(today)
    pages = compose_pages(chosen, day, today)
    context: dict[str, Any] = {
        "form": form,
        "filters": filters,
        "pages": pages,
        "today": today,
        "from_today": not request.GET.get("form"),
        "tabs": _tabs(filters, pages, today),
        "previous_url": _link(filters, chosen, pages.previous) if pages.previous else "",
        "next_url": _link(filters, chosen, pages.next) if pages.next else "",
        "today_url": _link(filters, chosen, today),
        "feed_url": f"{reverse('tracking:feeds')}?{urlencode({'about': _about(filters, person)})}",
        "state_name": name_of(filters.state) if filters.state else "",
        "crumbs": [],
    }
    if chosen == "agenda":
        context |= _agenda(request, person, filters, pages, today)
    else:
        context |= _grid(person, filters, pages, today)
    return render(request, "tracking/calendar/calendar.html", context)


def _filter_form(request: HttpRequest, person: Person) -> CalendarForm:
    people = filing.people_to_assign().only("handle") if permissions.can_choose_people(person) else None
    campaigns = queries.campaigns_to_choose() if permissions.can_choose_campaigns(person) else None
    return CalendarForm(request.GET, people=people, campaigns=campaigns)


def _link(filters: Filters, form: Form, day: date) -> str:
    return "?" + urlencode({**filters.as_query(), "form": form, "day": day.isoformat()})


def _about(filters: Filters, person: Person) -> str:
    """Return what a feed of these filters would be of."""
    if filters.campaign:
        return f"campaign:{filters.campaign}"
    if filters.state:
        return f"state:{filters.state}"
    if filters.person and filters.person.lower() not in (person.handle.lower(), queries.NOBODY):
        return f"person:{filters.person}"
    return "mine"


def _tabs(filters: Filters, pages: Pages, today: date) -> list[dict[str, Any]]:
    """Return the three forms. Going from a month that holds today to a week, one sees today's."""
    day = today if pages.start <= today <= pages.last else pages.start
    names: tuple[tuple[Form, str], ...] = (("month", _("Month")), ("week", _("Week")), ("agenda", _("List")))
    return [{"label": label, "url": _link(filters, form, day), "current": form == pages.form} for form, label in names]


# --- month and week ---------------------------------------------------------------------------------------------------


def _grid(person: Person, filters: Filters, pages: Pages, today: date) -> dict[str, Any]:
    days = pages.days
    found = queries.days_of(person, filters, days, SHOWN[pages.form])
    closed, unreviewed = _closed_days(filters.state, days)
    duties: Duties = {}
    cells = [_cell(day, found.get(day), pages, today, closed, filters, duties) for day in days]
    return {"cells": cells, "unreviewed": unreviewed, "empty": not found}


def _cell(
    day: date,
    found: Day | None,
    pages: Pages,
    today: date,
    closed: dict[date, tuple[str, str]],
    filters: Filters,
    duties: Duties,
) -> Cell:
    shut, doubtful = closed.get(day, ("", ""))
    lines = [_line(dated, duties) for dated in found.shown] if found is not None else []
    drawn = {
        "today": day == today,
        "outside": pages.form == "month" and day.month != pages.start.month,
        "past": day < today,
        "empty": not lines and day != today,
        "closed": bool(shut),
    }
    return Cell(
        day=day,
        words=date_format(day, "l, F j, Y"),
        today=day == today,
        classes=" ".join(["dl-day", *(f"dl-day--{name}" for name, holds in drawn.items() if holds)]),
        lines=lines,
        more=found.more if found is not None else 0,
        at_least=found.at_least if found is not None else False,
        url=_link(filters, "agenda", day),
        closed=shut,
        disputed=doubtful,
    )


def _closed_days(state: str, days: Sequence[date]) -> tuple[dict[date, tuple[str, str]], str]:
    """Return the weekdays on which a state's offices are closed, or perhaps, by name; and what was not reviewed."""
    if not state:
        return {}, ""
    calendar_of = lawbook.book().calendar(state)
    found: dict[date, tuple[str, str]] = {}
    try:
        for day in days:
            status = calendar_of.status(day)
            if day.weekday() < 5 and status.kind != "open":
                name = status.name or ""
                found[day] = (name, "") if status.kind == "closed" else ("", name)
    except CalendarEnds as end:
        return found, str(end)
    return found, ""


_REFERENCE: Final = "REFERENCE"


@cache  # a month has a hundred and more lines, and looking an address up costs more than all else of one
def _request_page() -> str:
    return reverse("tracking:request", args=[_REFERENCE])


@dataclass(frozen=True, slots=True)
class _Words:
    """What lines of the same kind of duty say alike."""

    whose: str
    what: str
    side: str
    advice: str


Duties = dict[tuple[str, ...], _Words]  # the words put together so far for one page


def _line(dated: Dated, duties: Duties) -> Line:
    shown, mark = dated.deadline, dated.mark
    key = (shown.kind, shown.title, shown.duty_of, shown.certainty, mark.side)
    words = duties.get(key)
    if words is None:
        what = wording.title_of(shown, shown.title)
        words = duties[key] = _Words(
            whose=wording.whose(shown),
            what=_("Perhaps: %(what)s") % {"what": what} if shown.certainty == "conditional" else what,
            side=wording.side_words(mark.side),
            advice=wording.side_advice(shown, mark.side),
        )
    page = _request_page().replace(_REFERENCE, quote(shown.reference))
    return Line(
        day=mark.day,
        ours=mark.ours,
        tone="ours" if mark.ours else "theirs",
        shape="action" if mark.ours else "neutral",
        whose=words.whose,
        what=words.what,
        side=words.side,
        advice=words.advice,
        reference=shown.reference,
        url=f"{page}dates/{shown.pk}/",
        request_url=page,
        agency=shown.agency,
        short_name=shown.short_name,
    )


# --- the list ---------------------------------------------------------------------------------------------------------


def _agenda(request: HttpRequest, person: Person, filters: Filters, pages: Pages, today: date) -> dict[str, Any]:
    after = queries.parse_place(request.GET.get("after", ""))
    found, place = queries.agenda(person, filters, pages.first, bounds(today)[1], after, AGENDA_SIZE)
    duties: Duties = {}
    days: dict[date, list[Line]] = {}
    for dated in found:
        days.setdefault(dated.mark.day, []).append(_line(dated, duties))
    closed, unreviewed = _closed_days(filters.state, list(days))
    rest = {**filters.as_query(), "form": "agenda", "day": pages.start.isoformat()}
    return {
        "agenda": [
            {"day": day, "lines": lines, "today": day == today, "closed": "".join(closed.get(day, ()))}
            for day, lines in days.items()
        ],
        "unreviewed": unreviewed,
        "next_page_url": "?" + urlencode(rest | {"after": place.as_key()}) if place is not None else "",
        "empty": not found,
    }
