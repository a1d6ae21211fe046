"""Files what is ready in a campaign, part by part, and spreads the letters that leave by e-mail over the hours.

The rows of the run are the truth: whoever calls `file_next`, a worker, a second one or a person at the shell, each part
is filed once, in one transaction of its own, or not at all. A worker that dies leaves the part it had in hand waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from requests_app.correspondence import holding, services
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import services as filing
from requests_app.filing.models import FilingRun, FilingRunPart, RecordsRequest
from requests_app.filing.services import campaigns
from requests_app.people.models import Person

log = logging.getLogger(__name__)

_NOT_FILED = (filing.NotReady, filing.DraftIsClosed, filing.EventRefused, services.NotSendable)


class LeftOut(Exception):
    """A target that was ready when the run began is not any more. The text says why and what to do."""


def running_runs() -> list[int]:
    """Return the ids of the runs that have something to do, the oldest first."""
    running = FilingRun.objects.filter(state=FilingRun.State.RUNNING)
    return list(running.order_by("started_at", "pk").values_list("pk", flat=True))


def file_next(run_id: int, *, now: datetime) -> bool:
    """File the next part of a run. Returns whether there may be more to do.

    1. Find the next part; where there is none, the run is finished or stopped.
    2. In one transaction: claim the part, look at its target once more, file its draft in the name of its signer, and
       give each letter the first moment at which it may leave.
    3. A part that cannot be filed says why; the run goes on with the others.
    """
    part = campaigns.next_part(run_id)
    if part is None:
        campaigns.finish_run(run_id, now=now)
        return False
    try:
        with transaction.atomic():
            _file_part(part, now)
    except (OperationalError, InterfaceError):
        raise  # the database has a bad moment: the part waits, and the next beat comes back to it
    except (*_NOT_FILED, LeftOut) as stop:
        campaigns.record_failure(part.pk, str(stop), now=now)
    except Exception as trouble:  # noqa: BLE001  one broken part must not hold up the others, nor be tried for ever
        log.error("part %s of run %s: %s", part.pk, run_id, type(trouble).__name__)
        why = _(
            "Something is wrong with the program. Nothing was sent; the draft is kept. Tell whoever runs the server."
        )
        campaigns.record_failure(part.pk, why, now=now)
    return True


def _file_part(part: FilingRunPart, now: datetime) -> None:
    target = campaigns.claim_part(part.pk, now=now)
    if target is None:
        return  # another worker was quicker, or the run was stopped
    trouble = campaigns.stop_to_file(target, now)
    if trouble:
        raise LeftOut(trouble)
    draft = target.draft
    if draft is None or target.assignee is None or draft.filer_id != target.assignee_id:
        raise LeftOut(_("Somebody else began this letter. Its signer must sign it again."))
    requests = services.file_draft(draft.pk, by=target.assignee, now=now)
    _spread(requests, now)
    campaigns.record_filed(target)


def _spread(requests: Sequence[RecordsRequest], now: datetime) -> None:
    """Give the letters of these requests moments that keep the limits, none before its undo window ends."""
    letters = list(
        OutgoingLetter.objects.filter(request__in=requests, state=OutgoingLetter.State.QUEUED).order_by("pk")
    )
    timetable = holding.timetable(OutgoingLetter, now, leaving=[letter.pk for letter in letters])
    for letter in letters:
        OutgoingLetter.objects.filter(pk=letter.pk, state=OutgoingLetter.State.QUEUED).update(
            send_after=timetable.take(letter.to_address, letter.send_after)
        )


def when_each_leaves(addresses: Sequence[str], earliest: datetime, now: datetime) -> list[datetime]:
    """Return when letters to these addresses would leave if they were filed now, in their order. One query."""
    timetable = holding.timetable(OutgoingLetter, now)
    return [timetable.take(address, earliest) for address in addresses]


def take_back_all(run_id: int, *, by: Person, now: datetime) -> int:
    """Stop a run and take back every letter of it that has not left. Returns how many were taken back."""
    filing.stop_run(run_id, now=now)
    waiting = OutgoingLetter.objects.filter(
        request__draft__campaign_target__run_parts__run_id=run_id, state=OutgoingLetter.State.QUEUED
    )
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    return sum(services.take_back(pk, by=by, now=now) for pk in ids)


def letters_of(run: FilingRun) -> dict[int, OutgoingLetter]:
    """Return the newest letter of each request that a run filed, by the request's id. One query."""
    found = (
        OutgoingLetter.objects.filter(request__draft__campaign_target__run_parts__run=run).defer("raw").order_by("pk")
    )
    return {letter.request_id: letter for letter in found}


__all__ = [
    "LeftOut",
    "file_next",
    "letters_of",
    "running_runs",
    "take_back_all",
    "when_each_leaves",
]
