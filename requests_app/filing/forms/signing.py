"""Forms around signatures and approvals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.filing.forms.drafting import Described
from requests_app.filing.signing import grounds_of
from requests_app.law.schema import Statute
from requests_app.people.models import Person, SignerOffer


class OfferForm(forms.Form):
    """A member offers to sign letters to one state."""

    ground = forms.ChoiceField(label=_("Why may you ask there?"), widget=forms.RadioSelect)
    legal_name = forms.CharField(
        label=_("Your legal name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    postal_address = forms.CharField(
        label=_("Your postal address"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("It stands under your name in the letters you sign."),
    )
    phone = forms.CharField(
        label=_("Your telephone number"),
        max_length=40,
        required=False,
        help_text=_("It stands in the letter, too, if you give it."),
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, statute: Statute, person: Person, **kwargs: Any) -> None:
        initial = {
            "legal_name": person.legal_name,
            "postal_address": person.postal_address,
            "phone": person.phone,
        }
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        field = self.fields["ground"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        field.choices = [
            (ground.key, Described(f"“{ground.statement}”", f"{ground.who}. {ground.citation}"))
            for ground in grounds_of(statute)
        ]


class ChooseSignerForm(forms.Form):
    """Which member is asked to sign."""

    offer = forms.ModelChoiceField(queryset=SignerOffer.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["offer"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = offers


class SignForm(forms.Form):
    """The member signs. `seen` is the digest of the letter on the page."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    is_true = forms.BooleanField(
        label=_("The sentence about me is true, I have read the letter, and it may be sent in my name.")
    )

    def __init__(self, *args: Any, by_authority: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_authority:
            self.fields["is_true"].label = _(
                "What the paper says of me is true, I have read it and the letter, and the paper may go with it."
            )


class DeclineForm(forms.Form):
    """The member says no."""

    reason = forms.CharField(
        label=_("Why not?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Coordinators read it; the member who wrote the letter does not."),
    )


class ApproveForm(forms.Form):
    """A coordinator approves a letter. `seen` is the digest of the letter on the page."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SendBackForm(forms.Form):
    """A coordinator sends a letter back."""

    note = forms.CharField(
        label=_("What should change?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The member who wrote the letter reads it."),
    )
