"""The calculator's form. It turns fields into the law room's own words for events and decides nothing."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from requests_app.law.timeline import Method
from requests_app.people.states import JURISDICTIONS

STARTS: Final = (
    ("received", _("The agency received it on that day")),
    ("email", _("I sent it by e-mail on that day")),
    ("portal", _("I sent it through a web portal on that day")),
    ("post", _("I posted it on that day")),
    ("hand", _("I handed it in on that day")),
)

LATER: Final = (
    ("acknowledged", _("They acknowledged it")),
    ("extension", _("They claimed more time")),
    ("clarification_requested", _("They asked me something")),
    ("clarified", _("I answered")),
    ("fee_estimated", _("They named a fee")),
    ("fee_paid", _("I paid or settled the fee")),
    ("determined", _("They said yes")),
    ("denied", _("They refused")),
    ("produced", _("All records came")),
    ("appeal_filed", _("I appealed")),
    ("appeal_decided", _("The appeal was decided")),
)


def _date_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class CalculatorForm(forms.Form):
    """A state, the day the request arrived or left, and what happened since."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Choose a state")), *sorted(JURISDICTIONS.items(), key=lambda item: item[1])],
        error_messages={"required": _("Choose a state.")},
    )
    receipt = forms.ChoiceField(label=_("How it began"), choices=STARTS, widget=forms.RadioSelect, initial="received")
    on = _date_field(_("Date"), error_messages={"required": _("Give the date, such as 2026-03-02.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LATER:
            self.fields[name] = _date_field(label, required=False)

    @property
    def later_fields(self) -> list[BoundField]:
        """Return the fields for what happened since."""
        return [self[name] for name, _label in LATER]

    @property
    def later_given(self) -> bool:
        """Return whether anything that happened since was given, so that its fold stands open."""
        return any(self.data.get(name) for name, _label in LATER)

    @property
    def code(self) -> str:
        """Return the chosen jurisdiction."""
        return str(self.cleaned_data["state"])

    @property
    def sent_by(self) -> Method | None:
        """Return how the request was sent; None where the day of receipt is known."""
        start = self.cleaned_data["receipt"]
        return None if start == "received" else cast(Method, start)

    def events(self) -> list[str]:
        """Return what happened in the law room's words, such as "received=2026-03-02"."""
        first = "received" if self.sent_by is None else "sent"
        given = [(name, self.cleaned_data[name]) for name, _label in LATER]
        return [f"{first}={self.cleaned_data['on']}", *(f"{name}={day}" for name, day in given if day)]
