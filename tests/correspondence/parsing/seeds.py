"""One small mail for each thing that agencies and their servers really send: seeds of the tables and of the fuzzing."""

from __future__ import annotations

import base64
import binascii

from tests.correspondence.parsing.builders import (
    CRLF,
    compress_rtf,
    file,
    headers,
    mail,
    mapi,
    multipart,
    part,
    parts,
    saved_message,
    tnef,
    tnef_file,
    unicode,
    whole,
    winmail,
)
from tests.correspondence.parsing.builders import attribute as tnef_attribute

PDF = b"%PDF-1.4 \x00\xff letter"
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
ORIGINAL = (
    headers(
        "From: replies@people.example",
        "To: gone@agency.example",
        "Subject: Request",
        "Message-ID: <ours-1@people.example>",
    )
    + b"Our letter.\r\n"
)
INVITATION = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Call about scope\\, part 1\r\n"
    b"DTSTART;TZID=America/New_York:20260601T100000\r\nDTEND:20260601T140000Z\r\nLOCATION:By\r\n  phone\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def uuencoded(name: str, content: bytes) -> bytes:
    """A file as it was written into a text in old times."""
    lines = [binascii.b2a_uu(content[place : place + 45]) for place in range(0, len(content), 45)]
    return b"begin 644 " + name.encode() + b"\n" + b"".join(lines) + b"`\nend\n"


def status_report(*groups: str) -> bytes:
    """A machine-readable delivery report."""
    return part("message/delivery-status", "\r\n\r\n".join(groups).encode() + CRLF)


def bounce(human: str, *groups: str, returned: bytes = b"", report: str = "delivery-status") -> bytes:
    """A report as RFC 3464 has it."""
    children = [part("text/plain", human.encode()), status_report(*groups)]
    children.append(returned or part("message/rfc822", ORIGINAL))
    return mail(
        f'Content-Type: multipart/report; report-type={report}; boundary="=-limit"',
        "Auto-Submitted: auto-replied",
        "Return-Path: <>",
        body=parts(*children),
        sender="Mail Delivery System <MAILER-DAEMON@mx.agency.example>",
    )


def plain_bounce(
    subject: str, text: str, *extra: str, sender: str = "Mail Delivery System <MAILER-DAEMON@mx.agency.example>"
) -> bytes:
    """A report in words only."""
    return (
        headers(
            f"From: {sender}",
            "To: replies@people.example",
            f"Subject: {subject}",
            "Date: 1 Jun 2026 10:00:00 -0400",
            *extra,
        )
        + text.encode()
    )


def auto(subject: str, text: str, *extra: str) -> bytes:
    """A mail that a machine may have written."""
    return (
        headers("From: Clerk <clerk@agency.example>", "To: replies@people.example", f"Subject: {subject}", *extra)
        + text.encode()
    )


RTF = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\f0 "
    rb"Dear requester,\par We found 3 records \'96 attached.\par}"
)
ENCLOSED = headers(
    "From: Clerk <clerk@agency.example>",
    "Subject: =?utf-8?b?UmVjb3Jkcw==?=",
    "Message-ID: <inner@agency.example>",
    'Content-Type: multipart/mixed; boundary="inner"',
) + parts(part("text/plain", b"Inner letter"), file("records.pdf", PDF), boundary="inner")

