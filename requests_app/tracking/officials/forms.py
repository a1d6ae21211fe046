"""Who signs a letter to an official, and who gets one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.officials import queries
from requests_app.agencies.officials.models import Office, Official
from requests_app.filing.our_addresses import general_address
from requests_app.kits.officials.letters import OfficialSender
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS

MANY_MAX: Final = 30
"""Letters made in one answer of the server: half a second each. More at once: `manage.py official_letter`."""


class SenderForm(forms.Form):
    """Who signs. Nothing of it is stored: it goes into the letter and nowhere else."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    town = forms.CharField(
        label=_("Your town"),
        max_length=100,
        required=False,
        help_text=_("It shows that you live there. Your street is not needed."),
    )
    reply_address = forms.CharField(label=_("Address for the answer"), max_length=254, validators=[validate_email])
    organisation = forms.CharField(label=_("For which group"), max_length=200, required=False)
    own_words = forms.CharField(
        label=_("Your own words"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Optional. Nothing about anyone's immigration status."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("name", person.legal_name)
        self.initial.setdefault("reply_address", general_address())
        self.initial.setdefault("organisation", settings.ORGANISATION_NAME)

    def sender(self) -> OfficialSender | None:
        """Return who signs: as typed, or before anything is typed as the profile has it; None when no name is known."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else self.initial
        if (self.is_bound and not self.is_valid()) or not values.get("name"):
            return None
        return OfficialSender(
            name=" ".join(values["name"].split()),
            reply_address=values["reply_address"],
            organisation=values.get("organisation") or None,
            town=" ".join((values.get("town") or "").split()),
        )

    @property
    def own(self) -> str:
        """What the person adds."""
        return str(self.cleaned_data.get("own_words", "")) if self.is_bound and self.is_valid() else ""


class ManyForm(SenderForm):
    """Who gets a letter, and whether they come in one PDF or in a ZIP."""

    bundle = forms.ChoiceField(
        label=_("How they come"),
        choices=[("pdf", _("One PDF, to print them all")), ("zip", _("A ZIP with a PDF for each"))],
        widget=forms.RadioSelect,
        initial="pdf",
    )

    def __init__(self, *args: Any, officials: Sequence[Official], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officials"] = forms.MultipleChoiceField(
            label=_("Whom to write to"),
            choices=[(str(one.pk), _words(one)) for one in officials],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one official.")},
        )
        self.order_fields(["officials", "name", "town", "reply_address", "organisation", "own_words", "bundle"])

    def clean_officials(self) -> list[int]:
        chosen: list[str] = self.cleaned_data["officials"]
        if len(chosen) > MANY_MAX:
            raise forms.ValidationError(
                _("You chose %(chosen)s. At most %(most)s letters are made at once: take the rest in a second turn.")
                % {"chosen": len(chosen), "most": MANY_MAX}
            )
        return [int(pk) for pk in chosen]


class WhoseForm(forms.Form):
    """Which officials are offered."""

    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("every state")), *JURISDICTIONS.items()], required=False
    )
    office = forms.ChoiceField(label=_("Office"), choices=[("", _("every office")), *Office.choices], required=False)

    def officials(self) -> QuerySet[Official]:
        """Return the officials in office who fit what was understood of the choices."""
        self.is_valid()
        values = self.cleaned_data
        return queries.narrowed(jurisdiction=values.get("state", ""), office=values.get("office", ""))


def _words(official: Official) -> str:
    words = f"{official.name}, {official.office_words}, {official.state_name}"
    if not (official.postal_address or official.email or official.fax):
        return _("%(words)s (no address yet)") % {"words": words}
    return words
