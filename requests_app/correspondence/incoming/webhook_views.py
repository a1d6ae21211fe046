"""Where a mail provider posts mail. For a program that has the secret; no person opens it."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from requests_app.correspondence.incoming.ways import webhook
from requests_app.documents.store import NO_ROOM, StoreTrouble

log = logging.getLogger(__name__)


@csrf_exempt  # it carries no cookie of anybody: the signature says who posts
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take in one mail. 200 only when it is on the disk and in a row; the answer tells nothing about requests.

    503 and 507 mean that the provider should try again. Without MAIL_WEBHOOK_SECRET there is no such address.
    """
    if not settings.MAIL_WEBHOOK_SECRET:
        raise Http404
    post = webhook.Post(
        timestamp=request.headers.get("X-Mail-Timestamp", ""),
        signature=request.headers.get("X-Mail-Signature", ""),
        content_type=request.headers.get("Content-Type", ""),
        length=_length(request.META.get("CONTENT_LENGTH")),
    )
    try:
        webhook.receive(post, request, secret=settings.MAIL_WEBHOOK_SECRET, now=timezone.now())
    except webhook.Refused as refusal:
        log.warning("a posted mail was refused: %s", refusal.status)
        return _answer(refusal.status, str(refusal))
    except UnreadablePostError:
        return _answer(400, "The request ended before its length.")
    except (StoreTrouble, DatabaseError, OSError) as trouble:
        log.error("a posted mail could not be kept and must come again: %s", type(trouble).__name__)
        full = isinstance(trouble, StoreTrouble) or (isinstance(trouble, OSError) and trouble.errno in NO_ROOM)
        return _answer(507 if full else 503, "Nothing was kept: not enough room, or not ready. Post it again later.")
    return _answer(200, "Kept.")


def _length(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 16 else None


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
