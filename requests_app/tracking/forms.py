"""The desk's filters, kept in the address so that a view can be shared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency
from requests_app.filing.lifecycle import Status
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking.desk.filters import ME, NOBODY, Filters
from requests_app.tracking.desk.queries import ASLEEP, GROUPS

ANY = ("", _("any"))


class PlainSelect(forms.Select):
    """A select drawn in one go. Django draws each option from a template of its own: a third of the desk's time."""

    template_name = "tracking/_select.html"


class DeskFilterForm(forms.Form):
    """What to show. A value that means nothing is left out, so that an old link still opens the desk."""

    words = forms.CharField(label=_("Reference or words"), max_length=100, required=False)
    state = forms.ChoiceField(label=_("State"), required=False, widget=PlainSelect)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ANY, *Status.choices], widget=PlainSelect)
    agency = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    person = forms.ChoiceField(label=_("Person"), required=False, widget=PlainSelect)
    group = forms.ChoiceField(
        widget=forms.HiddenInput, required=False, choices=[("", ""), *((name, name) for name in (*GROUPS, ASLEEP))]
    )

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state, person = cast(forms.ChoiceField, self.fields["state"]), cast(forms.ChoiceField, self.fields["person"])
        state.choices = [ANY, *((code, f"{name} ({code})") for code, name in JURISDICTIONS.items())]
        handles = [(one.handle, one.handle) for one in people]
        person.choices = [ANY, (ME, _("me, and whom I stand in for")), (NOBODY, _("nobody yet")), *handles]

    def filters(self) -> Filters:
        """Return the filters that mean something."""
        self.is_valid()
        known = {name: str(self.cleaned_data.get(name, "")).strip() for name in Filters.__dataclass_fields__}
        return Filters(**known)

    def agency_name(self) -> str:
        """Return the name of the agency filtered by, or nothing."""
        code = self.filters().agency
        return Agency.objects.filter(code=code).values_list("name", flat=True).first() or ""
