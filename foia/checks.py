"""System checks: what the settings name must be usable. Each names the variable, the value and the remedy."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from requests_app.correspondence import mail_signature
from requests_app.correspondence.incoming import signatures
from requests_app.correspondence.incoming.ways.imap import Mailbox
from requests_app.correspondence.incoming.ways.proofs import public_key_of
from requests_app.correspondence.paper.faxing import NotAFaxNumber, gateway_address
from requests_app.documents.store.choosing import NotAnAddress, read_address


@register()
def folders_can_be_written(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that data and documents have a place to go."""
    problems: list[CheckMessage] = []
    for variable in ("DATA_DIR", "STORE_DIR", "DERIVED_DIR"):
        folder = getattr(settings, variable)
        nearest = _nearest_existing(Path(folder))
        if not os.access(nearest, os.W_OK):
            problems.append(
                Error(
                    f"{variable}={folder} cannot be written.",
                    hint="Choose another folder or change its owner.",
                    id="daylight.E001",
                )
            )
    return problems


@register()
def scans_have_a_folder(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when the folder of the scanner is not there, or its files could not be moved."""
    if not settings.SCAN_FOLDER:
        return []
    if Path(settings.SCAN_FOLDER).is_dir() and os.access(settings.SCAN_FOLDER, os.W_OK):
        return []
    return [
        Warning(
            f"SCAN_FOLDER={settings.SCAN_FOLDER} is no folder, or files in it cannot be moved. No scan is taken in.",
            hint="Make the folder, give its files to the account of the workers, or leave SCAN_FOLDER empty.",
            id="daylight.W005",
        )
    ]


@register()
def storage_can_be_understood(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that the address of the storage is one, and that the library for it is installed. Asks nobody."""
    if not settings.STORE_URL:
        return []
    try:
        read_address(settings.STORE_URL)
    except NotAnAddress as trouble:
        return [Error(str(trouble), hint="Or leave STORE_URL empty to keep files in STORE_DIR.", id="daylight.E009")]
    if importlib.util.find_spec("boto3") is None:
        return [
            Error(
                "STORE_URL names S3-compatible storage, and boto3 is not installed.",
                hint="Install it with: pip install boto3.",
                id="daylight.E008",
            )
        ]
    return []


@register()
def time_zone_exists(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that the organisation's time zone is one the machine knows."""
    try:
        ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return [
            Error(
                f"ORGANISATION_TIME_ZONE={settings.ORGANISATION_TIME_ZONE!r} is not a known time zone.",
                hint="Use an IANA name such as America/Chicago.",
                id="daylight.E002",
            )
        ]
    return []


@register()
def mail_goes_somewhere(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when a production server would write its letters to files instead of sending them."""
    if settings.PRODUCTION and not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return [
            Warning(
                "EMAIL_URL names no mail server: letters and reminders are written to files and reach nobody.",
                hint="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587.",
                id="daylight.W001",
            )
        ]
    return []


@register()
def mail_can_be_signed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that the key with which letters are signed is there and is one."""
    try:
        mail_signature.sign_if_configured(b"From: a@example.org\r\n\r\nA line.\r\n")
    except mail_signature.NoSigningKey as trouble:
        return [
            Error(
                f"DKIM_KEY_FILE={settings.DKIM_KEY_FILE} signs nothing. {trouble}",
                hint="Make a key with: openssl genrsa -out dkim.pem 2048. Or leave DKIM_KEY_FILE empty.",
                id="daylight.E003",
            )
        ]
    return []


@register()
def mail_comes_in(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that what names the mailbox can be understood, and warn where mail comes in and nobody's word counts."""
    problems: list[CheckMessage] = []
    for server in settings.MAIL_DNS_SERVERS if settings.MAIL_VERIFY_DKIM else ():
        try:
            signatures.server_of(server)
        except ValueError as trouble:
            problems.append(
                Error(
                    f"MAIL_DNS_SERVERS names {server!r}, which is no DNS server. {trouble}",
                    hint="Write addresses, not names, with a port where it is not 53: 192.0.2.1,127.0.0.1:5353.",
                    id="daylight.E006",
                )
            )
    if settings.MAIL_IN_IMAP_URL:
        try:
            Mailbox.from_url(settings.MAIL_IN_IMAP_URL)
        except ValueError as trouble:
            problems.append(
                Error(str(trouble), hint="Percent-encode the user and the password: @ is %40.", id="daylight.E004")
            )
        if settings.PRODUCTION and not settings.MAIL_AUTHSERV_ID and not settings.MAIL_TRUST_UNCHECKED:
            problems.append(
                Warning(
                    "MAIL_AUTHSERV_ID is empty: no server's word about senders counts, and mail that its sender's "
                    "domain did not sign waits for a person.",
                    hint="Set it to the name that your mail server writes into Authentication-Results.",
                    id="daylight.W004",
                )
            )
    return problems


@register()
def key_of_sendgrid_can_be_read(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that the key with which posted mail is checked is one: with a broken one, every mail would be refused."""
    if not settings.MAIL_WEBHOOK_SENDGRID_KEY:
        return []
    try:
        public_key_of(settings.MAIL_WEBHOOK_SENDGRID_KEY)
    except ValueError as trouble:
        return [
            Error(
                f"MAIL_WEBHOOK_SENDGRID_KEY cannot be used: {trouble}",
                hint="Copy the public key of the security policy, one line that begins with MFkw.",
                id="daylight.E007",
            )
        ]
    return []


@register()
def fax_gateway_can_be_told_a_number(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Prove that the pattern of the fax gateway makes an address."""
    if not settings.FAX_GATEWAY:
        return []
    named = sum(settings.FAX_GATEWAY.count(name) for name in ("{number}", "{national}"))
    try:
        if named == 1:
            gateway_address("(410) 555-0100", settings.FAX_GATEWAY)
            return []
    except NotAFaxNumber:
        pass  # said below, with the value
    return [
        Error(
            f"FAX_GATEWAY={settings.FAX_GATEWAY!r} makes no mail address.",
            hint="Write {number} or {national} once where the number belongs, such as {number}@fax.example.",
            id="daylight.E005",
        )
    ]


@register()
def claims_outlast_a_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when a mail that is still being sent could be taken for abandoned and be sent a second time."""
    claim = settings.OUTBOX_CLAIM_SECONDS
    enough = 12 * settings.EMAIL_TIMEOUT + 2 * settings.CLOCK_TOLERANCE_SECONDS
    if claim < enough:
        return [
            Warning(
                f"OUTBOX_CLAIM_SECONDS={claim} is shorter than a slow mail can take, so that a mail may be sent twice.",
                hint=f"Set it to {enough} or more (twelve times EMAIL_TIMEOUT and twice CLOCK_TOLERANCE_SECONDS), "
                "or leave it out.",
                id="daylight.W002",
            )
        ]
    return []


@register()
def reminders_moved_to_the_screen(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when variables are set that no longer do anything: somebody believes in days that nobody counts."""
    return [
        Warning(
            f"{variable} is set and does nothing any more: the days of reminders are chosen under Desk, Reminders.",
            hint=f"Set the same days there once, then take {variable} out of the environment and of .env.",
            id="daylight.W003",
        )
        for variable in ("REMINDER_LEAD_DAYS", "OWN_DUTY_LEAD_DAYS")
        if variable in os.environ
    ]


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
