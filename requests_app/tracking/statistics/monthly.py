"""The monthly report on a campaign: one page, made once for each campaign and month, and told to the coordinators."""

from __future__ import annotations

import logging
import traceback
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.correspondence.queries import OnDuty
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Campaign, Deadline, Event
from requests_app.kits import rendering
from requests_app.people import services as people
from requests_app.people.services import NoticeDraft
from requests_app.people.states import JURISDICTIONS, name_of
from requests_app.tracking import campaign_queries
from requests_app.tracking.campaign_summary import Course
from requests_app.tracking.statistics import definitions, folding
from requests_app.tracking.statistics.counting import Line, Part, Table, count, kit_name
from requests_app.tracking.statistics.facts import ANSWERING, DECIDING, REFUSING
from requests_app.tracking.statistics.models import MonthlyReport
from requests_app.tracking.statistics.views import objection_words, states_counted_from_sending

log = logging.getLogger(__name__)

DUE_SHOWN: Final = 8  # what fits on the page beside the rest; ours before the agencies'
REFUSALS_SHOWN: Final = 5
LATE_SHOWN: Final = 8  # states


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def begins_at(self) -> datetime:
        """The moment at which it begins where the organisation is."""
        return datetime.combine(self.first, time(), ZoneInfo(settings.ORGANISATION_TIME_ZONE))

    @property
    def after(self) -> Month:
        """The month after it."""
        return Month(self.last + timedelta(days=1))

    @property
    def before(self) -> Month:
        """The month before it."""
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def words(self) -> str:
        """Its name, such as "October 2026"."""
        return date_format(self.first, "F Y")


def month_of(now: datetime) -> Month:
    """Return the month that runs where the organisation is."""
    return Month(timezone.localdate(now, ZoneInfo(settings.ORGANISATION_TIME_ZONE)).replace(day=1))


@dataclass(frozen=True, slots=True)
class Due:
    """A date of the coming month: ours by its earliest day, the agency's by its latest. `perhaps`: it may not apply."""

    on: date
    reference: str
    state: str
    agency: str
    what: str
    ours: bool
    perhaps: bool


# --- making -----------------------------------------------------------------------------------------------------------


def make_due_reports(now: datetime) -> int:
    """Make the reports of the last month that are not made yet. Returns how many.

    May run at any time, twice, or late: what is there already is left alone, and a report and the notices that tell of
    it are one transaction.

    1. Take the campaigns that had begun to file before the month ended, and had not ended before it began.
    2. Leave out those whose report is there.
    3. Make each: the page first, which takes a second, then the row with its notices. One that cannot be made holds
       back no other, and is tried again by the next run.
    """
    month = month_of(now).before
    begun = Campaign.objects.filter(first_filed_at__lt=month.after.begins_at)
    running = begun.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=month.begins_at))
    made = 0
    for campaign in running.exclude(monthly_reports__month=month.first).order_by("pk"):
        try:
            made += make_report(campaign, month, now)
        except Exception as trouble:  # noqa: BLE001  the others' reports must be made, whatever is wrong with this one
            # Not the words of the exception: they can hold a name.
            lines = "".join(traceback.format_tb(trouble.__traceback__))
            log.error("the report on campaign %s could not be made: %s\n%s", campaign.pk, type(trouble).__name__, lines)
    return made


def make_report(campaign: Campaign, month: Month, now: datetime) -> bool:
    """Make one report and tell the coordinators. Returns False when somebody else was quicker."""
    pdf = report_pdf(campaign, month, now)
    try:
        with transaction.atomic():
            report = MonthlyReport.objects.create(campaign=campaign, month=month.first, made_at=now, pdf=pdf)
            people.queue_notices(_notices(report, campaign, month), send_after=now, now=now)
    except IntegrityError:
        if MonthlyReport.objects.filter(campaign=campaign, month=month.first).exists():
            return False
        raise
    return True


def _notices(report: MonthlyReport, campaign: Campaign, month: Month) -> list[NoticeDraft]:
    words = {"campaign": campaign.name, "month": month.words}
    return [
        NoticeDraft(
            recipient_id=person.pk,
            key=f"monthly-report:{campaign.pk}:{month.first:%Y-%m}:{person.pk}",
            subject=(_("%(campaign)s in %(month)s") % words)[:200],
            text=_(
                "The monthly report on this campaign is ready: what was asked, where it stands in each state, how long "
                "agencies take, fees, refusals, and what is due next month. It opens as a PDF of one page when you are "
                "signed in."
            ),
            why=_("You get this because you coordinate: a report on each campaign is made every month."),
            path=reverse("tracking:report-pdf", args=[report.pk]),
        )
        for person in OnDuty().coordinators
    ]


def reports() -> QuerySet[MonthlyReport]:
    """Return the reports, the newest month first, without their pages."""
    return MonthlyReport.objects.select_related("campaign").defer("pdf", "campaign__choices")


# --- the page ---------------------------------------------------------------------------------------------------------


def report_pdf(campaign: Campaign, month: Month, now: datetime) -> bytes:
    """Return the report on a campaign and month as PDF: one page. Cost: about a second."""
    context = report_context(campaign, month, now)
    return rendering.to_pdf(render_to_string("tracking/statistics/report.html", context), extra_sheet=_sheet())


