"""Reads a mail that an agency returned as a record: alone, in an archive or in a dump of a mailbox.

The documents room calls it by its name, in its own process apart. Knows no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from requests_app.correspondence.incoming.safe_html import safe_page
from requests_app.correspondence.parsing import Address, Attachment, ParsedMessage, parse_message
from requests_app.documents.readers.mail import MailItem, MailOrder, MailPart, MailRead

NAME: Final = "requests_app.correspondence.incoming.returned_mail:read"
FILES: Final = frozenset({"file", "message", "inline", "calendar", "container"})
_DECORATION: Final = 4096  # bytes; a smaller picture in the text is a logo or a line


def read(path: Path, order: MailOrder, output: Path) -> Iterator[MailItem]:
    """Give what the mail says, then its attachments; of several mails only what they say."""
    if order.others:
        for which, name in enumerate(order.others):
            yield MailItem(which=which, read=_said(parse_message((output / name).read_bytes())))
        return
    message = parse_message(path.read_bytes())
    yield MailItem(read=_said(message))
    number = 0
    for attachment in message.attachments:
        if not _is_file(attachment):
            continue
        yield MailItem(part=_kept(attachment, number, order, output))
        number += 1


def _is_file(attachment: Attachment) -> bool:
    if attachment.role not in FILES or not (attachment.content or attachment.omitted):
        return False
    small = len(attachment.content) < _DECORATION
    return not (attachment.role == "inline" and small and attachment.content_type.startswith("image/"))


def _kept(attachment: Attachment, number: int, order: MailOrder, output: Path) -> MailPart:
    name = "/".join([*attachment.inside, attachment.name or attachment.safe_name])
    if attachment.omitted or len(attachment.content) > order.largest:
        return MailPart(number, name)
    target = output / f"{number:06d}"
    target.write_bytes(attachment.content)
    return MailPart(number, name, target.name, len(attachment.content))


def _said(message: ParsedMessage) -> MailRead:
    return MailRead(
        subject=message.subject,
        sender=_line(Address(message.from_address, message.from_name)),
        to=tuple(_lines(message.to)),
        cc=tuple(_lines(message.cc)),
        sent=message.date.isoformat() if message.date else "",
        message_id=message.message_id,
        in_reply_to=message.in_reply_to,
        text=message.text,
        html=_harmless(message.html),
        notes=tuple(note.code for note in message.notes),
        parts=sum(_is_file(attachment) for attachment in message.attachments),
    )


def _harmless(page: str) -> str:
    return safe_page(page, {}).body if page else ""


def _lines(addresses: Iterable[Address]) -> Iterator[str]:
    return (_line(each) for each in addresses)


def _line(address: Address) -> str:
    if address.name and address.address:
        return f"{address.name} <{address.address}>"
    return address.address or address.name
