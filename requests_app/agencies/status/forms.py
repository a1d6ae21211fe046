"""Forms about what is reported of a state."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.status.models import AT_DOOR, Position, StatusLine
from requests_app.agencies.status.seeding import site_of


class StatusLineForm(forms.ModelForm):  # type: ignore[type-arg]
    """One report: who was said to be served or refused at which door, by whom, as of when."""

    source_url = forms.URLField(
        label=_("Address of the report"),
        max_length=500,
        assume_scheme="https",
        help_text=_("A page that everybody can open. A line without a source cannot be added."),
    )
    reported_by = forms.CharField(
        label=_("Reported by"),
        max_length=200,
        required=False,
        help_text=_("The newspaper, agency or group. Left empty, the name of the site stands there."),
    )

    class Meta:
        model = StatusLine
        fields = ["door", "component", "position", "as_of", "source_url", "reported_by", "note", "confidence"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        door, position = cleaned.get("door"), cleaned.get("position")
        if door and position and position not in AT_DOOR[door]:
            words = ", ".join(str(Position(one).label) for one in AT_DOOR[door])
            self.add_error("position", _("At this door a report can say: %(words)s.") % {"words": words})
        if cleaned.get("source_url") and not cleaned.get("reported_by"):
            cleaned["reported_by"] = site_of(cleaned["source_url"])
        return cleaned


class WithdrawForm(forms.Form):
    """Why a line was a mistake."""

    why = forms.CharField(
        label=_("Why it is a mistake"),
        max_length=500,
        help_text=_("A newer report is no mistake in the older one: add the newer line instead."),
    )
