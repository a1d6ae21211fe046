"""Letters that people reword: the words over the generated letter, their versions, and what was unlocked and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models.requests import DraftTarget, RecordsRequest
from requests_app.people.sealed import SealedJSONField, SealedTextField


class TextVersion(models.Model):
    """A letter's wording as it stood at one time. A letter's own versions are reached as `versions`."""

    class How(models.TextChoices):
        AUTOMATIC = "auto", _("kept while writing")
        SAVED = "saved", _("kept")
        RESTORED = "restored", _("brought back")

    edits = SealedJSONField(default=dict)  # kits.editing.dump; a letter carries a legal name
    how = models.CharField(max_length=10, choices=How)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-made_at", "-pk"]

    @property
    def how_text(self) -> str:
        """Return how it came to be, for the list of versions."""
        return str(self.How(self.how).label)


class DraftVersion(TextVersion):
    """An earlier wording of a draft's letter to one agency."""

    target = models.ForeignKey(DraftTarget, on_delete=models.CASCADE, related_name="versions")

    class Meta(TextVersion.Meta):
        abstract = False
        indexes = [models.Index(fields=["target", "-made_at"], name="draft_versions")]  # the list of versions

    def __str__(self) -> str:
        return f"wording of {self.target_id} at {self.made_at:%Y-%m-%d %H:%M}"


class UnlockedText(models.Model):
    """A paragraph about the law that a person changed in a letter of this request, or took out, and why."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="unlocked_texts")
    letter_key = models.CharField(max_length=40, default="request")  # kits.letters.Letter.letter_key
    before = SealedTextField()
    after = SealedTextField(blank=True, default="")
    because = SealedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"unlocked in {self.request_id}"
