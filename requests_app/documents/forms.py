"""The upload form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class ManyFilesInput(forms.ClearableFileInput):
    """A file field that takes several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files. Content and size are the service's concern; empty files come through so that it can say so."""

    widget = ManyFilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # type: ignore[override]
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(given)


class UploadForm(forms.Form):
    """Files that an agency returned, and the day they came."""

    files = ManyFilesField(
        label=_("Files"),
        help_text=_("Choose one or several. Each is kept exactly as it came."),
        error_messages={"required": _("Choose at least one file.")},
    )
    received_on = forms.DateField(
        label=_("Date they arrived"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
