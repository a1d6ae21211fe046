"""Hands a finished message to the mail server, byte for byte, and brings back its answer."""

from __future__ import annotations

import contextlib
import hashlib
import smtplib
from email.utils import parseaddr
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from requests_app.people.outbox import AddressRefused, PermanentFailure, is_final


def send_raw(raw: bytes, to_address: str) -> str:
    """Send one message as it is and return the server's answer, such as "250 2.0.0 Ok: queued as 4F1".

    With no mail server configured (the embedded default) the message becomes a file in `EMAIL_FILE_PATH`.
    Raises AddressRefused or PermanentFailure for a 5xx answer to the address or to the message (RFC 5321, section
    4.2.1), and OSError or SMTPException when a later try may work: no connection, 4xx, a wrong password.
    """
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return _write_file(raw)
    # Django's backend connects, with STARTTLS, TLS and a password as EMAIL_URL says; the conversation is ours, because
    # sendmail() keeps the server's last answer to itself, and that answer is the proof of sending.
    backend = cast(EmailBackend, get_connection(timeout=settings.EMAIL_TIMEOUT))
    try:
        backend.open()
        return _converse(
            cast(smtplib.SMTP, backend.connection), parseaddr(settings.DEFAULT_FROM_EMAIL)[1], to_address, raw
        )
    finally:
        # Whatever goes wrong with the goodbye, the answer above stands: a message that was taken is not sent again.
        with contextlib.suppress(OSError):
            backend.close()


def _converse(server: smtplib.SMTP, sender: str, to_address: str, raw: bytes) -> str:
    server.ehlo_or_helo_if_needed()
    _expect(server.mail(sender))
    try:
        _expect(server.rcpt(to_address))
    except PermanentFailure as refusal:
        raise AddressRefused(str(refusal)) from refusal
    except UnicodeEncodeError as trouble:
        raise AddressRefused("The address has letters that the mail server cannot read.") from trouble
    try:
        answer = server.data(raw)
    except smtplib.SMTPDataError as refusal:
        answer = (refusal.smtp_code, _bytes(refusal.smtp_error))
    return _expect(answer)


def _expect(answer: tuple[int, bytes]) -> str:
    code, words = answer
    said = f"{code} {words.decode('utf-8', 'replace')}"
    if 200 <= code < 300:
        return said
    if is_final(code):
        raise PermanentFailure(said)
    raise smtplib.SMTPResponseException(code, words)


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _write_file(raw: bytes) -> str:
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir(parents=True, exist_ok=True)
    # Named by its content: the same message sent again after a crash is the same file.
    file = folder / f"letter-{hashlib.sha256(raw).hexdigest()[:32]}.eml"
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(raw)
    unfinished.replace(file)
    return f"written to {file.name}: no mail server is configured"
