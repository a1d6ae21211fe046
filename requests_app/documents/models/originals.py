"""Returned documents: one blob for each distinct content, one document for each time an agency returned it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency
from requests_app.documents.identify import KIND_LABELS
from requests_app.filing.models import RecordsRequest


class Blob(models.Model):
    """The bytes themselves, named by their SHA-256. Never changed; kept as long as a document names them.

    Bytes that an administrator erased leave this row as their tombstone. Come again, they are kept again.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)  # by content, not by name
    kind = models.CharField(max_length=20, default="other")  # identify.Kind
    stored_at = models.DateTimeField()
    # Empty: open. Otherwise nobody may take a copy, nothing is made of it and no step reads it (documents.locks).
    locked_why = models.CharField(
        max_length=200, blank=True, default="", help_text="program, or infected: and by what."
    )
    unlocked_why = models.CharField(max_length=200, blank=True, default="", help_text="What an administrator let pass.")
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    erased_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True, erased_by__isnull=True, erased_why="")
                | models.Q(erased_at__isnull=False, erased_by__isnull=False) & ~models.Q(erased_why=""),
                name="erased_blob_says_who_and_why",
            ),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="blob_is_not_empty"),
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blob_named_by_sha256"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_locked(self) -> bool:
        """Whether nobody may take a copy of it or see anything made of it."""
        return bool(self.locked_why)


class Document(models.Model):
    """One file as one agency returned it for one request: its own name, how it came and who brought it in."""

    class Via(models.TextChoices):
        UPLOAD = "upload", _("uploaded")
        REPLY = "reply", _("came with a reply")
        PROOF = "proof", _("proof that a letter was sent")
        PART = "part", _("came inside another file")
        HANDED_IN = "handed_in", _("handed in through a link")
        PHOTO = "photo", _("photographed from paper")
        SCAN = "scan", _("scanned from paper")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="documents")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="documents")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="documents")
    original_name = models.CharField(_("name"), max_length=255, help_text="As the agency named it: data, never a path.")
    kind = models.CharField(max_length=20)  # identify.Kind
    remarks = models.JSONField(default=list, help_text="What a reader should know, such as a name that does not fit.")
    via = models.CharField(max_length=10, choices=Via)
    # What came inside an archive or a mail is a document of its own, under the one it came in.
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    inner_path = models.CharField(max_length=1000, blank=True, default="", help_text="Its name and path in the parent.")
    # The file that an agency sent, in which this one stood at whatever depth: bounds hold for all of it together.
    outermost = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="all_members")
    depth = models.PositiveSmallIntegerField(default=0, help_text="In how many files it stood.")
    received_on = models.DateField()
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    brought_at = models.DateTimeField()
    # This receipt's own: the same bytes may come again and are then another document, which is shown.
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("returned document")
        verbose_name_plural = _("returned documents")
        ordering = ["-brought_at", "original_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "blob"],
                condition=models.Q(parent=None, erased_at=None),
                name="document_once_in_a_request",
            ),
            models.UniqueConstraint(
                fields=["parent", "inner_path"],
                condition=models.Q(parent__isnull=False, erased_at=None),
                name="document_once_in_parent",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-brought_at", "id"], name="document_shelf"),  # the shelf of one agency
            models.Index(fields=["-brought_at", "id"], name="document_newest"),  # all shelves, newest first
        ]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("review:document", args=[self.pk])

    @property
    def kind_label(self) -> str:
        """What the file is, in a word or two for the screen."""
        return str(KIND_LABELS.get(self.kind, self.kind))
