"""Sheets of a spreadsheet, as they are shown, searched and cited by the names of their cells."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.documents.cells import Area
from requests_app.documents.models.originals import Blob


class Sheet(models.Model):
    """One sheet. Its number and the names of its cells (B7) stay the same however often the file is read anew."""

    class Hidden(models.TextChoices):
        NO = "", _("shown")
        HIDDEN = "hidden", _("hidden")
        VERY = "very", _("hidden so that its program offers no way to show it")

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="sheets")
    number = models.PositiveIntegerField()  # from 1, in the order of the file, hidden ones included
    name = models.CharField(max_length=255, blank=True, help_text="As the file says; a text file has none.")
    hidden = models.CharField(max_length=6, choices=Hidden, blank=True, default=Hidden.NO)
    is_typed = models.BooleanField(default=True, help_text="The file says what is a number and what is text.")
    is_read = models.BooleanField(default=False, help_text="All its rows are here.")
    rows = models.PositiveIntegerField(default=0, help_text="The last one in which something stands.")
    columns = models.PositiveIntegerField(default=0)
    cells = models.PositiveIntegerField(default=0, help_text="With something in them.")
    formulas = models.PositiveIntegerField(default=0)
    header = models.PositiveIntegerField(default=0, help_text="The row that seems to name the columns; 0 for none.")
    frozen_rows = models.PositiveIntegerField(default=0)
    frozen_columns = models.PositiveIntegerField(default=0)
    hidden_rows = models.JSONField(default=list, help_text="Ranges: [[first, last], ...].")
    hidden_columns = models.JSONField(default=list)
    merged = models.JSONField(default=list, help_text="Areas such as B7:C9.")
    profile = models.JSONField(default=list, help_text="For each column: readers.sheets_profile.Column.told.")
    is_cut = models.BooleanField(default=False, help_text="A text longer than 32,767 characters was cut.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blob", "number"], name="sheet_once_in_a_blob"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="sheet_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"sheet {self.number} of {self.blob_id[:12]}"


class SheetBlock(models.Model):
    """Some rows of a sheet, packed (`documents.cells.pack`). A block in which nothing stands has no row here."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()  # from 0; holds the rows after number * cells.BLOCK
    rows = models.BinaryField()
    formulas = models.BinaryField(default=bytes, help_text="zlib of JSON, by cell; empty for none.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="sheet_block_once_in_a_sheet"),
        ]

    def __str__(self) -> str:
        return f"block {self.number} of sheet {self.sheet_id}"


class SheetComment(models.Model):
    """What somebody wrote beside a cell, in the file."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="comments")
    row = models.PositiveIntegerField()
    column = models.PositiveIntegerField()
    author = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["sheet", "row", "column"], name="sheet_comment_place")]

    def __str__(self) -> str:
        return f"comment in row {self.row} of sheet {self.sheet_id}"

    @property
    def name(self) -> str:
        """The name of its cell, such as B7."""
        return Area(self.row, self.column, self.row, self.column).name
