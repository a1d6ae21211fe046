"""How far the reading of each blob has come: one row for each step that its kind needs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models.originals import Blob


class Step(models.Model):
    """One step of making one blob readable. Steps belong to bytes, so the same file is read once however often it came.

    A worker claims a row by a conditional update and renews the claim as it goes on. A claim that was not renewed is
    open again, so that a step whose worker died is run once more; every step may be.
    """

    class State(models.TextChoices):
        LATER = "later", _("comes after another step")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        NOT_NEEDED = "not_needed", _("not needed")
        FAILED = "failed", _("did not work")
        LEFT_OUT = "left_out", _("left out, because a step before it did not work")
        CANCELLED = "cancelled", _("stopped by a person")

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=20)  # ingest.kinds
    version = models.PositiveSmallIntegerField(help_text="Of the step's code: an improved step is run again.")
    state = models.CharField(max_length=12, choices=State, default=State.LATER)
    # When it was asked for plus how long it may take: small files first, and a giant waits no longer than it lasts.
    rank = models.DateTimeField()
    claim = models.UUIDField(null=True, blank=True, help_text="Of the worker that runs it; only it may write here.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Tries in a row of which none ended.")
    waits_until = models.DateTimeField(null=True, blank=True, help_text="After a trouble that may pass: `trouble`.")
    delays = models.PositiveSmallIntegerField(default=0, help_text="How often in a row such a trouble held it up.")
    units_done = models.PositiveIntegerField(default=0)  # pages, files or rows, by the kind of step
    units_all = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0, help_text="How long it worked, over all its parts.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)
    trouble = models.CharField(max_length=40, blank=True, default="", help_text="A code; ingest.wording says it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blob", "name"], name="step_once_for_a_blob"),
        ]
        indexes = [
            models.Index(fields=["rank"], condition=models.Q(state="waiting"), name="step_next"),
            models.Index(fields=["claimed_until"], condition=models.Q(state="running"), name="step_running"),
            # What could be let go and was not, and what is not read yet: both are few among millions that are done.
            models.Index(fields=["blob"], condition=models.Q(state="later"), name="step_later"),
            models.Index(fields=["-ended_at"], condition=models.Q(state="failed"), name="step_failed"),
            # The newest that are done, from which is learned how long a step takes.
            models.Index(fields=["name", "-ended_at"], condition=models.Q(state="done"), name="step_done_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.blob_id[:12]}"
