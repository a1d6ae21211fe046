"""The links of a request, and what agencies handed in that nobody has recorded."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents.handed_in import codes, permissions, queries, services
from requests_app.documents.handed_in.forms import LinkForm
from requests_app.documents.handed_in.troubles import NotGiven
from requests_app.documents.models import AgencyLink, HandIn
from requests_app.filing import queries as filing
from requests_app.people.signed_in import signed_in

PAGE = 50


@never_cache  # the page that follows the making shows the secret, once
@require_http_methods(["GET", "POST"])
def links(request: HttpRequest, reference: str) -> HttpResponse:
    """List the links of a request with what came over each, and make another."""
    visible = filing.visible_to(request.user).select_related("agency")
    records_request = get_object_or_404(visible, reference=reference)
    if not permissions.can_give_link(request.user, records_request):
        raise PermissionDenied
    now = timezone.now()
    form = LinkForm(request.POST or None)
    made: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        bounds = services.Bounds(*(form.cleaned_data[name] for name in ("days", "most_files", "megabytes")))
        try:
            link, code = services.give_link(
                records_request, to=form.cleaned_data["given_to"], bounds=bounds, by=signed_in(request), now=now
            )
        except NotGiven as stop:
            form.add_error(None, str(stop))
        else:
            address = services.address_of(code)
            made = {
                "link": link,
                "address": address,
                "code": codes.shown(code),
                "door": services.door_address(),
                "mail": _mail(records_request.reference, address),
            }
            form = LinkForm()
    context = {
        "form": form,
        "records_request": records_request,
        "links": [(link, link.state(now)) for link in queries.links_of(records_request)],
        "made": made,
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Links for the agency"), "")],
    }
    return render(request, "documents/handed_in/links.html", context, status=422 if form.errors else 200)


def _mail(reference: str, address: str) -> str:
    """Return the address that begins a mail of its own in the reader's mail program. It answers no letter."""
    subject = _("A page to hand in records (%(reference)s)") % {"reference": reference}
    body = _(
        "You can hand in the records for our request %(reference)s here:\n\n%(address)s\n\n"
        "Please pass this address on to nobody else, and do not answer this mail with it."
    ) % {"reference": reference, "address": address}
    return f"mailto:?subject={quote(subject)}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}"


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a link for good."""
    mine = AgencyLink.objects.filter(request__in=filing.visible_to(request.user)).select_related("request")
    link = get_object_or_404(mine, pk=pk)
    if not permissions.can_give_link(request.user, link.request):
        raise PermissionDenied
    if services.revoke_link(link, by=signed_in(request), now=timezone.now()):
        messages.success(request, _("The link is closed and opens nothing any more. What came over it stays."))
    else:
        messages.info(request, _("The link was closed before."))
    return redirect("documents:agency-links", link.request.reference)


@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """List what agencies handed in and nobody has recorded, the oldest first."""
    if not permissions.can_see_waiting(request.user):
        raise PermissionDenied
    found = list(queries.waiting(request.user)[: PAGE + 1])
    context = {
        "hand_ins": found[:PAGE],
        "more": len(found) > PAGE,
        "crumbs": [(_("Documents"), reverse("documents:list")), (_("Handed in by agencies"), "")],
    }
    return render(request, "documents/handed_in/waiting.html", context)


@require_POST
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that nothing is to be recorded of a handing in."""
    mine = HandIn.objects.filter(told_at__isnull=False, link__request__in=filing.visible_to(request.user))
    hand_in = get_object_or_404(mine.select_related("link__request"), pk=pk)
    records_request = hand_in.link.request
    if not permissions.can_settle(request.user, records_request):
        raise PermissionDenied
    if services.settle(hand_in.pk, by=signed_in(request), now=timezone.now()):
        messages.success(request, _("Noted. The files stay with the request."))
    else:
        messages.info(request, _("Somebody said so before."))
    return redirect("documents:handed-in" if request.POST.get("from") == "list" else records_request)
