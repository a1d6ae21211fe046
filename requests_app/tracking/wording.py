"""What a reminder says: what is due, by whom, by when, under which law, and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.tracking.reminding import Moment

KIND_WORDS = {
    "acknowledgment": _("acknowledgment"),
    "determination": _("decision"),
    "production": _("records"),
    "extension": _("extended decision"),
    "appeal": _("appeal"),
    "court": _("court filing"),
    "reply": _("our answer"),
}


@dataclass(frozen=True)
class Words:
    """The three texts of one reminder."""

    subject: str
    text: str
    why: str


def compose_reminder(records_request: RecordsRequest, deadline: Deadline, moment: Moment, today: date) -> Words:
    """Return what to tell about one deadline at one moment. The deadline has dates."""
    if deadline.earliest is None or deadline.latest is None:
        raise ValueError("A deadline without dates has nothing to remind of.")
    facts = {
        "reference": records_request.reference,
        "agency": records_request.agency.name,
        "what": kind_words(deadline),
        "by": in_words(goes_by(deadline)),
        "earliest": in_words(deadline.earliest),
        "latest": in_words(deadline.latest),
        "duty": deadline.duty,
        "citation": deadline.citation,
        "subject": records_request.subject,
    }
    subject, opening = _opening(deadline, moment, facts)
    lines = [opening, "", _("Request %(reference)s: %(subject)s") % facts, _("Duty: %(duty)s") % facts]
    lines.append(_("Law: %(citation)s") % facts)
    if deadline.earliest != deadline.latest:
        lines.append(_("Depending on how the law is read, the date is %(earliest)s or %(latest)s.") % facts)
    if deadline.condition:
        lines.append(_("Applies if: %(condition)s") % {"condition": deadline.condition})
    if moment.key == "after" and deadline.consequence:
        lines.append(_("What follows: %(consequence)s") % {"consequence": deadline.consequence})
    return Words(subject, "\n".join(lines), _why(deadline))


def goes_by(deadline: Deadline) -> date:
    """Return the date we go by: the earliest for our own duty, the latest for the agency's."""
    ours = deadline.duty_of == Deadline.Duty.REQUESTER
    chosen = deadline.earliest if ours else deadline.latest
    if chosen is None:
        raise ValueError("A paused deadline has no date to go by.")
    return chosen


def kind_words(deadline: Deadline) -> str:
    """Return the kind in plain words."""
    return str(KIND_WORDS.get(deadline.kind, deadline.kind))


def in_words(day: date) -> str:
    """Return a day with its weekday: Monday, March 9, 2026."""
    return date_format(day, "l, F j, Y")


def _opening(deadline: Deadline, moment: Moment, facts: dict[str, str]) -> tuple[str, str]:
    ours = deadline.duty_of == Deadline.Duty.REQUESTER
    if ours and moment.key == "after":
        return (
            _("%(reference)s: act now, our %(what)s was due %(by)s") % facts,
            _("Our own %(what)s was due by %(by)s. The latest reading of the law ends on %(latest)s.") % facts,
        )
    if ours:
        return (
            _("%(reference)s: our %(what)s is due %(by)s") % facts,
            _("Our %(what)s is due by %(by)s. Nobody else will do it for us.") % facts,
        )
    if moment.key == "after":
        return (
            _("%(reference)s: %(what)s late since %(by)s") % facts,
            _("%(agency)s did not give its %(what)s by %(by)s, the latest date the law allows.") % facts,
        )
    return (
        _("%(reference)s: %(what)s due %(by)s") % facts,
        _("%(agency)s must give its %(what)s by %(by)s.") % facts,
    )


def _why(deadline: Deadline) -> str:
    if deadline.duty_of == Deadline.Duty.REQUESTER:
        return _("You get this because you filed or follow this request, or coordinate for the group.")
    return _("You get this because you filed or follow this request.")
