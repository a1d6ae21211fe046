"""Where a mail provider posts mail. For a program that can prove who it is; no person opens it."""

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

from requests_app.correspondence.incoming.ways import proofs, webhook
from requests_app.documents.store import NO_ROOM, StoreTrouble

log = logging.getLogger(__name__)


@csrf_exempt  # it carries no cookie of anybody: the signature says who posts
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take in one mail that is signed as we ask. 200 only when it is on the disk and in a row.

    The answer tells nothing about requests. 503 and 507 mean that the provider should try again. Without
    MAIL_WEBHOOK_SECRET there is no such address.
    """
    secret = _needed(settings.MAIL_WEBHOOK_SECRET)
    return _receive(request, proofs.OwnSignature(secret, seconds=settings.MAIL_WEBHOOK_MAX_AGE_SECONDS))


@csrf_exempt
@login_not_required
@require_POST
def receive_mailgun(request: HttpRequest) -> HttpResponse:
    """Take in one mail as a route of Mailgun posts it. Only 200 and 406 make Mailgun stop."""
    return _receive(request, proofs.MailgunSignature(_needed(settings.MAIL_WEBHOOK_MAILGUN_KEY)), taken_before=406)


@csrf_exempt
@login_not_required
@require_POST
def receive_sendgrid(request: HttpRequest) -> HttpResponse:
    """Take in one mail as SendGrid's Inbound Parse posts it, signed. It tries again after a 5xx."""
    return _receive(request, proofs.SendGridSignature(_needed(settings.MAIL_WEBHOOK_SENDGRID_KEY)))


@csrf_exempt
@login_not_required
@require_POST
def receive_with_password(request: HttpRequest) -> HttpResponse:
    """Take in one mail of a provider that signs nothing (Postmark), by name and password."""
    return _receive(request, proofs.NameAndPassword(_needed(settings.MAIL_WEBHOOK_PASSWORD)))


def _needed(setting: str) -> str:
    if not setting:
        raise Http404
    return setting


def _receive(request: HttpRequest, proof: proofs.Proof, *, taken_before: int = 409) -> HttpResponse:
    post = webhook.Post(
        headers=request.headers,
        content_type=request.headers.get("Content-Type", ""),
        length=_length(request.META.get("CONTENT_LENGTH")),
    )
    try:
        webhook.receive(post, request, proof=proof, taken_before=taken_before, now=timezone.now())
    except proofs.Refused as refusal:
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
