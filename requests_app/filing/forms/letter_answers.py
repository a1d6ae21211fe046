"""The answers that every letter to an agency needs, for the wizard and for a campaign alike."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.filing.choices import DraftChoices

AS_THEY_ARE: Final = (
    *("period_start", "period_end", "fmt", "ask_fee_waiver"),
    *("include_definitions", "include_preservation", "extra_paragraph"),
)
"""The fields that have the name and the value of an answer in `DraftChoices`."""


def date_field(label: Any, help_text: Any = "") -> forms.DateField:
    """Return a field for a day that may be left empty."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def to_cents(dollars: Decimal | None) -> int | None:
    """Return a sum as it is stored."""
    return None if dollars is None else int(dollars * 100)


def to_dollars(cents: int | None) -> Decimal | None:
    """Return a stored sum as a field shows it."""
    return None if cents is None else Decimal(cents) / 100


class LetterAnswersForm(forms.Form):
    """Period, limit, waiver, form and parts of a letter. Who asks, and what else, is said by the forms built on it."""

    period_start = date_field(_("From"))
    period_end = date_field(_("Through"), _("Leave it empty to ask through the day on which the agency searches."))
    fee_limit = forms.DecimalField(
        label=_("Ask me before any work that costs more than (dollars)"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100_000),
        decimal_places=2,
        help_text=_("Empty: the letter names no limit, and asks for an estimate before any charge."),
    )
    ask_fee_waiver = forms.BooleanField(label=_("Ask to waive fees, where the law knows a waiver"), required=False)
    fmt = forms.ChoiceField(
        label=_("Form of the records"),
        widget=forms.RadioSelect,
        choices=[("native", _("As the agency’s system exports them")), ("pdf", _("As searchable PDF"))],
    )
    include_definitions = forms.BooleanField(label=_("Say what the technical words mean"), required=False)
    include_preservation = forms.BooleanField(label=_("Ask to keep the logs from being deleted"), required=False)
    extra_paragraph = forms.CharField(
        label=_("A paragraph of your own"),
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Do not write about yourself or other people: letters may be published."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("period_start"), cleaned.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", _("The period ends before it starts. Choose a later day."))
        return cleaned

    def said(self) -> dict[str, Any]:
        """Return the answers that can be read, by their names in `DraftChoices`; dropped fields say nothing."""
        found: dict[str, Any] = {name: self.cleaned_data[name] for name in AS_THEY_ARE if name in self.cleaned_data}
        if "fee_limit" in self.cleaned_data:
            found["fee_limit_cents"] = to_cents(self.cleaned_data["fee_limit"])
        return found


def shown_answers(chosen: DraftChoices) -> dict[str, Any]:
    """Return answers as the fields of `LetterAnswersForm` show them."""
    return {name: getattr(chosen, name) for name in AS_THEY_ARE} | {"fee_limit": to_dollars(chosen.fee_limit_cents)}
