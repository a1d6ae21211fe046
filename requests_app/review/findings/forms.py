"""Forms for findings: made of what one kind of finding asks for, so that every kit has its own without more code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.documents.marks.queries import Item
from requests_app.documents.models import Document
from requests_app.people.states import JURISDICTIONS
from requests_app.review.findings.checking import (
    ANSWERS,
    FAN_OUT,
    GIVEN,
    GRAINS,
    LABELS,
    SENTENCES,
    Claim,
    Problem,
    doubts,
    end_of,
    number_from,
    stops,
)
from requests_app.review.findings.definitions import DIMENSIONS, Definition, choices_for
from requests_app.review.findings.services import Told
from requests_app.review.models import Annotation, Finding

NOTHING: Final = ("", "---------")
_FIELD_OF: Final = {"number": "value", "words": "value", "period": "starts_on"}


def _day_field(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def _text_field(label: Any, help_text: Any = "", limit: int = 200) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=limit, help_text=help_text)


class ClaimForm(forms.Form):
    """What one reader sees: the value, and what it says of itself as far as its field asks for it."""

    def __init__(self, *args: Any, definition: Definition, **given: Any) -> None:
        super().__init__(*args, **given)
        self.definition = definition
        self.fields["value"] = _value_field(definition)
        self.fields["answer"] = forms.ChoiceField(
            label=_("What the source does"), choices=list(ANSWERS.items()), initial=GIVEN
        )
        if definition.asks_unit:
            self._choose("unit", _("What is counted"), choices_for("count_unit"))
        for name in DIMENSIONS:
            if name in definition.says:
                self._choose(name, LABELS[name], choices_for(name))
        if "period" in definition.says:
            self.fields["grain"] = forms.ChoiceField(
                label=_("How long the time is"), choices=list(GRAINS.items()), initial="month"
            )
            self.fields["starts_on"] = _day_field(_("First day"))
            self.fields["ends_on"] = _day_field(
                _("Last day"), _("Leave it empty where the time is a whole month, quarter or year from its first day.")
            )
        if definition.is_count:
            self._choose("producer", _("Who counted"), choices_for("producer"))
            self.fields["fan_out"] = forms.ChoiceField(
                label=_("Messages that went to all states at once"), choices=list(FAN_OUT.items())
            )
        every = [(code, sentence) for code, sentence in SENTENCES.items()]
        self.fields["confirmed"] = forms.MultipleChoiceField(
            label=_("Look again, and tick what you looked at"),
            required=False,
            choices=every,
            widget=forms.CheckboxSelectMultiple,
        )
        self._show_doubts(())

    def _choose(self, name: str, label: Any, choices: Sequence[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=[NOTHING, *choices])

    def _show_doubts(self, codes: Iterable[str]) -> None:
        """Offer these doubts to tick, and no others; none at all, and the field is not drawn."""
        chosen = [(code, SENTENCES[code]) for code in codes]
        field = self.fields["confirmed"]
        field.widget = forms.CheckboxSelectMultiple(choices=chosen) if chosen else forms.MultipleHiddenInput()

    @property
    def confirmed(self) -> list[str]:
        """The doubts that were looked at."""
        return list(self.cleaned_data["confirmed"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        start, grain = given.get("starts_on"), given.get("grain", "")
        if start and not given.get("ends_on") and "ends_on" not in self.errors:
            given["ends_on"] = end_of(start, grain)
        return given

    def claim(self) -> Claim:
        """Return what was said, as far as the fields could be read."""
        given = self.cleaned_data
        number, words = None, tuple[str, ...]()
        value = given.get("value")
        if self.definition.is_number:
            number = value
        elif isinstance(value, date):
            words = (value.isoformat(),)
        elif isinstance(value, list):
            words = tuple(value)
        elif value:
            words = tuple(str(value).splitlines()) if self.definition.many else (str(value),)
        said = {name: given.get(name) or "" for name in ("unit", *DIMENSIONS, "producer", "grain")}
        return Claim(
            answer=given["answer"],
            number=number,
            words=words,
            fan_out=given.get("fan_out") or "unknown",
            starts_on=given.get("starts_on"),
            ends_on=given.get("ends_on"),
            **said,
        )

    def tell(self, problems: Iterable[Problem]) -> None:
        """Show what is wrong beside its field, and the doubts with a box each."""
        found = list(problems)
        for problem in stops(found):
            name = _FIELD_OF.get(problem.about, problem.about)
            self.add_error(name if name in self.fields else None, str(problem.sentence))
        if open_doubts := doubts(found):
            # Those ticked already stay, so that the next try keeps them.
            codes = [*self.cleaned_data.get("confirmed", []), *(problem.code for problem in open_doubts)]
            self._show_doubts(dict.fromkeys(codes))
            self.add_error("confirmed", _("Something here is doubtful. Look at the page again before you keep it."))

    @staticmethod
    def opened(claim: Claim, definition: Definition) -> dict[str, Any]:
        """Return what stands in the form when a claim is opened in it."""
        value: Any = claim.number
        if not definition.is_number:
            value = list(claim.words) if definition.many and definition.type == "enum" else "\n".join(claim.words)
        elif claim.number is not None:
            value = f"{claim.number.normalize():f}"
        names = ("answer", "unit", *DIMENSIONS, "producer", "fan_out", "grain", "starts_on", "ends_on")
        return {"value": value, **{name: getattr(claim, name) for name in names}}


class NumberField(forms.CharField):
    """A number as people type it: with commas between thousands or without."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        number = number_from(text)
        if number is None:
            raise forms.ValidationError(_("Give a number in digits, such as 1,204. A blank or a dash is not zero."))
        return number


