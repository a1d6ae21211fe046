"""The forms of the search."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.documents.search.language import LONGEST


class SearchForm(forms.Form):
    """What to look for. Any text is a query: the browser alone asks for one, and stops a very long one."""

    q = forms.CharField(
        label=_("Search everything that came back"),
        strip=True,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": LONGEST, "autocomplete": "off"}),
    )


class TellingForm(forms.Form):
    """Whether a saved search tells of new documents."""

    on = forms.BooleanField(required=False)
