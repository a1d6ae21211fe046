"""Collections: documents that somebody put together under a name, in an order."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models.originals import Document


class Collection(models.Model):
    """A named set of documents that all members share. Each sees of it what that person may see anyway."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    purpose = models.CharField(_("what it is for"), max_length=300, blank=True, default="")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CollectionEntry(models.Model):
    """One document in one collection. Lower positions come first."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="entries")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="collection_entries")
    position = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "document"], name="document_once_in_a_collection"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} in {self.collection_id}"
