"""Letters that leave by e-mail: the outbox row, and the message exactly as it was sent."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from requests_app.correspondence import holding, transport
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.people.outbox import OutboxRow
from requests_app.people.sealed import SealedTextField


class OutgoingLetter(OutboxRow):
    """One letter by e-mail, first or later. It waits for the undo window, leaves once, and keeps what was sent."""

    class Way(models.TextChoices):
        """What the mail is: the letter itself, or a fax for a gateway that turns mails into faxes."""

        EMAIL = Delivery.EMAIL.value, Delivery.EMAIL.label
        FAX = Delivery.FAX.value, Delivery.FAX.label

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="outgoing_letters")
    next_letter = models.ForeignKey(
        NextLetter, on_delete=models.PROTECT, null=True, blank=True, related_name="outgoing_letters"
    )  # empty: the first letter of the request
    way = models.CharField(max_length=10, choices=Way, default=Way.EMAIL)
    to_address = models.EmailField(help_text="By fax, that of the gateway.")
    subject = models.CharField(max_length=300)
    raw = SealedTextField(help_text="The message as sent, RFC 5322; sealed because it carries a legal name.")
    queued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    queued_at = models.DateTimeField()
    answer = models.CharField(max_length=500, blank=True, default="", help_text="What the mail server said.")
    # What mail servers reported later (`delivery.noting`): since when we know, and the newest report that says so. Read
    # from the filed reports alone; a report that is taken away again takes its fact along.
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_message = models.ForeignKey(
        "correspondence.IncomingMessage", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    delivered_at = models.DateTimeField(null=True, blank=True)
    delivery_message = models.ForeignKey(
        "correspondence.IncomingMessage", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    delayed_at = models.DateTimeField(null=True, blank=True)
    delay_message = models.ForeignKey(
        "correspondence.IncomingMessage", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_again_for = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="sent_again"
    )  # the earlier try that did not arrive, and stays
    # What a person decided about a letter that did not arrive; until then it is a task.
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_why = models.CharField(max_length=500, blank=True, default="")

    class Meta(OutboxRow.Meta):
        abstract = False
        ordering: ClassVar[list[str]] = ["-queued_at"]
        indexes = [
            models.Index(fields=["state", "send_after"], name="letter_outbox"),  # the outbox sweep
            models.Index(fields=["id"], name="letter_follow_up", condition=models.Q(follow_up_pending=True)),
            # those that a person has to see to
            models.Index(
                fields=["request"],
                name="letter_not_delivered",
                condition=models.Q(settled_at__isnull=True)
                & (models.Q(state="failed") | models.Q(bounced_at__isnull=False)),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                # A sent letter does not count: it may come back, and the next one goes to another address. That no
                # letter follows one that arrived is the lifecycle's rule (`filing.lifecycle`).
                condition=models.Q(state__in=["queued", "sending"], next_letter__isnull=True),
                name="a_request_has_one_letter_waiting",  # a second click must not mail an agency twice
            ),
            models.UniqueConstraint(
                fields=["next_letter"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="a_next_letter_waits_once",  # nor may it mail a later letter twice
            ),
            models.CheckConstraint(
                condition=models.Q(bounced_at__isnull=True, bounce_message__isnull=True)
                | models.Q(bounced_at__isnull=False, bounce_message__isnull=False),
                name="not_delivered_names_the_report",
            ),
            models.CheckConstraint(
                condition=models.Q(delivered_at__isnull=True, delivery_message__isnull=True)
                | models.Q(delivered_at__isnull=False, delivery_message__isnull=False),
                name="delivered_names_the_report",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settled_by__isnull=True, settled_why="")
                | models.Q(settled_at__isnull=False, settled_by__isnull=False) & ~models.Q(settled_why=""),
                name="settled_letter_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk} for request {self.request_id}"

    @classmethod
    def due(cls, now: datetime) -> models.QuerySet[OutgoingLetter]:
        """Return the letters that may leave, without those of campaigns that would flood a receiver."""
        held = holding.held_back(cls, now)
        return super().due(now).exclude(pk__in=held) if held else super().due(now)

    def deliver(self) -> str:
        """Hand over exactly the bytes that were made when the letter was queued."""
        return transport.send_raw(self.raw.encode("ascii"), self.to_address)

    def after_sent(self, answer: str, now: datetime) -> None:
        from requests_app.correspondence import next_letters, services  # the row tells the door; it holds the rule

        record = services.record_sent if self.next_letter_id is None else next_letters.record_sent
        record(self, answer, now=now)

    def after_failed(self, failure: str, now: datetime, *, address_refused: bool) -> None:
        from requests_app.correspondence import next_letters, services

        record = services.record_failed if self.next_letter_id is None else next_letters.record_failed
        record(self, failure, address_refused=address_refused, now=now)


# The tables of mail in and of letters on paper live with their topic; Django looks for them here.
from requests_app.correspondence.incoming import models as _incoming  # noqa: E402, F401
from requests_app.correspondence.incoming.suggested import models as _suggested  # noqa: E402, F401
from requests_app.correspondence.paper import models as _paper  # noqa: E402, F401
