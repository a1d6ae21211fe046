"""The days on which somebody is away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from requests_app.people.models import Person

LONGEST: Final = timedelta(days=366)  # longer than a year is not an absence: hand the requests over


class _HandleField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, person: Person) -> str:
        return person.handle


class AbsenceForm(forms.Form):
    """Who is away, from when to when, and who stands in. A coordinator may say it of others."""

    person = _HandleField(label=_("Who is away?"), queryset=Person.objects.none())
    starts_on = forms.DateField(label=_("First day away"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=_("Last day away"), widget=forms.DateInput(attrs={"type": "date"}))
    delegate = _HandleField(
        label=_("Who stands in?"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Nobody: the coordinators see to it"),
        help_text=_("They see these requests as theirs, and get the reminders, too."),
    )

    def __init__(
        self, *args: Any, me: Person, people: QuerySet[Person], for_others: bool, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for name in ("person", "delegate"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above; tells the type checker
            field.queryset = people
        self.fields["person"].initial = me.pk
        if not for_others:
            del self.fields["person"]
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs["min"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        first, last = said.get("starts_on"), said.get("ends_on")
        if last is not None and last < self.today:
            self.add_error("ends_on", _("This day is over. Choose today or a later day."))
        elif first is not None and last is not None and last < first:
            self.add_error("ends_on", _("The last day comes before the first. Turn them around."))
        elif first is not None and last is not None and last - first > LONGEST:
            self.add_error("ends_on", _("That is longer than a year. Hand the requests over instead."))
        if said.get("delegate") is not None and said.get("delegate") == said.get("person"):
            self.add_error("delegate", _("Nobody can stand in for themselves. Choose somebody else."))
        return said
