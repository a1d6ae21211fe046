"""What people send when they mark, change, answer or filter: text into values, and what is wrong with them."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from requests_app.review.anchoring import TextQuote
from requests_app.review.annotations import queries
from requests_app.review.annotations.services import LONGEST, Said
from requests_app.review.models import Annotation, Label
from requests_app.review.targets import (
    Cells,
    MailText,
    NoTarget,
    PageRegion,
    PageText,
    Target,
    WholeDocument,
    WholePage,
)

BIGGEST = 10_000_000


class SaidForm(forms.Form):
    """What is said about a place: words, label, who sees it."""

    body = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Markdown: **strong**, _stressed_, - lists. @handle tells somebody."),
    )
    label = forms.ModelChoiceField(
        label=_("Label"), queryset=Label.objects.none(), required=False, to_field_name="slug", empty_label=_("None")
    )
    visibility = forms.ChoiceField(
        label=_("Who sees it"), choices=Annotation.Visibility.choices, initial=Annotation.Visibility.TEAM
    )

    def __init__(self, *args: Any, kept: Label | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["label"]
        offered = queries.offered_labels()
        # A retired label stays on what has it.
        field.queryset = offered | Label.objects.filter(pk=kept.pk) if kept else offered  # type: ignore[attr-defined]

    def said(self) -> Said:
        """Return what was said. Call it on a valid form."""
        given = self.cleaned_data
        return Said(given["body"], given["label"], given["visibility"])


class ChangeForm(SaidForm):
    """What is said, once more; `seen_revision` is what stood there when it was opened."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=BIGGEST)


class LabelForm(forms.Form):
    """Another label for what somebody else marked."""

    label = forms.ModelChoiceField(
        label=_("Label"), queryset=Label.objects.none(), required=False, to_field_name="slug", empty_label=_("None")
    )
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=BIGGEST)

    def __init__(self, *args: Any, kept: Label | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = queries.offered_labels()
        both = offered | Label.objects.filter(pk=kept.pk) if kept else offered
        self.fields["label"].queryset = both  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """A place in a document."""

    kind = forms.ChoiceField(label=_("What is marked"), choices=Annotation.Kind.choices)
    place = forms.IntegerField(label=_("Page or sheet"), required=False, min_value=1, max_value=BIGGEST)
    exact = forms.CharField(
        label=_("The words"),
        required=False,
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Copied from the page. They are looked for there."),
    )
    cells = forms.CharField(label=_("The cells"), required=False, max_length=40, help_text=_("Such as B7 or B7:D9."))
    start = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST * 100, widget=forms.HiddenInput)
    left = forms.FloatField(required=False, widget=forms.HiddenInput)
    top = forms.FloatField(required=False, widget=forms.HiddenInput)
    width = forms.FloatField(required=False, widget=forms.HiddenInput)
    height = forms.FloatField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                given["target"] = self._target(given)
            except NoTarget as trouble:
                said = {
                    "outside": _("That lies outside the page. Choose a place on it."),
                    "empty": _("Nothing was chosen there. Choose some words, or draw a larger box."),
                    "unreadable": _("These are no cells. Write them as B7, or B7:D9."),
                }
                raise ValidationError(said[trouble.code], code=trouble.code) from trouble
        return given

    def _target(self, given: dict[str, Any]) -> Target:
        kind, place = given["kind"], given.get("place") or 0
        quote = TextQuote(given.get("exact") or "")
        match kind:
            case Annotation.Kind.PAGE:
                return WholePage(place)
            case Annotation.Kind.TEXT:
                return PageText(place, quote, given.get("start"))
            case Annotation.Kind.REGION:
                sides = [given.get(name) for name in ("left", "top", "width", "height")]
                return PageRegion(place, *(float("nan") if side is None else side for side in sides))
            case Annotation.Kind.CELLS:
                return Cells.of(place, given.get("cells") or "")
            case Annotation.Kind.PASSAGE:
                return MailText(quote, given.get("start"))
        return WholeDocument()


class AnnotateForm(SaidForm, PlaceForm):
    """Something marked, with what is said of it."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ["kind", "place", "exact", "cells", "body", "label", "visibility"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4


class MoveForm(PlaceForm):
    """Another place for what is there."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=BIGGEST)


class ReplyForm(forms.Form):
    """An answer."""

    body = forms.CharField(
        label=_("Your reply"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write something before you send it.")},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)


class FilterForm(forms.Form):
    """Which annotations are shown. What is not understood is left out."""

    label = forms.CharField(required=False, max_length=60)
    author = forms.CharField(required=False, max_length=60)
    state = forms.ChoiceField(
        required=False, choices=[("", ""), *Annotation.State.choices, ("lost", _("not found any more"))]
    )

    def chosen(self) -> dict[str, str]:
        """Return what was understood."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("label", "author", "state")}


class BringInForm(forms.Form):
    """A file of annotations."""

    file = forms.FileField(
        label=_("File of annotations"),
        help_text=_("W3C Web Annotations (JSON-LD), up to 10 MB, such as Daylight and other tools export."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty. Choose another.")},
    )
