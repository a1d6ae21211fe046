"""What to say on the telephone: the facts to have at hand, and what to ask, by where the request stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.filing.lifecycle import EventKind, Status
from requests_app.filing.models import Event, RecordsRequest

_ARRIVED: Final = gettext_lazy("Did our letter arrive, and on which day?")
_NUMBER: Final = gettext_lazy("Which number did you give it?")
_WHO: Final = gettext_lazy("Which office works on it, and how do we reach that office by e-mail?")
_WHEN: Final = gettext_lazy("When will there be a decision?")
_IN_WRITING: Final = gettext_lazy("Will you please confirm that in writing, to the e-mail address in our letter?")

_QUESTIONS: Final = {
    Status.SENT: (_ARRIVED, _NUMBER, _WHO, _IN_WRITING),
    Status.RECEIVED: (_NUMBER, _WHO, _WHEN, _IN_WRITING),
    Status.ACKNOWLEDGED: (_WHEN, _WHO, gettext_lazy("Does anything hold it up that we can answer?"), _IN_WRITING),
    Status.EXTENDED: (gettext_lazy("Does the later date still hold?"), _WHO, _IN_WRITING),
    Status.CLARIFICATION: (gettext_lazy("What exactly do you need from us?"), _IN_WRITING),
    Status.FEE: (
        gettext_lazy("What is the fee made of: hours, rates, copies?"),
        gettext_lazy("What would lower it?"),
        gettext_lazy("How is it paid, and does the work begin before that?"),
        _IN_WRITING,
    ),
    Status.PRODUCTION: (
        gettext_lazy("When do the records come, and in which form?"),
        gettext_lazy("Is any of it withheld, and under which provision?"),
        _IN_WRITING,
    ),
    Status.PARTIAL: (
        gettext_lazy("What is still to come, and when?"),
        gettext_lazy("Is any of it withheld, and under which provision?"),
        _IN_WRITING,
    ),
    Status.REFUSED: (
        gettext_lazy("Under which provision was it refused?"),
        gettext_lazy("Who decides an appeal, and where does it go?"),
        _IN_WRITING,
    ),
    Status.APPEAL: (
        gettext_lazy("Did our appeal arrive, and on which day?"),
        gettext_lazy("Which number did you give the appeal?"),
        gettext_lazy("When will it be decided?"),
        _IN_WRITING,
    ),
}


def questions_for(status: Status) -> list[str]:
    """Return what to ask while a request stands so; the usual questions where nothing special does."""
    return [str(question) for question in _QUESTIONS.get(status, (_ARRIVED, _NUMBER, _WHEN, _IN_WRITING))]


def facts_of(records_request: RecordsRequest, events: Sequence[Event]) -> list[tuple[str, str | date]]:
    """Return what the other side asks for first. `events`: of the timeline, in any order; corrected ones count not."""
    standing = [event for event in events if not hasattr(event, "corrected_by")]
    standing.sort(key=lambda event: (event.happened_on, event.sequence))
    sent = [event for event in standing if event.kind == EventKind.SENT]
    numbers = [event.details["agency_number"] for event in standing if event.details.get("agency_number")]
    confirmations = [str(event.details["confirmation"]) for event in sent if event.details.get("confirmation")]
    found: list[tuple[str, str | date]] = [
        (_("Our number"), records_request.reference),
        (_("Subject"), records_request.subject),
    ]
    if sent:
        found.append((_("Sent on"), sent[-1].happened_on))
    found += [(_("Number on the sending"), number) for number in confirmations[-1:]]
    found += [(_("The agency’s number"), str(number)) for number in numbers[-1:]]
    return found
