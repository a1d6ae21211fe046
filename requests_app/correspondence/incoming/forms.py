"""What a coordinator says about a message that came in. Each form carries the number of changes that the person saw."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from requests_app.correspondence.incoming.models import Placement, SenderRule
from requests_app.correspondence.incoming.settling import LONGEST_WAIT, MOST_REQUESTS
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person


class SeenForm(forms.Form):
    """An act that needs nothing but what the person saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ReferenceField(forms.CharField):
    """One or several references of requests, as a person types them. Gives the requests."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(max_length=400, **kwargs)
        self.most = most
        self.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> list[RecordsRequest]:
        """Return the requests named. Raises ValidationError with the ones that are not there."""
        typed = super().clean(value)
        named = list(dict.fromkeys(word.upper() for word in re.split(r"[\s,;]+", typed) if word))
        if not named:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(named) > self.most:
            raise forms.ValidationError(_now("Name %(most)d at most."), params={"most": self.most})
        found = {one.reference: one for one in RecordsRequest.objects.filter(reference__in=named).only("reference")}
        missing = [reference for reference in named if reference not in found]
        if missing:
            raise forms.ValidationError(
                _now("There is no request %(references)s. Look at the reference again."),
                params={"references": ", ".join(missing)},
            )
        return [found[reference] for reference in named]


class PlaceForm(SeenForm):
    """With which requests a message belongs."""

    references = ReferenceField(
        label=_("References of the requests"),
        most=MOST_REQUESTS,
        help_text=_("Such as MD-2026-0007. Several are parted by commas."),
    )


class MoveForm(SeenForm):
    """From which request a message goes to which, and why."""

    leaves = forms.ChoiceField(label=_("It leaves"))
    to = ReferenceField(label=_("It goes to"), most=1, help_text=_("The reference of the request."))
    why = forms.CharField(label=_("Why?"), max_length=500, help_text=_("It stays on both requests."))

    def __init__(self, *args: Any, placements: list[Placement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leaves = cast(forms.ChoiceField, self.fields["leaves"])
        leaves.choices = [(str(one.request_id), one.request.reference) for one in placements]


class WhyForm(forms.Form):
    """Why nobody needs to see to it: one message, or many."""

    why = forms.CharField(label=_("Why?"), max_length=500, help_text=_("Such as: advertising. Others read it."))


class SetAsideForm(SeenForm, WhyForm):
    """Why nobody needs to see to a message."""


class UntilForm(forms.Form):
    """Until which day it rests: one message, or many."""

    until = forms.DateField(label=_("Until which day?"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, last = today + timedelta(days=1), today + LONGEST_WAIT
        self.fields["until"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        self.fields["until"].initial = today + timedelta(days=7)


class DeferForm(SeenForm, UntilForm):
    """Until which day a message rests."""


class HandleField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person by handle."""

    def label_from_instance(self, obj: Person) -> str:
        return obj.handle


class WhoForm(forms.Form):
    """Who sees to it: one message, or many."""

    to = HandleField(label=_("Who sees to it?"), queryset=Person.objects.none(), required=False)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = cast(HandleField, self.fields["to"])
        to.queryset, to.empty_label = people, _now("nobody in particular")


class AssignForm(SeenForm, WhoForm):
    """Who sees to a message."""


class KindForm(forms.Form):
    """Whether a rule about a sender is for the address or the whole domain."""

    kind = forms.ChoiceField(
        label=_("For which mail?"),
        choices=SenderRule.Kind.choices,
        initial=SenderRule.Kind.ADDRESS,
        widget=forms.RadioSelect,
    )


class BlockForm(SetAsideForm, KindForm):
    """Whose mail needs nobody from now on, and why."""

    field_order = ("kind", "why")


class ProposeForm(SeenForm):
    """Which address is proposed as a contact of which agency."""

    agency = forms.ChoiceField(label=_("Of which agency?"))
    address = forms.CharField(
        label=_("Address"), max_length=320, help_text=_("The sender’s, or one that the message names.")
    )

    def __init__(self, *args: Any, agencies: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = cast(forms.ChoiceField, self.fields["agency"])
        agency.choices = [(str(number), name) for number, name in agencies]


class RuleForm(WhyForm, KindForm):
    """A rule about a sender, typed by hand."""

    value = forms.CharField(label=_("Address or domain"), max_length=320)

    field_order = ("kind", "value", "why")
