"""Forms for a letter sent by hand and for a reply that came."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from requests_app.documents.forms import ManyFilesField
from requests_app.filing.forms.answers import (
    REFUSALS,
    deposit_field,
    fee_details,
    lines_field,
    money_field,
    number_field,
    pages_field,
    refusal_details,
    refusal_fields,
    words_field,
)
from requests_app.filing.lifecycle import EventKind, Status, WaiverOutcome, possible_events
from requests_app.filing.models import Delivery
from requests_app.law.schema import Statute

DATE_INPUT = {"type": "date"}

REPLY_KINDS = (
    (EventKind.ACKNOWLEDGED, _("They say they have our letter")),
    (EventKind.EXTENSION, _("They claim more time")),
    (EventKind.CLARIFICATION_REQUESTED, _("They ask us something")),
    (EventKind.FEE_ESTIMATED, _("They ask for money")),
    (EventKind.WAIVER_DECIDED, _("They decide on the fee waiver")),
    (EventKind.DETERMINED, _("They say yes; records will follow")),
    (EventKind.PRODUCED_PART, _("Some records came")),
    (EventKind.PRODUCED, _("All records came")),
    (EventKind.NO_RECORDS, _("They say they have no such records")),
    (EventKind.DENIED, _("They refuse")),
    (EventKind.REPLY, _("Something else")),
)


def can_be_answered(status: Status) -> bool:
    """Return whether anything that an agency says can be recorded on a request that stands so."""
    return any(kind in possible_events(status) for kind, _words in REPLY_KINDS)


class SentByHandForm(forms.Form):
    """How and when a person sent the letter, with proof."""

    method = forms.ChoiceField(label=_("How it was sent"), choices=Delivery.choices, widget=forms.RadioSelect)
    sent_on = forms.DateField(
        label=_("Date it was sent"),
        widget=forms.DateInput(attrs=DATE_INPUT, format="%Y-%m-%d"),
        help_text=_("The date where the agency is."),
    )
    confirmation = forms.CharField(
        label=_("Confirmation or tracking number"),
        max_length=100,
        required=False,
        help_text=_("As the portal, the fax machine or the post office gave it."),
    )
    proof = ManyFilesField(
        label=_("Proof"), required=False, help_text=_("A screenshot, a receipt or a fax report. It is kept unchanged.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, written_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written_on = written_on

    def clean_sent_on(self) -> date:
        """A letter does not leave before it is written."""
        sent_on: date = self.cleaned_data["sent_on"]
        if sent_on < self.written_on:
            day = date_format(self.written_on, "l, F j, Y")
            raise forms.ValidationError(
                _("That is before the letter was written, on %(day)s. Look at the date again."), params={"day": day}
            )
        return sent_on


class ReplyForm(forms.Form):
    """What an agency answered, when, and the files that came with it."""

    kind = forms.ChoiceField(label=_("What did they say?"), choices=REPLY_KINDS, widget=forms.RadioSelect)
    happened_on = forms.DateField(
        label=_("Date it arrived"), widget=forms.DateInput(attrs=DATE_INPUT, format="%Y-%m-%d")
    )
    words = words_field()
    amount = money_field(_("Amount they ask for, in dollars"), _("With what was paid already. 0 if they name none."))
    lines = lines_field()
    deposit = deposit_field()
    waiver_outcome = forms.ChoiceField(
        label=_("How did they decide on the waiver?"),
        choices=[("", _("They did not")), *WaiverOutcome.choices],
        required=False,
    )
    agency_number = number_field()
    returned = ManyFilesField(
        label=_("Files"), required=False, help_text=_("The letter itself and everything attached. Kept as they came.")
    )
    pages = pages_field()
    note = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What matters in it, for those who read the timeline. No names of private people."),
    )

    MONEY = ("amount", "lines", "deposit", "waiver_outcome")
    GROUNDS = ("objections", "exemptions", "other_exemptions")

    def __init__(self, *args: Any, possible: frozenset[str], statute: Statute, words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(refusal_fields(statute, words))
        # Only what can happen now: the lifecycle knows.
        kinds = cast(forms.ChoiceField, self.fields["kind"])
        kinds.choices = [(kind, words) for kind, words in REPLY_KINDS if kind in possible]

    def money(self) -> list[forms.BoundField]:
        """Return the fields about money, for a part of the page of their own."""
        return [self[name] for name in self.MONEY]

    def grounds(self) -> list[forms.BoundField]:
        """Return the fields about the grounds of a refusal, for a part of the page of their own."""
        return [self[name] for name in self.GROUNDS]

    def opens_money(self) -> bool:
        """Return whether the part about money is needed: it was chosen, or something stands there."""
        wanted = self.chosen() in (EventKind.FEE_ESTIMATED, EventKind.WAIVER_DECIDED)
        return wanted or any(field.errors or field.value() for field in self.money())

    def opens_grounds(self) -> bool:
        """Return whether the part about the grounds is needed."""
        return self.chosen() in REFUSALS or any(field.errors or field.value() for field in self.grounds())

    def chosen(self) -> str:
        """Return the kind of answer as it stands in the form."""
        return str(self["kind"].value() or "")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        asks_money = values.get("kind") == EventKind.FEE_ESTIMATED
        readable = "lines" in values and "amount" in values
        if asks_money and readable and values["amount"] is None and not values["lines"]:
            self.add_error("amount", _("Write the amount the agency asks for, or 0 if it named none."))
        if values.get("kind") == EventKind.WAIVER_DECIDED and not values.get("waiver_outcome"):
            self.add_error("waiver_outcome", _("Say how the agency decided."))
        return values

    def details(self) -> dict[str, Any]:
        """Return the facts that go with the event: sums in cents, the grounds of a refusal, the agency's number."""
        said, kind = self.cleaned_data, self.cleaned_data["kind"]
        details: dict[str, Any] = {}
        if kind == EventKind.FEE_ESTIMATED:
            details |= fee_details(said)
        if kind in REFUSALS:
            details |= refusal_details(said)
        if kind == EventKind.WAIVER_DECIDED:
            details["outcome"] = said["waiver_outcome"]
        if said.get("pages") and kind in (EventKind.PRODUCED, EventKind.PRODUCED_PART):
            details["pages"] = said["pages"]
        if said.get("agency_number"):
            details["agency_number"] = said["agency_number"]
        return details
