"""All words that can be searched for, each stretch with the place it stands at."""

from __future__ import annotations

from typing import Final

from django.db import models

from requests_app.documents.models.originals import Blob, Document


class Passage(models.Model):
    """A stretch of searchable text: a page, a block of rows, a mail, or what people wrote about a document.

    What stands in the bytes belongs to the blob; what is true of one document only (its name and description, notes
    about it) belongs to the document. No other table holds the text of a page.
    """

    FIRST_ANNOTATION: Final = 1_000_000_000  # notes whose part is at least this are annotations; below are page notes

    class Kind(models.TextChoices):
        PAGE = "page"
        SHEET = "sheet"  # place: number of the sheet; part: its block of rows
        MAIL = "mail"
        TEXT = "text"
        ABOUT = "about"  # name, description, tags and where it came from
        NOTE = "note"  # what reviewers wrote, handed down by the room above

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, null=True, blank=True, related_name="passages")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, null=True, blank=True, related_name="passages")
    kind = models.CharField(max_length=5, choices=Kind)
    place = models.PositiveIntegerField(default=0, help_text="Page or sheet, from 1; 0 is the whole.")
    part = models.PositiveIntegerField(default=0, help_text="Which block of that place, from 0.")
    text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(blob__isnull=False, document__isnull=True)
                | models.Q(blob__isnull=True, document__isnull=False),
                name="passage_of_bytes_or_of_a_document",
            ),
            models.UniqueConstraint(
                fields=["blob", "kind", "place", "part"],
                condition=models.Q(blob__isnull=False),
                name="passage_once_in_a_blob",
            ),
            models.UniqueConstraint(
                fields=["document", "kind", "place", "part"],
                condition=models.Q(document__isnull=False),
                name="passage_once_about_a_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place} of {self.blob_id or self.document_id}"
