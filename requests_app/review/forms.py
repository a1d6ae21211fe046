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
    text = forms.CharField(label=_("Note"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))


class ChangeNoteForm(PageNoteForm):
    """A note reworded; `seen_text` is what it said when the form was opened."""

    seen_text = forms.CharField(widget=forms.HiddenInput, strip=False)
