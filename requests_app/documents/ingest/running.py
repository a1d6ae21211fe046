"""Claims one waiting step after another and runs it, a part of about a minute at a time.

Guarantees, whatever worker dies at whatever instruction:

1. At most one living worker works on a step: only one conditional update claims it, and a claim is renewed long before
   it ends.
2. A step whose worker died is open again when its claim ends, and is run once more from its beginning.
3. A step that kills its worker again and again fails after `TRIES`, and the other files go on.
4. The steps that follow one are let go in the transaction that records its end.
"""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q

from requests_app.documents import services as documents
from requests_app.documents.ingest import kinds
from requests_app.documents.ingest.services import let_ready_ones_wait
from requests_app.documents.ingest.work import Cancelled, Outcome, Work
from requests_app.documents.models import Step
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import NotRead
from requests_app.documents.store import StoreTrouble

log = logging.getLogger(__name__)

SLICE = 60.0  # seconds of one part; the next part waits behind what is smaller
CLAIM = timedelta(minutes=5)  # far longer than any step goes without progress
TRIES = 3
LOOKED_AT = 8  # waiting steps looked at when others claim at the same moment


def run_next(clock: Callable[[], datetime]) -> bool:
    """Run one part of the step that is next. Returns False when nothing waits.

    1. Claim it.
    2. Run its function with a folder of its own.
    3. Record the outcome, unless the claim was lost meanwhile, and let the steps go that follow.
    """
    step = claim_next(clock())
    if step is None:
        return False
    began = time.monotonic()
    try:
        outcome = _run(step, clock)
    except Cancelled:
        return True
    except Refused as refused:
        log.info("step %s of blob %s: refused, %s", step.name, step.blob_id, refused)
        outcome = Outcome.failed(refused.code, detail=refused.detail)
    except NotRead as trouble:
        log.warning("step %s of blob %s: %s", step.name, step.blob_id, trouble)
        outcome = Outcome.failed(trouble.code)
    except (StoreTrouble, OSError) as trouble:
        log.warning("step %s of blob %s waits: %s", step.name, step.blob_id, type(trouble).__name__)
        _try_later(step, clock(), time.monotonic() - began)
        return True
    except Exception:
        log.exception("step %s of blob %s", step.name, step.blob_id)
        outcome = Outcome.failed("defect")
    record(step, outcome, now=clock(), seconds=time.monotonic() - began)
    return True


def claim_next(now: datetime) -> Step | None:
    """Claim the step that is next: what its dead worker left first, then what waits, by rank."""
    lost = Q(state=Step.State.RUNNING, claimed_until__lt=now)
    for which in (Step.objects.filter(lost), Step.objects.filter(state=Step.State.WAITING)):
        for pk in list(which.order_by("rank").values_list("pk", flat=True)[:LOOKED_AT]):
            token = uuid.uuid4()
            taken = Step.objects.filter(Q(state=Step.State.WAITING) | lost, pk=pk).update(
                state=Step.State.RUNNING, claim=token, claimed_until=now + CLAIM, attempts=F("attempts") + 1
            )
            if not taken:
                continue
            step = Step.objects.select_related("blob").get(pk=pk)
            if step.claim != token:
                continue
            if step.attempts > TRIES:
                record(step, Outcome.failed("died"), now=now, seconds=0)
                continue
            return step
    return None


def record(step: Step, outcome: Outcome, *, now: datetime, seconds: float) -> bool:
    """Write down how a part ended. Returns False, and changes nothing, when the claim was lost."""
    ended = outcome.state != "more"
    with transaction.atomic():
        written = Step.objects.filter(pk=step.pk, claim=step.claim, state=Step.State.RUNNING).update(
            state=outcome.state if ended else Step.State.WAITING,
            result=outcome.result,
            trouble=outcome.trouble,
            seconds=F("seconds") + seconds,
            started_at=step.started_at or now,
            ended_at=now if ended else None,
            # A part that ended well is no failed try; the rest waits behind what came meanwhile and is smaller.
            attempts=F("attempts") if ended else 0,
            rank=step.rank if ended else max(step.rank, now),
            claim=None,
            claimed_until=None,
        )
        if written and ended:
            let_ready_ones_wait(step.blob)
    return bool(written)


def _run(step: Step, clock: Callable[[], datetime]) -> Outcome:
    kind = kinds.BY_NAME[step.name]
    done = Step.objects.filter(blob=step.blob_id, state=Step.State.DONE).values_list("name", "result")
    with _folder() as folder:
        work = Work(
            blob=step.blob,
            folder=folder,
            original=lambda: documents.the_store().path(step.blob_id),
            renew=lambda units_done, units_all: _renew(step, clock(), units_done, units_all),
            slice_ends=time.monotonic() + SLICE,
            results=dict(done),
            earlier=step.result,
        )
        return kind.run(work)


def _renew(step: Step, now: datetime, units_done: int, units_all: int) -> None:
    held = Step.objects.filter(pk=step.pk, claim=step.claim, state=Step.State.RUNNING).update(
        claimed_until=now + CLAIM, units_done=units_done, units_all=units_all
    )
    if not held:
        raise Cancelled


def _try_later(step: Step, now: datetime, seconds: float) -> None:
    """The disk or the store was not there: the step keeps its place, a minute later, and is no nearer to failing."""
    Step.objects.filter(pk=step.pk, claim=step.claim).update(
        state=Step.State.RUNNING, claim=None, claimed_until=now + timedelta(minutes=1), attempts=F("attempts") - 1,
        seconds=F("seconds") + seconds, trouble="store",
    )  # fmt: skip


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder on the store's own disk: the system's temporary folder may be memory."""
    parent = documents.the_store().incoming
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix="reading-", ignore_cleanup_errors=True) as name:
        yield Path(name)
