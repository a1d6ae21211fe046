"""A person's private feeds, and the address that calendar programs read without signing in."""

from __future__ import annotations

import logging
import traceback
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from requests_app.filing import queries as filing
from requests_app.people.signed_in import signed_in
from requests_app.tracking.calendar import permissions, queries, services
from requests_app.tracking.calendar.forms import FeedForm

log = logging.getLogger(__name__)


@never_cache  # the page that follows the making shows the secret, once
@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """List a person's feeds, and make another."""
    person = signed_in(request)
    if not permissions.can_open_calendar(person):
        raise PermissionDenied
    people = filing.people_to_assign().only("handle") if permissions.can_choose_people(person) else None
    campaigns = queries.campaigns_to_choose() if permissions.can_choose_campaigns(person) else None
    form = FeedForm(
        request.POST or None,
        owner=person,
        people=people,
        campaigns=campaigns,
        initial={"about": request.GET.get("about", "")},
    )
    made: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            if form.is_valid():
                feed, secret = services.make_feed(form.chosen(), by=person, now=timezone.now())
                address = services.address_of(secret)
                made = {"feed": feed, "address": address, "webcal": f"webcal:{address.removeprefix(_scheme(address))}"}
                form = FeedForm(owner=person, people=people, campaigns=campaigns)
        except services.TooManyFeeds:
            form.add_error(
                None,
                _(
                    "You have %(number)s feeds, as many as anybody may have. Close one that you no longer use, then "
                    "try again."
                )
                % {"number": services.MOST_FEEDS},
            )
        status = 200 if made else 422
    context = {
        "form": form,
        "feeds": queries.feeds_of(person),
        "made": made,
        "crumbs": [(_("Calendar"), reverse("tracking:calendar")), (_("In your own calendar"), "")],
    }
    return render(request, "tracking/calendar/feeds.html", context, status=status)


def _scheme(address: str) -> str:
    return f"{urlsplit(address).scheme}:"


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Close one of a person's own feeds for good."""
    person = signed_in(request)
    feed = get_object_or_404(queries.feeds_of(person), pk=pk)
    services.revoke_feed(feed, by=person, now=timezone.now())
    messages.success(
        request, _("The feed “%(title)s” is closed. Its address answers nothing any more.") % {"title": feed.title}
    )
    return redirect("tracking:feeds")


@login_not_required
@csrf_exempt  # it changes nothing, and a refusal would write the address, which is the secret, to the log
@gzip_page
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Give a calendar program what the owner of a feed may see now.

    1. Only reading is known here. Programs that look for a calendar server ask otherwise first: they are told so.
    2. Find the feed by the hash of its secret. Unknown, revoked, or no longer its owner's right: one plain sentence.
    3. Read what it tells, which costs a few queries, and note the day.
    4. A program that has exactly this already is told so, and nothing is written.
    5. Otherwise write it. Where that fails, the program keeps what it has and comes again.
    """
    if request.method not in ("GET", "HEAD"):
        return _said(405, _("This address can only be read."), Allow="GET, HEAD")
    try:
        return _read(request, secret)
    except Exception as trouble:  # noqa: BLE001  Django would write the path to the log beside it
        lines = "".join(traceback.format_tb(trouble.__traceback__))
        log.error("a calendar feed could not be read: %s\n%s", type(trouble).__name__, lines)
        text = _("This calendar cannot be read now. Nothing is lost; try again later.")
        return _said(503, text, **{"Retry-After": "900"})


@login_not_required
@csrf_exempt
def no_feed(request: HttpRequest, address: str) -> HttpResponseBase:
    """Answer an address of a feed that was cut off or written wrongly, and keep it out of the log all the same."""
    return _nothing_here(404)


def _read(request: HttpRequest, secret: str) -> HttpResponseBase:
    found = queries.feed_by_secret(secret)
    if found is None:
        return _nothing_here(404)
    if found.revoked_at is not None or not permissions.can_read_feed(found):
        return _nothing_here(410)
    reading = services.read_feed(found, now=timezone.now())
    etag, seconds = f'"{reading.fingerprint}"', int(reading.since.timestamp())
    for unasked in ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):
        request.META.pop(unasked, None)  # for writers; refusing one would write the path to the log
    unchanged = get_conditional_response(request, etag=etag, last_modified=seconds)
    response = unchanged if unchanged is not None else HttpResponse(reading.text(), content_type=_CONTENT_TYPE)
    response["ETag"] = etag
    response["Last-Modified"] = format_datetime(reading.since, usegmt=True)
    response["Content-Disposition"] = 'inline; filename="daylight.ics"'
    return _private(response)


_CONTENT_TYPE = "text/calendar; charset=utf-8"


def _nothing_here(status: int) -> HttpResponseBase:
    """Return the one answer to every address that opens nothing, so that none says more than another."""
    return _said(status, _("This calendar address is not in use. Make a new one in Daylight, under Calendar."))


def _said(status: int, text: str, **headers: str) -> HttpResponseBase:
    """Return a plain sentence instead of a feed."""
    response = HttpResponse(text + "\n", content_type="text/plain; charset=utf-8", status=status, headers=headers)
    # Django would write the path to the log, and with it a secret that opens something, or does again one day.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return _private(response)


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a feed out of shared caches, search engines and the addresses that other sites are told."""
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
