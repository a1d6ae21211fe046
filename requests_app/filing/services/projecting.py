"""What follows for a request from its events: the columns it carries, and the deadlines under its law.

Values in, values out; of the world it reads only the law book and the kit catalog. Whoever writes (`recording`,
`reprojecting`) reads the rows before and stores what is said here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from requests_app.filing import lawbook
from requests_app.filing.lifecycle import EventFact, EventKind, ImpossibleEvent, Phase, Standing, fold
from requests_app.filing.models import RecordsRequest
from requests_app.filing.next_action import next_due, overdue_since
from requests_app.filing.services.refusals import AgainstTheTimeline, LeavesAGap, NotPossibleNow
from requests_app.filing.timeline import StoredEvent, facts_of, to_law
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.law import deadlines as law_deadlines
from requests_app.law.calendars import CalendarEnds
from requests_app.law.rows import Deadline as LawDeadline
from requests_app.law.timeline import TimelineError


@dataclass(frozen=True, slots=True)
class Following:
    """What follows: the columns of the request by name, and the deadlines under its law."""

    columns: dict[str, Any]
    deadlines: tuple[LawDeadline, ...]

    def differs_from(self, records_request: RecordsRequest) -> bool:
        """Return whether the request carries anything else in these columns."""
        return any(getattr(records_request, name) != value for name, value in self.columns.items())

    def write_to(self, records_request: RecordsRequest) -> None:
        """Let the object in hand say what was stored."""
        for name, value in self.columns.items():
            setattr(records_request, name, value)


@dataclass(frozen=True, slots=True)
class _Projected:
    deadlines: tuple[LawDeadline, ...]
    notes: tuple[str, ...]


def work_out(
    records_request: RecordsRequest, events: Sequence[StoredEvent], *, new: Collection[int] = (), now: datetime
) -> Following:
    """Return what follows for a request from its events, stored and about to be stored.

    `new`: the numbers of those about to be stored. Raises EventRefused: for a new event that cannot be, or for an older
    one that it leaves with nothing to follow.
    """
    facts = facts_of(events, lawbook.zone_of(records_request.jurisdiction))
    standing = _fold(facts, new)
    projected = _project(records_request, facts, standing, now)
    columns = {
        "status": standing.status,
        "resolution": standing.resolution or "",
        "phase": standing.phase,
        "law_edition": lawbook.statute_of(records_request.jurisdiction).edition,
        "law_notes": list(projected.notes),
        **_next_columns(projected.deadlines),
        "overdue_since": overdue_since(standing.status, projected.deadlines),
    }
    return Following(columns, projected.deadlines)


def _fold(facts: Sequence[EventFact], new: Collection[int]) -> Standing:
    try:
        return fold(facts)
    except ImpossibleEvent as impossible:
        if impossible.fact is None or impossible.fact.sequence in new:
            kind = impossible.fact.kind if impossible.fact else EventKind.OPENED
            raise NotPossibleNow(kind, impossible.status) from impossible
        raise LeavesAGap(impossible.fact) from impossible


def _project(
    records_request: RecordsRequest, facts: Sequence[EventFact], standing: Standing, now: datetime
) -> _Projected:
    """Return the deadlines that follow from what stands.

    A done request is judged as of the day on which it ended: what ran then runs no more, and no later day lets it pass.
    """
    code = records_request.jurisdiction
    if not _under_records_law(records_request.kit_id):
        return _Projected((), (_("This letter asks officials a question. No law sets a date for their answer."),))
    try:
        timeline = to_law(facts)
    except TimelineError as trouble:
        raise AgainstTheTimeline(str(trouble)) from trouble
    if timeline is None:
        return _Projected((), ())
    statute, calendar = lawbook.statute_of(code), lawbook.book().calendar(code)
    try:
        projection = law_deadlines.project(
            statute,
            timeline,
            calendar,
            as_of=standing.ended_on or now.astimezone(lawbook.zone_of(code)),
            conditions=records_request.conditions,
        )
    except CalendarEnds as end:
        # No date is better than a guessed one; the note says which years are known.
        return _Projected((), (str(end),))
    except TimelineError as trouble:
        raise AgainstTheTimeline(str(trouble)) from trouble
    if standing.phase is Phase.DONE:
        over = tuple(row for row in projection.deadlines if row.state not in ("running", "paused"))
        return _Projected(over, ())
    return _Projected(projection.deadlines, projection.notes)


def _under_records_law(kit_id: str) -> bool:
    """Return whether the kit is a records request. One that the catalog no longer has was, as all but one are."""
    try:
        return get_kit(kit_id).kind == "records"
    except UnknownKit:
        return True


def _next_columns(deadlines: Sequence[LawDeadline]) -> dict[str, Any]:
    due = next_due(deadlines)
    if due is None:
        return {"next_due_on": None, "next_due_kind": "", "next_due_duty_of": ""}
    return {"next_due_on": due.on, "next_due_kind": due.kind, "next_due_duty_of": due.duty_of}
