"""Forms of the shelves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Collection


class CollectionForm(forms.Form):
    """A new collection. Whether the name is free, the service says."""

    name = forms.CharField(label=_("Name"), max_length=80)
    purpose = forms.CharField(label=_("What it is for"), max_length=300, required=False)


class CollectForm(forms.Form):
    """Into which collection a document is put."""

    collection = forms.ModelChoiceField(
        label=_("Collection"), queryset=Collection.objects.all(), empty_label=_("Choose one")
    )


class DatesForm(forms.Form):
    """Days between which files were received."""

    since = forms.DateField(
        label=_("Received from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Received until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, auto_id="dates-%s")  # type: ignore[misc]
