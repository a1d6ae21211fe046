"""The dates to expect if a letter left now: the law's own projection from a sending, with its traces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from requests_app.filing import lawbook
from requests_app.filing.choices import DraftChoices
from requests_app.filing.models import Delivery
from requests_app.kits.schema import Kit
from requests_app.law.calendars import CalendarEnds
from requests_app.law.deadlines import project
from requests_app.law.rows import Deadline
from requests_app.law.schema import Statute
from requests_app.law.timeline import Event, Method, Timeline


@dataclass(frozen=True, slots=True)
class Expected:
    """What the law lets one expect of a letter that leaves now by one way. `otherwise` hangs on facts not known yet."""

    way: str
    sure: list[Deadline]
    otherwise: list[Deadline]
    notes: tuple[str, ...]


def dates_if_sent(kit: Kit, statute: Statute, delivery: str, chosen: DraftChoices, now: datetime) -> Expected:
    """Return the dates that would follow from sending at `now`. Questions to officials have none."""
    way = str(Delivery(delivery).label)
    if kit.kind != "records":
        return Expected(way, [], [], ())
    local = now.astimezone(lawbook.zone_of(statute.code))
    sending = Event("sent", local.date(), local.time(), cast(Method, delivery))
    try:
        projection = project(
            statute,
            Timeline([sending]),
            lawbook.book().calendar(statute.code),
            as_of=local,
            conditions=chosen.conditions,
        )
    except CalendarEnds as end:
        return Expected(way, [], [], (str(end),))
    return Expected(
        way,
        [row for row in projection.deadlines if row.certainty != "conditional"],
        [row for row in projection.deadlines if row.certainty == "conditional"],
        projection.notes,
    )
