"""Machines that answer: away, received, prove you are human, read, not delivered; and people who sound like one."""

from __future__ import annotations

import pytest

from requests_app.correspondence.parsing import parse_message
from tests.correspondence.parsing.builders import attribute, file, mail, mapi, part, tnef, unicode, whole
from tests.correspondence.parsing.seeds import SEEDS, auto, bounce, plain_bounce

AWAY = "I am out of the office until June 8 and will return your message then."
RECEIVED = "Thank you for contacting the Records Division. We have received your message."
GROUP = "Final-Recipient: rfc822; gone@agency.example\r\nAction: {action}\r\nStatus: {status}"
FAILED = GROUP.format(action="failed", status="5.1.1")
RETURNED = (
    "\n\nReturn-Path: <replies@people.example>\nMessage-ID: <ours-1@people.example>\nSubject: Request\n\nOur letter."
)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param(auto("Away", AWAY, "Auto-Submitted: auto-replied"), "out_of_office", id="rfc-3834"),
        pytest.param(
            auto("Away", AWAY, "Auto-Submitted: auto-replied (vacation)"), "out_of_office", id="rfc-3834-with-comment"
        ),
        pytest.param(auto("Your mail", RECEIVED, "Auto-Submitted: auto-replied"), "acknowledgment", id="received"),
        pytest.param(auto("Your mail", "Hello.", "Auto-Submitted: auto-replied"), "other", id="says-nothing"),
        pytest.param(auto("Your mail", RECEIVED, "Precedence: auto_reply"), "acknowledgment", id="precedence"),
        pytest.param(auto("Away", AWAY, "X-Autoreply: yes"), "out_of_office", id="x-autoreply"),
        pytest.param(auto("Away", AWAY, "X-Autorespond: Request"), "out_of_office", id="x-autorespond"),
        pytest.param(auto("Away", AWAY, "X-POST-MessageClass: 9; Autoresponder"), "out_of_office", id="notes"),
        pytest.param(SEEDS["out-of-office"], "out_of_office", id="microsoft-365"),
        pytest.param(auto("Automatic reply: Request", RECEIVED), "acknowledgment", id="subject-only"),
        pytest.param(auto("Out of Office: Request", "Back soon."), "out_of_office", id="subject-says-away"),
        pytest.param(auto("[EXTERNAL] Automatic reply: Request", AWAY), "out_of_office", id="tag-before-the-subject"),
        pytest.param(auto("Réponse automatique : Demande", "Absent"), "other", id="french"),
        pytest.param(auto("Abwesenheitsnotiz: Anfrage", "Ich bin abwesend"), "out_of_office", id="german"),
        pytest.param(
            auto("Please confirm your message to clerk", "To have your message delivered, please click the link."),
            "challenge",
            id="challenge-in-words",
        ),
        pytest.param(auto("Hello", "Hello", "X-TMDA-Fingerprint: abc"), "challenge", id="challenge-by-header"),
        pytest.param(
            auto("Your message", "Please verify that you are a human.", "Auto-Submitted: auto-replied"),
            "challenge",
            id="challenge-by-a-machine",
        ),
        pytest.param(SEEDS["receipt"], "receipt", id="read-receipt"),
        pytest.param(
            bounce("Still trying.", GROUP.format(action="delayed", status="4.4.1")), "delivery_report", id="delayed"
        ),
        pytest.param(
            bounce("Done.", GROUP.format(action="delivered", status="2.0.0")), "delivery_report", id="delivered"
        ),
    ],
)
def test_automatic_replies(raw, kind):
    message = parse_message(raw)
    assert (message.auto_reply, message.is_auto_reply, message.is_automatic) == (kind, True, True)
    assert not message.is_bounce


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mail(), id="dull"),
        pytest.param(auto("Re: Out of office", "I was away. Here are your records."), id="answer-about-an-absence"),
        pytest.param(
            auto("Request", "I am out of the office tomorrow, so here it is today."), id="a-person-who-will-be-away"
        ),
        pytest.param(auto("Request", RECEIVED), id="a-person-who-says-received"),
        pytest.param(
            auto("Request", "Please confirm that you are a resident.", "Auto-Submitted: no"), id="said-not-to-be"
        ),
        pytest.param(auto("Please confirm your message of June 1", "Did you mean 2025?"), id="a-person-who-asks-back"),
        pytest.param(auto("Leave policy", "On leave policies: see attached."), id="a-letter-about-leave"),
    ],
)
def test_people_are_no_machines(raw):
    message = parse_message(raw)
    assert (message.is_auto_reply, message.is_automatic, message.is_bounce, message.bounce) == (
        False,
        False,
        False,
        None,
    )


