"""Claims one waiting step after another and runs it, a part of about a minute at a time.

Guarantees, whatever worker dies at whatever instruction:

1. At most one living worker writes what a step finds: only one conditional update claims it, the claim is held for as
   long as the step shows signs of life, and whoever lost it finds so before the next write (`Work.writing`).
2. A step whose worker died is open again when its claim ends, and is run once more from its beginning.
3. A step that kills its worker again and again fails after `TRIES`, and the other files go on.
4. The steps that follow one are let go in the transaction that records its end.
5. What may pass by itself is waited for, longer each time and for ever: a full disk, a store or a database that does
   not answer, a scanner that is not there. When it has passed for one step, all that waited for it go on.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import logging
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q

from requests_app.documents import derived, sandbox
from requests_app.documents import services as documents
from requests_app.documents.ingest import kinds
from requests_app.documents.ingest.services import let_ready_ones_wait, lock
from requests_app.documents.ingest.work import Cancelled, Outcome, TryLater, Work
from requests_app.documents.models import Step
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import NotRead
from requests_app.documents.store import NO_ROOM, DiskFull, StoreTrouble

log = logging.getLogger(__name__)

SLICE = 60.0  # seconds of one part; the next part waits behind what is smaller
CLAIM = timedelta(minutes=3)  # a dead worker's step waits so long; a living one holds its claim many times meanwhile
RENEW_SECONDS = 1.0  # progress is written down no oftener
TRIES = 3
LOOKED_AT = 8  # waiting steps looked at when others claim at the same moment
BACK_OFF_MINUTES = (1, 2, 5, 15, 60)  # before the next try after a trouble that may pass; then the last, for ever
_GONE = frozenset({
    errno.EIO, errno.EROFS, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.EHOSTDOWN,
    errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.ETIMEDOUT, errno.EACCES, errno.EPERM,
})  # fmt: skip  # the disk or the store is not there, or not ours
_CROWDED = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})

State = Step.State
AT_A_LOCKED_FILE = frozenset({"identify", "scan"})  # the steps that touch bytes which are locked (documents.locks)


class Ran(enum.IntEnum):
    """What `run_next` did. NOTHING is false, so that a loop ends."""

    NOTHING = 0
    PART = 1  # one part of a step, whatever became of it
    TROUBLE = 2  # of the house, not of the file: the next one may well meet the same


def run_next(clock: Callable[[], datetime]) -> Ran:
    """Run one part of the step that is next.

    1. Claim it.
    2. Run its function with a folder of its own.
    3. Record the outcome, unless the claim was lost meanwhile, and let the steps go that follow.
    """
    step = claim_next(clock())
    if step is None:
        return Ran.NOTHING
    began = time.monotonic()
    try:
        outcome = _run(step, clock)
    except Cancelled:
        log.info("step %s of blob %s was stopped or taken over", step.name, step.blob_id)
        return Ran.PART
    except Exception as trouble:  # noqa: BLE001  each kind is told apart, and none goes unsaid
        passing = _what_may_pass(step, trouble)
        if passing:
            log.warning("step %s of blob %s waits: %s", step.name, step.blob_id, passing)
            _try_later(step, passing, now=clock(), seconds=time.monotonic() - began)
            return Ran.PART if passing == "died" else Ran.TROUBLE
        outcome = _failed(step, trouble)
    record(step, outcome, now=clock(), seconds=time.monotonic() - began)
    return Ran.PART


def claim_next(now: datetime) -> Step | None:
    """Claim the step that is next: what its dead worker left first, then what waits, by rank. None: nothing waits.

    Steps of a newer version than this worker knows, while a new Daylight is being put in place, are left to others.
    """
    known = Q(pk__in=[])
    for kind in kinds.BY_NAME.values():
        known |= Q(name=kind.name, version__lte=kind.version)
    lost = Q(state=State.RUNNING, claimed_until__lt=now)
    waiting = Q(state=State.WAITING) & (Q(waits_until=None) | Q(waits_until__lte=now))
    for which in (lost, waiting):
        # Others claim at the same moment: who finds all of the first few taken looks again.
        while pks := list(Step.objects.filter(which & known).order_by("rank").values_list("pk", flat=True)[:LOOKED_AT]):
            for pk in pks:
                step = _claim(pk, which, now)
                if step is not None:
                    return step
    return None


def record(step: Step, outcome: Outcome, *, now: datetime, seconds: float) -> bool:
    """Write down how a part ended. Returns False, and changes nothing, when the claim was lost."""
    ended = outcome.state != "more"
    kind = kinds.BY_NAME.get(step.name)
    with transaction.atomic():
        lock(step.blob)
        written = Step.objects.filter(pk=step.pk, claim=step.claim, state=State.RUNNING).update(
            state=outcome.state if ended else State.WAITING,
            version=kind.version if kind else step.version,
            result=outcome.result,
            trouble=outcome.trouble,
            seconds=F("seconds") + seconds,
            ended_at=now if ended else None,
            # A part that ended well is no failed try; the rest waits behind what came meanwhile and is smaller.
            attempts=F("attempts") if ended else 0,
            rank=step.rank if ended else max(step.rank, now),
            delays=0,
            waits_until=None,
            claim=None,
            claimed_until=None,
        )
        if written and ended:
            let_ready_ones_wait(step.blob, now)
        if written and step.delays and outcome.state != "failed":  # what held it up has passed, for all
            held_up = Step.objects.filter(state=State.WAITING, trouble=step.trouble, waits_until__gt=now)
            held_up.update(waits_until=None)
    return bool(written)


def _claim(pk: int, which: Q, now: datetime) -> Step | None:
    token = uuid.uuid4()
    taken = Step.objects.filter(which, pk=pk).update(
        state=State.RUNNING, claim=token, claimed_until=now + CLAIM, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    step = Step.objects.select_related("blob").get(pk=pk)
    if step.claim != token:  # it was stopped, or begun anew, in this very moment
        return None
    if step.attempts > TRIES:
        log.error("step %s of blob %s: every worker that tried it died", step.name, step.blob_id)
        record(step, Outcome.failed("died"), now=now, seconds=0)
        return None
    if step.started_at is None:
        Step.objects.filter(pk=pk, claim=token).update(started_at=now)
    return step


def _run(step: Step, clock: Callable[[], datetime]) -> Outcome:
    kind = kinds.BY_NAME[step.name]
    if step.blob.is_locked and step.name not in AT_A_LOCKED_FILE:
        return Outcome.not_needed("locked")
    if derived.is_full():
        raise DiskFull
    done = Step.objects.filter(blob=step.blob_id, state=State.DONE).values_list("name", "result")
    claim = _Claim(step, clock)
    with derived.a_folder() as folder, sandbox.watched(scratch=folder, hold=claim.hold):
        work = Work(
            blob=step.blob,
            folder=folder / "work",
            original=partial(_original, step.blob_id),
            renew=claim.renew,
            slice_ends=time.monotonic() + SLICE,
            results=dict(done),
            earlier=step.result,
            hold=claim.hold,
        )
        work.folder.mkdir()
        return kind.run(work)


class _Claim:
    """The claim of one part of a step, and what its holder says of how far it is."""

    def __init__(self, step: Step, clock: Callable[[], datetime]) -> None:
        self._own = Step.objects.filter(pk=step.pk, claim=step.claim, state=State.RUNNING)
        self._clock = clock
        self._said_at = float("-inf")

    def hold(self) -> None:
        """Hold the claim for longer. Raises Cancelled when it is lost."""
        if not self._own.update(claimed_until=self._clock() + CLAIM):
            raise Cancelled

    def renew(self, units_done: int, units_all: int) -> None:
        """The same, and say how far the step is. Asks the database at most once a second, but at the end always."""
        now = time.monotonic()
        if now - self._said_at < RENEW_SECONDS and units_done < units_all:
            return
        self._said_at = now
        until = self._clock() + CLAIM
        if not self._own.update(claimed_until=until, units_done=units_done, units_all=units_all):
            raise Cancelled


class _Missing(Exception):
    """The store is there, and this blob is not in it."""


def _original(sha256: str) -> Path:
    store = documents.the_store()
    path = store.path(sha256)
    if path.exists():
        return path
    if store.is_there():
        raise _Missing
    raise OSError(errno.ENODEV, "The store is not there.")  # a disk that is not mounted is an empty folder


def _what_may_pass(step: Step, trouble: Exception) -> str:
    """Return the code of a trouble that may pass by itself, or an empty text when there is no use in waiting."""
    if isinstance(trouble, TryLater):
        return trouble.code
    if isinstance(trouble, (OperationalError, InterfaceError)):
        return "database"
    if isinstance(trouble, DiskFull):
        return "no_room"
    if isinstance(trouble, StoreTrouble):
        return "store"
    if isinstance(trouble, OSError):
        if trouble.errno in NO_ROOM:
            return "no_room"
        if trouble.errno in _CROWDED:
            return "crowded"
        if trouble.errno in _GONE or isinstance(trouble, (ConnectionError, TimeoutError)):
            return "store"
    if isinstance(trouble, (Refused, NotRead)):
        # A program that finds no room says all kinds of things.
        if derived.is_full():
            return "no_room"
        # Perhaps the machine was short of memory and chose this process: once more, and then it is the file's doing.
        if isinstance(trouble, NotRead) and trouble.code == "died" and step.attempts < TRIES - 1:
            return "died"
    return ""


def _failed(step: Step, trouble: Exception) -> Outcome:
    """Return the outcome for what no waiting cures. The log gets no word of the file itself."""
    if isinstance(trouble, Refused):
        log.info("step %s of blob %s: refused, %s", step.name, step.blob_id, trouble.code)
        return Outcome.failed(trouble.code, detail=trouble.detail)
    if isinstance(trouble, NotRead):
        log.warning("step %s of blob %s: the process gave no answer: %s", step.name, step.blob_id, trouble.code)
        return Outcome.failed(trouble.code)
    if isinstance(trouble, _Missing):
        log.error("the store lost blob %s", step.blob_id)
        return Outcome.failed("missing")
    last = traceback.extract_tb(trouble.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    log.error("step %s of blob %s: defect, %s at %s", step.name, step.blob_id, type(trouble).__name__, where)
    return Outcome.failed("defect", detail=f"{type(trouble).__name__} at {where}")


def _try_later(step: Step, code: str, *, now: datetime, seconds: float) -> None:
    """Let the step wait. It keeps its place, and unless a process died of it, it is no nearer to failing."""
    if code == "database" and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    wait = timedelta(minutes=BACK_OFF_MINUTES[min(step.delays, len(BACK_OFF_MINUTES) - 1)])
    # When the database is still away the claim ends by itself, and the step is tried again then.
    with contextlib.suppress(OperationalError, InterfaceError):
        Step.objects.filter(pk=step.pk, claim=step.claim, state=State.RUNNING).update(
            state=State.WAITING, claim=None, claimed_until=None, waits_until=now + wait, trouble=code,
            attempts=F("attempts") - (0 if code == "died" else 1), delays=min(step.delays + 1, 1000),
            seconds=F("seconds") + seconds,
        )  # fmt: skip


def parts(clock: Callable[[], datetime], *, until: float, enough: Callable[[], bool] = lambda: False) -> Iterator[Ran]:
    """Run one part after another until none waits, the time (by time.monotonic) is up, or `enough` says so.

    Ends, too, when several in a row met a trouble of the house: no use in trying ten thousand against a full disk.
    """
    troubles = 0
    while time.monotonic() < until and not enough() and troubles < 3:
        ran = run_next(clock)
        if ran is Ran.NOTHING:
            return
        troubles = troubles + 1 if ran is Ran.TROUBLE else 0
        yield ran
