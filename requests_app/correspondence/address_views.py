"""The address for the answers to one request: what it is, what it was, and a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from requests_app.correspondence import readdressing
from requests_app.filing import permissions
from requests_app.filing import queries as filing
from requests_app.filing.our_addresses import address_for, address_of
from requests_app.filing.services.readdressing import LONGEST_REASON, AddressNotChanged
from requests_app.kits.later import letter_type
from requests_app.people.signed_in import signed_in


class NewAddressForm(forms.Form):
    """Why a request gets a new address, and how many it had given up when the person looked."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    why = forms.CharField(
        label=_lazy("Why?"),
        max_length=LONGEST_REASON,
        help_text=_lazy("Such as: somebody put the address on a public page. It stays on the request."),
    )


@require_http_methods(["GET", "POST"])
def reply_address(request: HttpRequest, reference: str) -> HttpResponse:
    """Show to which address the agency answers, and give the request another."""
    person = signed_in(request)
    rows = filing.visible_to(person).select_related("agency")
    records_request = get_object_or_404(rows, reference=reference)
    if not permissions.can_change_address(person, records_request):
        raise PermissionDenied
    form = NewAddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            readdressing.give_new_address(records_request.pk, **form.cleaned_data, by=person, now=timezone.now())
        except AddressNotChanged as trouble:
            form.add_error(None, str(trouble))
        else:
            messages.success(request, _("This request has a new address. Mail to the old one waits for a coordinator."))
            return redirect("correspondence:reply-address", records_request.reference)
    retired = readdressing.retired_addresses(records_request)
    if not form.is_bound:
        form = NewAddressForm(initial={"seen": len(retired)})
    drafts = readdressing.letters_being_written(records_request)
    context = {
        "records_request": records_request,
        "address": address_of(records_request),
        "retired": [(address_for(records_request.reference, one.token), one) for one in retired],
        "drafts": [(letter, letter_type(letter.key).title) for letter in drafts],
        "form": form,
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Address for answers"), "")],
    }
    status = 422 if form.is_bound else 200
    return render(request, "correspondence/reply_address.html", context, status=status)
