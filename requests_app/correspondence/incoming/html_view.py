"""A message as its sender laid it out, made harmless: a page of ours around a frame without any right; and its header.

Three walls stand behind one another: what is in the frame was cleaned (`safe_html`), in a process apart; its own
content policy lets it load nothing at all, for its pictures are inside it; and it is sandboxed, so that it can run no
script, send no form and lead nowhere. Where one has a hole, the others hold.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.correspondence.incoming import permissions, queries, services
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.safe_page import SafePage
from requests_app.correspondence.incoming.showing import harmless

log = logging.getLogger(__name__)

SECONDS: Final = 10.0  # somebody waits for it
LONGEST_HEADER: Final = 128 * 1024  # bytes shown; real ones have 5 KB, those of mailing systems 30 KB
FRAME_POLICY: Final = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "img-src data:",  # our own drawings of the mail's pictures, inside the page
        "style-src 'unsafe-inline'",  # ours, and the few styles of `safe_html`: none of them can load anything
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)


@require_GET
def formatted(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message as its sender laid it out, in a frame; its text stays the page of the message."""
    found = _with_page(request, pk)
    words = harmless(found.subject)[:80] or _("(no subject)")
    back = reverse("correspondence:message", args=[found.pk])
    start = (
        [(_("Mail that waits"), reverse("correspondence:mail"))] if permissions.can_settle_mail(request.user) else []
    )
    context = {
        "message": found,
        "frame_url": reverse("correspondence:message-frame", args=[found.pk]),
        "back": back,
        "crumbs": [*start, (words, back), (_("As it was laid out"), "")],
    }
    return render(request, "correspondence/incoming/formatted.html", context)


@require_GET
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the inside of the frame."""
    found = _with_page(request, pk)
    page = _page_of(found)
    links = page.links if page else ()
    context = {
        "page": page,
        "links": [(harmless(link.words), harmless(link.target), link.says_otherwise) for link in links],
    }
    response = render(request, "correspondence/incoming/frame.html", context)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
def headers(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole header block of a message as it came, its letters made harmless."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    found = get_object_or_404(queries.messages_for(request.user).only("pk", "raw", "subject"), pk=pk)
    words = harmless(found.subject)[:80] or _("(no subject)")
    back = reverse("correspondence:message", args=[found.pk])
    context = {
        "message": found,
        "header": _header_block(found),
        "back": back,
        "crumbs": [(_("Mail that waits"), reverse("correspondence:mail")), (words, back), (_("Header"), "")],
    }
    return render(request, "correspondence/incoming/headers.html", context)


def _header_block(found: IncomingMessage) -> str:
    """Return what stands above the first empty line of a mail, at most `LONGEST_HEADER`; "" when the mail is gone."""
    try:
        with services.the_mail_store().open(found.raw_id) as file:
            start = file.read(LONGEST_HEADER)
    except FileNotFoundError:
        return ""
    block = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    return harmless(block.decode("utf-8", "replace"), lines=True)


def _page_of(found: IncomingMessage) -> SafePage | None:
    """Return the page of a message; None when it cannot be shown."""
    path = services.the_mail_store().path(found.raw_id)
    if not path.exists():
        return None
    try:
        with Reader(seconds=SECONDS) as reader:
            return reader.page(path)
    except NotRead as trouble:
        log.warning("the page of message %s cannot be shown: %s", found.pk, trouble.code)
        return None


def _with_page(request: HttpRequest, pk: int) -> IncomingMessage:
    """Return a message that this person may read and that has a page; else 404."""
    rows = queries.messages_for(request.user).exclude(html="")
    return get_object_or_404(rows.only("pk", "raw", "subject"), pk=pk)
