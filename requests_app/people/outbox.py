"""One mechanism for every mail that leaves: a row with a state, claimed by a conditional update, sent, recorded.

Guarantees, on either database and whatever worker dies at whatever instruction:

1. A row is sent by at most one living worker: only one conditional update can claim it, and a claim holds longer
   than a living worker can take.
2. A row is never lost: a claim that shows no outcome within `claim_lasts()` is open again.
3. A second sending after a crash carries the same Message-ID, so that a mailbox folds the two into one.
4. What follows from a sending (`after_sent`) or from giving up (`after_failed`) is recorded once, in the transaction
   that says "sent" or "not sent"; where that fails, it is tried again without another mail.
5. No row holds back another, whatever is wrong with it.

A room that sends mail makes a model of `OutboxRow`; `send_all_due` finds it.
"""

from __future__ import annotations

import enum
import logging
import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

BACK_OFF_MINUTES = (1, 5, 15, 60, 240, 720)  # before the next try; after the last, the row waits for a person
TRIES = len(BACK_OFF_MINUTES) + 1
BATCH = 200
BATCH_SECONDS = 120  # well under CELERY_TASK_TIME_LIMIT; what is left waits for the next sweep
SERVER_IS_DOWN_AFTER = 3  # tries in a row that could not reach the server: no use hammering it with the rest


def claim_lasts() -> timedelta:
    """How long a claim holds. `foia.checks` warns when a living worker could take longer over one mail."""
    return timedelta(seconds=settings.OUTBOX_CLAIM_SECONDS)


class PermanentFailure(Exception):
    """The receiving side said that this message will never be accepted. Holds its answer."""


class AddressRefused(PermanentFailure):
    """The receiving side takes no mail for this address, whatever the message. Holds its answer."""


class Outcome(enum.Enum):
    """What became of one try."""

    NOT_DUE = enum.auto()  # another worker has it, or it was taken back
    SENT = enum.auto()
    LATER = enum.auto()
    FAILED = enum.auto()


def hand_over(message: EmailMessage) -> str:
    """Give one message to the configured mail server and return what is known of its answer.

    Raises PermanentFailure when the server refuses this sender, recipient or text for good (5xx); OSError or
    SMTPException when a later try may work (4xx, no connection, a password that somebody has yet to correct).
    """
    connection = get_connection(fail_silently=False)
    try:
        taken = connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as refusal:
        answers = [f"{code} {_text(said)}" for code, said in refusal.recipients.values()]
        if all(is_final(code) for code, _said in refusal.recipients.values()):
            raise AddressRefused("; ".join(answers)) from refusal
        raise
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
        if is_final(refusal.smtp_code):
            raise PermanentFailure(f"{refusal.smtp_code} {_text(refusal.smtp_error)}") from refusal
        raise
    if not taken:
        raise PermanentFailure("The message names no recipient.")
    return "accepted"


