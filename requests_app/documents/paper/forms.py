"""Forms of letters on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_app.documents.forms import ManyFilesField, ManyFilesInput
from requests_app.documents.paper import photographing
from requests_app.documents.paper.references import references_in
from requests_app.documents.paper.sheets_of_paper import WHOLE, are_plausible
from requests_app.filing import lawbook
from requests_app.filing.models import RecordsRequest

PICTURES = "image/*,.heic,.heif"
PERCENT = {"step": "0.1", "min": "0", "max": "100", "inputmode": "decimal"}
SIDES = (_("top left"), _("top right"), _("bottom right"), _("bottom left"))


class PhotographsInput(ManyFilesInput):
    """A file field for pictures; the page warns before a larger one travels."""

    @property
    def limit_bytes(self) -> int:
        return photographing.photograph_limit()


class PhotographsField(ManyFilesField):
    """Several pictures."""

    widget = PhotographsInput


class AddForm(forms.Form):
    """Photographs, taken now or before. On a phone the first field opens the camera, the second the pictures."""

    taken = PhotographsField(
        label=_("Take a photograph"),
        help_text=_("Opens the camera of a phone. One page on each, the whole sheet in sight, on a darker table."),
        required=False,
        widget=PhotographsInput(attrs={"accept": PICTURES, "capture": "environment"}),
    )
    chosen = PhotographsField(
        label=_("Or choose photographs"),
        help_text=_("Several at once, in the order of the pages."),
        required=False,
        widget=PhotographsInput(attrs={"accept": PICTURES}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("taken") and not data.get("chosen"):
            raise forms.ValidationError(_("Take or choose at least one photograph."))
        return data


class KeepForm(forms.Form):
    """What the letter is called, and the day it came. `today` is the agency's own."""

    name = forms.CharField(label=_("Name"), help_text=_("Under this name people find it."), max_length=120)
    received_on = forms.DateField(
        label=_("Date it arrived"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date) -> None:
        super().__init__(*args)
        self.today = today
        self.initial = {"name": _("Letter, photographed"), "received_on": today}

    def clean_received_on(self) -> date:
        received_on: date = self.cleaned_data["received_on"]
        if received_on > self.today:
            raise forms.ValidationError(_("This day has not come yet. Choose the day on which the letter arrived."))
        return received_on


class CornersForm(forms.Form):
    """The four corners of the sheet, in percent of the photograph from its left and its top."""

    def __init__(self, *args: Any, corners: tuple[float, ...] = WHOLE) -> None:
        super().__init__(*args)
        for number, side in enumerate(SIDES):
            for axis, place in (("x", _("from the left")), ("y", _("from the top"))):
                self.fields[f"{axis}{number}"] = forms.FloatField(
                    label=_("%(corner)s, %(place)s") % {"corner": side, "place": place},
                    min_value=0,
                    max_value=100,
                    initial=round(100 * corners[2 * number + (axis == "y")], 1),
                    widget=forms.NumberInput(attrs={**PERCENT, "data-dl-corner": f"{axis}{number}"}),
                )

    @property
    def pairs(self) -> list[tuple[Any, list[Any]]]:
        """Each corner with its two fields."""
        return [(side, [self[f"x{number}"], self[f"y{number}"]]) for number, side in enumerate(SIDES)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not are_plausible(self.corners):
            raise forms.ValidationError(
                _("Nothing can be cut out between these corners. Each belongs to its own corner of the sheet.")
            )
        return data

    @property
    def corners(self) -> tuple[float, ...]:
        """The corners as fractions."""
        return tuple(self.cleaned_data[f"{axis}{number}"] / 100 for number in range(4) for axis in "xy")


class PlaceForm(forms.Form):
    """To which request a scan belongs, and when it came."""

    reference = forms.CharField(label=_("Request"), help_text=_("For example MD-2026-0007."), max_length=40)
    received_on = forms.DateField(
        label=_("Date it arrived"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any = None, *, scanned_on: date, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        self.initial["received_on"] = scanned_on

    def clean_reference(self) -> RecordsRequest:
        found = references_in(self.cleaned_data["reference"])
        request = RecordsRequest.objects.filter(reference=found[0]).first() if len(found) == 1 else None
        if request is None:
            raise forms.ValidationError(_("No request has this reference. Look it up in the list of requests."))
        return request

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        request, day = data.get("reference"), data.get("received_on")
        if request and day and day > lawbook.local_day(request.jurisdiction, timezone.now()):
            self.add_error("received_on", _("This day has not come yet. Choose the day on which it arrived."))
        return data
