"""The doors by which reading is asked for, asked for again, and stopped."""

from __future__ import annotations

import enum
import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from requests_app.documents.ingest import kinds
from requests_app.documents.models import Blob, Document, Step
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)

State = Step.State
WENT_WELL = frozenset({State.DONE, State.NOT_NEEDED})
ENDED = WENT_WELL | {State.FAILED, State.LEFT_OUT}
OPEN = frozenset({State.LATER, State.WAITING, State.RUNNING})
MEGABYTE = 1024 * 1024
_ANEW: dict[str, Any] = {
    "state": State.LATER, "claim": None, "claimed_until": None, "attempts": 0, "waits_until": None, "delays": 0,
    "units_done": 0, "units_all": 0, "seconds": 0, "started_at": None, "ended_at": None, "result": {}, "trouble": "",
}  # fmt: skip


class Urgency(enum.Enum):
    """By how much a file counts as having been asked for earlier, or later, than it was.

    A moment and not a class of its own, so that everything comes to its turn: whatever is ahead of something else is so
    by hours, not for ever.
    """

    WAITED_FOR = timedelta(hours=-12)  # a person brought it, and may be sitting before the screen
    ORDINARY = timedelta(0)  # it came by itself: by mail, or inside another file
    WHEN_FREE = timedelta(days=7)  # it has been read before, by an older Daylight


def begin(blob: Blob, *, now: datetime, urgency: Urgency = Urgency.ORDINARY) -> None:
    """Ask for every step that this file needs and does not have. A second call changes nothing. Few queries.

    Wake a worker after the commit: `waking.nudge`.
    """
    with transaction.atomic():
        lock(blob)
        let_ready_ones_wait(blob, now, urgency)


def again(
    blob: Blob, *, now: datetime, only: Collection[str] | None = None, urgency: Urgency = Urgency.ORDINARY
) -> int:
    """Run steps once more: those named with all that come after them, or all. Returns how many.

    What they made stays on the screen until the new run writes over it. A worker that is at one of them notices at its
    next sign of life, and writes nothing more.
    """
    with transaction.atomic():
        lock(blob)
        wanted = kinds.steps_for(blob.kind)
        names = {kind.name for kind in wanted}
        if only is not None:
            names &= _with_all_that_follow(set(only), wanted)
        for kind in wanted:
            if kind.name in names:
                rank = rank_of(blob, kind, now, urgency)
                Step.objects.filter(blob=blob, name=kind.name).update(version=kind.version, rank=rank, **_ANEW)
        # What was stopped or left out is asked for again, too, or those named would wait for it for ever.
        stopped = Step.objects.filter(blob=blob, state=State.CANCELLED, name__in={kind.name for kind in wanted})
        stopped.update(**_ANEW)
        let_ready_ones_wait(blob, now, urgency)
    return len(names)


def cancel(blob: Blob, *, now: datetime) -> int:
    """Stop what is not done yet; a running step ends at its next sign of life. Returns how many were stopped."""
    with transaction.atomic():
        lock(blob)
        open_ones = Step.objects.filter(blob=blob, state__in=OPEN)
        return open_ones.update(
            state=State.CANCELLED, claim=None, claimed_until=None, waits_until=None, ended_at=now, trouble=""
        )


def read_again(document: Document, *, by: Person, now: datetime) -> int:
    """Read a document once more because a person asked. Returns how many steps are run again."""
    count = again(document.blob, now=now, urgency=Urgency.WAITED_FOR)
    audit("reading asked for again", document, by=by, now=now)
    return count


def stop_reading(document: Document, *, by: Person, now: datetime) -> int:
    """Stop reading a document because a person asked. Returns how many steps were stopped; 0: there were none."""
    count = cancel(document.blob, now=now)
    if count:
        audit("reading stopped", document, by=by, now=now)
    return count


def lock(blob: Blob) -> None:
    """Let one transaction at a time change the steps of a blob, and see its kind as it is now.

    Two steps that end at the same moment would each take the other for still running, and let nothing go that waits
    for both. SQLite has one writer anyway.
    """
    blob.kind = Blob.objects.select_for_update(no_key=True).values_list("kind", flat=True).get(pk=blob.pk)


def let_ready_ones_wait(blob: Blob, now: datetime, urgency: Urgency = Urgency.ORDINARY) -> None:
    """Bring the steps of a blob in order: add what its kind needs, and let go what has nothing more to wait for.

    Of a step whose needs did not go well, nothing is asked any more. In the caller's transaction, after `lock`.
    """
    wanted = kinds.steps_for(blob.kind)
    states = dict(Step.objects.filter(blob=blob).values_list("name", "state"))
    missing = [kind for kind in wanted if kind.name not in states]
    if missing:
        ranks = {kind.name: rank_of(blob, kind, now, urgency) for kind in missing}
        Step.objects.bulk_create(
            Step(blob=blob, name=kind.name, version=kind.version, rank=ranks[kind.name]) for kind in missing
        )
        states |= {kind.name: State.LATER for kind in missing}
    ready, left_out = _ready_and_left_out(wanted, states)
    # What an earlier kind of the file needed, before its bytes were looked at again, is not needed now.
    strange = [
        name for name, state in states.items() if state == State.LATER and name not in {kind.name for kind in wanted}
    ]
    later = Step.objects.filter(blob=blob, state=State.LATER)
    if ready:
        later.filter(name__in=ready).update(state=State.WAITING)
    if left_out:
        later.filter(name__in=left_out).update(state=State.LEFT_OUT, ended_at=now)
    if strange:
        later.filter(name__in=strange).update(state=State.NOT_NEEDED, ended_at=now)


def mend(now: datetime) -> int:
    """Let go whatever could be let go and was not, such as steps that an older version did not know. Returns how many.

    Each step is let go in the transaction that ends the one before it, so there should be none.
    """
    mended = 0
    stuck = Step.objects.filter(state=State.LATER).exclude(blob__steps__state__in=[State.WAITING, State.RUNNING])
    for pk in list(stuck.order_by("blob").values_list("blob", flat=True).distinct()[:1000]):
        blob = Blob.objects.get(pk=pk)
        with transaction.atomic():
            lock(blob)
            before = Step.objects.filter(blob=blob, state=State.LATER).count()
            let_ready_ones_wait(blob, now)
            mended += before - Step.objects.filter(blob=blob, state=State.LATER).count()
    return mended


def rank_of(blob: Blob, kind: kinds.StepKind, now: datetime, urgency: Urgency = Urgency.ORDINARY) -> datetime:
    """Return the moment that orders the waiting steps: now, and later by as long as this one may take."""
    return now + urgency.value + timedelta(seconds=kind.seconds_a_megabyte * blob.size / MEGABYTE)


def _ready_and_left_out(wanted: Iterable[kinds.StepKind], states: dict[str, str]) -> tuple[list[str], list[str]]:
    ready, left_out = [], []
    for kind in wanted:  # in order, so that what is left out leaves out what needs it
        if states[kind.name] != State.LATER:
            continue
        before = {name: states.get(name, State.NOT_NEEDED) for name in kind.waits_for}
        if any(before[name] in {State.FAILED, State.LEFT_OUT} for name in kind.needs):
            left_out.append(kind.name)
            states[kind.name] = State.LEFT_OUT
        elif all(state in ENDED for state in before.values()):
            ready.append(kind.name)
    return ready, left_out


def _with_all_that_follow(names: set[str], wanted: list[kinds.StepKind]) -> set[str]:
    found = set(names)
    for kind in wanted:  # in order: what follows stands later in the list
        if found & set(kind.waits_for):
            found.add(kind.name)
    return found
