"""Answers on paper on their way to becoming documents: photographs of a letter, and what a scanner left."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models.originals import Document
from requests_app.filing.models import RecordsRequest


class PaperFile(models.Model):
    """Bytes that wait to become a document, in a store of their own. Gone when nothing names them any more."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="paper_file_named_by_sha256"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class PhotographedLetter(models.Model):
    """A letter that one person is photographing for one request, until it is kept, thrown away or forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="photographed_letters")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)  # the sweep asks for the oldest
    warned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "by"], name="one_photographed_letter_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"letter photographed for {self.request_id}"


class Photograph(models.Model):
    """One page of such a letter. Lower positions come first; each change of order is one statement a page."""

    class Cut(models.TextChoices):
        ASKED = "asked", _("edges found")
        CUT = "cut", _("cut to the edges")
        WHOLE = "whole", _("the whole photograph")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(PhotographedLetter, on_delete=models.CASCADE, related_name="photographs")
    file = models.ForeignKey(PaperFile, on_delete=models.PROTECT, related_name="photographs")
    position = models.PositiveIntegerField()
    original_name = models.CharField(max_length=255)
    width = models.PositiveIntegerField(help_text="Pixels, upright.")
    height = models.PositiveIntegerField(help_text="Pixels, upright.")
    had_place = models.BooleanField(default=False, help_text="It said where it was taken, until that was taken out.")
    turn = models.PositiveSmallIntegerField(default=0, help_text="Degrees clockwise, after cutting.")
    cut = models.CharField(max_length=5, choices=Cut, default=Cut.WHOLE)
    corners = models.JSONField(default=list, help_text="Eight fractions (sheets_of_paper.Corners), or nothing.")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "added_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(turn__in=[0, 90, 180, 270]), name="photograph_turned_by_quarters"),
            models.UniqueConstraint(fields=["letter", "file"], name="photograph_once_in_a_letter"),
        ]

    def __str__(self) -> str:
        return self.original_name


class Scan(models.Model):
    """One file that a scanner left in its folder. The same bytes under the same name are one scan."""

    class State(models.TextChoices):
        NEW = "new", _("being looked at")
        WAITING = "waiting", _("waits for a person")
        PLACED = "placed", _("filed")
        SET_ASIDE = "set_aside", _("set aside")
        LEFT = "left", _("could not be kept")

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    file = models.ForeignKey(PaperFile, on_delete=models.PROTECT, null=True, blank=True, related_name="scans")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    why = models.CharField(max_length=30, blank=True, default="", help_text="A code that paper.wording says.")
    scanned_at = models.DateTimeField(help_text="When the file was last written.")
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    documents = models.ManyToManyField(Document, related_name="scans", blank=True)

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["sha256", "name"], name="scan_known_by_bytes_and_name")]
        indexes = [models.Index(fields=["state", "-seen_at"], name="scan_state")]  # the list of those that wait

    def __str__(self) -> str:
        return self.name
