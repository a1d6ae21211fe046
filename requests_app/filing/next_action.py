"""The one thing to do now on a request: what, whose turn, by when, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.filing.lifecycle import Status
from requests_app.kits.later import letter_type
from requests_app.kits.situations import Offer


class DeadlineFact(Protocol):
    """What is read of a deadline, stored or freshly projected."""

    @property
    def kind(self) -> str: ...
    @property
    def duty_of(self) -> str: ...
    @property
    def earliest(self) -> date | None: ...
    @property
    def latest(self) -> date | None: ...
    @property
    def certainty(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def citation(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NextAction:
    """One thing to do. `by` is None where no law and no promise sets a day. `url_name` takes the request's reference,
    and `url_kind` where the address names a kind of event; both are empty where there is nothing to open.
    `letter_key`: the later letter that does it, a key of kits.later; empty where no letter does. `by_is_ours`: `by` is
    the last safe day for a step of ours, not the agency's day."""

    what: str | Promise
    owner: Literal["us", "agency", "nobody"]
    by: date | None
    why: str | Promise
    url_name: str = ""
    url_kind: str = ""
    letter_key: str = ""
    by_is_ours: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return what the address takes after the reference."""
        named = self.letter_key if self.url_name == WRITE else self.url_kind
        return (named,) if named else ()


WRITE: Final = "correspondence:write"


@dataclass(frozen=True, slots=True)
class NextDue:
    """The next day that matters: for our own duty the earliest it may fall on, for the agency's the latest."""

    on: date
    kind: str
    duty_of: str


# A letter that has not left yet, or did not arrive, comes before any other; after the end nothing is to do.
_NO_LETTER = frozenset({Status.READY, Status.SENDING, Status.UNDELIVERED, Status.DONE})
_WAITING = frozenset(
    {
        Status.SENT,
        Status.RECEIVED,
        Status.ACKNOWLEDGED,
        Status.EXTENDED,
        Status.PRODUCTION,
        Status.PARTIAL,
        Status.APPEAL,
    }
)
_WAITS_FOR: dict[Status, Promise] = {
    Status.SENT: _("Wait for the agency's answer."),
    Status.RECEIVED: _("Wait for the agency's answer."),
    Status.ACKNOWLEDGED: _("Wait for the agency's decision."),
    Status.EXTENDED: _("Wait for the agency's decision."),
    Status.PRODUCTION: _("Wait for the records."),
    Status.PARTIAL: _("Wait for the rest of the records."),
    Status.APPEAL: _("Wait for the decision on the appeal."),
}


def next_due(deadlines: Iterable[DeadlineFact]) -> NextDue | None:
    """Return the next day that matters, or None where nothing runs.

    An agency's duty that depends on a fact we do not know counts only when nothing surer runs, and then by the last of
    its possible days: we never call an agency late on a guess. Our own doubtful duties count from the first.
    """
    running = [deadline for deadline in deadlines if deadline.state == "running"]
    ours = [NextDue(d.earliest, d.kind, d.duty_of) for d in running if d.duty_of == "requester" and d.earliest]
    theirs = [d for d in running if d.duty_of == "agency" and d.latest]
    sure = [NextDue(d.latest, d.kind, d.duty_of) for d in theirs if d.certainty != "conditional" and d.latest]
    days = [*ours, *sure]
    if not sure:
        guesses = [NextDue(d.latest, d.kind, d.duty_of) for d in theirs if d.latest]
        days += [max(guesses, key=lambda due: due.on)] if guesses else []
    return min(days, key=lambda due: (due.on, due.duty_of)) if days else None


def overdue_since(status: Status, deadlines: Iterable[DeadlineFact]) -> date | None:
    """Return the oldest latest date that the agency let pass with a duty it still owes; None where it is not late.

    A duty that depends on a fact we do not know never makes an agency late.
    """
    if status not in _WAITING:
        return None
    missed = [
        d.latest
        for d in deadlines
        if d.duty_of == "agency"
        and d.state == "missed"
        and d.certainty != "conditional"
        and d.latest is not None
        and _still_owed(d.kind, status)
    ]
    return min(missed, default=None)


