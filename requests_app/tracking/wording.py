"""What a reminder says: what is due, by whom, by when, under which law, and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.tracking.reminders.policy import ESCALATION, Moment

KIND_WORDS = {
    "acknowledgment": gettext_lazy("acknowledgment"),
    "determination": gettext_lazy("decision"),
    "production": gettext_lazy("records"),
    "extension": gettext_lazy("extended decision"),
    "appeal": gettext_lazy("appeal"),
    "court": gettext_lazy("court filing"),
    "reply": gettext_lazy("answer"),
}


@dataclass(frozen=True)
class Words:
    """The two texts of one reminder. Why a person gets it is that person's own (`whom_to_tell`)."""

    subject: str
    text: str


def compose_reminder(records_request: RecordsRequest, deadline: Deadline, moment: Moment) -> Words:
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
    if moment.key == ESCALATION:
        subject = _("Nobody has reacted: %(subject)s") % {"subject": subject}
        opening = "\n".join([_nobody_reacted(deadline), "", opening])
    lines = [opening, "", _("Request %(reference)s: %(subject)s") % facts, _("Duty: %(duty)s") % facts]
    lines.append(_("Law: %(citation)s") % facts)
    if deadline.earliest != deadline.latest:
        lines.append(_("Depending on how the law is read, the date is %(earliest)s or %(latest)s.") % facts)
    if deadline.condition:
        lines.append(_("Applies if: %(condition)s") % {"condition": deadline.condition})
    if deadline.body:
        lines.append(_("Decided by: %(body)s") % {"body": deadline.body})
    if _is_past(deadline, moment) and deadline.consequence:
        lines.append(_("What follows: %(consequence)s") % {"consequence": deadline.consequence})
    lines += ["", str(_advice(deadline, moment))]
    return Words(subject, "\n".join(lines))


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
    return _in_words(day, get_language())


@lru_cache(maxsize=1000)  # a sweep writes the same few days thousands of times
def _in_words(day: date, _language: str | None) -> str:
    return date_format(day, "l, F j, Y")


def _is_past(deadline: Deadline, moment: Moment) -> bool:
    """Return whether a moment lies after the date we go by."""
    if moment.key == ESCALATION:
        return moment.on > goes_by(deadline)
    return moment.key.startswith("after")


def _nobody_reacted(deadline: Deadline) -> str:
    """Say to the coordinators what was expected and did not happen."""
    if deadline.duty_of == Deadline.Duty.REQUESTER:
        return _(
            "The people responsible were reminded, and since then nothing was recorded. Ask them, do it yourself, or "
            "give the request to somebody else."
        )
    return _(
        "The people responsible were told that the agency is late, and since then nothing was recorded. Ask them, "
        "write to the agency yourself, or give the request to somebody else."
    )


def _opening(deadline: Deadline, moment: Moment, facts: dict[str, str]) -> tuple[str, str]:
    if deadline.duty_of == Deadline.Duty.REQUESTER:
        return _our_opening(deadline, moment, facts)
    if deadline.kind == "appeal":
        # Another body than the agency may decide it; the line "Decided by" names it.
        return _appeal_opening(deadline, moment, facts)
    if _is_past(deadline, moment):
        return (
            _("%(reference)s: %(what)s late since %(by)s") % facts,
            _("%(agency)s did not give its %(what)s by %(by)s, the latest date the law allows.") % facts,
        )
    if deadline.certainty == "conditional":
        return (
            _("%(reference)s: %(what)s may be due %(by)s") % facts,
            _("If the condition below holds, %(agency)s must give its %(what)s by %(by)s.") % facts,
        )
    return (
        _("%(reference)s: %(what)s due %(by)s") % facts,
        _("%(agency)s must give its %(what)s by %(by)s.") % facts,
    )


def _our_opening(deadline: Deadline, moment: Moment, facts: dict[str, str]) -> tuple[str, str]:
    if _is_past(deadline, moment):
        return (
            _("%(reference)s: act now, our %(what)s was due %(by)s") % facts,
            _("Our own %(what)s was due by %(by)s. The latest reading of the law ends on %(latest)s.") % facts,
        )
    return (
        _("%(reference)s: our %(what)s is due %(by)s") % facts,
        _("Our %(what)s is due by %(by)s. Nobody else will do it for us.") % facts,
    )


def _appeal_opening(deadline: Deadline, moment: Moment, facts: dict[str, str]) -> tuple[str, str]:
    if _is_past(deadline, moment):
        return (
            _("%(reference)s: decision on our appeal late since %(by)s") % facts,
            _("There is no decision on our appeal by %(by)s, the latest date the law allows.") % facts,
        )
    return (
        _("%(reference)s: decision on our appeal due %(by)s") % facts,
        _("Our appeal must be decided by %(by)s.") % facts,
    )


def _advice(deadline: Deadline, moment: Moment) -> str:
    """Say what to do now."""
    if deadline.duty_of == Deadline.Duty.REQUESTER:
        if _is_past(deadline, moment):
            return _("Open the request and do it today, or record that it was done.")
        return _("Open the request, do it, and record the day on which it was done.")
    if _is_past(deadline, moment):
        return _("If the answer came, record it. If not, open the request: it says what to write to them.")
    return _("Nothing has to be done yet. If the answer came already, record it.")
