"""Writes the mails of this room: text and HTML, an unchanging Message-ID, and the sign that a program sent it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.people.tokens import token_of

if TYPE_CHECKING:
    from requests_app.people.models import Notice, SignInLink


def message_id(kind: str, key: str) -> str:
    """Return the Message-ID of a mail, the same for the same key: a mailbox folds a repeated one into the first."""
    return f"<{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}@{settings.REPLY_DOMAIN}>"


def absolute(path: str) -> str:
    """Return the public address of a path of this site; empty for an empty path."""
    return f"{settings.SITE_URL}{path}" if path else ""


def compose_notice(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail of one notice."""
    return _compose(
        "notice",
        {
            "text": notice.text,
            "why": notice.why,
            "url": absolute(notice.path),
            "settings_url": absolute(reverse("people:me")),
        },
        subject=notice.subject,
        to=notice.to or notice.recipient.email,
        message_id=notice.message_id,
    )


def compose_invitation(link: SignInLink, message_id: str) -> EmailMultiAlternatives:
    """Return the mail that brings an invitation."""
    return _compose(
        "invitation",
        {
            "organisation": settings.ORGANISATION_NAME,
            "inviter": link.made_by.handle if link.made_by else "",
            "url": link_url(link),
            # The last whole day on which it surely works, whatever time zone the reader is in.
            "last_day": link.expires_at - timedelta(days=1),
        },
        subject=_("You are invited to Daylight"),
        to=link.email,
        message_id=message_id,
    )


def compose_new_address(link: SignInLink, message_id: str) -> EmailMultiAlternatives:
    """Return the mail by which a new address proves that it is its owner's."""
    return _compose(
        "new_address",
        {"handle": link.person.handle if link.person else "", "url": link_url(link)},
        subject=_("Is this your new e-mail address?"),
        to=link.email,
        message_id=message_id,
    )


_OPENS = {"invitation": "people:accept", "recovery": "people:way-in", "new_address": "people:confirm-address"}


def link_url(link: SignInLink) -> str:
    """Return the address that opens a one-time link. Show it to the person it is for, and log it nowhere."""
    return absolute(reverse(_OPENS[link.purpose], args=[token_of(link.nonce)]))


def _compose(
    template: str, context: dict[str, Any], *, subject: str, to: str, message_id: str
) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        # A header has one line: a newline from a subject would begin another header.
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{' '.join(subject.split())}",
        body=render_to_string(f"people/mail/{template}.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        headers={
            "Message-ID": message_id,
            # RFC 3834, section 5: no vacation reply wanted.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(render_to_string(f"people/mail/{template}.html", context), "text/html")
    return mail
