"""The list of notices, how one wants to be told, and the way out that every mail carries."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app.people.models import Notice, Person
from requests_app.people.notices import queries, services
from requests_app.people.notices.forms import OFFERED_ZONES, PreferencesForm
from requests_app.people.signed_in import signed_in
from requests_app.people.way_out import read_token

_LONGEST_NUMBER = 18  # digits of a row's number: the largest that both databases take has 19


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Show one's notices, the newest first: all, or only the unread."""
    before = request.GET.get("before", "")
    key = int(before) if before.isascii() and before.isdecimal() and len(before) <= _LONGEST_NUMBER else None
    unread_only = request.GET.get("show") == "unread"
    page, next_before = queries.notice_page(signed_in(request), before=key, unread_only=unread_only)
    here = reverse("people:notices")
    shown = {"show": "unread"} if unread_only else {}
    return render(
        request,
        "people/notices.html",
        {
            "notices": page,
            "unread_only": unread_only,
            "next_url": f"{here}?{urlencode(shown | {'before': next_before})}" if next_before else "",
            "prev_url": f"{here}?{urlencode(shown)}" if key is not None else "",
            "crumbs": [(_("Notices"), "")],
        },
    )


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark all of one's notices as read."""
    services.mark_read(signed_in(request), now=timezone.now())
    messages.success(request, _("All notices are marked as read."))
    return redirect("people:notices")


@require_POST
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of one's own notices as read, and stay in the list."""
    notice = get_object_or_404(Notice, pk=pk, recipient=signed_in(request))
    services.mark_read(signed_in(request), now=timezone.now(), notice_id=notice.pk)
    return redirect("people:notices")


@require_http_methods(["GET", "POST"])
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of one's own notices as read and go where it leads: from the list, or by the link in its mail."""
    notice = get_object_or_404(Notice, pk=pk, recipient=signed_in(request))
    services.mark_read(signed_in(request), now=timezone.now(), notice_id=notice.pk)
    return redirect(notice.path or "people:notices")


@never_cache
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and change how one wants to be told."""
    person = signed_in(request)
    form = PreferencesForm(request.POST or None, person=person, kept=queries.preferences_of(person))
    if form.is_valid():
        services.choose(person.pk, form.choice(), now=timezone.now())
        messages.success(request, _("Saved. It holds for everything we tell you from now on."))
        return redirect("people:preferences")
    crumbs = [(_("You"), reverse("people:me")), (_("How we tell you"), "")]
    context = {"form": form, "person": person, "zones": OFFERED_ZONES, "crumbs": crumbs}
    return render(request, "people/preferences.html", context)


@csrf_exempt  # a mail program posts here for its reader (RFC 8058), and has no page of ours; the token is the right
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the link in a mail turns off, and turn it off when it is posted. Nobody has to sign in.

    A GET changes nothing: programs that look for harm in mails open every link.
    """
    way_out = read_token(token)
    person = Person.objects.filter(pk=way_out.person_id).first() if way_out else None
    if way_out is None or person is None:
        return render(request, "people/unsubscribe.html", {"broken": True}, status=410)
    done = request.method == "POST"
    if done:
        services.unsubscribe(person.pk, way_out.what, now=timezone.now())
    return render(request, "people/unsubscribe.html", {"what": way_out.what, "done": done, "token": token})
