"""How every form field is drawn: one template for all (style, section 12)."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Draws forms and fields with the project's own templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
