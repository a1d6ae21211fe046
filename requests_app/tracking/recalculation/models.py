"""What the law book said last, each time the dates of a jurisdiction were counted anew, and the dates that moved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people.states import name_of


class LawSeen(models.Model):
    """One jurisdiction's law as it was when its dates were last set to be counted anew."""

    jurisdiction = models.CharField(max_length=2, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    snapshot = models.JSONField()  # law.snapshots.Snapshot
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.fingerprint[:8]}"


class Recalculation(models.Model):
    """Counting the open dates of one jurisdiction anew, batch by batch; `done_through` is the last request done."""

    class Cause(models.TextChoices):
        LAW = "law", _("the law book changed")
        CALENDAR = "calendar", _("the calendar changed")
        BOTH = "both", _("the law book and the calendar changed")
        ASKED = "asked", _("somebody asked for it")

    jurisdiction = models.CharField(max_length=2)
    cause = models.CharField(max_length=10, choices=Cause)
    changes = models.JSONField(default=dict)  # law.snapshots.Changes
    edition_before = models.CharField(max_length=20, blank=True, default="")
    edition_after = models.CharField(max_length=20)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    done_through = models.PositiveBigIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    troubled = models.JSONField(default=list, help_text="References of requests that could not be worked out.")

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction"], condition=Q(ended_at__isnull=True), name="one_open_recalculation_for_a_state"
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="recalculation_open", condition=Q(ended_at__isnull=True))  # every sweep
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.began_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("tracking:recalculation", args=[self.pk])

    @property
    def state_name(self) -> str:
        """The name of the jurisdiction."""
        return name_of(self.jurisdiction)


class MovedDate(models.Model):
    """One date that is another now, with both rows. Neither is overwritten: the old one is marked replaced."""

    class What(models.TextChoices):
        MOVED = "moved", _("moved")
        NEW = "new", _("new")
        GONE = "gone", _("no longer")

    recalculation = models.ForeignKey(Recalculation, on_delete=models.CASCADE, related_name="moved")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=5, choices=What)
    kind = models.CharField(max_length=20)
    duty_of = models.CharField(max_length=10)
    was_earliest = models.DateField(null=True, blank=True)
    was_latest = models.DateField(null=True, blank=True)
    is_earliest = models.DateField(null=True, blank=True)
    is_latest = models.DateField(null=True, blank=True)
    before = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    after = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["recalculation", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="moved_date_has_a_before_or_an_after"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind} {self.was_latest} to {self.is_latest}"

    @property
    def is_ours(self) -> bool:
        """Return whether it is our own duty."""
        return self.duty_of == Deadline.Duty.REQUESTER
