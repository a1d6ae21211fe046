"""One address that was proposed as a contact of an agency. It is none until a coordinator found it elsewhere, too."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency, ContactPoint


class ContactProposal(models.Model):
    """An address that a person saw in a mail, who proposed it, and what a coordinator decided.

    Until it is accepted no letter can go there and no mail from there is a known sender's. `message_number` is the
    incoming message in which it was seen; this room does not know more of it. Decided ones stay as history.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waits to be looked up")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="proposals")
    channel = models.CharField(_("way"), max_length=10, choices=ContactPoint.Channel)
    value = models.CharField(_("address"), max_length=500)
    message_number = models.PositiveBigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=500, blank=True, default="", help_text="Where it was seen, or why not.")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["at", "id"], name="contact_proposals_open", condition=Q(state="open")),  # the list
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "channel", "value"], condition=Q(state="open"), name="contact_proposed_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decided_why=""),
                name="decided_proposal_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined"]), name="contact_proposal_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk} for agency {self.agency_id}"
