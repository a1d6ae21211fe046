"""What statistics keep: a row of facts for each request, tables counted beforehand, and monthly reports."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency
from requests_app.filing.models import Campaign, RecordsRequest


class RequestFacts(models.Model):
    """One request as `facts.fold_facts` has it. Written only by `folding`, and can be made anew at any time.

    `sequence`: the number of the newest event that the row knows. Nothing in it depends on the day on which it is read.
    """

    request = models.OneToOneField(RecordsRequest, on_delete=models.CASCADE, primary_key=True, related_name="facts")
    sequence = models.PositiveIntegerField()
    folded_at = models.DateTimeField()
    jurisdiction = models.CharField(max_length=2)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    kit_id = models.CharField(max_length=10)
    campaign = models.ForeignKey(Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Counted: a records request whose letter left. The columns of time and money of the others are empty.
    sent_on = models.DateField(null=True, blank=True)
    sent_month = models.CharField(max_length=7, blank=True, default="")  # 2026-03: what "filed in" groups by
    clock = models.CharField(max_length=10, blank=True, default="")
    started_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    done = models.BooleanField(default=False)
    days_to_acknowledgment = models.PositiveIntegerField(null=True, blank=True)
    days_to_determination = models.PositiveIntegerField(null=True, blank=True)
    days_to_production = models.PositiveIntegerField(null=True, blank=True)
    acknowledgment_duty = models.CharField(max_length=12, blank=True, default="")
    acknowledgment_due_on = models.DateField(null=True, blank=True)
    determination_duty = models.CharField(max_length=12, blank=True, default="")
    determination_due_on = models.DateField(null=True, blank=True)
    production_duty = models.CharField(max_length=12, blank=True, default="")
    production_due_on = models.DateField(null=True, blank=True)
    silence_on = models.DateField(null=True, blank=True)
    extensions = models.PositiveIntegerField(default=0)
    fee_cents = models.PositiveBigIntegerField(null=True, blank=True)
    paid_cents = models.PositiveBigIntegerField(default=0)
    waiver = models.CharField(max_length=10, default="not_asked")
    waived_cents = models.PositiveBigIntegerField(default=0)
    refused = models.BooleanField(default=False)
    objections = models.CharField(max_length=400, blank=True, default="")  # "O1 O5": keys of kits.catalog.objections
    appeals_filed = models.PositiveIntegerField(default=0)
    appeals_won = models.PositiveIntegerField(default=0)
    appeals_part = models.PositiveIntegerField(default=0)
    appeals_lost = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("facts of a request")
        verbose_name_plural = _("facts of requests")
        indexes = [
            # Each of these narrows the tables of statistics to a part: one state, agency, kit, campaign, months.
            models.Index(fields=["jurisdiction", "sent_on"], name="facts_state"),
            models.Index(fields=["agency", "sent_on"], name="facts_agency"),
            models.Index(fields=["kit_id", "sent_on"], name="facts_kit"),
            models.Index(fields=["campaign", "sent_on"], name="facts_campaign", condition=Q(campaign__isnull=False)),
            models.Index(fields=["sent_on"], name="facts_sent"),
        ]

    def __str__(self) -> str:
        return f"facts of {self.request_id}"


class FoldMark(models.Model):
    """Up to where events and deadlines were read. One row.

    Both tables only grow, so that a number says what is new. `folded_at`: when the last folding ended, with nothing
    left to fold; what the page shows as "counted up to".
    """

    only = models.PositiveSmallIntegerField(primary_key=True, default=1)
    event_id = models.PositiveBigIntegerField(default=0)
    deadline_id = models.PositiveBigIntegerField(default=0)
    folded_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="When a row of facts last changed.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=1), name="one_fold_mark")]

    def __str__(self) -> str:
        return f"folded up to event {self.event_id}"


class CountedTable(models.Model):
    """A large table counted beforehand: all requests, or one part of them, under one heading.

    Reading thousands of rows takes too long for a page; a small part is counted when it is asked for. `part`: as
    `counting.key_of` writes it, empty for all. `requests`, `events`, `newest`: how many rows of facts the part holds,
    the sum of their events, and when the last of them was folded. While all three are the same, so is the table.
    `counted_at`: when that was last looked at.
    """

    by = models.CharField(max_length=12)
    part = models.CharField(max_length=40, blank=True, default="")
    as_of = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    newest = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField()
    content = models.BinaryField()  # counting.Table as JSON

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "by"], name="one_counted_table_for_a_part")]

    def __str__(self) -> str:
        return f"{self.part or 'all'} by {self.by} as of {self.as_of}"


class MonthlyReport(models.Model):
    """The report on one campaign and month as it was made, once. It never changes, whatever is recorded later."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="monthly_reports")
    month = models.DateField(help_text="The first day of the month that it tells of.")
    made_at = models.DateTimeField()
    pdf = models.BinaryField()

    class Meta:
        ordering = ["-month", "campaign"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "month"], name="one_report_for_a_campaign_and_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="a_report_names_a_month"),
        ]

    def __str__(self) -> str:
        return f"campaign {self.campaign_id}, {self.month:%Y-%m}"