def is_final(code: int) -> bool:
    """Return whether an answer refuses for good: 5xx, save 530, which asks for a password that we have yet to set."""
    return code >= 500 and code != 530  # RFC 5321, section 4.2.1; RFC 4954, section 6


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


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
    follow_up_pending = models.BooleanField(
        default=False, help_text="Sent or given up, but what follows from that failed and is tried again."
    )
    message_id = models.CharField(max_length=200, unique=True)

    class Meta:
        abstract = True

    def deliver(self) -> str:
        """Hand the mail to the mail server and return its answer (see `hand_over`).

        Raises PermanentFailure when it will never be accepted; OSError or SMTPException when a later try may work.
        Runs outside any transaction, and may run twice for one row after a crash.
        """
        raise NotImplementedError

    def after_sent(self, answer: str, now: datetime) -> None:
        """Record what follows from a successful sending, in the transaction that records the sending itself."""

    def after_failed(self, failure: str, now: datetime, *, address_refused: bool) -> None:
        """Record what follows when the row is given up, in the transaction that records the failure.

        `address_refused`: the receiving side said so of the address itself. Otherwise the fault may lie anywhere.
        """

    @classmethod
    def due(cls, now: datetime) -> models.QuerySet[Self]:
        """Return the rows a worker may claim at `now`: waiting ones, and claims whose worker died."""
        open_again = Q(state=cls.State.SENDING, claimed_at__lte=now - claim_lasts())
        return cls._default_manager.filter(Q(state=cls.State.QUEUED, send_after__lte=now) | open_again)

    @classmethod
    def claim(cls, pk: int, now: datetime) -> Self | None:
        """Take one due row for this worker; None when another has it or it was taken back."""
        taken = cls.due(now).filter(pk=pk).update(state=cls.State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
        if not taken:
            return None
        try:
            return cls._default_manager.get(pk=pk)
        except Exception:
            # It cannot be read, as under a wrong SALT_KEY: no try of the mail's, and it must not use them up.
            cls._default_manager.filter(pk=pk, claimed_at=now).update(attempts=F("attempts") - 1)
            raise

    @classmethod
    def send(cls, pk: int, now: datetime) -> bool:
        """Send one due row. Returns whether it left."""
        return cls.attempt(pk, now) is Outcome.SENT

    @classmethod
    def attempt(cls, pk: int, now: datetime) -> Outcome:
        """Try to send one due row and say what became of it.

        1. Claim the row: only one worker's update matches. A row that has killed every worker so far is given up.
        2. Deliver, outside any transaction, under the Message-ID fixed when the row was made.
        3. Record the outcome. After a crash in between, the row opens again with the same Message-ID.

        A trouble of our own (a bug, a wrong key, a database that is starting anew) is tried again like one of the mail
        server's: the next version or the next minute may cure it, and the mail must not be lost meanwhile.
        """
        row = cls.claim(pk, now)
        if row is None:
            return Outcome.NOT_DUE
        if row.attempts > TRIES:
            return row._give_up("Every try ended without an answer.", now)
        started = monotonic()
        try:
            answer = row.deliver()
        except PermanentFailure as refusal:
            return row._give_up(str(refusal), now, address_refused=isinstance(refusal, AddressRefused))
        except Exception as trouble:  # noqa: BLE001  see above; the log keeps its kind, the row its words
            return row._try_later(f"{type(trouble).__name__}: {trouble}", now)
        # The server took it just now, not when we began: at midnight that is another legal day.
        row._record_sent(answer, now + timedelta(seconds=monotonic() - started))
        return Outcome.SENT

    @classmethod
    def send_due(cls, now: datetime) -> int:
        """Send the due rows of one batch, the least tried and then the oldest first, and return how many left.

        Each row is claimed at the moment its own turn comes, not at the start of the batch: a claim must not be old
        before its sending begins. Ends early when time is up or the server cannot be reached.
        """
        started = monotonic()
        # Those never tried come first: a mail that kills its workers must not stand before all the others.
        waiting = list(cls.due(now).order_by("attempts", "send_after", "pk").values_list("pk", flat=True)[:BATCH])
        sent = unreachable = 0
        for pk in waiting:
            passed = monotonic() - started
            if passed > BATCH_SECONDS or unreachable >= SERVER_IS_DOWN_AFTER:
                break
            try:
                outcome = cls.attempt(pk, now + timedelta(seconds=passed))
            except Exception as trouble:  # noqa: BLE001  its claim lapses and opens it again; the others must go out
                log.error("%s %s could not be tried: %s", cls.__name__, pk, type(trouble).__name__)
                outcome = Outcome.LATER
            sent += outcome is Outcome.SENT
            unreachable = unreachable + 1 if outcome is Outcome.LATER else 0
        cls._repeat_follow_ups(now)
        return sent

    @classmethod
    def take_back(cls, pk: int) -> bool:
        """Take a row back before any worker has it. Returns whether it was still in time."""
        waiting = cls._default_manager.filter(pk=pk, state=cls.State.QUEUED)
        return bool(waiting.update(state=cls.State.CANCELLED))

    @classmethod
    def try_again(cls, pk: int, now: datetime) -> bool:
        """Queue a row that failed, because a person changed what was wrong. Returns whether it had failed."""
        failed = cls._default_manager.filter(pk=pk, state=cls.State.FAILED)
        return bool(failed.update(state=cls.State.QUEUED, send_after=now, attempts=0, failure=""))

    def _record_sent(self, answer: str, now: datetime) -> None:
        """Say that the mail left. A fact: it stands even if a successor was already trying the same row."""
        # A worker thought dead may come back after its successor: only the first of the two finds the row open.
        still_open = ~Q(state__in=[self.State.SENT, self.State.CANCELLED])
        facts: dict[str, Any] = {"state": self.State.SENT, "sent_at": now, "failure": ""}
        rows = type(self)._default_manager.filter(still_open, pk=self.pk)
        try:
            with transaction.atomic():
                if rows.update(**facts):
                    self.after_sent(answer, now)
        except Exception as trouble:  # noqa: BLE001  the mail is out: whatever fails now, it must not go out again
            log.error("%s %s sent, but what follows failed: %s", type(self).__name__, self.pk, type(trouble).__name__)
            rows.update(**facts, follow_up_pending=True)
        log.info("%s %s sent", type(self).__name__, self.pk)

    @classmethod
    def _repeat_follow_ups(cls, now: datetime) -> None:
        for row in cls._default_manager.filter(follow_up_pending=True)[:BATCH]:
            try:
                with transaction.atomic():
                    if cls._default_manager.filter(pk=row.pk, follow_up_pending=True).update(follow_up_pending=False):
                        row._follow_up(now)
            except Exception as trouble:  # noqa: BLE001  stays pending; the next sweep tries again
                log.error("%s %s: what follows failed again: %s", cls.__name__, row.pk, type(trouble).__name__)

    def _follow_up(self, now: datetime) -> None:
        if self.state == self.State.SENT:
            self.after_sent("accepted", self.sent_at or now)  # as of the sending: legal days are counted from it
        else:
            self.after_failed(self.failure, now, address_refused=False)

    def _try_later(self, said: str, now: datetime) -> Outcome:
        if self.attempts >= TRIES:
            return self._give_up(said, now)
        wait = timedelta(minutes=BACK_OFF_MINUTES[self.attempts - 1])
        self._own_claim().update(state=self.State.QUEUED, send_after=now + wait, failure=said[:500])
        log.info("%s %s will be tried again after %s", type(self).__name__, self.pk, said.partition(":")[0])
        return Outcome.LATER

    def _give_up(self, said: str, now: datetime, *, address_refused: bool = False) -> Outcome:
        """Say that the mail will not leave. What follows from that comes first, in the same transaction."""
        facts: dict[str, Any] = {"state": self.State.FAILED, "failure": said[:500]}
        try:
            with transaction.atomic():
                if self._own_claim().update(**facts):
                    self.after_failed(said[:500], now, address_refused=address_refused)
        except Exception as trouble:  # noqa: BLE001  the refusal stands, and must not be asked for again every minute
            log.error("%s %s failed, and what follows too: %s", type(self).__name__, self.pk, type(trouble).__name__)
            self._own_claim().update(**facts, follow_up_pending=True)
        log.warning("%s %s not sent after %s tries", type(self).__name__, self.pk, self.attempts)
        return Outcome.FAILED

    def _own_claim(self) -> models.QuerySet[Self]:
        # A worker that was thought dead must not overwrite its successor's claim with its own trouble.
        return type(self)._default_manager.filter(pk=self.pk, state=self.State.SENDING, claimed_at=self.claimed_at)


def outboxes() -> Iterator[type[OutboxRow]]:
    """Walk every kind of mail that any room sends."""
    for model in apps.get_models():
        if issubclass(model, OutboxRow):
            yield model


def send_all_due(now: datetime) -> int:
    """Send what is due in every outbox and return how many mails left. The sweep calls this."""
    return sum(outbox.send_due(now) for outbox in outboxes())
