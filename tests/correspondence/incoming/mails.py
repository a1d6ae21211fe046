"""Mails as agencies, mail servers and forgers write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any

AUTHSERV = "mx.reply.example"
ADDRESS = "records+md-2026-0007-k3v9x2ab@reply.example"
PDF = b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
CSV = b"year,queries\n2025,1200\n"
_numbers = count(1)


def mail(
    *,
    sender: str = "Records Office <records@agency.example>",
    to: str = ADDRESS,
    subject: str = "Your request",
    text: str = "We received your request.\n",
    files: tuple[tuple[str, bytes], ...] = (),
    proven: bool | None = True,
    top: tuple[str, ...] = (),
    **headers: str,
) -> bytes:
    """Return a mail. `proven`: what our mail server says of its sender; None: nothing. `top`: lines above all."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = "Tue, 03 Mar 2026 10:00:00 -0500"
    made["Message-ID"] = headers.pop("message_id", f"<mail{next(_numbers)}@agency.example>")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    for name, content in files:
        kind, _slash, ending = ("application/pdf" if name.endswith(".pdf") else "text/csv").partition("/")
        made.add_attachment(content, maintype=kind, subtype=ending, filename=name)
    domain = sender.rpartition("@")[2].strip("> ")
    said = {True: f"dmarc=pass header.from={domain}", False: f"dmarc=fail header.from={domain}", None: ""}[proven]
    lines = [*top, *([f"Authentication-Results: {AUTHSERV}; {said}"] if said else [])]
    return "".join(f"{line}\r\n" for line in lines).encode() + made.as_bytes()


def bounce(original: str, recipient: str = "records@agency.example", **facts: Any) -> bytes:
    """Return a mail server's report that the letter with this Message-ID did not arrive (RFC 3464)."""
    return (
        "Return-Path: <>\r\n"
        "From: Mail Delivery System <mailer-daemon@relay.example>\r\n"
        f"To: {facts.get('to', ADDRESS)}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Date: Tue, 03 Mar 2026 10:00:00 -0500\r\n"
        f"Message-ID: <bounce{next(_numbers)}@relay.example>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; relay.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()
