"""The page that an agency opens with its link, and the door where a secret is typed that was given by telephone.

Nobody signs in here: the secret is the right. So no forged form can do what its maker could not do anyway, and there is
no token against it, no cookie and no session. What these addresses hold is kept out of the log, whatever goes wrong.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from requests_app.documents import services as documents
from requests_app.documents.handed_in import codes, limits, queries, services
from requests_app.documents.handed_in.forms import DoorForm, HandInForm
from requests_app.documents.handed_in.troubles import said_to_agency
from requests_app.documents.handed_in.uploads import MeteredUploads
from requests_app.documents.models import AgencyLink
from requests_app.documents.uploads import BrokenOff, given_name
from requests_app.filing import lawbook
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, RecordsRequest

log = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


def kept_quiet(view: View) -> View:
    """Let nothing of an address leak: not to the log, to other sites, to caches or to search engines."""

    @wraps(view)
    def quiet(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception as trouble:  # noqa: BLE001  Django would write the path to the log beside it
            lines = "".join(traceback.format_tb(trouble.__traceback__))
            log.error("a page for agencies could not be shown: %s\n%s", type(trouble).__name__, lines)
            response = _said(request, 503, _("This page cannot be shown now"), _("Nothing is lost. Try again later."))
            response["Retry-After"] = "300"
        # Django would write the path of a refusal to the log, and with it the secret.
        response._has_been_logged = True  # type: ignore[attr-defined]
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return quiet


@login_not_required
@csrf_exempt
@kept_quiet
@sensitive_post_parameters()
def door(request: HttpRequest) -> HttpResponseBase:
    """Lead to the page of a link whose signs somebody types."""
    if request.method not in ("GET", "HEAD", "POST"):
        return _not_so(request)
    form = DoorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        link = queries.by_code(form.cleaned_data["code"])
        if link is not None and link.revoked_at is None:
            return redirect("hand_in:page", codes.shown(codes.understood(form.cleaned_data["code"])))
        if not _may_try_again(request):
            return _too_often(request)
        form.add_error("code", _("These signs open nothing. Read them once more, or write to us for another link."))
    return _rendered(request, "door.html", {"form": form}, 422 if form.errors else 200)


@login_not_required
@csrf_exempt
@kept_quiet
@sensitive_variables("code")
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take files from an agency. Looking changes nothing, however often and whoever looks.

    1. Find the link by the hash of its secret, before a byte of the body is read: a stranger fills no disk.
    2. Put our upload handler in place, which stops at what the link still takes; only then read the body.
    3. Keep each file by itself, and lead to the receipt.
    """
    if request.method not in ("GET", "HEAD", "POST"):
        return _not_so(request)
    link, refusal = _link(request, code)
    if link is None or refusal is not None:
        return refusal or _nothing_here(request)
    now = timezone.now()
    state = link.state(now)
    if state == "ended":
        return _ended(request, link)
    if request.method != "POST":
        return _form(request, link, code, None if state == "full" else HandInForm(), [])
    if state == "full":
        return _form(request, link, code, None, [], status=409)
    if queries.times_since(link, now - timedelta(hours=1)) >= limits.EACH_HOUR:
        return _too_often(request)
    try:
        return _take(request, link, code)
    except TooManyFilesSent:
        reason = _("There are too many files for one go, and none was kept. Choose up to 100 at a time.")
    except BrokenOff as trouble:
        reason = str(trouble)
    except (MultiPartParserError, SuspiciousOperation):
        reason = _(
            "The upload could not be understood, and nothing was kept. Load this page again and choose the files."
        )
    return _form(request, link, code, HandInForm(), [(_("The upload"), reason)], status=400)


@login_not_required
@csrf_exempt
@kept_quiet
@sensitive_variables("code")
def receipt(request: HttpRequest, code: str, pk: UUID) -> HttpResponseBase:
    """Show what was handed in, with fingerprints and the time: to print or to keep. Also after the link has ended."""
    if request.method not in ("GET", "HEAD"):
        return _not_so(request)
    link, refusal = _link(request, code)
    hand_in = queries.hand_in_of(link, pk) if link is not None else None
    if link is None or hand_in is None:
        return refusal or _nothing_here(request)
    known = queries.is_known_address(link.request, hand_in.email)
    context = _about(link) | {
        "hand_in": hand_in,
        "mailed_to": hand_in.email if known else "",
        "code": codes.shown(codes.understood(code)),
        "is_open": link.state(timezone.now()) == "open",
    }
    return _shown(request, link, "receipt.html", context)


