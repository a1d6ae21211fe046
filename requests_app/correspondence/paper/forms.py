"""Forms for post, fax and telephone. They turn text into values and say what is wrong with them; they write nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.models import ContactPoint
from requests_app.correspondence.paper.models import FaxSending, Posting
from requests_app.correspondence.paper.printing import Options
from requests_app.correspondence.paper.tracking_numbers import Check, NotANumber, TrackingNumber, parse_tracking_number
from requests_app.documents.forms import ManyFilesField
from requests_app.people.states import JURISDICTIONS

DAY: dict[str, Any] = {"attrs": {"type": "date"}, "format": "%Y-%m-%d"}
BROKEN = _(
    "The last digit of this number does not fit the others, so a digit is probably wrong. Compare it with the receipt. "
    "If it stands there like this, tick the box below."
)
NOT_A_NUMBER = _(
    "This is not a tracking number: it has letters A to Z and digits, at most 40. Copy it from the receipt."
)
CARRIER_NAMES = dict(Posting.Carrier.choices)


class PrintForm(forms.Form):
    """How letters are printed."""

    addressing = forms.ChoiceField(
        label=_("Envelope"),
        choices=[
            ("window", _("With a window: the address shows through it")),
            ("envelope", _("Without a window: print the envelope, too")),
            ("label", _("Without a window: print labels to cut out")),
        ],
        widget=forms.RadioSelect,
        initial="window",
    )
    shape = forms.ChoiceField(
        label=_("Size"),
        choices=[
            ("us10", _("US #10, 4⅛ × 9½ inches, on Letter paper")),
            ("dl", _("DIN long, 110 × 220 mm, on A4 paper")),
        ],
        widget=forms.RadioSelect,
        initial="us10",
    )
    certified = forms.ChoiceField(
        label=_("How it is posted"),
        choices=[
            ("no", _("Ordinary mail")),
            ("certified", _("Certified mail")),
            ("receipt", _("Certified mail with return receipt")),
        ],
        widget=forms.RadioSelect,
        initial="no",
        help_text=_("Certified mail proves that it was posted, and when; the return receipt, when it arrived."),
    )
    duplex = forms.BooleanField(
        label=_("Print on both sides of the paper"),
        required=False,
        help_text=_("Each letter and each paper that goes along begins on a sheet of its own."),
    )

    def options(self) -> Options:
        """Return what was chosen."""
        said = self.cleaned_data
        return Options(
            shape=said["shape"],
            addressing=said["addressing"],
            certified=said["certified"],
            duplex=said["duplex"],
        )


class PackForm(PrintForm):
    """How one letter is printed: also to which of the agency's postal addresses, and whether our request goes along."""

    contact = forms.TypedChoiceField(label=_("Postal address"), coerce=int, empty_value=None, required=False)
    with_request = forms.BooleanField(label=_("Print our request along"), required=False)

    def __init__(
        self, *args: Any, contacts: Sequence[ContactPoint], current: int, has_request: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        postal = [contact for contact in contacts if contact.channel == ContactPoint.Channel.POST]
        field = cast(forms.TypedChoiceField, self.fields["contact"])
        field.choices = [(contact.pk, contact.value.replace("\n", ", ")) for contact in postal]
        field.initial = current
        if len(postal) < 2:
            del self.fields["contact"]
        if not has_request:
            del self.fields["with_request"]


class NumberedForm(forms.Form):
    """A carrier, a service and a number that fit one another."""

    carrier = forms.ChoiceField(label=_("Carrier"), choices=Posting.Carrier, initial=Posting.Carrier.USPS)
    service = forms.ChoiceField(
        label=_("How it was posted"),
        choices=Posting.Service,
        widget=forms.RadioSelect,
        initial=Posting.Service.CERTIFIED_RECEIPT,
    )


def read_number(text: str, *, carrier: str, doubted: bool) -> TrackingNumber:
    """Return a number as it was typed. Raises ValidationError with what to do where it cannot be right."""
    try:
        number = parse_tracking_number(text)
    except NotANumber as trouble:
        raise forms.ValidationError(NOT_A_NUMBER) from trouble
    if number.check is Check.BROKEN and not doubted:
        raise forms.ValidationError(BROKEN)
    if number.carrier and carrier and number.carrier != carrier and not doubted:
        raise forms.ValidationError(
            _("This looks like a number of %(carrier)s. Choose that carrier, or compare the number with the receipt."),
            params={"carrier": CARRIER_NAMES[number.carrier]},
        )
    return number


class PostedForm(NumberedForm):
    """How and when a person posted a letter, with the number and the proof."""

    number = forms.CharField(
        label=_("Tracking number"),
        required=False,
        max_length=60,
        help_text=_("From the label or the receipt. Blanks do not matter."),
    )
    doubted = forms.BooleanField(
        label=_("The number stands on the receipt exactly like this"),
        required=False,
        help_text=_("Only where we say that it cannot be right."),
    )
    posted_on = forms.DateField(
        label=_("Date it was posted"),
        widget=forms.DateInput(**DAY),
        help_text=_("The date of the postmark."),
    )
    proof = ManyFilesField(
        label=_("Proof"),
        required=False,
        help_text=_("A picture of the receipt with its postmark. It is kept unchanged."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, written_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written_on = written_on

    def clean_posted_on(self) -> date:
        return _not_before(self.cleaned_data["posted_on"], self.written_on)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        said["doubted"] = bool(said.get("doubted"))
        text, service = said.get("number", ""), said.get("service", "")
        if not text.strip():
            said["number"] = ""
            if service and service != Posting.Service.ORDINARY:
                self.add_error("number", _("Write the number, or choose ordinary mail. The number is the proof."))
            return said
        if service == Posting.Service.ORDINARY:
            self.add_error("service", _("Ordinary mail has no number. Choose how it was posted, or delete the number."))
            return said
        try:
            number = read_number(text, carrier=said.get("carrier", ""), doubted=said["doubted"])
        except forms.ValidationError as trouble:
            self.add_error("number", trouble)
        else:
            said["number"] = number.value
            # A doubt is kept only where there is one.
            said["doubted"] = number.check is Check.BROKEN
        return said


def _not_before(day: date, written_on: date) -> date:
    if day < written_on:
        said = date_format(written_on, "l, F j, Y")
        raise forms.ValidationError(
            _("That is before the letter was written, on %(day)s. Look at the date again."), params={"day": said}
        )
    return day


class OutcomeForm(forms.Form):
    """What became of a letter that was posted. `heard`: whether the timeline can be told."""

    outcome = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            (Posting.Outcome.DELIVERED, _("It was delivered: the receipt came back, or tracking says so")),
            (Posting.Outcome.CAME_BACK, _("The letter came back")),
        ],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(
        label=_("On which day"),
        widget=forms.DateInput(**DAY),
        help_text=_("The day of delivery as the receipt or the tracking has it; or the day on which it came back."),
    )
    on_timeline = forms.BooleanField(
        label=_("Record it on the timeline, too"),
        required=False,
        initial=True,
        help_text=_("A delivery starts or moves the law’s clock. A letter that came back stops it."),
    )
    proof = ManyFilesField(
        label=_("Proof"), required=False, help_text=_("A picture of the card, or the page of the tracking.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, posted_on: date, today: date, heard: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posted_on, self.today = posted_on, today
        if not heard:
            del self.fields["on_timeline"]

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day < self.posted_on:
            raise forms.ValidationError(_("That is before it was posted. Look at the date again."))
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet. Look at the date again."))
        return day


class StrikeForm(forms.Form):
    """Why a row is wrong."""

    why = forms.CharField(label=_("What is wrong with it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class LogForm(forms.Form):
    """How the log of the post is narrowed. What it does not know narrows nothing."""

    standing = forms.ChoiceField(
        label=_("Standing"),
        choices=[("", _("all")), *Posting.Outcome.choices, ("struck", _("struck: entered wrongly"))],
        required=False,
    )
    carrier = forms.ChoiceField(
        label=_("Carrier"), choices=[("", _("every carrier")), *Posting.Carrier.choices], required=False
    )
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("every state")), *JURISDICTIONS.items()], required=False
    )
    from_day = forms.DateField(label=_("Posted from"), required=False, widget=forms.DateInput(**DAY))
    to_day = forms.DateField(label=_("to"), required=False, widget=forms.DateInput(**DAY))
    words = forms.CharField(label=_("Number or reference"), required=False, max_length=60)

    def narrowing(self) -> dict[str, Any]:
        """Return what narrows, as far as it could be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class FaxedForm(forms.Form):
    """How and when a person faxed a letter."""

    number = forms.CharField(label=_("Fax number"), max_length=40)
    pages = forms.IntegerField(
        label=_("Pages"), min_value=1, max_value=999, help_text=_("With the cover sheet, as the machine counts them.")
    )
    sent_on = forms.DateField(
        label=_("Date it was sent"), widget=forms.DateInput(**DAY), help_text=_("The date where the agency is.")
    )
    sent_time = forms.TimeField(
        label=_("Time, where the agency is"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("If the report says it: after hours may count as the next day."),
    )
    confirmation = forms.CharField(
        label=_("Number of the report"), max_length=100, required=False, help_text=_("If the machine gave one.")
    )
    proof = ManyFilesField(
        label=_("Report"), required=False, help_text=_("The page that the machine prints after sending.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, written_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written_on = written_on

    def clean_number(self) -> str:
        try:
            return parse_contact_value("fax", self.cleaned_data["number"])
        except ContactValueError as trouble:
            raise forms.ValidationError(str(trouble)) from trouble

    def clean_sent_on(self) -> date:
        return _not_before(self.cleaned_data["sent_on"], self.written_on)

    def moment(self, zone: Any) -> datetime | None:
        """Return the moment of sending, where the time is known. `zone`: the jurisdiction's own."""
        at: time | None = self.cleaned_data.get("sent_time")
        return None if at is None else datetime.combine(self.cleaned_data["sent_on"], at, tzinfo=zone)


class FaxResultForm(forms.Form):
    """What the report of a fax says."""

    result = forms.ChoiceField(
        label=_("What the report says"),
        choices=[
            (FaxSending.Result.ARRIVED, _("All pages arrived")),
            (FaxSending.Result.FAILED, _("It did not arrive, or not all of it")),
        ],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(label=_("On which day"), widget=forms.DateInput(**DAY))
    on_timeline = forms.BooleanField(
        label=_("Record it on the timeline, too"),
        required=False,
        initial=True,
        help_text=_("A fax that arrived is received: the law’s clock hears it. One that did not stops the clock."),
    )
    proof = ManyFilesField(label=_("Report"), required=False, help_text=_("It is kept unchanged."))
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, sent_on: date | None, today: date, heard: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent_on, self.today = sent_on, today
        if not heard:
            del self.fields["on_timeline"]

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if self.sent_on is not None and day < self.sent_on:
            raise forms.ValidationError(_("That is before it was sent. Look at the date again."))
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet. Look at the date again."))
        return day


class ManyPostedForm(NumberedForm):
    """What is the same for all letters of a batch that were posted together."""

    posted_on = forms.DateField(
        label=_("Date they were posted"), widget=forms.DateInput(**DAY), help_text=_("The date of the postmark.")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_posted_on(self) -> date:
        day: date = self.cleaned_data["posted_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet. Look at the date again."))
        return day


class CallForm(forms.Form):
    """What came of a telephone call. No names of those who answered: their office is enough."""

    called_on = forms.DateField(label=_("Date of the call"), widget=forms.DateInput(**DAY))
    outcome = forms.ChoiceField(
        label=_("What came of it"),
        choices=[
            ("told", _("Somebody told us something")),
            ("nobody", _("Nobody answered, or we left a message")),
        ],
        widget=forms.RadioSelect,
    )
    office = forms.CharField(
        label=_("Which office answered"),
        max_length=200,
        required=False,
        help_text=_("Such as: records unit. Not the name of a private person."),
    )
    said = forms.CharField(
        label=_("What was said"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In your words: what you asked, what they answered, what they promised and by when."),
    )
    proof = ManyFilesField(
        label=_("Proof"),
        required=False,
        help_text=_("Such as your notes, or the mail in which you thank them and repeat it."),
    )

    def __init__(self, *args: Any, today: date, sent_on: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.sent_on = today, sent_on

    def clean_called_on(self) -> date:
        day: date = self.cleaned_data["called_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet. Look at the date again."))
        return day
