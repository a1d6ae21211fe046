"""What a person decides about a message that came in. The one door for it.

Each act is one transaction:

1. Count the change on the condition that nothing changed since the person looked (`seen`, the message's `changes`). Of
   two people at once, one acts and the other is told to look again.
2. Check that the act fits where the message is now.
3. Write it, with who and when, and note which files are to become documents.
4. Put it into the audit trail with how things were before, so that it can be undone (`undo`).

Nothing is ever deleted: a placement ends with a trace, and documents stay where they are. No act records an event,
changes a status or a date, writes to anybody, or changes where letters go. Many messages at once are many acts
(`bulk`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from requests_app.agencies.models import ContactPoint
from requests_app.agencies.proposals import services as proposals
from requests_app.agencies.proposals.models import ContactProposal
from requests_app.correspondence.delivery.noting import note_reports
from requests_app.correspondence.incoming import blocking, corrections, services
from requests_app.correspondence.incoming.models import IncomingMessage, Placement, SenderRule
from requests_app.correspondence.incoming.trust import domain_of
from requests_app.people.models import AuditEntry, Person, Role, audit

MOST_REQUESTS: Final = 20  # that one message is placed on at once
LONGEST_WAIT: Final = timedelta(days=366)

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


class NotSettled(Exception):
    """The act was not done. The text says why, and what to do."""


class ChangedMeanwhile(NotSettled):
    """Somebody else, or a copy that came in, changed the message after the person had looked at it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else decided about this message while you looked at it, or another copy of it came. Nothing "
                "of yours was done. See below how it stands now."
            )
        )


def accept(message_id: int, *, seen: int, by: Person, now: datetime) -> None:
    """File a waiting message on the requests that the program placed it on. Its files become documents. Undoable.

    An address typed with a slip is remembered where it leads to one request, here as in `place` and `move`.
    """
    with transaction.atomic():
        act = _Act("mail accepted", message_id, seen=seen, by=by, now=now)
        act.must_be(State.TRIAGE, _("This message does not wait any more, so there is nothing to accept."))
        if not act.running():
            raise NotSettled(_("No request was found for this message. Say yourself which one it belongs to."))
        act.remember(list(act.running()))
        act.settle(State.FILED)


def place(message_id: int, requests: Collection[int], *, seen: int, by: Person, now: datetime) -> None:
    """File a message on these requests. A filed message stays on its others, too; a guess not named ends. Undoable."""
    wanted = list(dict.fromkeys(requests))
    if not 0 < len(wanted) <= MOST_REQUESTS:
        raise NotSettled(_("Name at least one request, and not more than %(most)d.") % {"most": MOST_REQUESTS})
    with transaction.atomic():
        act = _Act("mail placed", message_id, seen=seen, by=by, now=now)
        running = act.running()
        if act.message.state != State.FILED:
            act.end([placement for number, placement in running.items() if number not in wanted], why="")
        elif all(number in running for number in wanted):
            raise NotSettled(_("This message is there already. Nothing was changed."))
        act.place([number for number in wanted if number not in running])
        act.remember(list(act.running()))
        act.settle(State.FILED)


def move(
    message_id: int, *, from_request: int, to_request: int, why: str, seen: int, by: Person, now: datetime
) -> None:
    """Move a filed message from one request to another, with the reason. Undoable.

    Both keep the trace. Its files become documents of the new request; those of the old one stay, for work may have
    been done on them.
    """
    reason = why.strip()
    if not reason:
        raise NotSettled(_("Say why the message is moved: the reason stays on both requests. Nothing was moved."))
    if from_request == to_request:
        raise NotSettled(_("The message is on that request already. Nothing was moved."))
    with transaction.atomic():
        act = _Act("mail moved", message_id, seen=seen, by=by, now=now)
        act.must_be(State.FILED, _("Only a message that is with a request can be moved. This one is not."))
        running = act.running()
        if from_request not in running:
            raise ChangedMeanwhile
        act.end([running[from_request]], why=reason)
        if to_request not in running:
            act.place([to_request])
        act.remember(list(act.running()))
        act.settle(State.FILED)


def set_aside(message_id: int, *, why: str, seen: int, by: Person, now: datetime) -> None:
    """Take a waiting message out of the list, with the reason. It stays, is listed, and silences nobody. Undoable."""
    reason = why.strip()
    if not reason:
        raise NotSettled(_("Say why it is set aside, so that others understand. It still waits."))
    with transaction.atomic():
        act = _Act("mail set aside", message_id, seen=seen, by=by, now=now)
        act.must_be(State.TRIAGE, _("Only a message that waits can be set aside. This one does not wait."))
        act.settle(State.SET_ASIDE, set_aside_why=reason[:500])


