"""Which table is shown: read from the address of the page, so that a link says it all."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency
from requests_app.filing.models import Campaign
from requests_app.kits.catalog import list_kits
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking.statistics.counting import GROUPINGS, Part, kit_name
from requests_app.tracking.statistics.definitions import GROUPING_NAMES, TOPICS

_PERIOD: Final = re.compile(r"(20\d\d)(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


def period_days(text: str) -> tuple[date, date] | None:
    """Return the first and last day of "2026", "2026-Q1" or "2026-03"; None where it is none of these."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    year, quarter, month = int(found[1]), found[2], found[3]
    first, last = (
        (int(month), int(month)) if month else (int(quarter) * 3 - 2, int(quarter) * 3) if quarter else (1, 12)
    )
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


class StatisticsForm(forms.Form):
    """By what, which topic, and which part. `campaigns`: whether this person may see them."""

    by = forms.ChoiceField(label=_("A line for each"), required=False)
    show = forms.ChoiceField(required=False, choices=[(key, key) for key in TOPICS], widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), *sorted(JURISDICTIONS.items(), key=lambda item: item[1])],
    )
    kit = forms.ChoiceField(label=_("Kit"), required=False)
    campaign = forms.ModelChoiceField(
        Campaign.objects.order_by("name"), label=_("Campaign"), required=False, empty_label=_("all")
    )
    agency = forms.ModelChoiceField(
        Agency.objects.only("code", "name"), to_field_name="code", required=False, widget=forms.HiddenInput
    )
    period = forms.CharField(
        label=_("Sent in"), required=False, max_length=7, help_text=_("Such as 2026, 2026-Q1 or 2026-03.")
    )

    def __init__(self, *args: Any, campaigns: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [by for by in GROUPINGS if campaigns or by != "campaign"]
        self.fields["by"].choices = [(by, GROUPING_NAMES[by]) for by in shown]  # type: ignore[attr-defined]
        kits = [(kit.id, kit_name(kit.id)) for kit in list_kits()]
        self.fields["kit"].choices = [("", _("all")), *kits]  # type: ignore[attr-defined]
        if not campaigns:
            del self.fields["campaign"]

    def clean_period(self) -> str:
        period: str = self.cleaned_data["period"].strip()
        if period and period_days(period) is None:
            raise forms.ValidationError(_("Write a year (2026), a quarter (2026-Q1) or a month (2026-03)."))
        return period

    @property
    def by_what(self) -> str:
        """By what the table is divided."""
        return self.cleaned_data.get("by") or "state"

    @property
    def topic(self) -> str:
        """Which topic is shown."""
        return self.cleaned_data.get("show") or "times"

    def part(self) -> Part:
        """Return which requests are counted."""
        said = self.cleaned_data
        days = period_days(said.get("period") or "")
        return Part(
            state=said.get("state") or "",
            agency_id=said["agency"].pk if said.get("agency") else None,
            kit=said.get("kit") or "",
            campaign_id=said["campaign"].pk if said.get("campaign") else None,
            first=days[0] if days else None,
            last=days[1] if days else None,
        )

    def as_query(self, **changed: str) -> str:
        """Return the address of this table, with some of it changed."""
        said = self.cleaned_data
        kept = {
            "by": self.by_what,
            "show": self.topic,
            "state": said.get("state") or "",
            "kit": said.get("kit") or "",
            "campaign": str(said["campaign"].pk) if said.get("campaign") else "",
            "agency": said["agency"].code if said.get("agency") else "",
            "period": said.get("period") or "",
        } | changed
        return urlencode({name: value for name, value in kept.items() if value})
