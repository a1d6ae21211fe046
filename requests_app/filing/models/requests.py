"""Drafts, requests, the events of their lives, and the deadlines projected from them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency, ContactPoint
from requests_app.filing.lifecycle import EventKind, Phase, Resolution, Status
from requests_app.filing.reply_addresses import START
from requests_app.people.sealed import SealedJSONField


class Delivery(models.TextChoices):
    """How a letter leaves."""

    EMAIL = "email", _("E-mail")
    PORTAL = "portal", _("The agency's web portal or form")
    POST = "post", _("Post")
    FAX = "fax", _("Fax")
    HAND = "hand", _("In person")


class Draft(models.Model):
    """A letter in the making, saved at every step. One draft can become several requests."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    jurisdiction = models.CharField(max_length=2, blank=True, default="")
    kit_id = models.CharField(max_length=10, blank=True, default="")
    # The requester's name, address and wording; encrypted because a legal name is in it.
    choices = SealedJSONField(default=dict)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at"]
        indexes = [models.Index(fields=["filer", "-changed_at"], name="draft_home")]  # a person's own drafts

    def __str__(self) -> str:
        return f"{self.jurisdiction or '??'} {self.kit_id or '??'}"

    @property
    def is_open(self) -> bool:
        """Return whether the draft can still be changed and filed."""
        return self.filed_at is None and self.discarded_at is None