@login_not_required
@csrf_exempt
@kept_quiet
def nothing(request: HttpRequest, address: str) -> HttpResponseBase:
    """Answer an address that was cut off or written wrongly, and keep it out of the log all the same."""
    return _nothing_here(request)


# --- in order of use --------------------------------------------------------------------------------------------------


def _link(request: HttpRequest, code: str) -> tuple[AgencyLink | None, HttpResponseBase | None]:
    """Return the link of a secret, or what to answer instead. A revoked one is as one that never was."""
    link = queries.by_code(code)
    if link is not None and link.revoked_at is None:
        return link, None
    return None, _nothing_here(request) if _may_try_again(request) else _too_often(request)


def _take(request: HttpRequest, link: AgencyLink, code: str) -> HttpResponseBase:
    uploads = MeteredUploads(request, documents.the_store(), documents.upload_limit(), link)
    request.upload_handlers = [uploads]
    form = HandInForm(request.POST, request.FILES)
    is_valid = form.is_valid()
    refused = [(name, said_to_agency(trouble)) for name, trouble in uploads.refused]
    if not is_valid:
        if refused:
            form.errors.pop("files", None)  # there were files: those named above, with the true reason
        return _form(request, link, code, form, refused, status=422)
    outcome = services.hand_in(
        link,
        [services.GivenFile(given_name(file), file) for file in form.cleaned_data["files"]],
        by_whom=form.cleaned_data["by_whom"],
        email=form.cleaned_data["email"],
        message=form.cleaned_data["message"],
        refused=refused,
        now=timezone.now(),
    )
    if outcome.hand_in is None:
        link.refresh_from_db()
        return _form(request, link, code, form, outcome.refused, status=422)
    return redirect("hand_in:receipt", codes.shown(codes.understood(code)), outcome.hand_in.pk)


def _form(
    request: HttpRequest,
    link: AgencyLink,
    code: str,
    form: HandInForm | None,
    refused: list[tuple[str, str]],
    status: int = 200,
) -> HttpResponse:
    context = _about(link) | {
        "form": form,
        "refused": refused,
        "link": link,
        "megabytes_left": link.bytes_left // limits.MB,
        "limit_mb": documents.upload_limit() // limits.MB,
        "here": codes.shown(codes.understood(code)),
    }
    return _shown(request, link, "page.html", context, status)


def _about(link: AgencyLink) -> dict[str, Any]:
    return {
        "records_request": link.request,
        "organisation": settings.ORGANISATION_NAME,
        "sent_on": _sent_on(link.request),
    }


def _sent_on(records_request: RecordsRequest) -> date:
    sent = Event.objects.filter(request=records_request, kind=EventKind.SENT, corrected_by=None)
    first = sent.order_by("sequence").values_list("happened_on", flat=True).first()
    return first or records_request.opened_at.date()


def _ended(request: HttpRequest, link: AgencyLink) -> HttpResponse:
    return _shown(request, link, "ended.html", _about(link) | {"link": link}, 410)


def _shown(
    request: HttpRequest, link: AgencyLink, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Return a page whose moments are those of the agency's own clock."""
    with timezone.override(lawbook.zone_of(link.request.jurisdiction)):
        return _rendered(request, template, context, status)


def _rendered(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    # Asked for a token, Django would set a cookie; nothing here needs one.
    return render(request, f"documents/handed_in/{template}", {**context, "csrf_token": ""}, status=status)


def _may_try_again(request: HttpRequest) -> bool:
    """Count a try that opened nothing (settings.ACCOUNT_RATE_LIMITS), and return whether there may be more."""
    return bool(ratelimit.consume(request, action="wrong_agency_link"))


def _nothing_here(request: HttpRequest) -> HttpResponse:
    """Return the one answer to every address that opens nothing, so that none says more than another."""
    return _said(
        request,
        404,
        _("This link opens nothing"),
        _(
            "It was cut off, written wrongly, or is not used any more. Compare it with what you were given, or write "
            "to whoever gave it to you for another."
        ),
    )


def _too_often(request: HttpRequest) -> HttpResponse:
    text = _("Nothing is lost. Wait a while, then go on; what was handed in before is kept.")
    response = _said(request, 429, _("Too many tries"), text)
    response["Retry-After"] = "3600"
    return response


def _not_so(request: HttpRequest) -> HttpResponse:
    response = _said(request, 405, _("This page cannot be used so"), _("Open it in a browser."))
    response["Allow"] = "GET, HEAD, POST"
    return response


def _said(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    return _rendered(request, "said.html", {"heading": heading, "text": text}, status)
