"""One request as a row of the desk: its line, and what only the desk says. It asks for nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import RecordsRequest
from requests_app.people.absences.models import Absence
from requests_app.people.absences.queries import fold_delegates
from requests_app.people.states import name_of
from requests_app.tracking.desk.models import Snooze
from requests_app.tracking.desk.queries import OpenLetter
from requests_app.tracking.queries import OUR_SOON
from requests_app.tracking.rows import Line, compose_lines
from requests_app.tracking.wording import in_words


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A line and what the desk adds to it, every word as it is shown.

    `seen`: the number of the newest event, by which an act knows that nothing came in between. `acts`: where the acts
    in place begin. `letter_url`, `letter_words`: the letter that is written and has not left, or is to be written.
    `away`: who is away and who stands in. `asleep`: until when, why and by whom.
    `named`: the reference for those who hear a link without its row.
    """

    line: Line
    pk: int
    seen: int
    acts: str
    state: str
    kit: str
    risk: str
    letter_url: str
    letter_words: str
    letter_in_place: bool
    away: str
    asleep: str
    named: str

    def __getitem__(self, name: str) -> Any:
        """Return an attribute. A template asks so first; refused, it would ask again, a thousand times a page."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Around:
    """What the rows of one page are composed from besides the requests themselves."""

    todays: Mapping[str, date]
    letters: Mapping[int, Sequence[OpenLetter]]
    asleep: Mapping[int, Snooze]
    away: Mapping[int, Absence]


def compose_desk_lines(requests: Iterable[RecordsRequest], around: Around) -> list[DeskLine]:
    """Return the rows of requests as `queries.rows_by_number` reads them."""
    found = list(requests)
    acts_of = reverse("tracking:desk-row", args=["REFERENCE"])
    delegates = fold_delegates(around.away)
    away_words = {
        person_id: _away_in_words(absence, delegates[person_id].handle if person_id in delegates else "")
        for person_id, absence in around.away.items()
    }
    lines = compose_lines(found, around.todays)
    return [
        _compose(one, line, acts_of.replace("REFERENCE", one.reference), around, away_words)
        for one, line in zip(found, lines, strict=True)
    ]


def _compose(one: RecordsRequest, line: Line, acts: str, around: Around, away_words: Mapping[int, str]) -> DeskLine:
    snooze = around.asleep.get(one.pk)
    letter = _letter_to_send(around.letters.get(one.pk, ()), line)
    letter_url, letter_words, in_place = line.write_url, _("Write it"), False
    if letter is not None:
        letter_url, in_place = acts + "letter/", True
        letter_words = _("In the outbox") if letter.queued else _("Send it")
    return DeskLine(
        line=line,
        pk=one.pk,
        seen=one.last_sequence,
        acts=acts,
        state=name_of(one.jurisdiction),
        kit=one.kit_id,
        risk=risk_of(one, around.todays[one.jurisdiction]),
        letter_url=letter_url,
        letter_words=letter_words if letter_url else "",
        letter_in_place=in_place,
        away=away_words.get(one.assignee_id or one.filer_id, ""),
        asleep="" if snooze is None else _asleep_in_words(snooze),
        named=format_html('<span class="usa-sr-only"> {}</span>', line.reference),
    )


def _letter_to_send(letters: Sequence[OpenLetter], line: Line) -> OpenLetter | None:
    """Return the written letter that the row offers: the one that fits now, else the last touched."""
    fitting = [one for one in letters if f"/write/{one.key}/" in line.write_url]
    return next(iter([*fitting, *letters]), None)


def _away_in_words(absence: Absence, delegate: str) -> str:
    facts = {"who": absence.person.handle, "day": in_words(absence.ends_on), "delegate": delegate}
    if delegate:
        return _("for %(who)s, away until %(day)s; %(delegate)s stands in") % facts
    return _("for %(who)s, away until %(day)s; nobody stands in") % facts


def _asleep_in_words(snooze: Snooze) -> str:
    facts = {"day": in_words(snooze.until), "why": snooze.why, "who": vars(snooze)["handle"]}
    return _("Sleeps until %(day)s: %(why)s (%(who)s)") % facts


def risk_of(one: RecordsRequest, today: date) -> str:
    """Return what is at stake and how much time is left, in words; empty where nothing is.

    Our own duty is counted to the earliest day it may fall on, the agency's to the latest; nobody is late before. Where
    an agency is late and our own day is far off, as after a silence that counts as a denial, the row says how late.
    """
    due = one.next_due_on
    near = due is not None and due <= today + OUR_SOON
    if due is not None and one.next_due_duty_of == "requester" and (near or one.overdue_since is None):
        return _ours((due - today).days)
    if one.overdue_since is not None:
        days = max((today - one.overdue_since).days, 1)
        return ngettext("Late for %(days)d day", "Late for %(days)d days", days) % {"days": days}
    if one.phase == Phase.WAITING_FOR_US:
        return ""
    if due is not None:
        days = (due - today).days
        if days < 0:  # a date that hangs on something we do not know: nobody is called late on a guess
            return _("Their day may have passed")
        if days == 0:
            return _("Their last day is today")
        return ngettext("They have %(days)d day left", "They have %(days)d days left", days) % {"days": days}
    days = 0 if one.quiet_since is None else (today - one.quiet_since).days
    if days > 0:
        return ngettext("No date runs; silent for %(days)d day", "No date runs; silent for %(days)d days", days) % {
            "days": days
        }
    return ""


def _ours(days: int) -> str:
    if days < 0:
        return ngettext("Our safe day passed %(days)d day ago", "Our safe day passed %(days)d days ago", -days) % {
            "days": -days
        }
    if days == 0:
        return _("Our last safe day is today")
    return ngettext("We have %(days)d day left", "We have %(days)d days left", days) % {"days": days}
