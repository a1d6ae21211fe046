"""How django-allauth behaves here: accounts by invitation only, secrets sealed, warnings through our own notices."""

from __future__ import annotations

import logging
import smtplib
import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.people import services
from requests_app.people.models import Person
from requests_app.people.preferences import Topic
from requests_app.people.sealed import seal, unseal

log = logging.getLogger(__name__)

# What a person is told when the keys to their account change, by the name of allauth's own mail.
SECURITY_NEWS: dict[str, Promise] = {
    "account/email/password_changed": gettext_lazy("Your password was changed."),
    "account/email/password_reset": gettext_lazy("Your password was set anew from a mailed link."),
    "account/email/password_set": gettext_lazy("A password was set for your account."),
    "mfa/email/totp_activated": gettext_lazy("An authenticator app was added to your account."),
    "mfa/email/totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "mfa/email/recovery_codes_generated": gettext_lazy("New recovery codes were made for your account."),
    "mfa/email/webauthn_added": gettext_lazy("A passkey was added to your account."),
    "mfa/email/webauthn_removed": gettext_lazy("A passkey was removed from your account."),
}


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closes public sign-up: `services.accept_invitation` is the one way in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a password link at once: it is worth nothing later. Say so when the mail server does not take it."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as trouble:
            log.error("mail %s not sent: %s", template_prefix, type(trouble).__name__)
            page = render(self.request, "account/mail_not_sent.html", status=503)
            raise ImmediateHttpResponse(page) from trouble

    def send_notification_mail(
        self, template_prefix: str, user: Person, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Warn the person through the outbox, so that a mail server that is down delays no page."""
        news = SECURITY_NEWS.get(template_prefix)
        if news is None:
            return
        services.queue_notice(
            user,
            key=f"security:{user.pk}:{uuid.uuid4()}",  # the same act twice is news twice
            subject=str(news),
            text=_("%(news)s If this was you, there is nothing to do. If not, tell an administrator at once.")
            % {"news": news},
            why=_("You get this whenever the way you sign in changes."),
            path=reverse("people:me"),
            topic=Topic.ACCOUNT,
            now=timezone.now(),
        )


class SealingMfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps the secrets of authenticator apps and recovery codes sealed in the database."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "Daylight"

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        """Return the name that a new passkey has until its owner gives it a better one."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("My device") if number == 1 else _("My device %(number)s") % {"number": number}
