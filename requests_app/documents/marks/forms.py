"""Forms for what people say about a document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.documents.marks.queries import ItemOfDocument

MOST_TAGS = 20


class DescriptionForm(forms.Form):
    """Title, description, tags, and the time that the records are about."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        help_text=_("What you would call it. The agency's own name for the file stays."),
    )
    summary = forms.CharField(
        label=_("Description"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    tags = forms.CharField(
        label=_("Tags"),
        max_length=600,
        required=False,
        help_text=_("Short words with commas between: nlets, 2024, fees."),
    )
    covers_from = forms.DateField(
        label=_("Records from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    covers_to = forms.DateField(
        label=_("Records to"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def clean_summary(self) -> str:
        return str(self.cleaned_data["summary"]).replace("\r\n", "\n")

    def clean_tags(self) -> tuple[str, ...]:
        given = [" ".join(tag.split()).lower().strip("# ") for tag in str(self.cleaned_data["tags"]).split(",")]
        tags = tuple(dict.fromkeys(tag for tag in given if tag))
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(_("Twenty tags are enough. Leave out those that say the least."))
        if any(len(tag) > 40 for tag in tags):
            raise forms.ValidationError(_("A tag has up to 40 letters. Put a comma between two tags."))
        return tags

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        start, end = given.get("covers_from"), given.get("covers_to")
        if start and end and end < start:
            self.add_error("covers_to", _("The records cannot end before they begin."))
        return given


class ItemsForm(forms.Form):
    """The items of the letter that a document answers."""

    items = forms.MultipleChoiceField(
        label=_("This document answers"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, asked: list[ItemOfDocument]) -> None:
        super().__init__(*args)
        field = self.fields["items"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  declared above
        field.choices = [(str(each.item.number), f"{each.item.number}. {each.item.text}") for each in asked]
        self.initial["items"] = [str(each.item.number) for each in asked if each.is_answered]

    def clean_items(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["items"]]
