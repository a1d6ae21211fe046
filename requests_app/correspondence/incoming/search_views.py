"""Search over all mail that came in. Coordinators only: it finds what is in quarantine, too."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from requests_app.correspondence.incoming import permissions, queries, searching, wording

PAGE = 20


class SearchForm(forms.Form):
    """What to look for."""

    words = forms.CharField(label=_lazy("Words in any mail that came in"), max_length=200, required=False)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """List the messages in which every word stands, whatever became of them, the newest first."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    form = SearchForm(request.GET)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else None
    found = searching.find(words, before=number, most=PAGE + 1)
    following = searching.page_after(found, PAGE)
    terms = searching.terms_of(words)
    queries.with_requests(found[:PAGE])
    context = {
        "form": form,
        "words": words,
        "asked": bool(terms),
        "rows": [
            (message, searching.hits_in(message.excerpt, terms), wording.why_here(message))  # type: ignore[attr-defined]
            for message in found[:PAGE]
        ],
        "next_url": "?" + urlencode({"words": words, "before": following}) if following else "",
        "crumbs": [(_("Mail that waits"), reverse("correspondence:mail")), (_("Search"), "")],
    }
    return render(request, "correspondence/incoming/search.html", context)
