"""What reviewers write about returned documents. The first form: a note on a page."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Document


class PageNote(models.Model):
    """A remark of one reviewer on one page (or on the whole document). Corrected by its author, never overwritten
    by another; what it said before stays in `earlier`."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="page_notes")
    page = models.PositiveIntegerField(_("page"), null=True, blank=True, help_text=_("Empty: the whole document."))
    text = models.TextField(_("note"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    # How often it was changed. A writer claims the next number by a conditional update, the guard against two at once.
    revision = models.PositiveIntegerField(default=0)
    earlier = models.JSONField(default=list, help_text="Earlier wordings: text, page and until.")

    class Meta:
        ordering = ["page", "written_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(page__isnull=True) | models.Q(page__gte=1),
                name="pages_count_from_one",
                violation_error_message=_("Pages count from 1."),
            ),
        ]
        indexes = [models.Index(fields=["-written_at"], name="note_newest")]  # what was read last

    def __str__(self) -> str:
        return f"note {self.pk} on {self.document_id}"