def report_context(campaign: Campaign, month: Month, now: datetime) -> dict[str, Any]:
    """Return what the page says. The facts of the campaign's requests are brought up to date before."""
    summary = campaign_queries.summary_of(campaign, now)
    folding.refold([letter.request.pk for letter in summary.letters], now=now)
    as_of, ahead = folding.today_everywhere(now)
    table = count("state", Part(campaign_id=campaign.pk), as_of, ahead)
    course_of = summary.course_of_states()
    due = due_in(campaign, month.after)
    return {
        "campaign": campaign,
        "month": month,
        "now": now,
        "kits": [kit_name(kit_id) for kit_id in campaign.kits],
        "figures": _figures(campaign, month, table.whole),
        "tiles": [(code, course_of.get(code, Course.OUTSIDE).value) for code in JURISDICTIONS],
        "legend": [
            (course.value, course.label, sum(found is course for found in course_of.values()))
            for course in Course
            if course in {*course_of.values()}
        ],
        "times": [
            (column.heading, column.cell(table.whole))
            for column in (*definitions.TIMES.columns[1:], *definitions.DUTIES.columns[1:4])
        ],
        "slow": _slow(table),
        "money": [(column.heading, column.cell(table.whole)) for column in definitions.MONEY.columns[1:]],
        "refused": definitions.OUTCOMES.columns[1].cell(table.whole),
        "appeals": definitions.OUTCOMES.columns[2].cell(table.whole),
        "refusals": [(objection_words(key), n) for key, n in table.objections[:REFUSALS_SHOWN]],
        "more_refusals": max(0, len(table.objections) - REFUSALS_SHOWN),
        "due": sorted(sorted(due, key=lambda one: not one.ours)[:DUE_SHOWN], key=due.index),
        "due_ours": sum(one.ours for one in due),
        "due_theirs": sum(not one.ours for one in due),
        "more_due": max(0, len(due) - DUE_SHOWN),
        "sending": ", ".join(state for state in states_counted_from_sending() if state in _states(table)),
        "to_do": summary.to_do,
    }


def _states(table: Table) -> set[str]:
    return {line.name for line in table.lines}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report: in the month, and by now in all."""

    name: str
    in_month: int
    in_all: int


def _figures(campaign: Campaign, month: Month, whole: Line) -> list[Figure]:
    """Return what happened in the month beside what happened in all. One query.

    In the month: requests with an event of that kind whose legal day lies in it, each once.
    """
    kinds = {
        "sent": {EventKind.SENT},
        "answered": ANSWERING,
        "decided": DECIDING,
        "refused": REFUSING,
        "records": {EventKind.PRODUCED},
    }
    events = Event.objects.filter(
        request__facts__campaign=campaign,
        request__facts__sent_on__isnull=False,
        corrected_by__isnull=True,
        happened_on__range=(month.first, month.last),
    )
    found = events.aggregate(
        **{key: Count("request", filter=Q(kind__in=sorted(some)), distinct=True) for key, some in kinds.items()}
    )
    return [
        Figure(_("Sent"), found["sent"], whole.sent),
        Figure(_("Heard from the agency"), found["answered"], whole.times["acknowledgment"].ended),
        Figure(_("Decided"), found["decided"], whole.times["determination"].ended),
        Figure(_("Refused"), found["refused"], whole.refused),
        Figure(_("All records came"), found["records"], whole.times["production"].ended),
    ]


def _slow(table: Table) -> list[tuple[str, int, int]]:
    """Return the states where most dates for a decision passed: name, how many, of how many that can be judged."""
    late = [
        (line.name, line.duties["determination"].late, line.duties["determination"].judged)
        for line in table.lines
        if line.duties["determination"].late
    ]
    return sorted(late, key=lambda one: (-one[1], one[0]))[:LATE_SHOWN]


def due_in(campaign: Campaign, month: Month) -> Sequence[Due]:
    """Return what falls due in a month, soonest first: ours by the earliest day, theirs by the latest. One query."""
    span = (month.first, month.last)
    ours = Q(duty_of=Deadline.Duty.REQUESTER, earliest__range=span)
    theirs = Q(duty_of=Deadline.Duty.AGENCY, latest__range=span)
    rows = Deadline.objects.filter(
        ours | theirs,
        state=Deadline.State.RUNNING,
        superseded_at__isnull=True,
        request__facts__campaign=campaign,
    ).values_list(
        "duty_of", "earliest", "latest", "title", "kind", "certainty", "request__reference", "request__jurisdiction",
        "request__agency__short_name",
    )  # fmt: skip
    found = []
    for duty_of, earliest, latest, title, kind, certainty, reference, state, agency in rows:
        is_ours = duty_of == Deadline.Duty.REQUESTER
        on = earliest if is_ours else latest
        if on is None:  # the condition above leaves none; the columns allow it
            continue
        found.append(
            Due(on, reference, name_of(state), agency, title or kind_words(kind), is_ours, certainty == "conditional")
        )
    return sorted(found, key=lambda one: (one.on, not one.ours, one.reference))


def kind_words(kind: str) -> str:
    """Return what a kind of deadline is called."""
    names = {
        "acknowledgment": _("First answer"),
        "determination": _("Decision"),
        "production": _("Records"),
        "extension": _("Decision, extended"),
        "appeal": _("Appeal"),
        "court": _("Court"),
        "reply": _("Our reply"),
    }
    return names.get(kind, kind)


@cache
def _sheet() -> str:
    return "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parent.parent / "summary.css", Path(__file__).parent / "report.css")
    )
