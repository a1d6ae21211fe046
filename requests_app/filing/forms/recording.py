"""One form per kind of event, all drawn from one table of what each asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.filing.fees import cents_of
from requests_app.filing.forms import answers
from requests_app.filing.forms.answers import REFUSALS
from requests_app.filing.lifecycle import EventKind, Outcome, WaiverOutcome
from requests_app.filing.models import Delivery
from requests_app.law.schema import Statute
from requests_app.people.models import Person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


_NOTE: Final = _("Note")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form for one kind of event asks, and what recording it does. `whose`: the section of the list."""

    whose: str
    heading: StrOrPromise
    day: StrOrPromise
    then: StrOrPromise
    fields: tuple[str, ...] = ()
    note: StrOrPromise = _NOTE


_AGENCY, _OURS, _END = "agency", "us", "end"
_REFUSAL: Final = ("words", "objections", "exemptions", "other_exemptions", "agency_number")

# In the order of a request's life. Sending is recorded by the correspondence room, with its proof.
ASKED: Final[dict[EventKind, Asked]] = {
    EventKind.RECEIVED: Asked(
        _AGENCY,
        _("The agency received the letter"),
        _("Day of receipt"),
        _("Clocks that run from receipt are counted from this day instead of a presumed one."),
        ("time",),
    ),
    EventKind.ACKNOWLEDGED: Asked(
        _AGENCY,
        _("The agency acknowledged the letter"),
        _("Date of the acknowledgment"),
        _("Clocks that run from the acknowledgment start."),
        ("agency_number",),
    ),
    EventKind.EXTENSION: Asked(
        _AGENCY,
        _("The agency claims more time"),
        _("Day on which its notice came"),
        _("The law says how much longer it has; late notices are named as such."),
    ),
    EventKind.CLARIFICATION_REQUESTED: Asked(
        _AGENCY,
        _("The agency asks us something"),
        _("Date of its question"),
        _("It is our turn. Where the law says so, the agency’s clock stands still until we answer."),
        note=_("What it asks"),
    ),
    EventKind.FEE_ESTIMATED: Asked(
        _AGENCY,
        _("The agency asks for a fee"),
        _("Date of the estimate"),
        _("It is our turn. Where the law says so, the agency’s clock stands still until it is settled."),
        ("amount", "lines", "deposit", "agency_number"),
    ),
    EventKind.WAIVER_DECIDED: Asked(
        _AGENCY,
        _("The agency decided on the fee waiver"),
        _("Date of its decision"),
        _("Waived in full, nothing is asked of us and the agency’s clock runs on. Otherwise the fee stays open."),
        ("waiver_outcome",),
        note=_("The reason it gives"),
    ),
    EventKind.DETERMINED: Asked(
        _AGENCY,
        _("The agency will produce the records"),
        _("Date of the decision"),
        _("The duty to decide is fulfilled; the duty to produce goes on."),
    ),
    EventKind.DENIED: Asked(
        _AGENCY,
        _("The agency denied the request, in whole or in part"),
        _("Day on which the denial came"),
        _("The time to appeal starts."),
        _REFUSAL,
        note=_("The reason it gives, in your words"),
    ),
    EventKind.NO_RECORDS: Asked(
        _AGENCY,
        _("The agency says that it has no such records"),
        _("Day on which the answer came"),
        _("It is a decision; the time to appeal it starts as from a denial."),
        _REFUSAL,
    ),
    EventKind.PRODUCED_PART: Asked(
        _AGENCY,
        _("Some of the records came"),
        _("Day on which they came"),
        _("We wait for the rest."),
        (*_REFUSAL, "pages"),
    ),
    EventKind.PRODUCED: Asked(
        _AGENCY,
        _("All of the records came"),
        _("Day on which the last came"),
        _("The request is done. If something was withheld, record the denial first."),
        ("pages",),
    ),
    EventKind.APPEAL_DECIDED: Asked(
        _AGENCY,
        _("The appeal was decided"),
        _("Date of the decision"),
        _("The time for the next step, if the law has one, starts."),
        ("outcome", "level"),
    ),
    EventKind.REPLY: Asked(
        _AGENCY,
        _("Another message from the agency"),
        _("Day on which it came"),
        _("Nothing changes; it stands on the timeline."),
        note=_("What it says"),
    ),
    EventKind.CLARIFIED: Asked(
        _OURS,
        _("We answered the agency’s question"),
        _("Day of our answer"),
        _("The agency’s clock runs on."),
        note=_("What we answered"),
    ),
    EventKind.FEE_PAID: Asked(
        _OURS,
        _("The fee is paid or settled"),
        _("Day of payment or settlement"),
        _("The agency’s clock runs on."),
        ("paid", "part_only"),
    ),
    EventKind.FOLLOW_UP: Asked(
        _OURS,
        _("We wrote to the agency"),
        _("Day of our letter"),
        _("Nothing changes; it stands on the timeline."),
        ("method",),
        note=_("What we wrote"),
    ),
    EventKind.APPEAL_FILED: Asked(
        _OURS,
        _("We appealed"),
        _("Day of the appeal"),
        _("The time of the body that hears it starts."),
        ("level", "method", "confirmation"),
    ),
    EventKind.SEND_FAILED: Asked(
        _END,
        _("The letter came back"),
        _("Day on which we learned of it"),
        _("No clock runs until it is sent again."),
        note=_("What the message or envelope says"),
    ),
    EventKind.WITHDRAWN: Asked(
        _END,
        _("We withdraw the request"),
        _("Day of our message"),
        _("The request is done. Its dates stop."),
        note=_("Why"),
    ),
    EventKind.CLOSED: Asked(
        _END,
        _("We close the request"),
        _("Day of closing"),
        _("The request is done, and counts as what came of it. It can be reopened."),
        note=_("Why"),
    ),
    EventKind.REOPENED: Asked(
        _END,
        _("We reopen the request"),
        _("Day of reopening"),
        _("It stands where it stood before it was closed, and its dates run again."),
        note=_("Why"),
    ),
}
SECTIONS: Final = ((_AGENCY, _("The agency")), (_OURS, _("We")), (_END, _("The request")))
CORRECTABLE_BY_FORM: Final = frozenset({*ASKED, EventKind.SENT})
_SENT: Final = Asked(_OURS, _("The letter was sent"), _("Day of sending"), _("Clocks start."), ("method", "time"))

