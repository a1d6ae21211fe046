"""Forms about officials: they turn text into values and say what is wrong with them. They write nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.importing import BYTES_MAX
from requests_app.agencies.officials.models import Exchange, Office, Official
from requests_app.agencies.officials.queries import facts_of
from requests_app.agencies.officials.values import FACTS, clean_count, clean_facts
from requests_app.people.states import JURISDICTIONS

ASK_AGAIN_AFTER = timedelta(days=14)
"""When to ask again, as the kit for officials says."""


class OfficialSearchForm(forms.Form):
    """How the list of officials is narrowed. A word it does not know narrows nothing."""

    words = forms.CharField(label=_("Name, title or district"), max_length=100, required=False)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("every state")), *JURISDICTIONS.items()], required=False
    )
    office = forms.ChoiceField(label=_("Office"), choices=[("", _("every office")), *Office.choices], required=False)
    retired = forms.BooleanField(label=_("Those no longer in office"), required=False)

    def narrowing(self) -> dict[str, Any]:
        """Return the values that were understood, by the names that `queries.narrowed` knows."""
        self.is_valid()
        values = self.cleaned_data
        return {
            "jurisdiction": values.get("state", ""),
            "office": values.get("office", ""),
            "words": values.get("words", ""),
            "retired": values.get("retired", False),
        }


class OfficialForm(forms.Form):
    """One official's facts. The same rules as in an import: `values.clean_facts` judges."""

    jurisdiction = forms.ChoiceField(label=_("State"), choices=[("", _("Choose a state")), *JURISDICTIONS.items()])
    office = forms.ChoiceField(label=_("Office"), choices=Office.choices)
    title = forms.CharField(
        label=_("Title"),
        max_length=100,
        required=False,
        help_text=_(
            "How the letter calls the office, such as Delegate or Attorney General. Needed for another office."
        ),
    )
    name = forms.CharField(label=_("Name"), max_length=400, help_text=_("As it stands on an envelope."))
    district = forms.CharField(label=_("District"), max_length=100, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=300, required=False)
    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The office, street and city on lines of their own; without the name."),
    )
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    fax = forms.CharField(label=_("Fax"), max_length=60, required=False)
    source = forms.CharField(
        label=_("Where did you see it?"),
        max_length=600,
        help_text=_("The address of the office's own page, or how you asked."),
    )
    checked_on = forms.CharField(
        label=_("Checked on"),
        max_length=10,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The day on which you looked."),
    )
    why = forms.CharField(
        label=_("Why you change this"),
        max_length=500,
        required=False,
        help_text=_("The others read it in the history, with your handle."),
    )
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: date, official: Official | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if official is None:
            del self.fields["why"], self.fields["seen_at"]
            self.initial.setdefault("checked_on", today.isoformat())
        else:
            self.initial = {**facts_of(official), "seen_at": official.updated_at.isoformat()}
        self.facts: dict[str, str] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = {name: str(cleaned.get(name) or "") for name in FACTS}
        self.facts, wrong = clean_facts(given, today=self.today)
        for name, text in wrong.items():
            if name not in self.errors:
                self.add_error(name, text)
        return cleaned

    def seen_moment(self) -> datetime | None:
        """Return which state of the official the form was filled from."""
        return parse_datetime(self.cleaned_data.get("seen_at") or "")


class WhyForm(forms.Form):
    """Why an official is retired or brought back."""

    why = forms.CharField(label=_("Why"), max_length=500, help_text=_("Such as “The term ended on January 6.”"))


class OfficialImportForm(forms.Form):
    """A CSV file to look at."""

    file = forms.FileField(label=_("CSV file"), help_text=_("At most 5 MB and 10,000 lines. Nothing is written yet."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.limit_bytes = BYTES_MAX


class CountField(forms.CharField):
    """What an official said to "how many": a number, "does not know", or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_count(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class ExchangeForm(forms.ModelForm):  # type: ignore[type-arg]
    """One call, meeting, letter or reply."""

    ice_2024 = CountField(
        label=_("ICE in 2024"), help_text=_("A number, or “does not know”. Leave empty what was not said.")
    )
    ice_2025 = CountField(label=_("ICE in 2025"))
    hsi_2024 = CountField(label=_("HSI in 2024"))
    hsi_2025 = CountField(label=_("HSI in 2025"))

    class Meta:
        model = Exchange
        fields = [
            *("happened_on", "channel", "from_them", "spoke_with", "answered"),
            *("ice_2024", "ice_2025", "hsi_2024", "hsi_2025", "blocks", "reason"),
            *("note", "follow_up_on"),
        ]
        widgets = {
            "happened_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "follow_up_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "answered": forms.RadioSelect,
            "reason": forms.Textarea(attrs={"rows": 3}),
            "note": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "note": _("What was said, and who will answer by when. Nothing about anyone's immigration status."),
            "follow_up_on": _("Your home shows it when the day comes. Leave it empty when nothing is left to ask."),
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        # Not setdefault: the empty entry that the form fills says None for both.
        self.initial.update(happened_on=today, follow_up_on=today + ASK_AGAIN_AFTER)

    def clean_happened_on(self) -> date:
        day: date = self.cleaned_data["happened_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come. Write the entry when it has happened."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        again, day = cleaned.get("follow_up_on"), cleaned.get("happened_on")
        if again and day and again < day:
            self.add_error("follow_up_on", _("The day to ask again is before the day of this entry."))
        return cleaned

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page shows them: what happened, what was answered, what comes next."""

        def some(*names: str) -> list[forms.BoundField]:
            return [self[name] for name in names]

        return [
            (str(_("What happened")), some("happened_on", "channel", "from_them", "spoke_with", "answered")),
            (
                str(_("What they answered")),
                some("ice_2024", "ice_2025", "hsi_2024", "hsi_2025", "blocks", "reason"),
            ),
            (str(_("What comes next")), some("note", "follow_up_on")),
        ]
