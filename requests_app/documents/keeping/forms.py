"""Forms of holds and of erasing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

SCOPES = (
    ("document", _("This file, and what is inside it")),
    ("request", _("Every file of this request")),
    ("agency", _("Every file of this agency")),
)


class HoldForm(forms.Form):
    """What to keep, and why."""

    scope = forms.ChoiceField(
        label=_("What must be kept"), choices=SCOPES, widget=forms.RadioSelect, initial="document"
    )
    why = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("Such as the name of the lawsuit. It stays with the hold.")
    )


class LiftForm(forms.Form):
    """Why a hold ends."""

    why = forms.CharField(label=_("Why it is lifted"), max_length=500)


class EraseForm(forms.Form):
    """Why something is erased, and what was read before."""

    why = forms.CharField(
        label=_("Why it is erased"), max_length=500, help_text=_("It stays for ever, with your name and the date.")
    )
    sure = forms.BooleanField(label=_("I have read what is erased, and that it cannot be brought back."))
    confirmed = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
