"""The form of a later letter: what it asks of its writer, and the way by which it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.filing.forms.answers import money_field
from requests_app.filing.forms.drafting import Described
from requests_app.filing.models import Delivery
from requests_app.filing.writing import SETTLES, Desk, Way, ways
from requests_app.kits.later import Input, LetterType
from requests_app.kits.matter import Matter
from requests_app.kits.steps import steps_by

LONGEST: Final = 40_000


class LaterForm(forms.Form):
    """One field for each input of the letter, with what its offer presets; then whom and how."""

    def __init__(self, *args: Any, desk: Desk, kind: LetterType, rule_id: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk, self.kind = desk, kind
        for each in kind.inputs:
            self.fields[each.name] = _FIELDS[each.kind](each, desk.matter)
        if kind.key == "fee_acceptance":
            self.fields[SETTLES] = forms.BooleanField(
                label=_("This settles the fee: the agency goes on without waiting for money"),
                required=False,
                help_text=_("Leave it empty where it waits for a payment. Its clock may stand still until then."),
            )
        found = steps_by(kind.key, desk.statute, desk.matter) if kind.to == "body" else ()
        if len(found) > 1:
            self.fields["rule_id"] = forms.ChoiceField(
                label=_("Which review do you ask for?"),
                choices=[(step.rule.id, Described(_capital(step.body.name), step.rule.citation)) for step in found],
                widget=forms.RadioSelect,
            )
        chosen = self.data.get("rule_id", "") if self.is_bound else rule_id
        self.ways = {key_of(way): way for way in ways(desk, kind.key, str(chosen))}
        self.fields["way"] = forms.ChoiceField(
            label=_("How does it leave?"),
            choices=[(key, described(way)) for key, way in self.ways.items()],
            widget=forms.RadioSelect,
            initial=next(iter(self.ways)),
        )

    def inputs(self) -> dict[str, Any]:
        """Return the letter's inputs as `kits.later.compose_later` takes them."""
        said = self.cleaned_data
        found: dict[str, Any] = {}
        for each in self.kind.inputs:
            value = said.get(each.name)
            if value in (None, "", []):
                continue
            if each.kind == "money":
                value = int(value * 100)
            elif each.kind == "items":
                value = [int(one) for one in value]
            found[each.name] = value
        if said.get("rule_id"):
            found["rule_id"] = said["rule_id"]
        if said.get(SETTLES):
            found[SETTLES] = True
        return found

    def way(self) -> Way:
        """Return how the letter is to leave."""
        return self.ways[self.cleaned_data["way"]]


def key_of(way: Way) -> str:
    """Return the name of a way in the form."""
    if way.body_contact is not None:
        return f"body-{way.body_contact.pk}"
    return f"contact-{way.contact.pk}" if way.contact is not None else "hand"


def described(way: Way) -> str:
    """Return a way in words: how, and to which address as it was entered."""
    label = Delivery(way.delivery).label
    if not way.address:
        return str(label)
    address = way.address.replace("\n", ", ")
    known = way.body_contact
    if known is not None:
        seen = _("%(handle)s saw it on %(day)s at %(where)s") % {
            "handle": known.confirmed_by.handle,
            "day": f"{known.confirmed_at:%B} {known.confirmed_at.day}, {known.confirmed_at.year}",
            "where": known.source,
        }
        return Described(f"{label}: {address}", seen)
    if way.contact is not None and not way.contact.may_be_used_unasked:
        return Described(f"{label}: {address}", _("Nobody has confirmed this address yet."))
    return f"{label}: {address}"


def initial_of(kind: LetterType, inputs: Mapping[str, Any], way: Way | None) -> dict[str, Any]:
    """Return the initial values that show stored or preset inputs."""
    found: dict[str, Any] = {"rule_id": inputs.get("rule_id", ""), SETTLES: bool(inputs.get(SETTLES))}
    for each in kind.inputs:
        value = inputs.get(each.name)
        if value is None:
            continue
        if each.kind == "money":
            value = value / 100
        elif each.kind == "choices" and not each.choices and not isinstance(value, str):
            value = "\n".join(value)
        elif each.kind in ("choices", "items"):
            value = [str(one) for one in value]
        found[each.name] = value
    if way is not None:
        found["way"] = key_of(way)
    return found


def loaded_inputs(kind: LetterType, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored inputs as the composer takes them: JSON has no dates."""
    dates = {each.name for each in kind.inputs if each.kind == "date"}
    return {
        name: date.fromisoformat(value) if name in dates and isinstance(value, str) else value
        for name, value in stored.items()
    }


class LinesField(forms.CharField):
    """Several short texts, one on each line."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [" ".join(line.split()) for line in str(text or "").splitlines() if line.strip()]


def _text(each: Input, _matter: Matter) -> forms.Field:
    return forms.CharField(label=each.label, help_text=each.help, required=each.required, max_length=500)


def _long_text(each: Input, _matter: Matter) -> forms.Field:
    return forms.CharField(
        label=each.label,
        help_text=each.help,
        required=each.required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


def _money(each: Input, _matter: Matter) -> forms.Field:
    return money_field(each.label, each.help, required=each.required)


def _date(each: Input, _matter: Matter) -> forms.Field:
    return forms.DateField(label=each.label, help_text=each.help, required=each.required)


def _choice(each: Input, _matter: Matter) -> forms.Field:
    options = [(choice.value, choice.label) for choice in each.choices]
    if not each.required:
        options.insert(0, ("", str(_("Not chosen"))))
    return forms.ChoiceField(label=each.label, help_text=each.help, required=each.required, choices=options)


def _choices(each: Input, _matter: Matter) -> forms.Field:
    if not each.choices:
        return LinesField(
            label=each.label,
            help_text=each.help,
            required=each.required,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
    return _boxes(each, [(choice.value, choice.label) for choice in each.choices])


def _items(each: Input, matter: Matter) -> forms.Field:
    return _boxes(each, [(str(number), f"{number}. {item}") for number, item in enumerate(matter.items, start=1)])


def _boxes(each: Input, options: Sequence[tuple[str, str]]) -> forms.Field:
    return forms.MultipleChoiceField(
        label=each.label,
        help_text=each.help,
        required=each.required,
        choices=list(options),
        widget=forms.CheckboxSelectMultiple,
    )


_FIELDS: Final[dict[str, Callable[[Input, Matter], forms.Field]]] = {
    "text": _text,
    "long_text": _long_text,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "items": _items,
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
