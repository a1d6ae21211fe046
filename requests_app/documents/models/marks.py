"""What people say about a returned document. What it says itself is never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models.originals import Document


class Description(models.Model):
    """What a document is, in people's words. What it said before stays in `earlier`."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="description")
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    summary = models.TextField(_("description"), blank=True, default="")
    tags = models.JSONField(default=list, help_text="Short words in small letters, each once.")
    covers_from = models.DateField(_("records from"), null=True, blank=True)
    covers_to = models.DateField(_("records to"), null=True, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    # A writer claims the next number by a conditional update, the guard against two at once.
    revision = models.PositiveIntegerField(default=0)
    earlier = models.JSONField(default=list, help_text="What was said before: the fields, by and until.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(covers_from=None) | Q(covers_to=None) | Q(covers_from__lte=F("covers_to")),
                name="records_end_after_they_begin",
                violation_error_message=_("The records cannot end before they begin."),
            ),
        ]

    def __str__(self) -> str:
        return f"description of {self.document_id}"


class AnsweredItem(models.Model):
    """A person found that a document answers one item of its request. Taken back, the row stays, with who and when."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="answered_items")
    item = models.PositiveSmallIntegerField(help_text="Its number in the letter, from 1.")
    ticked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "item"], condition=Q(taken_back_at=None), name="item_answered_once_by_a_document"
            ),
            models.CheckConstraint(condition=Q(item__gte=1), name="items_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"item {self.item} by {self.document_id}"


class PageNumbers(models.Model):
    """The numbers given to the pages of a document: one for each page, and each for one page of this organisation."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="page_numbers")
    first = models.PositiveBigIntegerField(unique=True)
    last = models.PositiveBigIntegerField(unique=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first__gte=1, first__lte=F("last")), name="page_numbers_run_up"),
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last} of {self.document_id}"


class NextPageNumber(models.Model):
    """The next number that is free: one row, claimed by a conditional update, so that no number is given twice."""

    number = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.number)
