"""Delivery reports and read receipts: what became of a letter of ours.

The machine-readable report (RFC 3464) is believed first. Where there is none, the ways of single mail servers are
tried: Exim, qmail, Sendmail, Exchange, Lotus Notes. A person who forwards a report is no mail server: without a sign
that a server wrote the mail, its words alone make no bounce.
"""

from __future__ import annotations

import re
from typing import Final

from requests_app.correspondence.parsing.addresses import read_addresses
from requests_app.correspondence.parsing.charsets import clean_line
from requests_app.correspondence.parsing.gathering import Gathering
from requests_app.correspondence.parsing.headers import Headers, read_ids
from requests_app.correspondence.parsing.parsed import Bounce, BounceKind, ReadReceipt, RecipientReport

_ACTIONS: Final[dict[str, BounceKind]] = {
    "failed": "failed", "failure": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "relayed",
    "expanded": "expanded",
}  # fmt: skip
# The worst first: one recipient that failed makes the report a failure.
_WORST: Final[tuple[BounceKind, ...]] = ("failed", "delayed", "expanded", "relayed", "delivered")
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE: Final = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ -])")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,10}")
_OUR_ID: Final = re.compile(r"^[>\s]{0,20}Message-ID:\s{0,20}(<[!-;=?-~]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_SERVER: Final = re.compile(
    r"(?:mailer[-_. ]?daemon|postmaster|mail delivery (?:sub)?system|mailerdaemon|microsoftexchange[0-9a-f]{8,})",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"\s*(?:undeliver(?:able|ed)(?: mail| message)?\b|mail delivery (?:failed|failure|problem)"
    r"|delivery (?:status notification"
    r"|failure|has failed|report)|failure notice|returned mail|mail system error|message (?:not delivered"
    r"|undeliverable)"
    r"|nondeliverable mail|non[- ]?delivery|unable to deliver|warning: (?:could not send|message .{0,40}delayed)"
    r"|mail could not be delivered|(?:mail|message) delivery delayed|unzustellbar|mail failure|address not found)",
    re.IGNORECASE,
)
_FAILED_TEXT: Final = re.compile(
    r"could ?n[o']t be delivered|could not deliver|unable to deliver|wasn't able to deliver|was not delivered"
    r"|delivery (?:has )?failed"
    r"|did not reach|permanent (?:fatal )?error|cannot be reached|undeliverable|user unknown|mailbox unavailable"
    r"|mailbox (?:is )?full"
    r"|no such user|not listed in|address (?:not found|rejected)|couldn't be found|returned to sender|delivery failure",
    re.IGNORECASE,
)
_DELAYED: Final = re.compile(
    r"delayed|still trying|will (?:keep trying|be retried|continue)|not yet been delivered"
    r"|could not send message for|THIS IS A WARNING"
    r"|do not need to resend",
    re.IGNORECASE,
)
# After such a line stands the mail that came back.
_RETURNED: Final = re.compile(
    r"^[- ]{0,20}(?:This is a copy of (?:the|your) message|Below this line is a copy of the message"
    r"|Unsent message follows"
    r"|Original message follows|Message header follows|Undelivered message follows|The body of the message is"
    r"|Returned message follows"
    r"|Original message headers:|Received message headers)",
    re.IGNORECASE | re.MULTILINE,
)


def read_bounce(headers: Headers, sender: str, subject: str, text: str, gathered: Gathering) -> Bounce | None:
    """Return the delivery report that the mail is, None when it is none."""
    recipients = _by_report(gathered)
    server = _from_a_server(headers, sender)
    if not recipients and headers.has("X-Failed-Recipients"):
        # Exim names them in a header, with or without a report.
        named = read_addresses(headers.first("X-Failed-Recipients"))
        recipients = [_from_text(mailbox.address, text, "failed") for mailbox in named[:50] if mailbox.address]
    if not recipients and (server or gathered.report_type == "delivery-status" or _exchange(headers, gathered)):
        recipients = _by_words(headers, subject, text, gathered)
    if not recipients:
        return None
    worst = min(recipients, key=lambda one: _WORST.index(one.action))
    return Bounce(
        worst.action,
        worst.address,
        worst.status,
        _original_id(headers, text, gathered),
        worst.diagnostic,
        tuple(recipients),
    )


def read_receipt(headers: Headers, gathered: Gathering) -> ReadReceipt | None:
    """Return the read receipt (RFC 8098) that the mail is, None when it is none."""
    groups = [group for kind, found in gathered.reports if kind.endswith("disposition-notification") for group in found]
    if not groups:
        if gathered.message_class.upper().endswith((".IPNRN", ".IPNNRN")):  # Outlook's own receipts: read, not read
            read = gathered.message_class.upper().endswith(".IPNRN")
            return ReadReceipt(
                "displayed" if read else "deleted", "", next(iter(read_ids(headers.first("In-Reply-To"))), "")
            )
        return None
    first = groups[0]
    disposition = first.text("Disposition").rpartition(";")[2].partition("/")[0].strip().lower()
    recipient = _typed_address(first, "Final-Recipient") or _typed_address(first, "Original-Recipient")
    original = next(iter(read_ids(first.first("Original-Message-ID"))), "")
    return ReadReceipt(disposition[:40], recipient, original or next(iter(read_ids(headers.first("In-Reply-To"))), ""))