def block(message_id: int, *, kind: str, why: str, seen: int, by: Person, now: datetime) -> SenderRule:
    """Set a waiting message aside, and from now on what comes from its address or domain. Undoable.

    `kind`: SenderRule.Kind. Other messages of that sender that wait already go on waiting. Mail of an agency is never
    shut out (`blocking`).
    """
    with transaction.atomic():
        act = _Act("sender blocked", message_id, seen=seen, by=by, now=now)
        act.must_be(State.TRIAGE, _("This message does not wait any more. No rule was made about its sender."))
        address = act.message.from_address
        value = domain_of(address) if kind == SenderRule.Kind.DOMAIN else address
        try:
            rule, is_new = blocking.start_rule(kind=kind, value=value, why=why, by=by, now=now)
        except blocking.NotBlocked as trouble:
            raise NotSettled(str(trouble)) from trouble
        act.rule_made = rule.pk if is_new else None
        act.settle(State.SET_ASIDE, set_aside_why=why.strip()[:500], rule_id=rule.pk)
    return rule


def propose_contact(message_id: int, *, agency_id: int, address: str, by: Person, now: datetime) -> ContactProposal:
    """Propose an address as a contact of an agency, for a coordinator to look up. Letters go where they went before.

    The agency must be one on whose request the message is. Raises NotSettled.
    """
    with transaction.atomic():
        message = IncomingMessage.objects.only("pk").get(pk=message_id)
        on_it = Placement.objects.filter(message=message, ended_at__isnull=True, request__agency=agency_id)
        if not on_it.exists():
            raise NotSettled(_("The message is on no request to that agency. Nothing was proposed."))
        try:
            proposal = proposals.propose(
                agency_id, channel=ContactPoint.Channel.EMAIL, value=address, message_number=message_id, by=by, now=now
            )
        except proposals.NotProposed as trouble:
            raise NotSettled(str(trouble)) from trouble
        audit("mail address proposed", message, by=by, now=now, proposal=proposal.pk)
    return proposal


def bring_back(message_id: int, *, seen: int, by: Person, now: datetime) -> None:
    """Lay a message that was set aside, deferred or filed before a coordinator again. Undoable.

    A filed one disappears from its requests until somebody decides; documents made of its files stay.
    """
    with transaction.atomic():
        act = _Act("mail brought back", message_id, seen=seen, by=by, now=now)
        before = act.message
        if before.state == State.TRIAGE and before.deferred_until is None:
            raise NotSettled(_("This message waits already. Nothing was changed."))
        reason = Reason.BROUGHT_BACK if before.state == State.FILED else before.triage_reason or Reason.BROUGHT_BACK
        act.write(state=State.TRIAGE, triage_reason=reason, deferred_until=None, settled_at=None, settled_by_id=None)


def defer(message_id: int, *, until: date, seen: int, by: Person, now: datetime) -> None:
    """Let a waiting message rest until a day, a day of the organisation's zone; it then waits again. Undoable."""
    zone = ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    today = now.astimezone(zone).date()
    if not today < until <= today + LONGEST_WAIT:
        raise NotSettled(_("Choose a day after today, and within a year. The message still waits."))
    with transaction.atomic():
        act = _Act("mail deferred", message_id, seen=seen, by=by, now=now)
        act.must_be(State.TRIAGE, _("Only a message that waits can be left for later. This one does not wait."))
        act.write(deferred_until=datetime.combine(until, time(), zone))


def assign(message_id: int, *, to: Person | None, seen: int, by: Person, now: datetime) -> None:
    """Say which coordinator sees to a message; None: nobody in particular. Undoable."""
    if to is not None and not (to.is_active and to.has_role(Role.COORDINATOR)):
        raise NotSettled(_("Only a coordinator can see to mail that waits. Nothing was changed."))
    with transaction.atomic():
        act = _Act("mail assigned", message_id, seen=seen, by=by, now=now)
        act.write(assignee_id=to.pk if to is not None else None)


def undo(message_id: int, *, seen: int, by: Person, now: datetime) -> None:
    """Undo the last act on a message, if nothing changed since. What it placed ends, what it ended runs again.

    A rule about its sender that was made with it ends; what that set aside meanwhile stays listed with the rule.
    Documents made of its files meanwhile stay: somebody may have worked on them.
    """
    with transaction.atomic():
        entry = undoable(message_id, seen)
        act = _Act("mail act undone", message_id, seen=seen, by=by, now=now)
        if entry is None:
            raise NotSettled(_("There is nothing to undo: what was done last cannot be taken back here."))
        facts = entry.facts
        act.end(Placement.objects.filter(message=message_id, pk__in=facts["placed"]), why="")
        ended = Placement.objects.filter(message=message_id, pk__in=facts["ended"])
        ended.update(ended_at=None, ended_by=None, ended_why="")
        corrections.take_back(facts.get("remembered", ()), facts.get("replaced", ()), by=by, now=now)
        if facts.get("rule_made"):
            blocking.end_rule(facts["rule_made"], by=by, now=now)
        act.write(can_be_undone=False, **_columns_from(facts["before"]))


