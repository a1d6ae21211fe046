"""What a mail may mean, the events that people recorded because of it, and links to records that wait to be fetched."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.filing.models import Event, RecordsRequest

_SETTLED = Q(state="open", settled_at__isnull=True, settled_by__isnull=True) | (
    ~Q(state="open") & Q(settled_at__isnull=False, settled_by__isnull=False)
)


class Meaning(models.Model):
    """One thing that a message may say, as reading help found it. A message says each kind of thing once.

    Reading the mail again writes anew what nobody has decided about; what a person decided stays.
    """

    class State(models.TextChoices):
        OPEN = "open", _("not decided")
        CONFIRMED = "confirmed", _("recorded")
        DISMISSED = "dismissed", _("not so")

    class Level(models.IntegerChoices):
        DOUBTFUL = 0, _("perhaps")
        LIKELY = 1, _("likely")
        CLEAR = 2, _("said outright")

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="meanings")
    kind = models.CharField(max_length=20, help_text="suggesting.Kind")
    level = models.PositiveSmallIntegerField(choices=Level)
    sentences = models.JSONField(default=list, help_text="The agency's, the strongest first.")
    values = models.JSONField(default=dict, help_text="suggesting.Suggestion.values")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("what a message may say")
        ordering = ["message", "-level", "pk"]
        indexes = [
            # the list of mail that asks to be recorded, and the count of it on the desk
            models.Index(fields=["message"], name="meaning_open", condition=Q(state="open", level__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "kind"], name="meaning_once_for_a_message"),
            models.CheckConstraint(condition=Q(level__lte=2), name="meaning_level_known"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "confirmed", "dismissed"]), name="meaning_state_known"
            ),
            models.CheckConstraint(condition=_SETTLED, name="meaning_settled_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in message {self.message_id}"


class Confirmation(models.Model):
    """An event that a person recorded because a message says so. When it is corrected away, another takes its place."""

    meaning = models.ForeignKey(Meaning, on_delete=models.PROTECT, related_name="confirmations")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="+")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meaning", "request"], name="meaning_recorded_once_for_a_request")
        ]

    def __str__(self) -> str:
        return f"{self.meaning_id} as event {self.event_id}"


class ShareLink(models.Model):
    """A place to which a message sends us for records: something for a person to fetch. The program never opens it."""

    class State(models.TextChoices):
        OPEN = "open", _("to be fetched")
        FETCHED = "fetched", _("fetched")
        GONE = "gone", _("does not work any more")

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="share_links")
    key = models.CharField(max_length=64, help_text="SHA-256 of the address.")
    url = models.CharField(max_length=2000, help_text="As written; a stranger's.")
    host = models.CharField(max_length=255, help_text="Where it leads, as far as the address tells.")
    service = models.CharField(max_length=40, blank=True, default="", help_text="What people call it; empty: unknown.")
    sentence = models.CharField(max_length=600, blank=True, default="")
    expires_on = models.DateField(null=True, blank=True, help_text="The last day on which it works, as the mail says.")
    expiry_words = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link to records")
        ordering = ["message", "pk"]
        indexes = [
            models.Index(fields=["message"], name="share_link_open", condition=Q(state="open")),
            # whom to remind
            models.Index(
                fields=["expires_on"], name="share_link_expires", condition=Q(state="open", reminded_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "key"], name="share_link_once_for_a_message"),
            models.CheckConstraint(condition=Q(state__in=["open", "fetched", "gone"]), name="share_link_state_known"),
            models.CheckConstraint(condition=_SETTLED, name="share_link_settled_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} of message {self.message_id}"

    @property
    def element_id(self) -> str:
        """Return the id of the element that holds the address on a page, from which it is copied."""
        return f"link-{self.pk}"
