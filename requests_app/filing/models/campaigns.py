"""Campaigns: the same questions to many agencies, planned together and filed letter by letter."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency
from requests_app.filing.models.requests import Draft
from requests_app.kits.catalog import get_kit
from requests_app.people.states import name_of


class Campaign(models.Model):
    """Kits x jurisdictions x agency roles, with answers that all letters share.

    `choices` has the names of `filing.choices.DraftChoices`, as far as they are nobody's own: never a name, an address
    or where somebody lives.
    """

    class State(models.TextChoices):
        PLANNING = "planning", _("Being planned")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        FINISHED = "finished", _("Finished")

    name = models.CharField(_("name"), max_length=80, unique=True)
    purpose = models.TextField(_("purpose"), blank=True, default="")
    kits = models.JSONField(default=list, help_text='["K1", "K2"], in the order in which they are listed.')
    roles = models.JSONField(
        default=list, help_text="The agency roles that are asked, of those that a kit is meant for."
    )
    choices = models.JSONField(default=dict)
    budget_cents = models.PositiveBigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    first_filed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planning", "running", "stopped", "finished"]), name="campaign_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tracking:campaign", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Return whether letters may still be planned, signed and filed."""
        return self.state in {self.State.PLANNING, self.State.RUNNING}


class CampaignTarget(models.Model):
    """One kit in one jurisdiction: one draft, and by it one letter to each agency of the group.

    `sole_agency`: the one that this target asks alone. Each federal agency has a target of its own; those of a state
    share custody and are asked together.

    `choices` holds where this target differs from the campaign's shared answers. `failure`: why the last filing run
    left it out, in a sentence; the target is then planned again.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SKIPPED = "skipped", _("Skipped")
        READY = "ready", _("Ready to file")
        FILED = "filed", _("Filed")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="targets")
    jurisdiction = models.CharField(max_length=2)
    kit_id = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    why_skipped = models.CharField(max_length=300, blank=True, default="")
    choices = models.JSONField(default=dict)
    sole_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ask_again = models.BooleanField(
        default=False, help_text="A coordinator wants agencies asked that already have a running request for this kit."
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="campaign_targets"
    )
    draft = models.OneToOneField(
        Draft, on_delete=models.SET_NULL, null=True, blank=True, related_name="campaign_target"
    )
    ready_at = models.DateTimeField(null=True, blank=True)
    ready_draft_of = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Draft.changed_at as it was when the signer confirmed; later changes undo that.",
    )
    failure = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["jurisdiction", "kit_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "jurisdiction", "kit_id"],
                condition=Q(sole_agency__isnull=True),
                name="a_campaign_asks_a_state_once_for_a_kit",
            ),
            models.UniqueConstraint(
                fields=["campaign", "kit_id", "sole_agency"],
                condition=Q(sole_agency__isnull=False),
                name="a_campaign_asks_an_agency_once_for_a_kit",
            ),
            models.CheckConstraint(
                condition=Q(state="skipped", why_skipped__gt="") | ~Q(state="skipped") & Q(why_skipped=""),
                name="a_skipped_target_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "skipped"]) | Q(draft__isnull=False) | Q(state="filed"),
                name="a_ready_target_has_a_draft",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "state"], name="campaign_part"),  # a volunteer's part
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.kit_id}"

    @property
    def state_name(self) -> str:
        """The name of the jurisdiction, with the agency where this target asks it alone. Needs that agency."""
        name = name_of(self.jurisdiction)
        return name if self.sole_agency is None else f"{name}: {self.sole_agency.short_name}"

    @property
    def kit_title(self) -> str:
        """The title of the kit."""
        return get_kit(self.kit_id).title


class CampaignAgency(models.Model):
    """One agency of a target's group: those that are asked together, each letter naming the other."""

    target = models.ForeignKey(CampaignTarget, on_delete=models.CASCADE, related_name="group")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["target", "place"]
        constraints = [models.UniqueConstraint(fields=["target", "agency"], name="a_target_asks_an_agency_once")]

    def __str__(self) -> str:
        return f"{self.target_id}: agency {self.agency_id}"


class FilingRun(models.Model):
    """One act of filing what is ready. Its parts say what was to be filed and what became of each."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        FINISHED = "finished", _("Finished")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    worked_at = models.DateTimeField(help_text="Written by each step: two steps at once take turns at this row.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state="running"), name="a_campaign_has_one_filing_run_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of campaign {self.campaign_id}"


class FilingRunPart(models.Model):
    """One target of a run. It leaves `waiting` in the same transaction that files the letters, and only once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        FILED = "filed", _("Filed")
        FAILED = "failed", _("Not filed")

    run = models.ForeignKey(FilingRun, on_delete=models.CASCADE, related_name="parts")
    target = models.ForeignKey(CampaignTarget, on_delete=models.CASCADE, related_name="run_parts")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "target"], name="a_run_names_a_target_once")]

    def __str__(self) -> str:
        return f"{self.run_id}: target {self.target_id} {self.state}"
