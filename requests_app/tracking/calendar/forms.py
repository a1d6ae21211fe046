"""The filters of the calendar, what a feed is to be of, and what is tried on a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import Campaign
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking.calendar.days import FORMS, Form
from requests_app.tracking.calendar.queries import NOBODY, Filters
from requests_app.tracking.calendar.services import About
from requests_app.tracking.calendar.trials import MOST_DAYS, Trial
from requests_app.tracking.forms import ANY, PlainSelect


class CalendarForm(forms.Form):
    """What to show. A value that means nothing is left out, so that an old link still opens the calendar."""

    person = forms.ChoiceField(label=_("Person"), required=False, widget=PlainSelect)
    campaign = forms.ChoiceField(label=_("Campaign"), required=False, widget=PlainSelect)
    state = forms.ChoiceField(label=_("State"), required=False, widget=PlainSelect)
    duty = forms.ChoiceField(
        label=_("Whose duty"),
        required=False,
        choices=[ANY, ("requester", _("Ours")), ("agency", _("Theirs"))],
        widget=PlainSelect,
    )
    form = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[(form, form) for form in FORMS])
    day = forms.DateField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, people: Iterable[Person] | None, campaigns: Iterable[Campaign] | None, **kwargs: Any
    ) -> None:
        """Offer the people and campaigns that the visitor may choose; None takes the filter away."""
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["state"]).choices = [
            ANY,
            *((code, f"{name} ({code})") for code, name in JURISDICTIONS.items()),
        ]
        if people is None:
            del self.fields["person"]
        else:
            handles = [(one.handle, one.handle) for one in people]
            cast(forms.ChoiceField, self.fields["person"]).choices = [ANY, (NOBODY, _("nobody yet")), *handles]
        if campaigns is None:
            del self.fields["campaign"]
        else:
            cast(forms.ChoiceField, self.fields["campaign"]).choices = [
                ANY,
                *((str(one.pk), one.name) for one in campaigns),
            ]

    def filters(self) -> Filters:
        """Return the filters that mean something."""
        self.is_valid()
        return Filters(**{name: str(self.cleaned_data.get(name) or "") for name in Filters.__dataclass_fields__})

    def which(self, today: date) -> tuple[Form, date]:
        """Return the form of the page and the day it is about; a month and today where nothing was said."""
        self.is_valid()
        form = self.cleaned_data.get("form") or "month"
        return cast(Form, form), self.cleaned_data.get("day") or today


class FeedForm(forms.Form):
    """What a new feed is to be of."""

    about = forms.ChoiceField(
        label=_("Which dates"),
        help_text=_("The calendar program asks for them several times a day. It gets what you may see at that moment."),
        error_messages={"invalid_choice": _("You cannot have a feed of this. Choose one from the list.")},
    )

    def __init__(
        self,
        *args: Any,
        owner: Person,
        people: Iterable[Person] | None,
        campaigns: Iterable[Campaign] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        self.people = {f"person:{one.handle}": one for one in people or () if one.pk != owner.pk}
        self.campaigns = {f"campaign:{one.pk}": one for one in campaigns or ()}
        groups: list[Any] = [("mine", _("My own requests"))]
        if self.campaigns:
            groups.append((_("A campaign"), [(key, one.name) for key, one in self.campaigns.items()]))
        if self.people:
            groups.append((_("A person's requests"), [(key, one.handle) for key, one in self.people.items()]))
        states = [(f"state:{code}", f"{name} ({code})") for code, name in JURISDICTIONS.items()]
        groups.append((_("A state"), states))
        cast(forms.ChoiceField, self.fields["about"]).choices = groups

    def chosen(self) -> About:
        """Return what was chosen. Call it on a valid form."""
        about = str(self.cleaned_data["about"])
        if about in self.people:
            return About(person=self.people[about])
        if about in self.campaigns:
            return About(campaign=self.campaigns[about])
        if about.startswith("state:"):
            return About(state=about.removeprefix("state:"))
        return About(person=self.owner)


class TrialForm(forms.Form):
    """What to try on the dates of a request. Nothing of it is stored."""

    received = forms.IntegerField(
        label=_("Received this many days later"),
        help_text=_("Calendar days; a minus for earlier, such as -2."),
        required=False,
        min_value=-MOST_DAYS,
        max_value=MOST_DAYS,
        error_messages={
            "invalid": _("Give a whole number of days, such as 2 or -2."),
            "min_value": _("Move the receipt by a year at most."),
            "max_value": _("Move the receipt by a year at most."),
        },
    )
    extension = forms.DateField(label=_("Extension notice comes on"), required=False, widget=forms.DateInput)
    closed = forms.DateField(label=_("Offices are closed on"), required=False, widget=forms.DateInput)
    fee_paid = forms.DateField(label=_("Fee is paid on"), required=False, widget=forms.DateInput)

    def trial(self) -> Trial:
        """Return what is to be tried. Call it on a valid form."""
        given = self.cleaned_data
        return Trial(given["received"], given["extension"], given["closed"], given["fee_paid"])
