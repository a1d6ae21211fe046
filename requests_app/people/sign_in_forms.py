"""django-allauth's forms in our words: labels instead of placeholders, and no jargon."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class _WithoutPlaceholders(forms.Form):
    """A placeholder repeats its label, then hides when one needs it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_WithoutPlaceholders, LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password, and whether this device may remember them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["remember"].label = _("Stay signed in on this device")


class SecondFactorForm(_WithoutPlaceholders, AuthenticateForm):  # type: ignore[misc]
    """The code of an authenticator app, or a recovery code."""


class SecondFactorAgainForm(_WithoutPlaceholders, ReauthenticateForm):  # type: ignore[misc]
    """The same, before something that changes how one signs in."""


class SetUpAppForm(_WithoutPlaceholders, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The six digits that the app shows")


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that, unless its owner says otherwise, signs in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the device")
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Let it sign me in without my password")
        passwordless.help_text = _(
            "The device then asks for your fingerprint, face or code. Not every old key can do this."
        )
        passwordless.initial = True
