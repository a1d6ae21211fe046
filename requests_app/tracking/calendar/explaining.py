"""Everything behind one stored date: its rule, its doubts, the days that were skipped, and trials with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from requests_app.filing import lawbook
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.timeline import facts_of, to_law
from requests_app.law.calendars import CalendarEnds
from requests_app.law.schema import DayStatus, Rule, Statute
from requests_app.law.timeline import TimelineError
from requests_app.tracking.calendar.trials import Facts, TrialRefused


@dataclass(frozen=True, slots=True)
class Skipped:
    """A weekday between a period's start and its end on which offices are closed, or perhaps closed."""

    day: date
    status: DayStatus


@dataclass(frozen=True, slots=True)
class Explained:
    """One deadline with the law behind it. `rule` is None where today's law book has no such rule any more."""

    deadline: Deadline
    statute: Statute
    rule: Rule | None
    skipped: tuple[Skipped, ...]
    doubts: tuple[str, ...]

    @property
    def is_older_law(self) -> bool:
        """Return whether the date was counted under an edition that is no longer the one in use."""
        return self.deadline.law_edition != self.statute.edition


def explain(deadline: Deadline, jurisdiction: str) -> Explained:
    """Return what stands behind a stored deadline."""
    statute = lawbook.statute_of(jurisdiction)
    rule = next((one for one in statute.rules if one.id == deadline.rule_id), None)
    return Explained(deadline, statute, rule, _skipped(deadline, jurisdiction), rule.doubts if rule is not None else ())


def _skipped(deadline: Deadline, jurisdiction: str) -> tuple[Skipped, ...]:
    """Return the closed and disputed weekdays between start and latest date; weekends go without saying."""
    if deadline.latest is None or deadline.latest <= deadline.trigger_date:
        return ()
    calendar = lawbook.book().calendar(jurisdiction)
    try:
        found = calendar.not_open_days(deadline.trigger_date, deadline.latest)
        return tuple(Skipped(day, status) for day, status in found)
    except CalendarEnds:
        return ()


def facts_for_trial(records_request: RecordsRequest, events: Sequence[Event], now: datetime) -> Facts:
    """Return what a trial with a request starts from: its events as the law reads them. Raises TrialRefused."""
    code = records_request.jurisdiction
    zone = lawbook.zone_of(code)
    try:
        timeline = to_law(facts_of(sorted(events, key=lambda event: event.sequence), zone))
    except TimelineError as trouble:
        raise TrialRefused(_("The recorded events cannot be right: %(why)s") % {"why": trouble}) from trouble
    if timeline is None:
        raise TrialRefused(_("No letter has reached the agency yet, so that no clock runs that could be tried."))
    return Facts(
        lawbook.statute_of(code),
        timeline,
        lawbook.book().calendar(code),
        now.astimezone(zone),
        records_request.conditions,
    )