@pytest.mark.parametrize(
    "line", ["Auto-Submitted: auto-generated", "Precedence: bulk", "List-Id: <news.agency.example>"]
)
def test_a_portals_notice_is_written_by_a_machine_but_can_be_the_answer(line):
    message = parse_message(
        auto("Your records are ready", "Your request R-12 was closed. Records are in the portal.", line)
    )
    assert (message.is_auto_reply, message.is_automatic) == (False, True)


def test_a_read_receipt_names_our_letter():
    receipt = parse_message(SEEDS["receipt"]).receipt
    assert receipt is not None
    assert (receipt.disposition, receipt.recipient) == ("displayed", "clerk@agency.example")
    assert receipt.original_message_id == "<ours-1@people.example>"


def test_a_read_receipt_of_outlook_in_winmail():
    stream = tnef(attribute(1, 0x69003, mapi((0x1F, 0x001A, unicode("REPORT.IPM.Note.IPNRN")))))
    raw = whole("mixed", part("text/plain", b"Read"), file("winmail.dat", stream, "application/ms-tnef"))
    assert (
        parse_message(raw.replace(b"Subject:", b"In-Reply-To: <ours-1@people.example>\r\nSubject:")).auto_reply
        == "receipt"
    )


SENDMAIL = (
    "The original message was received at Mon, 1 Jun 2026\n\n   ----- The following addresses had permanent "
    "fatal errors -----\n"
    "<gone@agency.example>\n    (reason: 550 5.1.1 <gone@agency.example>... User unknown)\n\n"
    "   ----- Transcript of session follows -----\n550 5.1.1 <gone@agency.example>... User unknown\n\n"
    "   ----- Original message follows -----" + RETURNED
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
    "delivered to one or more "
    "of its recipients. This is a permanent error. The following address(es) failed:\n\n  gone@agency.example\n"
    "    host mx.agency.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO: 550 No such user\n\n"
    "------ This is a copy of the message, including all the headers. ------" + RETURNED
)
EXCHANGE = (
    "Your message did not reach some or all of the intended recipients.\n\n      Subject:  Request\n      Sent:  "
    "6/1/2026 10:00 AM\n\n"
    "The following recipient(s) cannot be reached:\n\n      gone@agency.example on 6/1/2026 10:00 AM\n           "
    " The e-mail account does "
    "not exist at the organization this message was sent to.\n            <mx.agency.example #5.1.1>\n"
)
NOTES = (
    "Your message\n\n  Subject: Request\n\nwas not delivered to:\n\n  gone@agency.example\n\n"
    "because:\n\n  User gone not listed in directory\n"
)
M365 = (
    "Your message to gone@agency.example couldn't be delivered.\ngone wasn't found at agency.example.\n"
    "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\n"
)


