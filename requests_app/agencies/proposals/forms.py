"""What a coordinator says about a proposed address."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AcceptForm(forms.Form):
    """Where the address was seen besides the mail."""

    where_seen = forms.CharField(
        label=_("Where did you see it?"),
        max_length=500,
        help_text=_("On the agency’s own page, or by telephone. The mail itself proves nothing."),
    )


class DeclineForm(forms.Form):
    """Why it is left out."""

    why = forms.CharField(label=_("Why not?"), max_length=500)
