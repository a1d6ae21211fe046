"""Hands a finished message to the mail server, byte for byte, and brings back its answer."""

from __future__ import annotations

import smtplib
import uuid
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection

from requests_app.people.outbox import PermanentFailure


def send_raw(raw: bytes, to_address: str) -> str:
    """Send one message as it is and return the server's answer, such as "250 2.0.0 Ok: queued as 4F1".

    With no mail server configured (the embedded default) the message becomes a file in `EMAIL_FILE_PATH`.
    Raises PermanentFailure for a 5xx answer (RFC 5321, section 4.2.1), and OSError or SMTPException when a later
    try may work.
    """
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return _write_file(raw)
    backend = get_connection(timeout=settings.EMAIL_TIMEOUT)
    backend.open()
    try:
        return _converse(backend.connection, parseaddr(settings.DEFAULT_FROM_EMAIL)[1], to_address, raw)
    finally:
        backend.close()


def _converse(server: smtplib.SMTP, sender: str, to_address: str, raw: bytes) -> str:
    _expect(server.mail(sender))
    _expect(server.rcpt(to_address))
    return _expect(server.data(raw))


def _expect(answer: tuple[int, bytes]) -> str:
    code, words = answer
    said = f"{code} {words.decode('utf-8', 'replace')}"
    if 200 <= code < 300:
        return said
    if code >= 500:
        raise PermanentFailure(said)
    raise smtplib.SMTPResponseException(code, words)


def _write_file(raw: bytes) -> str:
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"letter-{uuid.uuid4().hex}.eml"
    file.write_bytes(raw)
    return f"written to {file.name}: no mail server is configured"
