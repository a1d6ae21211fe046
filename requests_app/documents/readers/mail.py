"""What a mail reader is asked and what it answers. The reader itself lives where mail is understood."""

from __future__ import annotations

import msgspec


class MailOrder(msgspec.Struct, frozen=True):
    """Read one mail; `largest`: bytes of one attachment that are taken out.

    `others`: names of files in the output folder that hold more mails. With any, only what the mails say is wanted, and
    the first file is no mail: starting a process takes longer than reading a hundred mails.
    """

    largest: int = 512 * 1024 * 1024
    others: tuple[str, ...] = ()


class MailRead(msgspec.Struct, frozen=True):
    """What a mail says. `sender`, `to` and `cc` are as a reader would see them; `sent` is ISO 8601 or empty.

    `html` is the sender's page with nothing in it that runs or is fetched, or empty; `notes` are codes of what could
    not be read.
    """

    subject: str
    sender: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sent: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    text: str = ""
    html: str = ""
    notes: tuple[str, ...] = ()
    parts: int = 0  # attachments that are files


class MailPart(msgspec.Struct, frozen=True):
    """One attachment, written to `file` in the output folder; empty where it was left out."""

    number: int
    name: str
    file: str = ""
    size: int = 0


class MailItem(msgspec.Struct, frozen=True):
    """The mail, first, then its attachments one by one. `which`: of the other mails of an order, from 0."""

    which: int = 0

    read: MailRead | None = None
    part: MailPart | None = None