@pytest.mark.parametrize(
    ("raw", "status", "original"),
    [
        pytest.param(SEEDS["bounce"], "5.1.1", True, id="rfc-3464"),
        pytest.param(bounce("Failed.", "Reporting-MTA: dns; x", FAILED), "5.1.1", True, id="postfix"),
        pytest.param(bounce("Failed.", "Reporting-MTA: dns; x\r\n" + FAILED), "5.1.1", True, id="groups-run-together"),
        pytest.param(
            bounce(
                "x",
                FAILED,
                returned=part("text/rfc822-headers", b"Message-ID: <ours-1@people.example>\r\nSubject: Request\r\n"),
            ),
            "5.1.1",
            True,
            id="only-headers-returned",
        ),
        pytest.param(
            bounce("x", "Final-Recipient: rfc822; gone@agency.example\r\nStatus: 5.2.2 (mailbox full)"),
            "5.2.2",
            True,
            id="no-action",
        ),
        pytest.param(
            bounce(
                "x",
                "Final-Recipient: rfc822; gone@agency.example\r\nAction: failed\r\nDiagnostic-Code: smtp; 550 "
                "5.7.1 Denied",
            ),
            "5.7.1",
            True,
            id="status-only-in-the-diagnosis",
        ),
        pytest.param(SEEDS["qmail"], "5.1.1", True, id="qmail"),
        pytest.param(plain_bounce("Returned mail: see transcript for details", SENDMAIL), "5.1.1", True, id="sendmail"),
        pytest.param(
            plain_bounce(
                "Mail delivery failed: returning message to sender", EXIM, "X-Failed-Recipients: gone@agency.example"
            ),
            "5.0.0",
            True,
            id="exim",
        ),
        pytest.param(
            plain_bounce("Mail delivery failed: returning message to sender", EXIM),
            "5.0.0",
            True,
            id="exim-without-its-header",
        ),
        pytest.param(
            plain_bounce("Undeliverable: Request", EXCHANGE, sender="System Administrator <postmaster@agency.example>"),
            "5.1.1",
            False,
            id="exchange-of-old",
        ),
        pytest.param(
            plain_bounce(
                "DELIVERY FAILURE: User gone not listed", NOTES, "Return-Path: <>", sender="Postmaster@agency.example"
            ),
            "",
            False,
            id="lotus-notes",
        ),
        pytest.param(
            plain_bounce("Undeliverable: Request", M365, "X-MS-Exchange-Message-Is-Ndr:", sender="<>"),
            "5.1.10",
            False,
            id="microsoft-365-in-words",
        ),
    ],
)
def test_reports_that_a_letter_did_not_arrive(raw, status, original):
    message = parse_message(raw)
    assert message.is_bounce
    assert not message.is_auto_reply
    assert message.bounce is not None
    assert (message.bounce.kind, message.bounce.recipient, message.bounce.status) == (
        "failed",
        "gone@agency.example",
        status,
    )
    assert message.bounce.original_message_id == ("<ours-1@people.example>" if original else "")


def test_a_report_about_several_recipients_tells_the_worst_first():
    groups = [
        GROUP.format(action="delivered", status="2.0.0").replace("gone", "here"),
        FAILED,
        "Action: delayed\r\nStatus: 4.4.1",
    ]
    report = parse_message(bounce("x", "Reporting-MTA: dns; x", *groups)).bounce
    assert report is not None
    assert (report.kind, report.recipient) == ("failed", "gone@agency.example")
    assert [(one.address, one.action) for one in report.recipients] == [
        ("here@agency.example", "delivered"),
        ("gone@agency.example", "failed"),
        ("", "delayed"),
    ]


def test_a_warning_that_a_letter_is_late_is_no_bounce():
    text = (
        "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n"
        "Delivery to gone@agency.example has been delayed."
    )
    message = parse_message(plain_bounce("Warning: could not send message for past 4 hours", text))
    assert message.bounce is not None
    assert (message.bounce.kind, message.is_bounce, message.auto_reply) == ("delayed", False, "delivery_report")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            plain_bounce("FW: Undeliverable: Request", EXCHANGE, sender="Clerk <clerk@agency.example>"),
            id="a-person-forwards-a-bounce",
        ),
        pytest.param(
            plain_bounce(
                "Undeliverable records", "We could not deliver the box.", sender="Clerk <clerk@agency.example>"
            ),
            id="a-person-on-a-parcel",
        ),
        pytest.param(
            plain_bounce("Your request", "Please write to records@agency.example.", sender="postmaster@agency.example"),
            id="a-postmaster-who-writes",
        ),
        pytest.param(
            plain_bounce(
                "Your request", "We received your letter.", "Return-Path: <>", sender="Portal <portal@agency.example>"
            ),
            id="a-portal-without-return-path",
        ),
    ],
)
def test_what_is_no_report(raw):
    message = parse_message(raw)
    assert (message.bounce, message.is_bounce) == (None, False)


def test_a_bounce_inside_a_forwarded_message_is_not_ours():
    raw = whole(
        "mixed", part("text/plain", b"See the bounce I got."), part("message/rfc822", SEEDS["bounce"]), boundary="outer"
    )
    message = parse_message(raw)
    assert message.bounce is None
    assert message.text == "See the bounce I got."
