"""One row of a list of requests, made ready for a template: what to do, by when, whose turn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from requests_app.filing.lifecycle import Status
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.filing.next_action import NextAction, next_action
from requests_app.tracking.queries import SOON

TONES = {
    "done": "good",
    "waiting_for_us": "action",
    "waiting_for_them": "neutral",
    "in_progress": "neutral",
}


@dataclass(frozen=True)
class Row:
    """A request with its next action. `tone` names the colour and shape; the words say it without them."""

    request: RecordsRequest
    action: NextAction
    tone: str

    @property
    def is_late(self) -> bool:
        """Return whether the agency is past the latest date of a duty it still owes."""
        return self.tone == "late"


def compose_row(records_request: RecordsRequest, deadlines: Iterable[Deadline], today: date) -> Row:
    """Return one request as a row."""
    action = next_action(Status(records_request.status), list(deadlines), today)
    return Row(records_request, action, _tone(records_request, action, today))


def compose_rows(requests: Iterable[RecordsRequest], todays: Mapping[str, date]) -> list[Row]:
    """Return the rows of requests that carry `current_deadlines`."""
    return [
        compose_row(records_request, vars(records_request)["current_deadlines"], todays[records_request.jurisdiction])
        for records_request in requests
    ]


def _tone(records_request: RecordsRequest, action: NextAction, today: date) -> str:
    if records_request.overdue_since is not None:
        return "late"
    if action.by is not None and action.by <= today + SOON:
        return "soon"
    return TONES[records_request.phase]