SEEDS: dict[str, bytes] = {
    "plain": mail(),
    "latin": mail("Content-Type: text/plain; charset=iso-8859-1", body="Señor Muñoz – no".encode("cp1252")),
    "undeclared": mail(body="Se\u00f1or".encode("cp1252")),
    "utf7": mail("Content-Type: text/plain; charset=utf-7", body="Fee: 12 € – ünpaid".encode("utf-7")),
    "unknown-charset": mail("Content-Type: text/plain; charset=x-agency-9", body="Señor".encode()),
    "quoted-printable": mail(
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        body=b"Se=C3=B1or =\r\nMu=C3=B1oz",
    ),
    "html": mail(
        "Content-Type: text/html; charset=utf-8",
        body=b"<html><head><title>x</title></head><p>Dear &amp; requester</p><br>Bye</html>",
    ),
    "alternative": whole(
        "alternative", part("text/plain", b"Plain letter"), part("text/html", b"<p>Formatted letter</p>")
    ),
    "related": whole(
        "related",
        part("text/html", b'<img src="cid:logo">See'),
        part(
            "image/gif",
            PIXEL,
            "Content-ID: <logo>",
            'Content-Disposition: inline; filename="logo.gif"',
            encoding="base64",
        ),
    ),
    "attachment": whole("mixed", part("text/plain", b"See attached."), file("response letter.pdf", PDF)),
    "unfinished": whole("mixed", part("text/plain", b"See attached."), file("response.pdf", PDF), closed=False),
    "names-2231": whole(
        "mixed",
        part("text/plain", b"x"),
        part(
            "application/pdf",
            PDF,
            "Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9po; filename*1*=nse%20",
            "X-More: 1",
        ),
        part("application/pdf", PDF, "Content-Disposition: attachment; filename==?utf-8?Q?r=C3=A9ponse=2Epdf?="),
        part("application/pdf", PDF, "Content-Disposition: attachment; filename=Response letter final.pdf"),
        part("application/pdf", PDF, "Content-Disposition: attachment; filename*=x-unknown''r%E9ponse.pdf"),
    ),
    "forward": whole("mixed", part("text/plain", b"Fwd"), part("message/rfc822", ENCLOSED)),
    "digest": whole("digest", headers() + ENCLOSED, headers() + ORIGINAL),
    "uuencode": mail(body=b"See below.\n" + uuencoded("table.csv", b"a,b\n1,2\n") + b"Bye\n"),
    "winmail": whole("mixed", part("text/plain", b""), file("winmail.dat", winmail(), "application/ms-tnef")),
    "winmail-rtf": whole(
        "mixed",
        file(
            "winmail.dat",
            tnef(
                tnef_attribute(1, 0x69003, mapi((0x102, 0x1009, compress_rtf(RTF)), (0x1F, 0x0037, unicode("Rich")))),
                *tnef_file("a.txt", b"a"),
            ),
            "application/ms-tnef",
        ),
    ),
    "msg": whole(
        "mixed", part("text/plain", b"Saved"), file("saved.msg", saved_message(), "application/vnd.ms-outlook")
    ),
    "msg-itself": saved_message(),
    "rtf": mail("Content-Type: text/rtf", body=RTF),
    "smime": whole(
        "signed",
        part("text/plain", b"Signed"),
        file("smime.p7s", b"0\x80", "application/pkcs7-signature"),
        more='; protocol="application/pkcs7-signature"',
    ),
    "smime-closed": mail(
        'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
        "Content-Transfer-Encoding: base64",
        body=base64.encodebytes(b"0\x80secret"),
    ),
    "pgp": whole(
        "encrypted",
        part("application/pgp-encrypted", b"Version: 1"),
        part('application/octet-stream; name="encrypted.asc"', b"x"),
        more='; protocol="application/pgp-encrypted"',
    ),
    "calendar": whole("mixed", part("text/plain", b"Invitation"), part("text/calendar; method=REQUEST", INVITATION)),
    "flowed": mail(
        "Content-Type: text/plain; format=flowed",
        body=b"One line that \r\ngoes on.\r\n> quoted \r\n> too\r\n-- \r\nMe\r\n",
    ),
    "encoded-words": headers(
        'From: "=?iso-8859-1?Q?Mu=F1oz,_Jos=E9?=" <jose@agency.example>',
        'To: =?utf-8?B?w5xuw6ljw7Zk?= <a@people.example>, "Doe, John" <j@people.example>; undisclosed-recipients:;',
        "Subject: =?utf-8?B?5pel5pys6K?= =?utf-8?B?qe?= Re: =?utf-8?Q?request_=23?=",
        " =?utf-8?Q?_12?=",
        "Date: Thu, 32 Foo 2026",
        "Received: from a by b; Mon, 1 Jun 2026 10:00:00 +0000",
    )
    + b"x",
    "nested": whole(
        "mixed",
        multipart("mixed", multipart("alternative", part("text/plain", b"deep"), boundary="b3"), boundary="b2"),
        file("x.bin", b"\x00" * 300, "application/octet-stream"),
    ),
    "bounce": bounce(
        "The mail system could not deliver.",
        "Reporting-MTA: dns; mx.agency.example",
        "Final-Recipient: rfc822; gone@agency.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: "
        "smtp; 550 5.1.1 no such user",
    ),
    "receipt": mail(
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="=-limit"',
        body=parts(
            part("text/plain", b"Your message was displayed."),
            part(
                "message/disposition-notification",
                b"Final-Recipient: rfc822;clerk@agency.example\r\nOriginal-Message-ID: <ours-1@people.example>\r\n"
                b"Disposition: automatic-action/MDN-sent-automatically; displayed\r\n",
            ),
        ),
    ),
    "out-of-office": auto(
        "Automatic reply: Request", "I am out of the office until June 8.", "Auto-Submitted: auto-generated"
    ),
    "qmail": plain_bounce(
        "failure notice",
        "Hi. This is the qmail-send program at mx.agency.example.\nI'm afraid I wasn't able to deliver your "
        "message to the following "
        "addresses.\n\n<gone@agency.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this "
        "line is a copy of the "
        "message.\n\nReturn-Path: <replies@people.example>\nMessage-ID: <ours-1@people.example>\nSubject: "
        "Request\n\nOur letter.\n",
    ),
    "no-headers": b"just some text\nwithout any header\n",
    "old-mac": mail().replace(b"\r\n", b"\r"),
    "mailbox-line": b"From clerk Mon Jun  1 10:00:00 2026\n" + mail(),
    "empty": b"",
}
