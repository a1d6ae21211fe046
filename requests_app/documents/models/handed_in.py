"""Links over which an agency hands in files, and what came over each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import RecordsRequest
from requests_app.people.outbox import OutboxRow

LinkState = Literal["open", "full", "ended", "revoked"]


class AgencyLink(models.Model):
    """One secret address over which an agency hands in files for one request, until a day, within bounds.

    The secret is shown once, when the link is made. Only its hash is kept: a stolen database opens nothing.
    `taken_files` and `taken_bytes` change by conditional updates alone, so that no two uploads pass a bound together.
    """

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="agency_links")
    given_to = models.CharField(_("given to"), max_length=200, help_text="The person or office, as somebody typed it.")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: made in the shell
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    most_files = models.PositiveIntegerField()
    most_bytes = models.PositiveBigIntegerField()
    taken_files = models.PositiveIntegerField(default=0)
    taken_bytes = models.PositiveBigIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="agency_link_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(taken_files__lte=F("most_files"), taken_bytes__lte=F("most_bytes")),
                name="agency_link_within_its_bounds",
            ),
            models.CheckConstraint(condition=~Q(given_to=""), name="agency_link_says_whose"),
        ]

    def __str__(self) -> str:
        return f"agency link {self.pk}"

    def state(self, now: datetime) -> LinkState:
        """Return what may be done with it at this moment: only an open link takes files."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= now:
            return "ended"
        return "open" if self.files_left and self.bytes_left else "full"

    @property
    def files_left(self) -> int:
        """How many more files it takes."""
        return self.most_files - self.taken_files

    @property
    def bytes_left(self) -> int:
        """How many more bytes it takes."""
        return self.most_bytes - self.taken_bytes


class HandIn(models.Model):
    """What somebody handed in at one time over a link: who they said they are, and their files.

    It is told of once (`told_at`), when its files are kept. It records no event: a person says what it means, or that
    there is nothing to record (`settled_at`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(AgencyLink, on_delete=models.PROTECT, related_name="hand_ins")
    at = models.DateTimeField()
    by_whom = models.CharField(_("name and office"), max_length=200, help_text="As they typed it: nobody proved it.")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    message = models.TextField(_("message"), blank=True, default="")
    refused = models.JSONField(default=list, help_text="Files that were not kept: name and reason.")
    told_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="settled_hand_in_says_who",
            ),
        ]
        indexes = [
            models.Index(fields=["link", "-at"], name="hand_in_of_link"),  # what came over one link
            models.Index(fields=["-at", "id"], name="hand_in_waiting", condition=Q(settled_at=None)),  # to record
            models.Index(fields=["at"], name="hand_in_untold", condition=Q(told_at=None)),  # left by a stopped server
        ]

    def __str__(self) -> str:
        return f"hand-in {self.pk}"


class HandedFile(models.Model):
    """One file of a handing in, written down before its bytes are kept, so that the bounds hold and nothing is lost.

    The document is found by request and SHA-256: a server that is stopped between the two leaves nothing to mend.
    """

    class State(models.TextChoices):
        COMING = "coming", _("being kept")
        KEPT = "kept", _("kept")
        KNOWN = "known", _("kept before: the very same file")

    hand_in = models.ForeignKey(HandIn, on_delete=models.CASCADE, related_name="files")
    ordinal = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.COMING)

    class Meta:
        ordering = ["hand_in", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["hand_in", "ordinal"], name="handed_file_in_order")]
        indexes = [models.Index(fields=["sha256"], name="handed_file_bytes")]  # where a document came from

    def __str__(self) -> str:
        return self.name


class HandInReceipt(OutboxRow):
    """The receipt by mail, to an address of the agency that we knew before."""

    hand_in = models.OneToOneField(HandIn, on_delete=models.CASCADE, related_name="receipt_mail")
    to_address = models.EmailField()

    class Meta(OutboxRow.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["state", "send_after"], name="receipt_outbox"),  # the outbox sweep
            models.Index(fields=["id"], name="receipt_follow_up", condition=Q(follow_up_pending=True)),
        ]

    def __str__(self) -> str:
        return f"receipt of hand-in {self.hand_in_id}"

    def deliver(self) -> str:
        """Send the receipt. It names no link: mails get quoted."""
        from requests_app.documents.handed_in.receipts import compose
        from requests_app.people.outbox import hand_over

        return hand_over(compose(self))
