"""Pages of a blob, as they are shown and read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models.originals import Blob


class Page(models.Model):
    """One page: its size, and where each word of its text stands. The text itself is a `Passage` of the same number."""

    class TextFrom(models.TextChoices):
        UNREAD = "unread", _("not read yet")
        FILE = "file", _("the file's own text")
        OCR = "ocr", _("read from the picture")
        NONE = "none", _("no text on it")

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()  # from 1
    width = models.FloatField(help_text="Points (1/72 inch), as shown: the page's own turn is applied.")
    height = models.FloatField()
    label = models.CharField(max_length=40, blank=True, default="", help_text="The file's own page number, such as iv.")
    text_from = models.CharField(max_length=8, choices=TextFrom, default=TextFrom.UNREAD)
    confidence = models.FloatField(null=True, blank=True, help_text="Of OCR, 0 to 100: the mean over the words.")
    turned = models.SmallIntegerField(default=0, help_text="Degrees by which OCR turned the picture to read it.")
    # zlib of JSON: [[word, left, top, right, bottom], ...] in points from the top left, in reading order.
    words = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blob", "number"], name="page_once_in_a_blob"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="page_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of {self.blob_id[:12]}"