class Writable(models.Model):
    """A letter that a person may reword. `edits` are their words over the generated letter; empty: as generated.

    `edits_revision` counts the changes. A writer names the revision they saw, so that two windows never overwrite one
    another (`services.keep_text`). A concrete model has `versions` (see `filing.models.writing`).
    """

    edits = SealedJSONField(default=dict)  # kits.editing.dump
    edits_revision = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class DraftTarget(Writable):
    """One agency that a draft goes to, by which way, who confirmed the address, and how its letter is worded."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="targets")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    delivery = models.CharField(max_length=10, choices=Delivery)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["draft", "agency"], name="draft_names_an_agency_once")]

    def __str__(self) -> str:
        return f"{self.draft_id} to agency {self.agency_id}"


class ReferenceCounter(models.Model):
    """The last number given in one state and year, so that references run without gaps or doubles."""

    jurisdiction = models.CharField(max_length=2)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "year"], name="one_counter_per_state_and_year")]

    def __str__(self) -> str:
        return f"{self.jurisdiction}-{self.year}-{self.last:04}"


class RecordsRequest(models.Model):
    """One letter to one agency, and everything that follows.

    `status`, `resolution`, `phase` and the `next_*` columns are folded from the events and deadlines in the same
    transaction that appends an event (`services.record_event`); nothing else writes them.
    """

    reference = models.CharField(_("reference"), max_length=16, unique=True)  # MD-2026-0007
    jurisdiction = models.CharField(max_length=2)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="requests")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    delivery = models.CharField(max_length=10, choices=Delivery)
    kit_id = models.CharField(max_length=10)
    kit_version = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    letter = SealedJSONField()  # kits.composer.Letter as sent; it carries the requester's legal name
    law_edition = models.CharField(max_length=20)
    law_notes = models.JSONField(default=list, help_text="What the law says about this request without giving a date.")
    conditions = models.JSONField(
        default=dict, help_text="Branches of the law known to hold or not: {'nonresident': false}."
    )
    filer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="filed_requests")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="assigned_requests"
    )
    draft = models.ForeignKey(Draft, on_delete=models.SET_NULL, null=True, blank=True, related_name="requests")
    filed_together = models.UUIDField(default=uuid.uuid4, db_index=True)  # companions share it
    reply_token = models.CharField(max_length=40, unique=True)  # filing.reply_addresses
    # By which mail finds it; the rest of the token is compared in constant time, outside the database.
    token_start = models.GeneratedField(
        expression=Substr("reply_token", 1, START), output_field=models.CharField(max_length=START), db_persist=True
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.READY)
    resolution = models.CharField(max_length=20, choices=Resolution, blank=True, default="")
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.WAITING_FOR_US)
    # The number of the newest event. A writer claims the next by a conditional update: the one guard against two
    # writers at once that works on both databases.
    last_sequence = models.PositiveIntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)  # earliest for our own duty, latest for the agency's
    next_due_kind = models.CharField(max_length=20, blank=True, default="")
    next_due_duty_of = models.CharField(max_length=10, blank=True, default="")
    overdue_since = models.DateField(null=True, blank=True)  # the oldest latest date that the agency let pass
    # The jurisdiction's day on which something was last recorded. Giving the request to another person is no news.
    quiet_since = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="period_ends_after_it_starts",
                violation_error_message=_("The period ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(phase="done", resolution__gt="") | ~Q(phase="done") & Q(resolution=""),
                name="resolution_says_how_a_done_request_ended",
            ),
        ]
        indexes = [
            # The desk asks for the numbers of each group's first rows. These hold every column that says in which group
            # a request stands, so that none of the large rows of the table is read for that.
            models.Index(
                fields=["next_due_on", "id", "phase", "next_due_duty_of", "overdue_since", "jurisdiction"],
                name="request_desk_dated",
                condition=Q(next_due_on__isnull=False),
            ),  # the groups that go by the next date
            models.Index(
                fields=["phase", "next_due_on", "id", "next_due_duty_of", "overdue_since", "quiet_since"],
                name="request_desk",
            ),  # what waits for us, and what has no date
            models.Index(
                fields=["overdue_since", "id", "phase", "next_due_on", "next_due_duty_of", "jurisdiction"],
                name="request_desk_late",
                condition=Q(overdue_since__isnull=False),
            ),  # the agencies that are late
            models.Index(
                fields=["jurisdiction", "phase", "next_due_on", "id", "next_due_duty_of", "overdue_since"],
                name="request_desk_state",
            ),  # the desk, one state
            models.Index(
                fields=["quiet_since", "id", "phase", "jurisdiction"],
                name="request_desk_quiet",
                condition=Q(next_due_on__isnull=True, overdue_since__isnull=True),
            ),  # where no date runs and nothing happens
            models.Index(
                fields=["assignee", "phase", "next_due_on", "id", "next_due_duty_of", "overdue_since", "filer"],
                name="request_desk_person",
            ),  # the desk of one person, and how much work everybody has
            models.Index(fields=["filer", "phase", "next_due_on"], name="request_home"),  # a volunteer's letters
            models.Index(fields=["agency", "kit_id", "phase"], name="request_open_already"),  # the wizard's stop
            models.Index(fields=["token_start"], name="request_by_token_start"),  # mail to its address
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("tracking:request", args=[self.reference])


class Event(models.Model):
    """An immutable dated fact about a request. A mistake is cured by another event that corrects it."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=30, choices=EventKind)
    happened_on = models.DateField(help_text="The legal day, in the jurisdiction's own time zone.")
    happened_at = models.DateTimeField(null=True, blank=True, help_text="The moment, where it is known.")
    details = models.JSONField(default=dict)  # method, amounts in cents, confirmation numbers; never a name
    note = models.TextField(blank=True, default="")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: Daylight itself, such as the outbox after a sending

    class Meta:
        ordering = ["request", "sequence"]
        constraints = [models.UniqueConstraint(fields=["request", "sequence"], name="event_sequence_once")]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.sequence} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append only: an event that is stored is never changed."""
        if not self._state.adding:
            raise TypeError("An event is never changed. Record a correcting event instead.")
        super().save(*args, **kwargs)


class Deadline(models.Model):
    """One projected date: whose duty, under which rule of which edition, counted how."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        MET = "met", _("met")
        MISSED = "missed", _("missed")
        SUPERSEDED = "superseded", _("replaced")

    class Duty(models.TextChoices):
        AGENCY = "agency", _("the agency's duty")
        REQUESTER = "requester", _("our duty")

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="deadlines")
    # Its request's, which never changes: what runs in one state is read from an index alone.
    jurisdiction = models.CharField(max_length=2)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200, blank=True, default="")
    duty_of = models.CharField(max_length=10, choices=Duty)
    rule_id = models.CharField(max_length=80)
    law_edition = models.CharField(max_length=20)
    duty = models.TextField()
    citation = models.CharField(max_length=300)
    trigger = models.CharField(max_length=30)
    trigger_date = models.DateField()
    earliest = models.DateField(null=True, blank=True)
    latest = models.DateField(null=True, blank=True)
    certainty = models.CharField(max_length=20)
    condition = models.TextField(blank=True, default="")
    consequence = models.TextField(blank=True, default="")
    body = models.TextField(blank=True, default="")
    level = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=12, choices=State)
    trace = models.JSONField(default=list)
    stored_at = models.DateTimeField(null=True, help_text="When the row was added; empty where nobody noted it yet.")
    projected_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    watch_on = models.DateField(null=True, blank=True, help_text="The day on which the sweep looks at it again.")
    # Calendars that people subscribed to tell a newer word from an older one by it; no clock is as sure.
    revision = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How often the row has stood otherwise than before since it was stored."
    )

    class Meta:
        ordering = ["request", "latest", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(earliest__isnull=True, latest__isnull=True) | Q(earliest__lte=F("latest")),
                name="deadline_earliest_not_after_latest",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(latest__isnull=False), name="running_deadline_has_a_date"
            ),
        ]
        indexes = [
            models.Index(
                fields=["watch_on", "id"], name="deadline_watch", condition=Q(watch_on__isnull=False)
            ),  # the sweep: exactly the rows whose day has come
            models.Index(
                fields=["latest", "-duty_of", "id", "request", "earliest"],
                name="deadline_runs_to",
                condition=Q(state="running"),
            ),  # the calendar: what runs and may be due at the latest on a day, ours first
            models.Index(
                fields=["earliest", "-duty_of", "id", "request", "latest"],
                name="deadline_runs_from",
                condition=Q(state="running"),
            ),  # the calendar: the same by the earliest day
            models.Index(
                fields=["jurisdiction", "latest", "-duty_of", "id", "request", "earliest"],
                name="deadline_state_to",
                condition=Q(state="running"),
            ),  # the calendar of one state, by the latest day
            models.Index(
                fields=["jurisdiction", "earliest", "-duty_of", "id", "request", "latest"],
                name="deadline_state_from",
                condition=Q(state="running"),
            ),  # the same by the earliest day
            models.Index(
                fields=["request", "latest", "earliest"], name="deadline_runs_of", condition=Q(state="running")
            ),  # the calendar and the feeds of few requests: what runs of each
            models.Index(
                fields=["superseded_at"], name="deadline_replaced", condition=Q(superseded_at__isnull=False)
            ),  # the folding of statistics: what was replaced lately
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind} {self.latest}"


class Note(models.Model):
    """Something a person wants the others to know about a request."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"note on {self.request_id}"
