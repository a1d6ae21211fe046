"""Forms for a letter sent by hand and for a reply that came."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.documents.forms import ManyFilesField
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Delivery

DATE_INPUT = {"type": "date"}

REPLY_KINDS = (
    (EventKind.ACKNOWLEDGED, _("They say they have our letter")),
    (EventKind.EXTENSION, _("They claim more time")),
    (EventKind.CLARIFICATION_REQUESTED, _("They ask us something")),
    (EventKind.FEE_ESTIMATED, _("They ask for money")),
    (EventKind.DETERMINED, _("They say yes; records will follow")),
    (EventKind.PRODUCED_PART, _("Some records came")),
    (EventKind.PRODUCED, _("All records came")),
    (EventKind.NO_RECORDS, _("They say they have no such records")),
    (EventKind.DENIED, _("They refuse")),
    (EventKind.REPLY, _("Something else")),
)


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


class ReplyForm(forms.Form):
    """What an agency answered, when, and the files that came with it."""

    kind = forms.ChoiceField(label=_("What did they say?"), choices=REPLY_KINDS, widget=forms.RadioSelect)
    happened_on = forms.DateField(
        label=_("Date it arrived"), widget=forms.DateInput(attrs=DATE_INPUT, format="%Y-%m-%d")
    )
    amount = forms.DecimalField(
        label=_("Amount they ask for, in dollars"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        help_text=_("Only if they ask for money."),
    )
    returned = ManyFilesField(
        label=_("Files"), required=False, help_text=_("The letter itself and everything attached. Kept as they came.")
    )
    note = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Paste the text of a short e-mail, or say what matters in it."),
    )

    def __init__(self, *args: Any, possible: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only what can happen now: the lifecycle knows.
        kinds = cast(forms.ChoiceField, self.fields["kind"])
        kinds.choices = [(kind, words) for kind, words in REPLY_KINDS if kind in possible]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        asks_money = values.get("kind") == EventKind.FEE_ESTIMATED
        if asks_money and values.get("amount") is None:
            self.add_error("amount", _("Write the amount the agency asks for, or 0 if it named none."))
        return values

    def details(self) -> dict[str, int]:
        """Return the facts that go with the event: the fee in cents."""
        amount = self.cleaned_data.get("amount")
        if self.cleaned_data["kind"] != EventKind.FEE_ESTIMATED or amount is None:
            return {}
        return {"fee_cents": int(amount * 100)}
