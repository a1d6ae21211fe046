"""Writes the mails of this room: text and HTML, an unchanging Message-ID, and the sign that a program sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from requests_app.people.preferences import ALWAYS_MAILED, Topic
from requests_app.people.tokens import token_of
from requests_app.people.way_out import DIGESTS, WayOut, token_for, what_it_turns_off

if TYPE_CHECKING:
    from requests_app.people.models import Notice, Person, SignInLink


def message_id(kind: str, key: str) -> str:
    """Return the Message-ID of a mail, the same for the same key: a mailbox folds a repeated one into the first."""
    return f"<{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}@{settings.REPLY_DOMAIN}>"


def absolute(path: str) -> str:
    """Return the public address of a path of this site; empty for an empty path."""
    return f"{settings.SITE_URL}{path}" if path else ""


def compose_notice(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail of one notice. Its link opens what it is about and marks the notice as read."""
    topic = Topic(notice.topic)
    return _with_way_out(
        "notice",
        {
            "subject": notice.subject,
            "text": notice.text,
            "why": notice.why,
            "url": absolute(reverse("people:notice-open", args=[notice.pk])) if notice.path else "",
            "always": topic in ALWAYS_MAILED,
            "topic": str(topic),
        },
        recipient=notice.recipient,
        what=what_it_turns_off(topic),
        subject=notice.subject,
        to=notice.to or notice.recipient.email,
        message_id=notice.message_id,
    )


def compose_digest(
    recipient: Person, *, subject: str, sections: Sequence[Mapping[str, Any]], why: str, message_id: str
) -> EmailMultiAlternatives:
    """Return a digest. A section has `heading`, `lines` (each with `title`, `text`, `path`), `more` and `path`."""
    linked = [
        {
            **section,
            "url": absolute(section["path"]),
            "lines": [{**line, "url": absolute(line["path"])} for line in section["lines"]],
        }
        for section in sections
    ]
    return _with_way_out(
        "digest",
        {"subject": subject, "sections": linked, "why": why, "always": False, "topic": DIGESTS},
        recipient=recipient,
        what=DIGESTS,
        subject=subject,
        to=recipient.email,
        message_id=message_id,
    )


def _with_way_out(
    template: str, context: dict[str, Any], *, recipient: Person, what: str, subject: str, to: str, message_id: str
) -> EmailMultiAlternatives:
    """Return a mail in its reader's language that says how to end such mails, to people and to mail programs."""
    way_out = absolute(reverse("people:unsubscribe", args=[token_for(WayOut(recipient.pk, what))]))
    with translation.override(_language_of(recipient)):
        mail = _compose(
            template,
            context | {"way_out": way_out, "settings_url": absolute(reverse("people:preferences"))},
            subject=subject,
            to=to,
            message_id=message_id,
        )
    # RFC 2369 and RFC 8058: a mail program offers a button, and posts to the address for its reader.
    mail.extra_headers["List-Unsubscribe"] = f"<{way_out}>"
    mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return mail


def _language_of(person: Person) -> str:
    """Return the language in which a person is written to. One query, and none where there is no choice."""
    kept = getattr(person, "preferences", None) if len(settings.LANGUAGES) > 1 else None
    return kept.language if kept and kept.language else settings.LANGUAGE_CODE


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
