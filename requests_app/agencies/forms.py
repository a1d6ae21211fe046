"""Forms of the agencies room: they turn text into values and say what is wrong with them. They write nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.importing import BYTES_MAX
from requests_app.agencies.models import Agency, AgencyRole, BodyContact, Confidence, ContactPoint, Language
from requests_app.agencies.queries import REACH
from requests_app.agencies.services import EDITABLE_FIELDS, RoleChoice
from requests_app.people.states import JURISDICTIONS


class AgencySearchForm(forms.Form):
    """How the list of agencies is narrowed. A word it does not know narrows nothing."""

    words = forms.CharField(label=_("Name or address"), max_length=100, required=False)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("every state")), *JURISDICTIONS.items()], required=False
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("every role")), *AgencyRole.Kind.choices], required=False)
    reach = forms.ChoiceField(label=_("With"), choices=[("", _("any address or none")), *REACH], required=False)

    def narrowing(self) -> dict[str, str]:
        """Return the values that were understood, by the names that `queries.agency_page` knows."""
        self.is_valid()
        values = self.cleaned_data
        return {
            "jurisdiction": values.get("state", ""),
            "role": values.get("role", ""),
            "reach": values.get("reach", ""),
            "words": values.get("words", ""),
        }


class AgencyForm(forms.ModelForm):  # type: ignore[type-arg]
    """An agency's own facts and roles, and why they change."""

    website = forms.URLField(label=_("Website"), max_length=500, required=False, assume_scheme="https")
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=AgencyRole.Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    evidence = forms.CharField(
        label=_("Why it has a role that you add"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you read, and where. Letters may rest on it."),
    )
    confidence = forms.ChoiceField(
        label=_("How sure you are of a role that you add"), choices=Confidence.choices, initial=Confidence.LOW
    )
    why = forms.CharField(
        label=_("Why you change this"),
        max_length=500,
        help_text=_("The others read it in the history, with your handle."),
    )
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Agency
        fields = ["name", "short_name", "parent", "website", "records_office", "submission_notes", "is_active"]
        widgets = {"submission_notes": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["short_name"].help_text = _("Initials or a nickname that fits a list.")
        self.held: frozenset[str] = frozenset()
        if self.instance.pk:
            self.held = frozenset(role.kind for role in self.instance.roles.all())
            self.initial["roles"] = sorted(self.held)
            self.initial["seen_at"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if set(cleaned.get("roles", ())) - self.held and not cleaned.get("evidence"):
            self.add_error("evidence", _("Say why the agency has the role that you add."))
        return cleaned

    def facts(self) -> dict[str, Any]:
        """Return the agency's own values of a valid form."""
        return {name: self.cleaned_data[name] for name in EDITABLE_FIELDS}

    def role_choice(self) -> RoleChoice:
        """Return the roles of a valid form."""
        values = self.cleaned_data
        return RoleChoice(frozenset(values["roles"]), values["evidence"], values["confidence"])

    def seen_moment(self) -> datetime | None:
        """Return which state of the agency the form was filled from."""
        return parse_datetime(self.cleaned_data["seen_at"]) if self.cleaned_data["seen_at"] else None


class NewAgencyForm(AgencyForm):
    """An agency that the list lacks."""

    jurisdiction = forms.ChoiceField(label=_("State"), choices=[("", _("Choose a state")), *JURISDICTIONS.items()])
    field_order = ("jurisdiction",)

    class Meta(AgencyForm.Meta):
        fields = ["jurisdiction", *AgencyForm.Meta.fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label = _("Where you found it")
        del self.fields["is_active"]

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EDITABLE_FIELDS if name in self.cleaned_data}


class WhereSeenForm(forms.Form):
    """Where a person saw that an address is right."""

    where_seen = forms.CharField(
        label=_("Where did you see it?"),
        max_length=500,
        help_text=_(
            "The address of the agency's own page, or how you asked, such as “phoned the office on November 2”."
        ),
    )


class ContactForm(WhereSeenForm):
    """One way to reach an agency's records office."""

    channel = forms.ChoiceField(label=_("Way"), choices=ContactPoint.Channel.choices)
    value = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("An e-mail address, a link, a number, or a postal address on several lines."),
    )
    office_or_title = forms.CharField(
        label=_("Office or title"),
        max_length=200,
        required=False,
        help_text=_("Such as Records Custodian. No person's name: people change."),
    )
    field_order = ("channel", "value", "office_or_title", "where_seen")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        channel, value = cleaned.get("channel"), cleaned.get("value")
        if channel and value:
            try:
                cleaned["value"] = parse_contact_value(channel, value)
            except ContactValueError as error:
                self.add_error("value", str(error))
        return cleaned


class ContactEditForm(ContactForm):
    """A correction of a contact point: its way stays what it is."""

    salutation_language = forms.ChoiceField(
        label=_("Language of the salutation"),
        choices=Language.choices,
        required=False,
        help_text=_(
            "Where the office likes to be greeted in Spanish: “A quien corresponda:”. The letter stays English."
        ),
    )

    def __init__(self, *args: Any, contact: ContactPoint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["channel", "value", "office_or_title", "salutation_language", "where_seen"])
        for name in ("channel", "value", "office_or_title", "salutation_language"):
            self.initial[name] = getattr(contact, name)
        self.fields["channel"].disabled = True
        self.fields["channel"].widget = forms.HiddenInput()


class BodyContactForm(WhereSeenForm):
    """One way to reach a body that hears appeals."""

    name = forms.CharField(
        label=_("Name for the envelope"), max_length=200, help_text=_("As the body writes itself on its own page.")
    )
    channel = forms.ChoiceField(label=_("Way"), choices=BodyContact.Channel.choices)
    value = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("An e-mail address, a link, a number, or a postal address on several lines."),
    )
    field_order = ("name", "channel", "value", "where_seen")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        channel, value = cleaned.get("channel"), cleaned.get("value")
        if channel and value:
            try:
                cleaned["value"] = parse_contact_value(channel, value)
            except ContactValueError as error:
                self.add_error("value", str(error))
        return cleaned


class RetireForm(forms.Form):
    """Why an address is taken out of use."""

    why = forms.CharField(label=_("Why it is no longer used"), max_length=500)


class ImportForm(forms.Form):
    """A CSV file to look at."""

    file = forms.FileField(label=_("CSV file"), help_text=_("At most 5 MB and 10,000 lines. Nothing is written yet."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.limit_bytes = BYTES_MAX


class ApplyForm(forms.Form):
    """The confirmation of an import: which preview was looked at."""

    plan = forms.CharField(max_length=64, widget=forms.HiddenInput)