LEVELS: Final = (
    ("", _("Not named")),
    ("administrative", _("The agency itself, or an office above it")),
    ("commission", _("A commission or board")),
    ("attorney_general", _("The attorney general")),
    ("ombudsman", _("An ombudsman")),
    ("court", _("A court")),
)
_FIELDS: Final[dict[str, Callable[[], forms.Field]]] = {
    "time": lambda: forms.TimeField(
        label=_("Time of day, in the agency’s state"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("If you know it: after hours may count as the next day."),
    ),
    "method": lambda: forms.ChoiceField(label=_("By which way"), choices=Delivery.choices),
    "amount": lambda: answers.money_field(
        _("The whole amount in dollars"),
        _("With what was paid already. Empty: the lines below add up to it. 0 if it named none."),
    ),
    "paid": lambda: answers.money_field(_("Amount paid in dollars"), _("0 when it was waived.")),
    "part_only": lambda: forms.BooleanField(
        label=_("This pays a part; the rest is still open and the agency waits for it"), required=False
    ),
    "waiver_outcome": lambda: forms.ChoiceField(
        label=_("How was it decided?"), choices=WaiverOutcome.choices, widget=forms.RadioSelect
    ),
    "lines": answers.lines_field,
    "deposit": answers.deposit_field,
    "agency_number": answers.number_field,
    "words": answers.words_field,
    "pages": answers.pages_field,
    "confirmation": lambda: forms.CharField(label=_("Their number for it"), required=False, max_length=100),
    "outcome": lambda: forms.ChoiceField(
        label=_("How was it decided?"), choices=Outcome.choices, widget=forms.RadioSelect
    ),
    "level": lambda: forms.ChoiceField(label=_("By whom is it heard?"), choices=LEVELS, required=False),
}
_DETAIL_NAMES: Final = {"method", "confirmation", "outcome", "level", "agency_number", "pages"}


def asked_of(kind: EventKind) -> Asked:
    """Return what the form for this kind asks."""
    return _SENT if kind is EventKind.SENT else ASKED[kind]


class EventForm(forms.Form):
    """The day of one event, what belongs to its kind, and a note."""

    happened_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self, *args: Any, kind: EventKind, today: date, zone: ZoneInfo, statute: Statute, words: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.today, self.zone = kind, today, zone
        asked = asked_of(kind)
        self.fields["happened_on"].label = asked.day
        self.fields["happened_on"].initial = today
        self.fields["happened_on"].widget.attrs["max"] = today.isoformat()
        grounds = answers.refusal_fields(statute, words) if kind in REFUSALS else {}
        for name in asked.fields:
            self.fields[name] = grounds[name] if name in grounds else _FIELDS[name]()
        self.fields["note"] = forms.CharField(
            label=asked.note,
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Facts only: timelines may be read by others, and no names of private people belong here."),
        )

    def clean_happened_on(self) -> date:
        day: date = self.cleaned_data["happened_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet. Record only what has happened."))
        return day

    def values(self) -> dict[str, Any]:
        """Return the event's day or moment, details and note, as `services.record_event` takes them."""
        said = self.cleaned_data
        details: dict[str, Any] = {name: said[name] for name in _DETAIL_NAMES if said.get(name)}
        details |= answers.fee_details(said) | answers.refusal_details(said)
        if said.get("paid") is not None:
            details["amount_cents"] = int(said["paid"] * 100)
        if said.get("part_only"):
            details["settles"] = False
        if said.get("waiver_outcome"):
            details["outcome"] = said["waiver_outcome"]
        moment = None
        if said.get("time"):
            moment = datetime.combine(said["happened_on"], said["time"], tzinfo=self.zone)
        return {
            "happened_on": said["happened_on"],
            "happened_at": moment,
            "details": details,
            "note": said["note"],
        }

    def unasked(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """Return those details of an event that this form does not ask about."""
        asked = {"amount": ("amount_cents", "fee_cents"), "paid": ("amount_cents",), "part_only": ("settles",)}
        asked |= {"deposit": ("deposit_cents",), "waiver_outcome": ("outcome",)}
        said = {key for name in self.fields for key in asked.get(name, (name,))}
        return {key: value for key, value in details.items() if key not in said}

    def words(self) -> str:
        """Return what the agency wrote, where the form asks for it."""
        return str(self.cleaned_data.get("words") or "")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        readable = "lines" in self.fields and not {"lines", "amount"} & set(self.errors)
        if readable and said.get("amount") is None and not said.get("lines"):
            self.add_error("amount", _("Write the amount the agency asks for, or 0 if it named none."))
        return said


def initial_of(
    details: Mapping[str, Any], happened_on: date, happened_at: datetime | None, zone: ZoneInfo, statute: Statute
) -> dict[str, Any]:
    """Return the initial values that show an event as it was recorded."""
    cents = cents_of(details)
    deposit = details.get("deposit_cents")
    dollars = None if cents is None else Decimal(cents) / 100
    return {
        "happened_on": happened_on,
        "time": happened_at.astimezone(zone).time().replace(second=0, microsecond=0) if happened_at else None,
        "amount": dollars,
        "paid": dollars,
        "part_only": details.get("settles") is False,
        "lines": answers.rows_of(details.get("lines", [])),
        "deposit": None if deposit is None else Decimal(deposit) / 100,
        "waiver_outcome": details.get("outcome", ""),
        **answers.refusal_initial(details, statute),
        **{name: details.get(name, "") for name in _DETAIL_NAMES},
    }


class CorrectionForm(EventForm):
    """Why an event was wrong, and what is right instead, if anything is."""

    WRONG_FACT, NOT_AT_ALL = "fact", "all"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        right = dict(self.fields)
        self.fields.clear()
        self.fields["why"] = forms.CharField(
            label=_("What was wrong?"),
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Both stay on the timeline, with your handle and this reason."),
        )
        self.fields["what"] = forms.ChoiceField(
            label=_("What is right?"),
            widget=forms.RadioSelect,
            initial=self.WRONG_FACT,
            choices=[
                (self.WRONG_FACT, _("It happened, but not as recorded: see below")),
                (self.NOT_AT_ALL, _("It did not happen at all")),
            ],
        )
        self.fields.update(right)

    def replacement(self) -> dict[str, Any] | None:
        """Return the right event; None when it did not happen at all."""
        return None if self.cleaned_data["what"] == self.NOT_AT_ALL else self.values()


class NoteForm(forms.Form):
    """A note for the others."""

    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody who sees this request can read it."),
    )


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """People are shown by handle."""

    def label_from_instance(self, person: Person) -> str:
        return person.handle


class AssignForm(forms.Form):
    """Who works on the request."""

    assignee = PersonField(
        label=_("Who works on it?"), queryset=Person.objects.none(), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above; tells the type checker
        field.queryset = people
