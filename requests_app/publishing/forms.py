"""The calculator's form. It turns fields into the law room's own words for events and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from requests_app.law.phrases import sentence
from requests_app.law.schema import Statute
from requests_app.law.timeline import Method
from requests_app.people.states import JURISDICTIONS

STARTS: Final = (
    ("received", _("The agency received it on that day")),
    ("email", _("I sent it by e-mail on that day")),
    ("portal", _("I sent it through a web portal on that day")),
    ("post", _("I posted it on that day")),
    ("fax", _("I faxed it on that day")),
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


DENIED: Final = "not_"


def _date_field(label: Any, **kwargs: Any) -> forms.DateField:
    messages = {
        "required": _("Give the date, such as 2026-03-02."),
        "invalid": _("There is no such date. Write the year first, such as 2026-03-02."),
    }
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages=messages, **kwargs)


class CalculatorForm(forms.Form):
    """A state, the day the request arrived or left, what happened since, and the facts that this state's law asks for.

    `statute`: the law of the chosen state, or None while none is chosen; its conditions become optional questions.
    """

    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Choose a state")), *sorted(JURISDICTIONS.items(), key=lambda item: item[1])],
        error_messages={
            "required": _("Choose a state."),
            "invalid_choice": _("We have no state “%(value)s”. Choose one from the list."),
        },
    )
    receipt = forms.ChoiceField(
        label=_("How it began"),
        choices=STARTS,
        widget=forms.RadioSelect,
        initial="received",
        error_messages={
            "required": _("Say how it began."),
            "invalid_choice": _("We do not know that way of sending. Choose one of these."),
        },
    )
    on = _date_field(_("Date"))

    def __init__(self, *args: Any, statute: Statute | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LATER:
            self.fields[name] = _date_field(label, required=False)
        self.conditions = {} if statute is None else conditions_of(statute)
        for name, (question, key) in self.conditions.items():
            self.fields[name] = _condition_field(question, key)

    @property
    def later_fields(self) -> list[BoundField]:
        """Return the fields for what happened since."""
        return [self[name] for name, _label in LATER]

    @property
    def condition_fields(self) -> list[BoundField]:
        """Return the questions about facts that decide between rules of the chosen law."""
        return [self[name] for name in self.conditions]

    @property
    def later_given(self) -> bool:
        """Return whether anything that happened since was given, so that its fold stands open."""
        return any(self.data.get(name) for name, _label in LATER)

    @property
    def conditions_given(self) -> bool:
        """Return whether a fact was given, so that its fold stands open."""
        return any(self.data.get(name) for name in self.conditions)

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

    def stated(self) -> list[str]:
        """Return the facts given, in the law room's words, such as "nonresident" or "not_nonresident"."""
        return [self.cleaned_data[name] for name in self.conditions if self.cleaned_data[name]]

    def address(self) -> str:
        """Return the part of an address that asks this question again, without the fields left empty."""
        return urlencode([(name, value) for name, value in self.cleaned_data.items() if value])


def conditions_of(statute: Statute) -> Mapping[str, tuple[str, str]]:
    """Return the facts that decide between a law's rules: field name to (the fact in words, its key).

    One question for each key, whether rules ask for the fact or for its contrary; of several wordings the shortest,
    and one that states the fact before one that denies it.
    """
    wordings: dict[str, list[tuple[bool, int, str, str]]] = {}
    for rule in statute.rules:
        if rule.condition_key is not None and rule.condition is not None:
            denied = rule.condition_key.startswith(DENIED)
            ranked = (denied, len(rule.condition), rule.condition, rule.condition_key)
            wordings.setdefault(rule.condition_key.removeprefix(DENIED), []).append(ranked)
    best = {fact: min(found) for fact, found in wordings.items()}
    return {f"if_{fact}": (sentence(words), key) for fact, (_denied, _length, words, key) in best.items()}


def in_words_of_the_form(problem: str) -> str:
    """Return a message of the law room with the form's own names: "fee_estimated=DATE" is “They named a fee”."""
    labels = dict(LATER)
    return re.sub(r"(\w+)=DATE", lambda found: f"“{labels.get(found[1], found[1])}”", problem)


def _condition_field(label: str, key: str) -> forms.ChoiceField:
    contrary = key.removeprefix(DENIED) if key.startswith(DENIED) else f"{DENIED}{key}"
    return forms.ChoiceField(
        label=label,
        choices=[("", _("I do not know")), (key, _("Yes, that is so")), (contrary, _("No"))],
        required=False,
        error_messages={"invalid_choice": _("Answer yes or no, or leave it open.")},
    )
