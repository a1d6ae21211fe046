"""Where an administrator erases a message for good, with a reason that stays."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from requests_app.correspondence.incoming import permissions, queries, services
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.people.signed_in import signed_in


class EraseForm(forms.Form):
    """Why a message is erased, and that this is meant."""

    why = forms.CharField(
        label=_lazy("Why it is erased"),
        max_length=500,
        help_text=_lazy("Such as “A court ordered it, case 26-114”. It stays for good, with your name and the day."),
    )
    meant = forms.BooleanField(label=_lazy("Erase it for good. It cannot be brought back."))


@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes and what stays, and erase every copy of a message when that is meant."""
    if not permissions.can_erase_mail(request.user):
        raise PermissionDenied
    found = get_object_or_404(IncomingMessage, pk=pk)
    left = queries.copies_to_erase(found.pk)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erased = services.erase_message(
                found.pk, by=signed_in(request), why=form.cleaned_data["why"], now=timezone.now()
            )
        except services.NotErased as trouble:
            form.add_error(None, str(trouble))
        else:
            said = _("It is erased. Who did it, when and why stays.") if erased else _("It was erased before.")
            messages.success(request, said)
            return redirect("correspondence:message-erase", found.pk)
    context = {
        "message": found,
        "left": left,
        "copies": queries.copies_of(found.pk),
        "form": form,
        "may_read": permissions.can_settle_mail(request.user),
        "crumbs": [(_("Mail that waits"), reverse("correspondence:mail")), (_("Erase"), "")]
        if permissions.can_settle_mail(request.user)
        else [(_("Erase"), "")],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "correspondence/incoming/erase.html", context, status=status)