def next_action(
    status: Status, deadlines: Sequence[DeadlineFact], today: date, offers: Sequence[Offer] = ()
) -> NextAction:
    """Return the one thing to do on a request that stands at `status` on the jurisdiction's `today`.

    `offers`: which letters make sense now (`kits.situations.offers`); the first that fits now does what is to do. While
    we wait and no letter fits, the next action is to wait.
    """
    action = _action(status, deadlines, today)
    offer = recommended(offers)
    if offer is None or status in _NO_LETTER:
        return action
    return NextAction(
        what=_("Write “%(title)s”.") % {"title": letter_type(offer.key).title},
        owner="us",
        # Our own last safe day comes first. Otherwise the day by which the desk sorts: since when the agency is late.
        by=offer.by if (offer.ours and offer.by) or action.owner != "us" else action.by,
        by_is_ours=(offer.ours and offer.by is not None) or action.by_is_ours,
        why=offer.why,
        url_name=WRITE,
        # What records the same step where it was taken in another way.
        url_kind=action.url_kind if action.url_name == "filing:record" and action.owner == "us" else "",
        letter_key=offer.key,
    )


def recommended(offers: Iterable[Offer]) -> Offer | None:
    """Return the letter to write now; None where the right thing is to wait."""
    return next((offer for offer in offers if offer.fits == "now"), None)


def _action(status: Status, deadlines: Sequence[DeadlineFact], today: date) -> NextAction:
    """Return the one thing to do as far as status and dates tell."""
    if status is Status.READY:
        return NextAction(
            _("Send the letter."),
            "us",
            None,
            _("It is written and not sent; no clock runs."),
            "correspondence:mark-sent",
        )
    if status is Status.SENDING:
        return NextAction(
            _("Nothing: the letter leaves by itself."),
            "nobody",
            None,
            _("It waits in the outbox for the time in which you can take it back."),
        )
    if status is Status.UNDELIVERED:
        return NextAction(
            _("Choose another way to reach the agency and send again."),
            "us",
            None,
            _("The letter did not arrive. Nothing is lost; no clock runs."),
            "correspondence:another-way",
        )
    if status is Status.CLARIFICATION:
        return _ours(deadlines, "reply", _("Answer the agency's question."), "clarified", _("The agency waits for us."))
    if status is Status.FEE:
        return _ours(
            deadlines, "reply", _("Answer the fee estimate."), "fee_paid", _("The agency waits for our answer.")
        )
    if status is Status.REFUSED:
        return _ours(
            deadlines,
            "appeal",
            _("Decide whether to appeal."),
            "appeal_filed",
            _("The agency refused, or found nothing."),
        )
    if status in _WAITING:
        return _waiting(status, deadlines, today)
    return NextAction(_("Nothing: this request is done."), "nobody", None, "")


def _ours(deadlines: Sequence[DeadlineFact], kind: str, what: Promise, event_kind: str, why: Promise) -> NextAction:
    own = [d for d in deadlines if d.kind == kind and d.duty_of == "requester"]
    running = [d for d in own if d.state == "running" and d.earliest]
    if not running:
        return NextAction(what, "us", None, why, "filing:record", event_kind)
    first = min(running, key=lambda d: d.earliest or date.max)
    return NextAction(what, "us", first.earliest, first.citation, "filing:record", event_kind, by_is_ours=True)


def _waiting(status: Status, deadlines: Sequence[DeadlineFact], today: date) -> NextAction:
    late = [
        d
        for d in deadlines
        if d.duty_of == "agency"
        and d.certainty != "conditional"
        and d.state in ("running", "missed")
        and d.latest is not None
        and d.latest < today
        and _still_owed(d.kind, status)
    ]
    if late:
        oldest = min(late, key=lambda d: d.latest or date.max)
        return NextAction(
            _("Write to the agency: its time has run out."), "us", oldest.latest, oldest.citation, "tracking:request"
        )
    due = next_due(d for d in deadlines if d.duty_of == "agency")
    sources = [d.citation for d in deadlines if due and d.kind == due.kind and d.latest == due.on]
    return NextAction(
        _WAITS_FOR[status],
        "agency",
        due.on if due else None,
        sources[0] if sources else _("The law sets no day."),
        "filing:record",
        "received" if status is Status.SENT else "reply",
    )


def _still_owed(kind: str, status: Status) -> bool:
    """Return whether a missed duty still matters: a late acknowledgment does not once there is a decision."""
    if status in (Status.PRODUCTION, Status.PARTIAL):
        return kind in ("production", "extension")
    if status is Status.APPEAL:
        return kind == "appeal"
    return kind != "acknowledgment" or status in (Status.SENT, Status.RECEIVED)
