"""`parse_message`: the whole way from the bytes of a mail to what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.addresses import read_addresses
from requests_app.correspondence.parsing.automatic import judge_automatic
from requests_app.correspondence.parsing.bounces import read_bounce, read_receipt
from requests_app.correspondence.parsing.charsets import clean_text, looks_garbled
from requests_app.correspondence.parsing.gathering import Gathering, gather, gather_outlook
from requests_app.correspondence.parsing.headers import Headers, decode_words, read_date, read_headers, read_ids
from requests_app.correspondence.parsing.notes import Note, note
from requests_app.correspondence.parsing.outlook import read_msg
from requests_app.correspondence.parsing.parsed import Address, ParsedMessage
from requests_app.correspondence.parsing.unpacked import Unpacked

# Where mail servers note for whom they delivered a mail. Every one of them can also be forged by the sender.
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Rcpt-To",
             "X-Forwarded-To", "Apparently-To", "Original-Recipient")  # fmt: skip
_ONCE = ("From", "Subject", "Date", "Message-ID", "Reply-To", "To", "Cc", "Sender", "In-Reply-To", "References")


def parse_message(raw: bytes) -> ParsedMessage:
    """Return what a mail says. Never raises: what cannot be read becomes a note, and the raw mail stays the record.

    1. Find the parts; undo their encodings; take out what is packed in them.
    2. Read who wrote to whom, when, about what.
    3. Judge whether a machine wrote it: a delivery report, a read receipt, an automatic reply.

    Pure, and within the bounds of `limits`: below 300 MB for a mail of 50 MB, and no mail makes it loop.
    """
    try:
        return _parse(bytes(raw))
    except Exception as trouble:  # noqa: BLE001 - the one place: a mail that defeats us must still be shown and kept
        return replace(_NOTHING, notes=(note("unreadable", trouble=type(trouble).__name__),))


def _parse(raw: bytes) -> ParsedMessage:
    saved = read_msg(raw, limits.CONTENT_BYTES)
    if saved is not None:
        return _from_outlook(saved)
    raw = _with_line_feeds(raw)
    gathered = gather(raw)
    headers = gathered.headers
    notes = list(gathered.notes)
    if not raw or raw.isspace():
        notes.insert(0, note("empty"))
    elif not headers.fields:
        notes.insert(0, note("no_headers"))
    return _message(headers, gathered, notes, received=_received_date(headers))


def _from_outlook(saved: Unpacked) -> ParsedMessage:
    """Return the message that somebody handed in as a .msg file rather than as mail."""
    gathered = gather_outlook(saved, "message.msg")
    headers, _body = read_headers(saved.headers, 0, len(saved.headers))
    # The body's own headers describe parts that are no more; only who, when and about what still hold.
    message = _message(headers, gathered, list(gathered.notes), received=saved.date)
    return replace(
        message,
        from_address=message.from_address or saved.sender.address,
        from_name=message.from_name or saved.sender.name,
        to=message.to or saved.to,
        cc=message.cc or saved.cc,
        subject=message.subject or saved.subject,
        message_id=message.message_id or _first(read_ids(saved.message_id.encode())),
        in_reply_to=message.in_reply_to or _first(read_ids(saved.in_reply_to.encode())),
        references=message.references or read_ids(saved.references.encode()),
    )


def _message(headers: Headers, gathered: Gathering, notes: list[Note], *, received: datetime | None) -> ParsedMessage:
    senders = read_addresses(headers.first("From"))
    sender = next((mailbox for mailbox in senders if mailbox.address), senders[0] if senders else Address(""))
    if headers.fields and not sender.address:
        notes.append(note("no_sender"))
    if len(senders) > 1:
        notes.append(note("several_senders", count=len(senders)))
    for name in _ONCE:
        count = len(headers.all(name))
        if count > 1:
            notes.append(note("repeated_header", header=name, count=count))
    subject = decode_words(headers.first("Subject"))
    if subject.trouble:
        notes.append(note(subject.trouble, header="Subject"))
    date = read_date(headers.first("Date"))
    if date is None and headers.fields:
        if headers.first("Date"):
            notes.append(note("date_unreadable", value=decode_words(headers.first("Date")).text))
        if received is not None:
            notes.append(note("date_from_server"))
    text, left_out = clean_text(gathered.text)
    html, _ = clean_text(gathered.html)
    if left_out:
        notes.append(note("control_characters"))
    if looks_garbled(text):
        notes.append(note("looks_garbled"))
    bounce = read_bounce(headers, sender.address, subject.text, text, gathered)
    receipt = read_receipt(headers, gathered)
    judged = judge_automatic(headers, subject.text, text, bounce=bounce, receipt=receipt)
    return ParsedMessage(
        from_address=sender.address,
        from_name=sender.name,
        to=_list(headers, "To", notes),
        cc=_list(headers, "Cc", notes),
        subject=subject.text[: limits.SUBJECT_CHARACTERS],
        date=date or received,
        message_id=_first(read_ids(headers.first("Message-ID"))),
        in_reply_to=_first(read_ids(headers.first("In-Reply-To"))),
        references=read_ids(headers.first("References")),
        text=text,
        html=html,
        attachments=tuple(gathered.attachments),
        is_auto_reply=judged.is_auto_reply,
        is_bounce=bounce is not None and bounce.kind == "failed",
        bounce=bounce,
        notes=_few(notes),
        reply_to=_list(headers, "Reply-To", notes),
        sender_address=_address(headers, "Sender"),
        return_path=_address(headers, "Return-Path") if headers.has("Return-Path") else None,
        envelope_to=_envelope(headers),
        auto_reply=judged.kind,
        is_automatic=judged.is_automatic,
        receipt=receipt,
        list_id=headers.text("List-Id")[:300],
        wrappers=tuple(dict.fromkeys(gathered.wrappers)),
        calendar=tuple(gathered.calendar),
        enclosed=tuple(gathered.enclosed),
        headers=tuple((field.name, decode_words(field.value).text) for field in headers.fields),
    )


def _with_line_feeds(raw: bytes) -> bytes:
    """Return a mail whose lines end as on old Macs, in CR alone, with line feeds; any other as it is."""
    if b"\n" in raw or b"\r" not in raw:
        return raw
    return raw.replace(b"\r", b"\n")


def _list(headers: Headers, name: str, notes: list[Note]) -> tuple[Address, ...]:
    found = tuple(mailbox for value in headers.all(name)[:20] for mailbox in read_addresses(value))
    if len(found) >= limits.ADDRESSES:
        notes.append(note("addresses_cut", header=name, count=limits.ADDRESSES))
    return found[: limits.ADDRESSES]


def _address(headers: Headers, name: str) -> str:
    found = read_addresses(headers.first(name))
    return found[0].address if found else ""


def _envelope(headers: Headers) -> tuple[str, ...]:
    wanted = {name.lower() for name in _ENVELOPE}
    found = [
        mailbox.address
        for field in headers.fields
        if field.name.lower() in wanted
        for mailbox in read_addresses(field.value.removeprefix(b"rfc822;"))[:20]
        if mailbox.address
    ]
    return tuple(dict.fromkeys(found))[:50]


def _received_date(headers: Headers) -> datetime | None:
    """Return when the topmost server took the mail in: what stands after the last semicolon of its line."""
    return read_date(headers.first("Received").rpartition(b";")[2])


def _first(found: tuple[str, ...]) -> str:
    return found[0] if found else ""


def _few(notes: list[Note]) -> tuple[Note, ...]:
    different = list(dict.fromkeys(notes))
    return tuple(different[: limits.NOTES]) + ((note("notes_cut"),) if len(different) > limits.NOTES else ())


_NOTHING = ParsedMessage(
    from_address="", from_name="", to=(), cc=(), subject="", date=None, message_id="", in_reply_to="", references=(),
    text="", html="", attachments=(), is_auto_reply=False, is_bounce=False, bounce=None, notes=(),
)  # fmt: skip
