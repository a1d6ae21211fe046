"""Forms of the people room: they turn text into values and say what is wrong with them. They write nothing."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from requests_app.people.models import Person, Role
from requests_app.people.services import Profile
from requests_app.people.states import STATES

US_ZONES: Final = (
    ("America/New_York", _("Eastern (New York)")),
    ("America/Chicago", _("Central (Chicago)")),
    ("America/Denver", _("Mountain (Denver)")),
    ("America/Phoenix", _("Arizona (Phoenix)")),
    ("America/Los_Angeles", _("Pacific (Los Angeles)")),
    ("America/Anchorage", _("Alaska (Anchorage)")),
    ("Pacific/Honolulu", _("Hawaii (Honolulu)")),
    ("America/Puerto_Rico", _("Atlantic (Puerto Rico)")),
    ("Pacific/Guam", _("Chamorro (Guam)")),
    ("Pacific/Pago_Pago", _("Samoa (Pago Pago)")),
)
OTHER_ZONES: Final = (
    ("America/Toronto", _("Toronto")),
    ("America/Mexico_City", _("Mexico City")),
    ("America/Sao_Paulo", _("São Paulo")),
    ("Europe/London", _("London")),
    ("Europe/Berlin", _("Berlin")),
    ("Africa/Lagos", _("Lagos")),
    ("Asia/Kolkata", _("Kolkata")),
    ("Asia/Tokyo", _("Tokyo")),
    ("Australia/Sydney", _("Sydney")),
    ("UTC", _("Universal time (UTC)")),
)
TIME_ZONES: Final = ((_("United States"), US_ZONES), (_("Elsewhere"), OTHER_ZONES))
"""Not all of the six hundred names that the zone database knows: a page would take longer to draw than to read."""


def state_choices() -> list[tuple[str, Any]]:
    """Return the states for a list, led by a line for people who live in none of them."""
    return [("", _("I live elsewhere, or would rather not say")), *STATES.items()]


class RoleChoiceLabel:
    """A role as a choice: its name, and beside it what it is for."""

    WORDS: Final = {
        Role.VOLUNTEER: _("Writes and files letters, and follows their own."),
        Role.COORDINATOR: _("Sees every request, what is due and whose turn it is; keeps the list of agencies."),
        Role.REVIEWER: _("Reads what agencies send back."),
        Role.ADMINISTRATOR: _("Invites people, gives roles, closes accounts."),
    }

    def __init__(self, role: Role) -> None:
        self.role = role
        self.description = self.WORDS[role]

    def __str__(self) -> str:
        return str(self.role.label)


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    roles = forms.MultipleChoiceField(label=_("What they will do"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["roles"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  for the type checker
        field.choices = [(role.value, RoleChoiceLabel(role)) for role in roles]
        if len(roles) == 1:
            field.initial = [roles[0].value]


class NewAddressForm(forms.Form):
    """The e-mail address that somebody wants to have here."""

    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        help_text=_(
            "We send a link to it. Your present address stays until you open that link; then we tell it of the change."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.casefold() == self.person.email.casefold():
            raise ValidationError(_("This is your address already. Type the one you want instead."), code="same")
        return email


class ProfileForm(forms.Form):
    """What a person says about themselves."""

    handle = forms.CharField(
        label=_("Handle"),
        min_length=2,
        max_length=40,
        help_text=_("What everybody here sees instead of your name. 2 to 40 letters, digits, - or _."),
        validators=Person._meta.get_field("handle").validators,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "spellcheck": "false"}),
    )
    home_state = forms.ChoiceField(
        label=_("Home state"),
        choices=state_choices,
        required=False,
        help_text=_("Some states answer only their own residents. We offer you yours first."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=TIME_ZONES,
        help_text=_("The hours on your pages. Legal dates always follow the agency's own state."),
    )
    legal_name = forms.CharField(
        label=_("Legal name"),
        max_length=120,
        required=False,
        help_text=_("Only in the letters you sign: most laws want the name of whoever asks. Nobody here sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=300,
        required=False,
        help_text=_("Only in your own letters, and only where the law or the way of sending wants it."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        help_text=_("Only in your own letters, where the law wants it."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        if person is not None:
            kwargs["initial"] = {name: getattr(person, name) for name in Profile.__dataclass_fields__}
        super().__init__(*args, **kwargs)
        self.person = person
        zone = self.initial.get("time_zone")
        if zone and zone not in dict(US_ZONES + OTHER_ZONES):
            # The organisation's own zone, or one given before this list: it stays a choice.
            field = self.fields["time_zone"]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
            field.choices = [(zone, zone.replace("_", " ")), *TIME_ZONES]

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"]
        others = Person.objects.filter(handle__iexact=handle)
        if self.person is not None:
            others = others.exclude(pk=self.person.pk)
        if others.exists():
            raise ValidationError(_("Somebody has this handle already. Choose another."), code="taken")
        return handle

    def clean_legal_name(self) -> str:
        return " ".join(self.cleaned_data["legal_name"].split())

    def clean_postal_address(self) -> str:
        lines = (" ".join(line.split()) for line in self.cleaned_data["postal_address"].splitlines())
        return "\n".join(line for line in lines if line)

    def profile(self) -> Profile:
        """Return the values of a valid form."""
        return Profile(**{name: self.cleaned_data[name] for name in Profile.__dataclass_fields__})


class NewPasswordForm(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 12 signs. Four or five words that do not belong together are good and easy to keep."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("password_again")
        if password and again and password != again:
            self.add_error("password_again", _("The two passwords differ. Type the same one twice."))
        elif password:
            try:
                validate_password(password, self.password_owner())
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def password_owner(self) -> Person | None:
        """Whose password it is: it must not resemble their e-mail address or handle."""
        return None


class AcceptForm(NewPasswordForm, ProfileForm):
    """Everything that opens an account. `email`: the invitation's, or empty where the person gives their own."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("You sign in with it, and notices go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = (
        "email",
        "handle",
        "password",
        "password_again",
        "home_state",
        "time_zone",
        "legal_name",
        "postal_address",
        "phone",
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited_email = email
        if email:
            del self.fields["email"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if Person.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Somebody with this e-mail address has an account already."), code="taken")
        return email

    def password_owner(self) -> Person:
        values = self.cleaned_data
        return Person(email=self.invited_email or values.get("email", ""), handle=values.get("handle", ""))


class WayInForm(NewPasswordForm):
    """A new password for somebody who lost theirs."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def password_owner(self) -> Person:
        return self.person
