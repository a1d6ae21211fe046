"""Forms for a letter that did not arrive: which way now, and why nothing is to be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.forms import WhereSeenForm

NEW = "new"


class WayForm(forms.Form):
    """A way that can be used at once. `seen`: the number of changes of the letter that the page showed."""

    way = forms.CharField(max_length=40, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class LookedUpForm(WayForm, WhereSeenForm):
    """A way to an address that nobody confirmed, with where it was seen."""


class NewAddressForm(WayForm, WhereSeenForm):
    """A corrected e-mail address."""

    address = forms.CharField(
        label=_("The right e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )
    field_order = ("address", "where_seen")

    def clean_address(self) -> str:
        try:
            return parse_contact_value("email", self.cleaned_data["address"])
        except ContactValueError as trouble:
            raise forms.ValidationError(str(trouble)) from trouble


class ArrivedForm(forms.Form):
    """Why a letter that a mail server could not deliver needs no other way."""

    why = forms.CharField(
        label=_("Why nothing is to be done"),
        max_length=500,
        help_text=_("Such as “phoned on March 5, they have it”. It stays with the letter."),
    )


def form_for(key: str, *, needs_a_look: bool, posted: Any = None, seen: int = 0) -> WayForm:
    """Return the form of one way, filled from what was posted where it was that one."""
    kind = NewAddressForm if key == NEW else LookedUpForm if needs_a_look else WayForm
    name = key.replace(":", "-")
    return kind(posted, initial={"way": key, "seen": seen}, auto_id=f"{name}-%s", prefix=None)
