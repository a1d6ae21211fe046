"""The upload form."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class ManyFilesInput(forms.FileInput):
    """A file field that takes several files at once."""

    allow_multiple_selected = True

    @property
    def limit_bytes(self) -> int:
        """How large one file may be; the page warns before a larger one travels (components/field.html)."""
        return int(settings.UPLOAD_LIMIT_MB) * 1024 * 1024


class ManyFilesField(forms.FileField):
    """Several files. Content and size are the service's concern; empty files come through so that it can say so."""

    widget = ManyFilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(given)


class UploadForm(forms.Form):
    """Files that an agency returned, and the day they came. `today` is the agency's own."""

    files = ManyFilesField(  # type: ignore[assignment]  # a form keeps its fields apart from its own `files`
        label=_("Files"),
        help_text=_("Choose one or several. Each is kept exactly as it came."),
        error_messages={"required": _("Choose at least one file.")},
    )
    received_on = forms.DateField(
        label=_("Date they arrived"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date) -> None:
        super().__init__(*args)
        self.initial["received_on"] = self.today = today

    def clean_received_on(self) -> date:
        received_on: date = self.cleaned_data["received_on"]
        if received_on > self.today:
            raise forms.ValidationError(_("This day has not come yet. Choose the day on which the files arrived."))
        return received_on


class PasswordForm(forms.Form):
    """The password of a locked file."""

    password = forms.CharField(
        label=_("Password of the file"),
        help_text=_(
            "As the agency gave it. It is kept encrypted, and also tried on other locked files of this request."
        ),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the password that the agency gave for this file.")},
    )


class UnlockForm(forms.Form):
    """Why a locked file is opened all the same. The reason stays in the audit trail."""

    reason = forms.CharField(
        label=_("Why it is safe to open"),
        help_text=_("For example who checked the file, and how. Stays in the audit trail."),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why it is safe to open, in a sentence.")},
    )
