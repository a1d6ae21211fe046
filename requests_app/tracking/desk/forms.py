"""What the desk asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from requests_app.filing.forms.recording import AssignForm, NoteForm, PersonField
from requests_app.people.models import Person
from requests_app.tracking.desk.models import COLUMNS
from requests_app.tracking.desk.snoozing import Limit, last_day
from requests_app.tracking.wording import KIND_WORDS, in_words

MOST_ROWS: Final = 200  # in one act: a preview that nobody can read is none


class SnoozeForm(forms.Form):
    """Until when, and why."""

    until = forms.DateField(label=_("Until which day?"), widget=forms.DateInput(attrs={"type": "date"}))
    why = forms.CharField(label=_("Why can it wait?"), max_length=300, help_text=_("Every coordinator reads this."))

    def __init__(
        self, *args: Any, today: date, limit: Limit | None = None, several: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        last, first = last_day(today, limit), today + timedelta(days=1)
        field = self.fields["until"]
        field.widget.attrs["min"] = first.isoformat()
        if several:
            field.help_text = _("Rows whose own dates come before that day are left alone, and named.")
        elif last >= first:
            field.widget.attrs["max"] = last.isoformat()
            field.initial = min(today + timedelta(days=7), last)
        if limit is not None and not several:
            facts = {"what": KIND_WORDS.get(limit.kind, limit.kind), "day": in_words(last)}
            field.help_text = (
                _("%(day)s at the latest: our own %(what)s is due.") if limit.ours and limit.last == last else
                _("%(day)s at the latest: the agency’s %(what)s is late from then on.") if limit.last == last else
                _("%(day)s at the latest.")
            ) % facts  # fmt: skip


class BulkAssignForm(AssignForm):
    """To whom all the chosen rows go."""


class BulkNoteForm(NoteForm):
    """The same note on every chosen row."""


class NoValuesForm(forms.Form):
    """An act that needs nothing but the rows."""


class ViewForm(forms.Form):
    """The name of a view, and whether others see it."""

    name = forms.CharField(label=_("Name of this view"), max_length=60)
    shared = forms.BooleanField(label=_("Share it with everybody who opens the desk"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)


class LookForm(forms.Form):
    """What one's rows show, and whether single keys act."""

    columns = forms.MultipleChoiceField(
        label=_("What rows show besides reference, agency, next action, date and risk"),
        choices=list(COLUMNS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    keys = forms.BooleanField(
        label=_("Single keys act on the desk"),
        required=False,
        help_text=_("Turn this off if you speak to your computer, or if keys get pressed by accident."),
    )


class HandOverForm(forms.Form):
    """Who takes over."""

    to = PersonField(label=_("Who takes over?"), queryset=Person.objects.none(), empty_label=_("Choose somebody"))

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above; tells the type checker
        field.queryset = people
