"""Findings: typed values with their evidence, what each reader said, and everything that happened to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.review.findings.checking import ANSWERS, GIVEN, GRAINS, Claim
from requests_app.review.findings.states import State
from requests_app.review.models.annotations import Annotation


class Claimed(models.Model):
    """What one reader says, in columns: `checking.Claim`."""

    answer = models.CharField(max_length=10, choices=ANSWERS, default=GIVEN)
    number = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    words = models.TextField(blank=True, default="", help_text="Values that are no numbers, each on a line.")
    unit = models.CharField(max_length=30, blank=True, default="")
    component = models.CharField(max_length=30, blank=True, default="")
    message_key = models.CharField(max_length=30, blank=True, default="")
    door = models.CharField(max_length=30, blank=True, default="")
    producer = models.CharField(max_length=30, blank=True, default="")
    fan_out = models.CharField(max_length=7, default="unknown")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, included.")
    grain = models.CharField(max_length=10, choices=GRAINS, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def claim(self) -> Claim:
        """The columns as a value."""
        return Claim(
            answer=self.answer,
            number=self.number,
            words=tuple(self.words.split("\n")) if self.words else (),
            unit=self.unit,
            component=self.component,
            message_key=self.message_key,
            door=self.door,
            producer=self.producer,
            fan_out=self.fan_out,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            grain=self.grain,
        )


class Finding(Claimed):
    """One value that a returned document shows, as its first reader reads it until a second one has agreed.

    The columns of the claim hold the value that stands: of the first reader, or the one that was decided. Nobody but
    `read_by` sees them while the finding waits for its second reader. Written by `findings.services` alone.
    """

    class Confidence(models.TextChoices):
        HIGH = "high", _("High: it stands there plainly")
        MEDIUM = "medium", _("Medium: it has to be read together with something else")
        LOW = "low", _("Low: it is hard to read or to understand")

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="findings")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="findings")
    jurisdiction = models.CharField(max_length=2)
    kit_id = models.CharField(max_length=10)
    kit_version = models.CharField(max_length=20)
    field = models.CharField(max_length=60)
    about = models.CharField(max_length=200, blank=True, default="", help_text="Of which agreement, system, contract.")
    item = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the letter, from 1: what it answers.")
    confidence = models.CharField(max_length=6, choices=Confidence, default=Confidence.HIGH)
    caveat = models.TextField(blank=True, default="")
    doubts = models.JSONField(default=list, help_text="Codes of `checking` with which it was kept all the same.")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    # A change asks for a second reader again: readings belong to a round.
    round = models.PositiveIntegerField(default=1)
    # A writer claims the next by a conditional update, the guard against two at once.
    revision = models.PositiveIntegerField(default=0)
    evidence = models.ManyToManyField(Annotation, related_name="findings")
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None, ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="finding_ends_after_it_starts",
                violation_error_message=_("The period ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(answer=GIVEN, number__isnull=False, words="")
                | (Q(answer=GIVEN, number=None) & ~Q(words=""))
                | (~Q(answer=GIVEN) & Q(number=None, words="")),
                name="finding_has_a_value_or_a_reason",
                violation_error_message=_("A finding has a value, or a reason why there is none."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["verified", "adjudicated"], settled_at__isnull=False)
                | ~Q(state__in=["verified", "adjudicated"]),
                name="finding_settled_by_a_second_reader",
            ),
            models.CheckConstraint(
                condition=Q(state="superseded", replaced_by__isnull=False)
                | (~Q(state="superseded") & Q(replaced_by=None)),
                name="finding_superseded_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="finding_of_state"),  # what waits; the list by state
            models.Index(fields=["jurisdiction", "kit_id", "field", "-id"], name="finding_of_field"),
            models.Index(fields=["request", "item", "state"], name="finding_of_item"),  # coverage
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"finding {self.pk} of {self.document_id}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("review:finding", args=[self.pk])


class Reading(Claimed):
    """What the second reader says, or who decides. Never changed; one of each in a round."""

    class Kind(models.TextChoices):
        SECOND = "second", _("Second reading")
        DECISION = "decision", _("Decision")

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="readings")
    round = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    why = models.TextField(blank=True, default="")
    knew_earlier = models.BooleanField(default=False, help_text="The reader had seen a value of an earlier round.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "round", "kind"], name="one_reading_of_each_kind_in_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} reading of finding {self.finding_id}"


class FindingChange(models.Model):
    """One thing that happened to a finding. Never changed."""

    class Kind(models.TextChoices):
        KEPT = "kept", _("kept it")
        OFFERED = "offered", _("gave it to a second reader")
        AGREED = "agreed", _("read it again and agreed")
        DIFFERED = "differed", _("read it again and differed")
        DECIDED = "decided", _("decided")
        CHANGED = "changed", _("changed it")
        REPLACED = "replaced", _("replaced it by a later finding")
        WITHDRAWN = "withdrawn", _("took it back")
        CONTRADICTED = "contradicted", _("set another finding against it")
        RECONCILED = "reconciled", _("took a contradiction back")

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    why = models.TextField(blank=True, default="")
    before = models.JSONField(default=dict, help_text="What stood there and does not any more.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} finding {self.finding_id}"


class Contradiction(models.Model):
    """Two findings that cannot both be right, or that need an explanation side by side."""

    one = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(help_text="In what they contradict each other.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="contradiction_told_once_for_two"),
            models.UniqueConstraint(
                fields=["one", "other"], condition=Q(taken_back_at=None), name="contradiction_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} against {self.other_id}"