def undoable(message_id: int, changes: int) -> AuditEntry | None:
    """Return the act that made a message what it is at this number of changes, if it can be undone."""
    return next((entry for entry in history_of(message_id) if can_undo(entry, changes)), None)


def can_undo(entry: AuditEntry, changes: int) -> bool:
    """Return whether this act was the last change of a message, and can be undone."""
    return entry.facts.get("changes") == changes and "before" in entry.facts


def history_of(message_id: int, most: int = 50) -> list[AuditEntry]:
    """Return what people did with a message, newest first. One query."""
    found = AuditEntry.objects.filter(subject=f"{IncomingMessage._meta.model_name}:{message_id}")
    return list(found.select_related("actor").order_by("-at", "-pk")[:most])


def note_download(message: IncomingMessage, sha256: str, *, by: Person, now: datetime) -> None:
    """Put into the audit trail that somebody took a copy of a mail as it came."""
    audit("mail downloaded", message, by=by, now=now, mail=sha256)


_BEFORE: Final = ("state", "triage_reason", "deferred_until", "assignee_id", "settled_at", "settled_by_id", "rule_id")
_MOMENTS: Final = frozenset({"deferred_until", "settled_at"})


class _Act:
    """One act on one message inside its transaction: the claim, what it changes, and how things were before."""

    def __init__(self, name: str, message_id: int, *, seen: int, by: Person, now: datetime) -> None:
        claimed = IncomingMessage.objects.filter(pk=message_id, changes=seen).update(changes=F("changes") + 1)
        if not claimed:
            raise ChangedMeanwhile
        self.name, self.by, self.now = name, by, now
        self.message = IncomingMessage.objects.defer("text", "html").get(pk=message_id)
        self.before = {column: getattr(self.message, column) for column in _BEFORE}
        self.placed: list[int] = []
        self.ended: list[int] = []
        self.rule_made: int | None = None
        self.remembered: list[int] = []
        self.replaced: list[int] = []

    def must_be(self, state: str, otherwise: str) -> None:
        if self.message.state != state:
            raise NotSettled(otherwise)

    def running(self) -> dict[int, Placement]:
        """Return the placements that run, by the number of the request."""
        return {one.request_id: one for one in Placement.objects.filter(message=self.message, ended_at__isnull=True)}

    def place(self, requests: Iterable[int]) -> None:
        for request in requests:
            made = Placement.objects.create(
                message=self.message, request_id=request, how=Placement.How.PERSON, by=self.by, at=self.now
            )
            self.placed.append(made.pk)

    def end(self, placements: Iterable[Placement], *, why: str) -> None:
        numbers = [placement.pk for placement in placements]
        running = Placement.objects.filter(pk__in=numbers, ended_at__isnull=True)
        running.update(ended_at=self.now, ended_by=self.by, ended_why=why[:500])
        self.ended += numbers

    def remember(self, requests: Sequence[int]) -> None:
        """Remember a mistyped address, where the message belongs to one request."""
        if len(requests) == 1:
            (request,) = requests
            self.remembered, self.replaced = corrections.remember(self.message, request, by=self.by, now=self.now)

    def settle(self, state: str, **columns: Any) -> None:
        """Write the decision: where the message is from now on, and that a person said so."""
        self.write(state=state, deferred_until=None, settled_at=self.now, settled_by_id=self.by.pk, **columns)

    def write(self, *, can_be_undone: bool = True, **columns: Any) -> None:
        """Write the columns, note which files are due, and put the act into the audit trail."""
        IncomingMessage.objects.filter(pk=self.message.pk).update(**columns)
        for name, value in columns.items():
            setattr(self.message, name, value)
        services.note_due_files(self.message)
        note_reports([self.message.bounced_letter_id], now=self.now)
        facts: dict[str, Any] = {"changes": self.message.changes}
        if can_be_undone:
            facts |= {"before": _as_facts(self.before), "placed": self.placed, "ended": self.ended}
            facts |= {"remembered": self.remembered, "replaced": self.replaced}
            if self.rule_made is not None:
                facts["rule_made"] = self.rule_made
        audit(self.name, self.message, by=self.by, now=self.now, **facts)


def _as_facts(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in columns.items()}


def _columns_from(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value else value for name, value in facts.items()
    }
