"""The note form."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PageNoteForm(forms.Form):
    """One note on one page."""

    page = forms.IntegerField(
        label=_("Page"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Leave it empty for a note on the whole file. For a spreadsheet, give the number of the sheet."),
    )
    text = forms.CharField(
        label=_("Note"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you saw before you keep the note.")},
    )

    def clean_text(self) -> str:
        # Browsers send each line break as two signs.
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class ChangeNoteForm(PageNoteForm):
    """A note reworded; `seen_revision` is which wording stood there when the form was opened."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
