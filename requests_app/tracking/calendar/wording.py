"""The words of a dated duty on the calendar and in feeds. Pure."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.filing.models import Deadline
from requests_app.tracking.calendar.entries import Side

# As in components/deadline_kind.html.
TITLES = {
    "acknowledgment": gettext_lazy("Acknowledgment"),
    "determination": gettext_lazy("Decision"),
    "production": gettext_lazy("Records"),
    "extension": gettext_lazy("Decision after the extension"),
    "appeal": gettext_lazy("Appeal"),
    "court": gettext_lazy("Court filing"),
    "reply": gettext_lazy("Our reply"),
}
# Why an entry is called off, by the state of its deadline.
CALLED_OFF = {
    "met": gettext_lazy("Done"),
    "missed": gettext_lazy("The day has passed"),
    "paused": gettext_lazy("The clock stands still"),
}


class Duty(Protocol):
    """What names a duty: a stored deadline, or a projected one."""

    @property
    def kind(self) -> str: ...
    @property
    def duty_of(self) -> str: ...


def title_of(duty: Duty, title: str) -> str:
    """Return the short name of a duty: the rule's own title, or its kind's."""
    if title:
        return title
    if duty.kind == "appeal" and duty.duty_of == Deadline.Duty.AGENCY:
        return _("Decision on the appeal")
    return str(TITLES.get(duty.kind, duty.kind))


def whose(duty: Duty) -> str:
    """Return whose duty it is, in one word."""
    return _("Ours") if duty.duty_of == Deadline.Duty.REQUESTER else _("Theirs")


def side_words(side: Side) -> str:
    """Return which of two dates a day is; nothing where there is one only."""
    if side == "earliest":
        return _("earliest")
    return _("latest") if side == "latest" else ""


def side_advice(duty: Duty, side: Side) -> str:
    """Return what a date of a pair means: we act by the earliest, and call an agency late only after the latest."""
    if side == "both":
        return ""
    if duty.duty_of == Deadline.Duty.REQUESTER:
        if side == "earliest":
            return _("The earliest date the law can mean. Act by this day.")
        return _("The latest date the law can mean. Do not wait for it.")
    if side == "earliest":
        return _("The earliest date the law can mean. The agency is not late yet after it.")
    return _("The latest date the law can mean. Only after it is the agency late.")


def called_off_words(state: str) -> str:
    """Return why an entry holds no longer."""
    return str(CALLED_OFF.get(state, _("No longer due")))
