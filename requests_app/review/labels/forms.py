"""The form of a label."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from requests_app.review.labels.services import Facts
from requests_app.review.models import Label


class LabelFactsForm(forms.Form):
    """What is said of a label."""

    name = forms.CharField(label=_("Name"), max_length=60)
    meaning = forms.CharField(label=_("When to use it"), max_length=300, required=False)
    colour = forms.ChoiceField(label=_("Colour"), choices=Label.Colour.choices)
    pattern = forms.ChoiceField(
        label=_("Pattern"),
        choices=Label.Pattern.choices,
        help_text=_("Colour and pattern together are this label's alone, so that nobody needs to see the colour."),
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=1,
        required=False,
        validators=[RegexValidator(r"^[0-9a-z]$", _("One small letter or digit."))],
        help_text=_("One small letter or digit. It gives this label to what is chosen on a page."),
    )
    order = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=1000, initial=0)

    def facts(self) -> Facts:
        """Return what was said. Call it on a valid form."""
        return Facts(**self.cleaned_data)

    @staticmethod
    def opened(label: Label) -> dict[str, object]:
        """Return what the form shows of a label."""
        return {name: getattr(label, name) for name in Facts.__dataclass_fields__}
