"""What reminding keeps: editions of the policy, requests that people muted, and digests."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import RecordsRequest
from requests_app.people import mail
from requests_app.people.outbox import OutboxRow, PermanentFailure, hand_over

PERIODS: Final = (("daily", _("daily")), ("weekly", _("weekly")))


class PolicyEdition(models.Model):
    """The whole reminder policy as somebody left it. Never changed: the newest one counts, the others are its history.

    Without any row, the policy that Daylight comes with counts (`policy.seed`).
    """

    # Two people who change the same edition cannot both make the next one.
    number = models.PositiveIntegerField(unique=True)
    rules = models.JSONField(help_text="As policy.dump_policy writes it.")
    why = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"policy {self.number}"


class Mute(models.Model):
    """One person hears less of one request until a day: no mails, while the list of notices goes on.

    Of the agency's deadlines at once. Of our own (`asks_for_ours`) only after a coordinator who is somebody else has
    confirmed it. It ends by itself after `until`, a day of the jurisdiction.
    """

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="mutes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes")
    until = models.DateField(help_text="The last day on which it is muted.")
    why = models.CharField(max_length=300)
    asks_for_ours = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["until", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person"],
                condition=Q(ended_at__isnull=True),
                name="a_person_mutes_a_request_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("person")),
                name="nobody_confirms_their_own_mute",
                violation_error_message=_("Another coordinator must confirm this."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, asks_for_ours=True),
                name="a_confirmed_mute_says_by_whom_and_when",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="a_mute_says_why"),
        ]
        indexes = [
            models.Index(fields=["request", "until"], name="mute_open", condition=Q(ended_at__isnull=True))
        ]  # the sweep: who muted these requests

    def __str__(self) -> str:
        return f"{self.person_id} mutes {self.request_id} until {self.until}"

    @property
    def waits(self) -> bool:
        """Return whether the part about our own deadlines still waits for a second coordinator."""
        return self.asks_for_ours and self.confirmed_at is None and self.ended_at is None


class Digest(OutboxRow):
    """What one person is told together for one day or week. The unique row is the promise that it comes once.

    `for_day`: the day of the reader on which it is due; a week is named by its day of delivery. One with nothing in it
    is kept, taken back, so that it is not worked out again every minute.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    period = models.CharField(max_length=10, choices=PERIODS)
    for_day = models.DateField()
    subject = models.CharField(max_length=200)
    sections = models.JSONField(default=list, help_text="heading, lines (title, text, path), more, path")
    made_at = models.DateTimeField()

    class Meta(OutboxRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["recipient", "period", "for_day"], name="digest_once_for_each_period")
        ]
        indexes = [
            models.Index(fields=["state", "send_after"], name="digest_outbox"),  # the outbox sweep
            models.Index(fields=["id"], name="digest_follow_up", condition=Q(follow_up_pending=True)),
        ]

    def __str__(self) -> str:
        return f"{self.period} digest of {self.recipient_id} for {self.for_day}"

    def deliver(self) -> str:
        """Send the digest, unless its recipient has left."""
        if not self.recipient.is_active:
            raise PermanentFailure("The recipient's account is closed.")
        why = (
            _now("You get this once a day because you chose a daily mail, or because some notices come together.")
            if self.period == "daily"
            else _now("You get this once a week because you chose a weekly mail.")
        )
        return hand_over(
            mail.compose_digest(
                self.recipient, subject=self.subject, sections=self.sections, why=why, message_id=self.message_id
            )
        )
