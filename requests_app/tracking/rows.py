"""Requests made ready for a template: what to do, by when, whose turn. Lines that are new ask for their events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.filing.lifecycle import Status
from requests_app.filing.matter import MatterRows
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.next_action import NextAction, next_action
from requests_app.filing.recommending import letters_to_write
from requests_app.filing.writing import recommended_for
from requests_app.kits.situations import Offer
from requests_app.tracking.queries import SOON
from requests_app.tracking.wording import in_words

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

    @property
    def by_is_past(self) -> bool:
        """Return whether the day of the next action is the one since which the agency is late."""
        return self.is_late and not self.action.by_is_ours


def compose_row(
    records_request: RecordsRequest, events: Sequence[Event], deadlines: Iterable[Deadline], today: date
) -> Row:
    """Return one request as a row. It needs neither the first letter nor the agency's words."""
    current = list(deadlines)
    written = recommended_for(MatterRows(records_request, events, current, brief=True), today)
    return _row(records_request, current, written, today)


def _row(records_request: RecordsRequest, current: Sequence[Deadline], written: Sequence[Offer], today: date) -> Row:
    action = next_action(Status(records_request.status), current, today, written)
    return Row(records_request, action, _tone(records_request, action, today))


@dataclass(frozen=True, slots=True)
class Line:
    """A request as a line of a list: every word as it is shown, since a list looks each of them up fifty times.

    `owner` says whose turn it is. `follower` is empty where nobody follows, and then `filed_by` is a phrase. `on` and
    `on_words` are empty where no day is set, `write_url` where no letter is to be written. `by_is_past`: the day is the
    one since which the agency is late.
    """

    reference: str
    url: str
    assign_url: str
    agency: str
    subject: str
    follower: str
    filed_by: str
    owner: str
    tone: str
    status: str
    by_is_past: bool
    write_url: str
    what: str
    why: str
    on: str
    on_words: str

    def __getitem__(self, name: str) -> Any:
        """Return an attribute. A template asks so first; refused, it would ask again, a thousand times a page."""
        return getattr(self, name)


def compose_lines(requests: Collection[RecordsRequest], todays: Mapping[str, date]) -> list[Line]:
    """Return the lines of requests as `queries.with_rows` reads them, with `current_deadlines`.

    One query where a request has not been a line before as it stands now (`filing.recommending`), otherwise none.
    """
    deadlines: dict[int, list[Deadline]] = {one.pk: vars(one)["current_deadlines"] for one in requests}
    letters = letters_to_write(requests, deadlines, todays)
    page_of, assign_page_of = _pages("tracking:request"), _pages("filing:assign")
    choose_page_of = _pages("correspondence:next-letters")
    lines: list[Line] = []
    for records_request in requests:
        number, today = records_request.pk, todays[records_request.jurisdiction]
        row = _row(records_request, deadlines[number], letters[number], today)
        followed = records_request.assignee is not None
        lines.append(
            Line(
                reference=records_request.reference,
                url=page_of(records_request.reference),
                assign_url=assign_page_of(records_request.reference),
                agency=records_request.agency.name,
                subject=records_request.subject,
                follower=records_request.assignee.handle if records_request.assignee is not None else "",
                filed_by="" if followed else _filed_by(records_request.filer.handle),
                owner=row.action.owner,
                tone=row.tone,
                status=_("Late") if row.is_late else str(Status(records_request.status).label),
                by_is_past=row.by_is_past,
                write_url=f"{choose_page_of(records_request.reference)}write/{row.action.letter_key}/"
                if row.action.letter_key
                else "",
                what=str(row.action.what),
                why=str(row.action.why),
                on=row.action.by.isoformat() if row.action.by else "",
                on_words=in_words(row.action.by) if row.action.by else "",
            )
        )
    return lines


def _filed_by(handle: str) -> str:
    return _("filed by %(handle)s, nobody follows it") % {"handle": handle}


def _pages(name: str) -> Callable[[str], str]:
    """Return where one kind of page is for each reference. The address is looked up once and not for every line."""
    placeholder = "REFERENCE"
    before, _placeholder, after = reverse(name, args=[placeholder]).partition(placeholder)
    return lambda reference: f"{before}{quote(reference)}{after}"


def _tone(records_request: RecordsRequest, action: NextAction, today: date) -> str:
    if records_request.overdue_since is not None:
        return "late"
    if action.by is not None and action.by <= today + SOON:
        return "soon"
    return TONES[records_request.phase]
