"""One act on many messages: each a transaction of its own, as if somebody had clicked it. What became of each is kept.

Each ticked message carries the number of changes that the person saw. One that changed meanwhile is left alone and
named, before the act (`looked_at`) and in it. Undoing is the undo of each, as far as nothing changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import queries, settling
from requests_app.correspondence.incoming.models import BulkAct, IncomingMessage, SenderRule
from requests_app.people.models import Person, audit

MOST_ROWS: Final = 200  # at once: more would take longer than a person waits for a page

Act, State = BulkAct.Act, IncomingMessage.State


@dataclass(frozen=True)
class Ticked:
    """A message that somebody ticked, and the number of changes that they saw."""

    message: int
    seen: int


@dataclass(frozen=True)
class Planned:
    """One row of the preview: why it would be left alone, or ""."""

    message: IncomingMessage
    seen: int
    left_alone: str


_DO: Final[Mapping[str, Callable[..., None]]] = {
    Act.ACCEPT: settling.accept,
    Act.SET_ASIDE: settling.set_aside,
    Act.ASSIGN: settling.assign,
    Act.DEFER: settling.defer,
    Act.BRING_BACK: settling.bring_back,
}
_WAITING_ONLY: Final = frozenset({Act.ACCEPT, Act.SET_ASIDE, Act.DEFER})


def looked_at(act: str, ticked: Sequence[Ticked]) -> list[Planned]:
    """Return what an act would do to each message that is there, without doing it. Three queries."""
    found = queries.in_order([one.message for one in ticked[:MOST_ROWS]])
    seen = {one.message: one.seen for one in ticked}
    return [Planned(message, seen[message.pk], _why_left_alone(act, message, seen[message.pk])) for message in found]


def _why_left_alone(act: str, message: IncomingMessage, seen: int) -> str:
    if message.changes != seen:
        return _("It changed since you looked.")
    if act in _WAITING_ONLY and message.state != State.TRIAGE:
        return _("It does not wait any more.")
    if act == Act.ACCEPT and not message.on:  # type: ignore[attr-defined]  # by `queries.with_requests`
        if message.suggestions:
            return _("It may belong to several requests: open it and choose.")
        return _("No request was found for it, so there is nothing to accept.")
    return ""


def do(act: str, ticked: Sequence[Ticked], *, by: Person, now: datetime, **facts: Any) -> BulkAct:
    """Do an act to each message that nobody changed meanwhile, and return what became of each.

    `facts`: what the act needs besides, as in `settling`: `why`, `to` or `until`. A second call with the same rows
    finds all of them changed and does nothing.
    """
    bulk = BulkAct.objects.create(act=act, by=by, at=now)
    try:
        for one in ticked[:MOST_ROWS]:
            trouble = _trouble_of(partial(_DO[act], one.message, seen=one.seen, by=by, now=now, **facts))
            bulk.rows.append({"message": one.message, "changes": None if trouble else one.seen + 1, "trouble": trouble})
    finally:  # whatever ends it in the middle, what was done is listed and can be undone
        bulk.save(update_fields=["rows"])
    audit("mail acted on together", bulk, by=by, now=now, act=act, messages=len(bulk.rows))
    return bulk


def undo(bulk_id: int, *, by: Person, now: datetime) -> BulkAct:
    """Undo a bulk act on each message on which nothing happened since. A second call changes nothing."""
    if not BulkAct.objects.filter(pk=bulk_id, undone_at=None).update(undone_at=now):
        return BulkAct.objects.get(pk=bulk_id)
    bulk = BulkAct.objects.get(pk=bulk_id)
    for row in bulk.rows:
        if row["changes"] is not None:
            row["undone"] = (
                _trouble_of(partial(settling.undo, row["message"], seen=row["changes"], by=by, now=now)) or True
            )
    bulk.save(update_fields=["rows"])
    audit("mail acts undone together", bulk, by=by, now=now)
    return bulk


def bring_back_what(rule: SenderRule, *, by: Person, now: datetime) -> BulkAct:
    """Bring back what a rule set aside, the newest MOST_ROWS of it. Raises NotSettled while the rule still runs."""
    if rule.runs:
        raise settling.NotSettled(_("The rule still runs. End it first; then what it set aside can come back."))
    ticked = [
        Ticked(pk, changes) for pk, changes in queries.set_aside_by(rule)[:MOST_ROWS].values_list("pk", "changes")
    ]
    return do(Act.BRING_BACK, ticked, by=by, now=now)


def _trouble_of(act: Callable[[], None]) -> str:
    """Do one act and return why it was not done, "" where it was."""
    try:
        act()
    except settling.ChangedMeanwhile:
        return _("It changed meanwhile, so it was left alone.")
    except settling.NotSettled as trouble:
        return str(trouble)
    return ""
