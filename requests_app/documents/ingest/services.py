"""The doors by which reading is asked for, asked for again, and stopped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from requests_app.documents.ingest import kinds
from requests_app.documents.models import Blob, Step

ENDED = frozenset({Step.State.DONE, Step.State.NOT_NEEDED, Step.State.FAILED})
MEGABYTE = 1024 * 1024


def begin(blob: Blob, *, now: datetime) -> None:
    """Ask for every step that this file needs and does not have. A second call changes nothing. Three queries."""
    wanted = kinds.steps_for(blob.kind)
    known = set(blob.steps.values_list("name", flat=True))
    rows = [
        Step(blob=blob, name=kind.name, version=kind.version, rank=rank_of(blob, kind, now))
        for kind in wanted
        if kind.name not in known
    ]
    with transaction.atomic():
        Step.objects.bulk_create(rows, ignore_conflicts=True)
        let_ready_ones_wait(blob)


def again(blob: Blob, *, now: datetime, only: Collection[str] | None = None) -> int:
    """Run steps once more: those named with all that come after them, or all. Returns how many.

    What they made stays on the screen until the new run writes over it.
    """
    wanted = kinds.steps_for(blob.kind)
    names = {kind.name for kind in wanted}
    if only is not None:
        names &= _with_all_that_follow(set(only), wanted)
    with transaction.atomic():
        begin(blob, now=now)
        for kind in wanted:
            if kind.name in names:
                Step.objects.filter(blob=blob, name=kind.name).update(
                    state=Step.State.LATER, version=kind.version, rank=rank_of(blob, kind, now), claim=None,
                    claimed_until=None, attempts=0, units_done=0, units_all=0, seconds=0, started_at=None,
                    ended_at=None, result={}, trouble="",
                )  # fmt: skip
        let_ready_ones_wait(blob)
    return len(names)


def cancel(blob: Blob, *, now: datetime) -> int:
    """Stop what is not done yet; a running step ends at its next sign of progress. Returns how many were stopped."""
    open_ones = Step.objects.filter(blob=blob, state__in=[Step.State.LATER, Step.State.WAITING, Step.State.RUNNING])
    return open_ones.update(state=Step.State.CANCELLED, claim=None, claimed_until=None, ended_at=now)


def let_ready_ones_wait(blob: Blob) -> None:
    """Let the steps wait for a worker whose earlier steps have ended. In the caller's transaction."""
    states = dict(Step.objects.filter(blob=blob).values_list("name", "state"))
    ready = [
        name
        for name, state in states.items()
        if state == Step.State.LATER
        and name in kinds.BY_NAME
        and all(states.get(before, Step.State.NOT_NEEDED) in ENDED for before in kinds.BY_NAME[name].after)
    ]
    if ready:
        Step.objects.filter(blob=blob, name__in=ready, state=Step.State.LATER).update(state=Step.State.WAITING)


def rank_of(blob: Blob, kind: kinds.StepKind, now: datetime) -> datetime:
    """Return the moment that orders the waiting steps: now, and later by as long as this one may take."""
    return now + timedelta(seconds=kind.seconds_a_megabyte * blob.size / MEGABYTE)


def _with_all_that_follow(names: set[str], wanted: list[kinds.StepKind]) -> set[str]:
    found = set(names)
    for kind in wanted:  # in order: what follows stands later in the list
        if found & set(kind.after):
            found.add(kind.name)
    return found