def _by_report(gathered: Gathering) -> list[RecipientReport]:
    """Return what a delivery-status part says, recipient by recipient."""
    found = []
    groups = [group for kind, fields in gathered.reports if kind.endswith("delivery-status") for group in fields]
    for group in groups:
        address = _typed_address(group, "Original-Recipient") or _typed_address(group, "Final-Recipient")
        action = _ACTIONS.get(group.text("Action").lower().partition(" ")[0].strip("();,."))
        status = _STATUS.search(group.text("Status"))
        diagnostic = group.text("Diagnostic-Code")
        if action is None and status:
            action = {"5": "failed", "4": "delayed", "2": "delivered"}[status[1][0]]  # type: ignore[assignment]
        if action is None and not address:
            continue  # the group about the message as a whole
        if action is None:
            action = "failed"
        said = status[1] if status else _status_in(diagnostic)
        found.append(RecipientReport(address, action, said, diagnostic[:500]))
    return found[:50]


def _by_words(headers: Headers, subject: str, text: str, gathered: Gathering) -> list[RecipientReport]:
    """Return whom a server's words concern, "" for somebody unnamed; [] when they are not about a delivery."""
    report = _RETURNED.split(text, maxsplit=1)[0][:20_000]
    by_class = ".NDR" in gathered.message_class.upper()
    if not (_SUBJECT.match(subject) or by_class or _exchange(headers, gathered)) and not (
        _FAILED_TEXT.search(report) and _empty_return_path(headers)
    ):
        return []
    failed = bool(_FAILED_TEXT.search(report)) or by_class
    delayed = bool(_DELAYED.search(f"{subject}\n{report}")) and not re.search(
        r"permanent|giving up|given up|failed permanently", report, re.IGNORECASE
    )
    action: BounceKind = "delayed" if delayed else "failed"
    if not failed and not delayed and not _SUBJECT.match(subject):
        return []
    own = {
        mailbox.address.lower()
        for name in ("From", "To", "Cc", "Sender")
        for mailbox in read_addresses(headers.first(name))
    }
    addresses = [
        one for one in dict.fromkeys(_ADDRESS.findall(report)) if one.lower() not in own and not _SERVER.search(one)
    ]
    # The first address is whom the report is about; further ones can be a help desk's.
    return [_from_text(addresses[0] if addresses else "", report, action)]


def _from_text(address: str, text: str, action: BounceKind) -> RecipientReport:
    """Return what a text says of one recipient: the status and words that stand nearest after the address."""
    place = text.find(address) if address else 0
    near = text[max(0, place) : max(0, place) + 1_500] if place >= 0 else text[:5_000]
    near = _RETURNED.split(near, maxsplit=1)[0]
    status = _status_in(near) or _status_in(text[:5_000])
    if not status and action == "failed":
        code = _CODE.search(near)
        status = f"{code[1][0]}.0.0" if code else ""
    said = next((line for line in near.split("\n") if _STATUS.search(line) or _CODE.search(line)), "")
    return RecipientReport(address, action, status, clean_line(said)[:500])


def _status_in(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _original_id(headers: Headers, text: str, gathered: Gathering) -> str:
    """Return the id of the letter that the report is about: as returned, as quoted, or as answered."""
    for enclosed in gathered.enclosed:
        if enclosed.message_id:
            return enclosed.message_id
    quoted = _OUR_ID.search(text[:1_000_000])
    if quoted:
        return quoted[1]
    for _kind, groups in gathered.reports:
        for group in groups:
            for name in (
                "Original-Message-ID",
                "X-Original-Message-ID",
                "X-Original-Envelope-Id",
                "Original-Envelope-Id",
            ):
                found = read_ids(group.first(name))
                if found:
                    return found[0]
    return next(iter(read_ids(headers.first("In-Reply-To"))), "") or next(
        iter(read_ids(headers.first("References"))[-1:]), ""
    )


def _from_a_server(headers: Headers, sender: str) -> bool:
    """True when the mail bears a sign that a mail server wrote it, not a person."""
    names = [mailbox.name for mailbox in read_addresses(headers.first("From"))[:1]]
    local = sender.partition("@")[0]
    return (
        bool(_SERVER.match(local))
        or any(_SERVER.match(name) for name in names)
        or (headers.has("From") and not sender and not headers.text("From").strip("<> "))
        or _empty_return_path(headers)
    )


def _empty_return_path(headers: Headers) -> bool:
    return headers.has("Return-Path") and not headers.text("Return-Path").strip("<> ")


def _exchange(headers: Headers, gathered: Gathering) -> bool:
    return headers.has("X-MS-Exchange-Message-Is-Ndr") or ".NDR" in gathered.message_class.upper()


def _typed_address(group: Headers, name: str) -> str:
    """Return the address of a field such as "rfc822; someone@example.org"."""
    written = group.first(name)
    address = written.rpartition(b";")[2] if b";" in written else written
    found = read_addresses(address)
    return found[0].address if found else ""
