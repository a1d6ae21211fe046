"""Asking for the dates of one jurisdiction to be counted anew."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.people.states import JURISDICTIONS


class AskForm(forms.Form):
    """Which jurisdiction."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[(code, JURISDICTIONS[code]) for code in sorted(JURISDICTIONS, key=JURISDICTIONS.__getitem__)],
        error_messages={"invalid_choice": _("Choose one of the states. Nothing was begun.")},
    )
