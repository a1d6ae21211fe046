"""One mechanism for every mail that leaves: a row with a state, claimed by a conditional update, sent, recorded.

Guarantees, on either database and whatever worker dies at whatever instruction:

1. A row is sent by at most one worker at a time: only one conditional update can claim it.
2. A row is never lost: a claim that shows no outcome within `CLAIM_LASTS` is open again.
3. A second sending after a crash carries the same Message-ID, so that a mailbox folds the two into one.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

CLAIM_LASTS = timedelta(minutes=5)  # longer than EMAIL_TIMEOUT: a worker that takes longer is dead
BACK_OFF_MINUTES = (1, 5, 15, 60, 240, 720)  # before the next try; after the last, the row waits for a person
BATCH = 200


class PermanentFailure(Exception):
    """The receiving side said that this message will never be accepted. Holds its answer."""


class OutboxRow(models.Model):
    """A mail that waits, is being sent, was sent, failed or was taken back."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")
        CANCELLED = "cancelled", _("taken back")

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    send_after = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True, default="")
    message_id = models.CharField(max_length=200, unique=True)

    class Meta:
        abstract = True

    def deliver(self) -> str:
        """Hand the mail to the mail server and return its answer.

        Raises PermanentFailure when it will never be accepted; OSError or SMTPException when a later try may work.
        Runs outside any transaction, and may run twice for one row after a crash.
        """
        raise NotImplementedError

    def after_sent(self, answer: str, now: datetime) -> None:
        """Record what follows from a successful sending, in a transaction. May run twice: be idempotent."""

    @classmethod
    def due(cls, now: datetime) -> models.QuerySet[Self]:
        """Return the rows a worker may claim at `now`: waiting ones, and claims whose worker died."""
        open_again = Q(state=cls.State.SENDING, claimed_at__lte=now - CLAIM_LASTS)
        return cls._default_manager.filter(Q(state=cls.State.QUEUED, send_after__lte=now) | open_again)

    @classmethod
    def claim(cls, pk: int, now: datetime) -> Self | None:
        """Take one due row for this worker; None when another has it or it was taken back."""
        taken = cls.due(now).filter(pk=pk).update(state=cls.State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
        return cls._default_manager.get(pk=pk) if taken else None

    @classmethod
    def send(cls, pk: int, now: datetime) -> bool:
        """Send one due row. Returns whether it left.

        1. Claim the row: only one worker's update matches.
        2. Deliver, outside any transaction, under the Message-ID fixed when the row was made.
        3. Record the outcome. After a crash in between, the row opens again with the same Message-ID.
        """
        row = cls.claim(pk, now)
        if row is None:
            return False
        try:
            answer = row.deliver()
        except PermanentFailure as refusal:
            row._record(state=cls.State.FAILED, failure=str(refusal)[:500])
            log.warning("%s %s refused for good", cls.__name__, pk)
            return False
        except (OSError, smtplib.SMTPException) as trouble:
            row._try_later(now, trouble)
            return False
        row.after_sent(answer, now)
        row._record(state=cls.State.SENT, sent_at=now, failure="")
        log.info("%s %s sent", cls.__name__, pk)
        return True

    @classmethod
    def send_due(cls, now: datetime) -> int:
        """Send every due row of one batch, oldest first, and return how many left."""
        waiting = list(cls.due(now).order_by("send_after", "pk").values_list("pk", flat=True)[:BATCH])
        return sum(cls.send(pk, now) for pk in waiting)

    def _try_later(self, now: datetime, trouble: Exception) -> None:
        said = f"{type(trouble).__name__}: {trouble}"[:500]
        if self.attempts > len(BACK_OFF_MINUTES):
            self._record(state=self.State.FAILED, failure=said)
            log.warning("%s %s given up after %s tries", type(self).__name__, self.pk, self.attempts)
            return
        wait = timedelta(minutes=BACK_OFF_MINUTES[self.attempts - 1])
        self._record(state=self.State.QUEUED, send_after=now + wait, failure=said)
        log.info("%s %s will be tried again", type(self).__name__, self.pk)

    def _record(self, **changes: Any) -> None:
        # Only this worker's own claim: a worker that was thought dead must not overwrite its successor.
        type(self)._default_manager.filter(pk=self.pk, state=self.State.SENDING, claimed_at=self.claimed_at).update(
            **changes
        )
