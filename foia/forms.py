"""How every form of Daylight is drawn: one field template, USWDS classes, native date fields.

Named in `FORM_RENDERER`; forms themselves say nothing about looks. A choice that needs a sentence (kits, custodians)
gives a label object (a frozen dataclass) whose `str` is the short name and whose `description` is the sentence.
"""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField as DjangoBoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input

# The first match wins, so the narrower kinds stand first.
CLASS_OF_WIDGET: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.CheckboxInput, "usa-checkbox__input"),
    (forms.CheckboxSelectMultiple, "usa-checkbox__input"),
    (forms.RadioSelect, "usa-radio__input"),
    (forms.Select, "usa-select"),
    (forms.Textarea, "usa-textarea"),
    (forms.FileInput, "dl-drop__input"),
    (Input, "usa-input"),
    (forms.MultiWidget, "usa-input"),
)

# Browsers take and give ISO texts in their own date and time fields, whatever the language of the page.
NATIVE_INPUTS: dict[type[forms.Widget], tuple[str, str]] = {
    forms.DateInput: ("date", "%Y-%m-%d"),
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
    forms.TimeInput: ("time", "%H:%M"),
}


def uswds_class(widget: forms.Widget) -> str:
    """Return the USWDS class of a widget, empty for one that has none."""
    return next((name for kind, name in CLASS_OF_WIDGET if isinstance(widget, kind)), "")


class BoundField(DjangoBoundField):
    """A field that brings its USWDS class and, for dates and times, the browser's own picker."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        # Only Django's plain widgets: a subclass (the admin's calendar) has its own script and format.
        native = NATIVE_INPUTS.get(type(field.widget))
        if native and isinstance(field.widget, forms.DateInput | forms.DateTimeInput | forms.TimeInput):
            # The form holds its own deep copy of each field, so no other form sees this.
            field.widget.input_type, iso_format = native
            field.widget.format = field.widget.format or iso_format

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the class of the widget and, when the field has errors, its error form."""
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        name = uswds_class(widget)
        marks = [str(widget.attrs.get("class", "")), name]
        if name in {"usa-input", "usa-select", "usa-textarea"} and self.errors:
            marks.append("usa-input--error")
        if joined := " ".join(mark for mark in marks if mark):
            built["class"] = joined
        return built


class FormRenderer(TemplatesSetting):
    """Draws forms and fields with the templates of `templates/components/`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = BoundField
