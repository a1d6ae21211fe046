"""What was posted, what was faxed, and letters that are printed together. Rows are never deleted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents.models import Document
from requests_app.filing.models import Campaign, Event, NextLetter, RecordsRequest
from requests_app.people.sealed import SealedTextField


class Posting(models.Model):
    """One letter as it was posted: by whom, with which number, and what came of it.

    A row that was entered wrongly is struck, with a reason, and stays. What the law's clock hears stands on the
    timeline (`sent_event`, `outcome_event`) and is corrected there.
    """

    class Carrier(models.TextChoices):
        USPS = "usps", _("US Postal Service")
        UPS = "ups", _("UPS")
        FEDEX = "fedex", _("FedEx")
        DHL = "dhl", _("DHL")
        OTHER = "other", _("Another carrier")

    class Service(models.TextChoices):
        CERTIFIED_RECEIPT = "certified_receipt", _("Certified mail with return receipt")
        CERTIFIED = "certified", _("Certified mail")
        REGISTERED = "registered", _("Registered mail")
        TRACKED = "tracked", _("Another service with a number")
        ORDINARY = "ordinary", _("Ordinary mail, without a number")

    class Outcome(models.TextChoices):
        UNDERWAY = "underway", _("nothing heard yet")
        DELIVERED = "delivered", _("delivered")
        CAME_BACK = "came_back", _("came back")

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="postings")
    next_letter = models.ForeignKey(NextLetter, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    carrier = models.CharField(max_length=10, choices=Carrier)
    service = models.CharField(max_length=20, choices=Service)
    number = models.CharField(max_length=40, blank=True, default="")
    number_doubted = models.BooleanField(default=False, help_text="The check digit does not fit; a person insisted.")
    posted_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNDERWAY)
    outcome_on = models.DateField(null=True, blank=True)
    outcome_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proofs = models.ManyToManyField(Document, related_name="+", blank=True)
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    struck_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["-posted_on", "-pk"]
        indexes = [
            models.Index(fields=["-posted_on", "-id"], name="posting_newest"),  # the log
            models.Index(
                fields=["posted_on", "id"],
                name="posting_underway",
                condition=Q(outcome="underway", struck_at__isnull=True),
            ),  # the log: what nobody has heard of
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "number"],
                condition=~Q(number="") & Q(struck_at__isnull=True),
                name="a_tracking_number_is_one_letter",
                violation_error_message=_("Another letter has this number."),
            ),
            models.CheckConstraint(
                condition=Q(outcome="underway", outcome_on__isnull=True)
                | ~Q(outcome="underway") & Q(outcome_on__isnull=False, outcome_on__gte=models.F("posted_on")),
                name="a_letter_arrives_after_it_was_posted",
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(struck_why=""), name="a_struck_posting_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"posting {self.pk} of request {self.request_id}"

    def get_absolute_url(self) -> str:
        return reverse("correspondence:posting", args=[self.pk])


class FaxSending(models.Model):
    """One fax: by a machine, as somebody recorded it, or as a mail to the gateway (`outgoing`)."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("no report yet")
        ARRIVED = "arrived", _("arrived, says the report")
        FAILED = "failed", _("did not arrive, says the report")

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="faxes")
    next_letter = models.ForeignKey(NextLetter, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outgoing = models.OneToOneField(
        OutgoingLetter, on_delete=models.PROTECT, null=True, blank=True, related_name="fax"
    )  # empty: by hand
    sent_event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    number = models.CharField(max_length=30)
    pages = models.PositiveSmallIntegerField(help_text="The cover sheet included.")
    sent_on = models.DateField(null=True, blank=True, help_text="By hand; of the gateway, the outgoing mail knows.")
    confirmation = models.CharField(max_length=100, blank=True, default="")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=Result, default=Result.WAITING)
    result_on = models.DateField(null=True, blank=True)
    result_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    result_note = models.CharField(max_length=500, blank=True, default="")
    proofs = models.ManyToManyField(Document, related_name="+", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outgoing__isnull=False) | Q(sent_on__isnull=False), name="a_fax_by_hand_says_when"
            ),
            models.CheckConstraint(
                condition=Q(result="waiting") | Q(result_on__isnull=False), name="a_fax_report_says_when"
            ),
        ]

    def __str__(self) -> str:
        return f"fax {self.pk} of request {self.request_id}"

    def get_absolute_url(self) -> str:
        return reverse("correspondence:fax-sending", args=[self.pk])


class PrintBatch(models.Model):
    """Letters that are printed together, in their order. The PDF is sealed: it carries legal names and addresses."""

    class State(models.TextChoices):
        MAKING = "making", _("being made")
        READY = "ready", _("ready to print")
        FAILED = "failed", _("could not be made")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    options = models.JSONField(default=dict)  # printing.Options
    state = models.CharField(max_length=10, choices=State, default=State.MAKING)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    pdf = SealedTextField(blank=True, default="", help_text="Base64.")
    pages = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes = [models.Index(fields=["id"], name="batch_to_make", condition=Q(state="making"))]  # the beat

    def __str__(self) -> str:
        return f"batch {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("correspondence:print-batch", args=[self.pk])


class PrintedLetter(models.Model):
    """One letter of a batch. `seen_changes`: which text of a later letter was printed; another is not what was posted.

    `first_page`, `sheets`: where it stands in the PDF and how much paper it takes, once it is laid out. `trouble`: why
    it is not in the PDF.
    """

    batch = models.ForeignKey(PrintBatch, on_delete=models.PROTECT, related_name="letters")
    position = models.PositiveSmallIntegerField()
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="+")
    next_letter = models.ForeignKey(NextLetter, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_changes = models.PositiveIntegerField(default=0)
    is_laid_out = models.BooleanField(default=False)
    first_page = models.PositiveIntegerField(default=0)
    pages = models.PositiveSmallIntegerField(default=0)
    sheets = models.PositiveSmallIntegerField(default=0)
    remarks = models.JSONField(default=list)
    trouble = models.CharField(max_length=500, blank=True, default="")
    posting = models.OneToOneField(
        Posting, on_delete=models.PROTECT, null=True, blank=True, related_name="printed_letter"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["batch", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="one_letter_in_a_place")]

    def __str__(self) -> str:
        return f"letter {self.position} of batch {self.batch_id}"
