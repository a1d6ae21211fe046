"""The form that makes a link, the form over which an agency hands in, and the door for a secret that was read out."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.documents.forms import ManyFilesField
from requests_app.documents.handed_in import limits


class LinkForm(forms.Form):
    """Whom a link is for, and what it takes."""

    given_to = forms.CharField(
        label=_("Who gets it"),
        help_text=_("The person or office at the agency whom you give it to, such as “Pat Doe, Records Unit”."),
        max_length=200,
        error_messages={"required": _("Say who gets the link.")},
    )
    days = forms.IntegerField(
        label=_("It works for so many days"), min_value=1, max_value=limits.MOST_DAYS, initial=limits.DAYS
    )
    most_files = forms.IntegerField(
        label=_("It takes so many files"), min_value=1, max_value=limits.MOST_FILES, initial=limits.FILES
    )
    megabytes = forms.IntegerField(
        label=_("Together, in MB"), min_value=1, max_value=limits.MOST_MEGABYTES, initial=limits.MEGABYTES
    )


class HandInForm(forms.Form):
    """What an agency fills in."""

    files = ManyFilesField(  # type: ignore[assignment]  # a form keeps its fields apart from its own `files`
        label=_("Files"),
        help_text=_("Choose one or several. Each is kept exactly as you send it."),
        error_messages={"required": _("Choose at least one file.")},
    )
    by_whom = forms.CharField(
        label=_("Your name and office"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Say who hands in the files: your name, your office, or both.")},
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("A receipt goes to it if we already know it as an address of your agency."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    message = forms.CharField(
        label=_("Message"),
        help_text=_("For example what the files are, or what still follows."),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DoorForm(forms.Form):
    """The signs of a link, as somebody read them out."""

    code = forms.CharField(
        label=_("The signs of your link"),
        help_text=_("28 letters and digits, in groups of four. Capitals, spaces and hyphens do not matter."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Type the letters and digits that you were given.")},
    )
