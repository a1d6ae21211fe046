"""What a mail says, as plain values: the shapes that `parse_message` returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from requests_app.correspondence.parsing.names import clean_name
from requests_app.correspondence.parsing.notes import Note

AutoReplyKind = Literal["out_of_office", "acknowledgment", "challenge", "receipt", "delivery_report", "other"]
BounceKind = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
# What a part is to the reader: only "file" and "message" are what a sender would call an attachment.
Role = Literal["file", "inline", "message", "calendar", "signature", "encrypted", "container", "report", "body"]
Wrapper = Literal["smime_signed", "smime_signed_closed", "smime_encrypted", "pgp_signed", "pgp_encrypted"]


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: the address as written, without angle brackets, and the decoded name beside it; either may be ""."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One part with its bytes, transfer encoding undone.

    `name` is what the sender wrote, decoded, and may hold paths, control or right-to-left characters: never use it for
    a file or a screen; `safe_name` is for both. `inside` names the messages and containers it came in, outermost first.
    `omitted` says that the bytes were not taken out, for a limit of size; they are in the mail as received.
    """

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""
    role: Role = "file"
    inside: tuple[str, ...] = ()
    omitted: bool = False

    @property
    def safe_name(self) -> str:
        """Return a name fit for a screen and a file on any system."""
        return clean_name(self.name, self.content_type)


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What a delivery report says of one recipient. `action` is RFC 3464's word; `status` its three numbers or ""."""

    address: str
    action: BounceKind
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report. `kind` is the worst that it says, and `recipient` whom that concerns, "" when it names nobody.

    Only `failed` means that a letter did not arrive. `original_message_id` is in angle brackets, or "".
    """

    kind: BounceKind
    recipient: str
    status: str
    original_message_id: str
    diagnostic: str = ""
    recipients: tuple[RecipientReport, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """A message disposition notification (RFC 8098): what became of the mail, in its own word, e.g. "displayed"."""

    disposition: str
    recipient: str
    original_message_id: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An invitation or its answer, as text: nothing is computed from it. `starts` and `ends` are as written."""

    method: str
    summary: str
    starts: str
    ends: str
    location: str


@dataclass(frozen=True, slots=True)
class EnclosedMessage:
    """A message inside the message: forwarded as a file, or returned by a mail server. Its files are attachments."""

    from_address: str
    from_name: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """One mail, read as far as it can be read. What could not be read is in `notes`; the raw mail stays the record.

    - Every text is free of NUL and of lone surrogates, so that any database takes it; line ends are LF.
    - `message_id`, `in_reply_to` and `references` carry angle brackets, as our own letters store them; "" when absent.
    - `date` is aware, and None when the mail has none that can be read.
    - `text` is never empty when the mail has any text: it is made from the HTML where that is all there is.
    - `html` is the sender's, not sanitised.
    - `is_bounce`: a letter did not arrive. A report of a delay or of success has `bounce` too, but is no bounce.
    - `is_auto_reply`: answered by a machine to a mail, so it says nothing about a request; never true of a bounce.
    - `is_automatic`: a machine wrote it, e.g. a portal's notice, which can be a real answer of the agency.
    - `envelope_to`: addresses that mail servers noted at delivery (Delivered-To, X-Original-To ...), topmost first.
    - `headers`: names and decoded values in order, for the view and for `read_authentication`.
    """

    from_address: str
    from_name: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    is_auto_reply: bool
    is_bounce: bool
    bounce: Bounce | None
    notes: tuple[Note, ...]
    reply_to: tuple[Address, ...] = ()
    sender_address: str = ""
    return_path: str | None = None
    envelope_to: tuple[str, ...] = ()
    auto_reply: AutoReplyKind | None = None
    is_automatic: bool = False
    receipt: ReadReceipt | None = None
    list_id: str = ""
    wrappers: tuple[Wrapper, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    enclosed: tuple[EnclosedMessage, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
