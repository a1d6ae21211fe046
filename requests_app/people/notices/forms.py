"""The form of "How we tell you": text into values, and what is wrong with them. It writes nothing."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from requests_app.people.forms import TIME_ZONES
from requests_app.people.models import Person
from requests_app.people.notices.models import WEEKDAYS, ChannelChoice, OverviewChoice, Preferences
from requests_app.people.notices.services import Choice
from requests_app.people.preferences import is_zone

HOURS: Final = [(hour, f"{hour:02}:00") for hour in range(24)]
OFFERED_ZONES: Final = tuple(name for _group, zones in TIME_ZONES for name, _words in zones)


class PreferencesForm(forms.Form):
    """How one person wants to be told."""

    theirs = forms.ChoiceField(
        label=_("Agencies' deadlines"), choices=ChannelChoice.choices, widget=forms.RadioSelect,
        help_text=_("When an agency's answer is due soon, due today, or late."),
    )  # fmt: skip
    news = forms.ChoiceField(
        label=_("Letters, answers and signatures"), choices=ChannelChoice.choices, widget=forms.RadioSelect,
        help_text=_("When a letter came back, a signature is asked for, or a letter waits for you to read it."),
    )  # fmt: skip
    overview = forms.ChoiceField(
        label=_("Overview of your work"), choices=OverviewChoice.choices, required=False, widget=forms.RadioSelect,
        help_text=_("Your letters, the desk, your reading queue, by your roles. Not sent when there is nothing in it."),
    )  # fmt: skip
    gathers = forms.BooleanField(
        label=_("Gather in a daily mail what has no mail of its own"), required=False,
        help_text=_("Some reminders are only meant for it. Without it they stand in your notices alone."),
    )  # fmt: skip
    digest_hour = forms.TypedChoiceField(
        label=_("When what is gathered comes"), choices=HOURS, coerce=int,
        help_text=_("The hour of your own day, for daily and weekly mails."),
    )  # fmt: skip
    weekday = forms.TypedChoiceField(label=_("The day of weekly mails"), choices=WEEKDAYS, coerce=int)
    quiet_from = forms.TimeField(
        label=_("No mails from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("In these hours mails wait. Leave both empty for none."),
    )  # fmt: skip
    quiet_until = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.CharField(
        label=_("Your time zone"),
        max_length=64,
        help_text=_("A region and a city, such as America/Chicago or Pacific/Honolulu."),
        widget=forms.TextInput(attrs={"list": "zones", "spellcheck": "false", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of mails"), required=False)

    def __init__(self, *args: Any, person: Person, kept: Preferences | None, **kwargs: Any) -> None:
        row = kept or Preferences()
        names = (
            "theirs",
            "news",
            "overview",
            "gathers",
            "digest_hour",
            "weekday",
            "quiet_from",
            "quiet_until",
            "language",
        )
        initial = {name: getattr(row, name) for name in names} | {"time_zone": person.time_zone}
        super().__init__(*args, **kwargs | {"initial": initial})
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101  for the type checker
        language.choices = [("", _("as the pages")), *settings.LANGUAGES]
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]  # one language is no choice

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if not is_zone(name):
            raise ValidationError(
                _(
                    "There is no time zone “%(name)s”. Nothing was changed. Write a region and a city with a stroke "
                    "between them, such as America/Chicago, or choose one from the list."
                ),
                code="zone",
                params={"name": name},
            )
        return name

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        start, end = said.get("quiet_from"), said.get("quiet_until")
        if "quiet_from" in said and "quiet_until" in said and (start is None) != (end is None):
            name = "quiet_from" if start is None else "quiet_until"
            self.add_error(name, _("Quiet hours need a beginning and an end. Fill in both, or leave both empty."))
        elif start is not None and start == end:
            self.add_error(
                "quiet_until", _("These hours begin and end at once. Choose another end, or leave both empty.")
            )
        return said

    def choice(self) -> Choice:
        """Return what was chosen. Call it on a valid form."""
        said = self.cleaned_data
        return Choice(**{name: said.get(name, "") for name in Choice.__dataclass_fields__})