def _value_field(definition: Definition) -> forms.Field:
    """Return the field for a value of this kind. It is never required: a source may withhold it."""
    given: dict[str, Any] = {"label": definition.label, "required": False, "help_text": _value_help(definition)}
    if definition.is_number:
        return NumberField(
            max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **given
        )
    if definition.type == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)
    if definition.type == "enum" and definition.many:
        return forms.MultipleChoiceField(choices=definition.choices, widget=forms.CheckboxSelectMultiple, **given)
    if definition.type == "enum":
        return forms.ChoiceField(choices=[NOTHING, *definition.choices], **given)
    return forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}), **given)


def _value_help(definition: Definition) -> str:
    """Return what to give, with the unit where it never differs and is not said already."""
    unit = "" if definition.asks_unit or not definition.is_number else definition.unit
    if unit and unit.split()[0].casefold() not in definition.help.casefold():
        return f"{definition.help} {_('Unit: %(unit)s.') % {'unit': unit}}".strip()
    return definition.help


class FindingForm(ClaimForm):
    """A claim with what is said of it besides: what it is about, which item it answers, how sure it is."""

    field_order = ["about", "value", "answer"]

    def __init__(self, *args: Any, definition: Definition, items: Sequence[Item] = (), **given: Any) -> None:
        super().__init__(*args, definition=definition, **given)
        if definition.about:
            self.fields["about"] = _text_field(
                definition.about, _("Its number or name, as the paper has it. The second reader sees this.")
            )
        self.fields["jurisdiction"] = forms.ChoiceField(
            label=_("State"), choices=sorted(JURISDICTIONS.items(), key=lambda each: str(each[1]))
        )
        if items:
            choices = [("", _("None of them")), *((str(one.number), _cut(one)) for one in items)]
            self.fields["item"] = forms.TypedChoiceField(
                label=_("Which item of the letter it answers"),
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
            )
        self.fields["confidence"] = forms.ChoiceField(
            label=_("How sure you are"), choices=Finding.Confidence.choices, initial=Finding.Confidence.HIGH
        )
        self.fields["caveat"] = forms.CharField(
            label=_("What to know about it"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("Published with the number. The second reader does not see it before."),
        )  # fmt: skip
        self.order_fields([*self.field_order, *[name for name in self.fields if name != "confirmed"], "confirmed"])

    def told(self) -> Told:
        """Return what was said besides the value."""
        given = self.cleaned_data
        return Told(
            jurisdiction=given["jurisdiction"],
            about=given.get("about", ""),
            item=given.get("item"),
            confidence=given["confidence"],
            caveat=given["caveat"],
        )


class ChangeForm(FindingForm):
    """A finding changed: in sight of the revision that was opened, with a reason."""

    def __init__(self, *args: Any, evidence: Sequence[Annotation] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["evidence"] = forms.MultipleChoiceField(
            label=_("Evidence"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(str(one.pk), named(one)) for one in evidence],
        )  # fmt: skip
        self.fields["why"] = _text_field(_("Why it changes"), limit=2000)
        self.fields["seen_revision"] = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
        self.order_fields([name for name in self.fields if name != "confirmed"] + ["confirmed"])


class DecideForm(ClaimForm):
    """Which value stands, and why."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["why"] = forms.CharField(
            label=_("Why this value stands"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
        )
        self.fields["seen_revision"] = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
        self.order_fields([name for name in self.fields if name != "confirmed"] + ["confirmed"])


class ReasonForm(forms.Form):
    """A reason for an act on one finding, and the other finding where the act needs one."""

    def __init__(self, *args: Any, asks_other: bool = False, label: Any = None, **given: Any) -> None:
        super().__init__(*args, **given)
        if asks_other:
            self.fields["other"] = forms.IntegerField(
                label=_("Number of the other finding"), min_value=1, max_value=2**31 - 1,
                help_text=_("It stands in the heading of that finding's page."),
            )  # fmt: skip
        self.fields["why"] = forms.CharField(
            label=label or _("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.fields["seen_revision"] = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class PlaceForm(forms.Form):
    """A place in a document, for evidence that nobody marked yet: words of a page, a whole page, or cells."""

    number = forms.IntegerField(label=_("Page"), min_value=1, max_value=1_000_000)
    words = forms.CharField(
        label=_("Words on it"), required=False, max_length=2000,
        help_text=_("Exactly as they stand there, such as the row with the number. Empty: the whole page."),
    )  # fmt: skip

    def __init__(self, *args: Any, document: Document, has_sheets: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        self.has_sheets = has_sheets
        if has_sheets:
            self.fields["number"].label = _("Sheet, by its number")
            self.fields["words"].label = _("Cells")
            self.fields["words"].help_text = _("Such as B7, or A7:D7 for the row with the number.")
            self.fields["words"].required = True
            self.fields["words"].error_messages["required"] = _("Name the cells, such as B7 or A7:D7.")

    def clean_words(self) -> str:
        return re.sub(r"[ \t\r\n]+", " ", str(self.cleaned_data["words"])).strip()


def named(annotation: Annotation) -> str:
    """Return a mark in a line: where it is, and the beginning of its words."""
    place = {
        Annotation.Kind.CELLS: _("Sheet %(number)d"),
        Annotation.Kind.DOCUMENT: _("Whole document"),
        Annotation.Kind.PASSAGE: _("Text"),
    }.get(Annotation.Kind(annotation.kind), _("Page %(number)d"))
    where = str(place) % {"number": annotation.place} if annotation.place else str(place)
    quote = annotation.quote
    return f"{where}: {quote[:120]}{'…' if len(quote) > 120 else ''}" if quote else where


def _cut(item: Item) -> str:
    return f"{item.number}. {item.text[:90]}{'…' if len(item.text) > 90 else ''}"
