"""Forms of the reminder policy and of muting: text into values, and what is wrong with them. They write nothing."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from requests_app.tracking.reminders.muting import wrong_with_end
from requests_app.tracking.reminders.policy import CHANNELS, MOST_DAYS, RECIPIENTS, Rule, RuleMoment, in_order
from requests_app.tracking.reminders.words import CHANNEL_WORDS, TO_WORDS

WHEN_CHOICES: Final = [
    ("", _("— no reminder —")),
    ("before", _("business days before the date")),
    ("on", _("on the date itself")),
    ("after", _("business days after the date")),
]
ROOM: Final = 2  # empty lines to add moments on


class MomentForm(forms.Form):
    """One moment of a rule. Without a word on when, it is left out."""

    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=MOST_DAYS, required=False)
    when = forms.ChoiceField(label=_("When"), choices=WHEN_CHOICES, required=False)
    to = forms.MultipleChoiceField(
        label=_("To whom"), choices=[(name, TO_WORDS[name]) for name in RECIPIENTS], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("How"), choices=[(name, CHANNEL_WORDS[name]) for name in CHANNELS])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        when = said.get("when")
        if when in ("before", "after") and "days" in said and not said["days"]:
            self.add_error("days", _("Say how many business days: 1 to 60."))
        if when and "to" in said and not said["to"]:
            self.add_error("to", _("Choose who is told."))
        return said

    def moment(self) -> RuleMoment | None:
        """Return the moment; None where none was chosen. Call it on a valid form."""
        said = self.cleaned_data
        if not said.get("when"):
            return None
        days = 0 if said["when"] == "on" else int(said["days"])
        return RuleMoment(said["when"], days, frozenset(said["to"]), said["channel"])


MomentFormSet = formset_factory(MomentForm, extra=ROOM, max_num=14, validate_max=True)


class RuleForm(forms.Form):
    """What a rule has besides its moments, and why it is changed."""

    escalate_after_days = forms.IntegerField(
        label=_("Tell the coordinators when nobody reacts within … business days"), required=False, min_value=1,
        max_value=60, help_text=_("A reaction is an event on the timeline, or a note or letter by somebody who "
        "has read the reminder. Leave it empty for never."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why is it changed?"), max_length=300, help_text=_("One sentence, for the history of the reminders.")
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


def initial_moments(rule: Rule) -> list[dict[str, Any]]:
    """Return the moments of a rule as a formset begins with them."""
    return [
        {"when": one.when, "days": one.days or None, "to": sorted(one.to), "channel": one.channel}
        for one in rule.moments
    ]


def rule_of(moments: BaseFormSet[MomentForm], form: RuleForm) -> Rule:
    """Return the rule that valid forms describe."""
    chosen = [one.moment() for one in moments]
    return Rule(in_order(one for one in chosen if one is not None), form.cleaned_data["escalate_after_days"])


class MuteForm(forms.Form):
    """Until when one hears less of a request, and why."""

    until = forms.DateField(
        label=_("Until the end of"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At most 90 days from today. Then the mails begin again by themselves."),
    )  # fmt: skip
    why = forms.CharField(label=_("Why?"), max_length=300, help_text=_("The others see it on the request's page."))
    ours_too = forms.BooleanField(
        label=_("Our own deadlines, too"), required=False,
        help_text=_("Only when another coordinator agrees. They are told that you ask."),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["until"].widget.attrs["min"] = today.isoformat()

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        wrong = wrong_with_end(until, self.today)
        if wrong == "over":
            raise forms.ValidationError(_("This day is over. Choose today or a later day."), code=wrong)
        if wrong:
            raise forms.ValidationError(
                _("That is more than 90 days. Choose an earlier day, or give the request to somebody else."), code=wrong
            )
        return until
