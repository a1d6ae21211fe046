"""Hands a finished message to the mail server, byte for byte, and brings back its answer."""

from __future__ import annotations

import contextlib
import email
import email.policy
import hashlib
import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from requests_app.people.outbox import AddressRefused, PermanentFailure, is_final


def send_raw(raw: bytes, to_address: str) -> str:
    """Send one message as it is and return the server's answer, such as "250 2.0.0 Ok: queued as 4F1".

    The envelope names the message's own From as its sender: what comes back of it, a report that it was or was not
    delivered, goes to the address of its request and to no other. Such a report is asked for where the server can
    (RFC 3461).

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
        return _converse(cast(smtplib.SMTP, backend.connection), _envelope_of(raw), to_address, raw)
    finally:
        # Whatever goes wrong with the goodbye, the answer above stands: a message that was taken is not sent again.
        with contextlib.suppress(OSError):
            backend.close()


@dataclass(frozen=True, slots=True)
class _Envelope:
    sender: str
    name: str  # the message's own, which a report of its delivery repeats


def _envelope_of(raw: bytes) -> _Envelope:
    head = email.message_from_bytes(raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n", policy=email.policy.SMTP)
    return _Envelope(parseaddr(str(head["From"]))[1], str(head["Message-ID"] or "").strip(" <>"))


def _converse(server: smtplib.SMTP, envelope: _Envelope, to_address: str, raw: bytes) -> str:
    server.ehlo_or_helo_if_needed()
    reports = server.has_extn("dsn")
    # RET=HDRS: of the letter, which carries a name and an address, only its headers travel back.
    named = [f"ENVID={_as_xtext(envelope.name)}"] if envelope.name else []
    _expect(server.mail(envelope.sender, ["RET=HDRS", *named] if reports else []))
    try:
        # The address as we have it travels along, so that a report names it although the mail was passed on elsewhere.
        asked = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_as_xtext(to_address)}"] if reports else []
        _expect(server.rcpt(to_address, asked))
    except PermanentFailure as refusal:
        raise AddressRefused(str(refusal)) from refusal
    except UnicodeEncodeError as trouble:
        raise AddressRefused("The address has letters that the mail server cannot read.") from trouble
    try:
        answer = server.data(raw)
    except smtplib.SMTPDataError as refusal:
        answer = (refusal.smtp_code, _bytes(refusal.smtp_error))
    return _expect(answer)


def _as_xtext(text: str) -> str:
    """Return text as an SMTP parameter carries it (RFC 3461, section 4)."""
    return "".join(sign if "!" <= sign <= "~" and sign not in "+=" else f"+{ord(sign):02X}" for sign in text)


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
