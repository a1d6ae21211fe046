"""A letter as plain text and as an e-mail message. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from requests_app.kits import naming
from requests_app.kits.letters import Letter, Section

DEFAULT_WIDTH = 72

_HARD_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message, under the name that its reader sees."""

    name: str
    media_type: str
    content: bytes


def to_text(letter: Letter, width: int = DEFAULT_WIDTH) -> str:
    """Return the whole letter as text, wrapped for people, lists with a hanging indent. Ends with a line break.

    No line is longer than `width`, except one that holds a single word that cannot be broken, such as an address.
    """
    return "\n".join((*_head(letter, width), *_body(letter, width), *_foot(letter, width))) + "\n"


def to_eml(
    letter: Letter,
    from_addr: str,
    to_addr: str,
    message_id: str,
    date: datetime,
    *,
    pdf: bytes | None = None,
    thread: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Return the letter as a complete e-mail message, ready for an SMTP server or an .eml file.

    The whole letter stands in the body. `pdf` goes along as an attachment, unless the law wants the body alone
    (`letter.body_only`): then it is left out, and so are `attachments`. `thread`: Message-IDs of earlier letters, the
    first letter first; this one answers that. `date` must be aware. `from_addr` and `to_addr` may carry a name.
    """
    if date.tzinfo is None:
        raise ValueError("The date of a message needs a time zone.")
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(from_addr)
    message["To"] = _address(to_addr)
    message["Subject"] = subject_line(letter)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    if thread:
        message["In-Reply-To"] = thread[0]
        message["References"] = " ".join(thread)
    message.set_content(to_text(letter), charset="utf-8", cte="quoted-printable")
    if pdf is not None and not letter.body_only:
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{file_stem(letter)}.pdf")
    for one in () if letter.body_only else attachments:
        main, _slash, sub = one.media_type.partition("/")
        if not sub or main in ("message", "multipart"):  # a kept e-mail goes along as a file, not as a part of this one
            main, sub = "application", "octet-stream"
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return message.as_bytes()


def subject_line(letter: Letter) -> str:
    """Return the subject of the e-mail, with our reference so that an answer finds its way back."""
    return f"{letter.subject} [{letter.reference}]" if letter.reference else letter.subject


def file_stem(letter: Letter) -> str:
    """Return a file name for the letter without its ending.

    "MD-2026-0007", "MD-K1" before it has a reference, "MD-2026-0007-fee-acceptance" for a later letter.
    """
    name = letter.reference or f"{letter.jurisdiction}-{letter.kit_id}"
    if letter.letter_key != "request":
        name = f"{name}-{letter.letter_key.replace('_', '-')}"
    return "".join(character if character.isalnum() or character in "-_" else "-" for character in name)


def _address(address: str) -> Address:
    name, spec = parseaddr(address)
    return Address(display_name=name, addr_spec=spec)


def _head(letter: Letter, width: int) -> Iterator[str]:
    yield from letter.sender
    yield ""
    yield naming.long_date(letter.date)
    yield ""
    for line in letter.recipient:
        yield from _wrap(line, width, later="  ")
    yield ""
    yield from _wrap(letter.delivery, width, later="  ")
    yield ""
    yield from _wrap(letter.subject, width, first="Re:  ", later="     ")
    if letter.reference_line:
        yield from _wrap(letter.reference_line, width, first="     ", later="     ")
    yield ""
    yield from _wrap(letter.salutation, width)


def _body(letter: Letter, width: int) -> Iterator[str]:
    for section in letter.sections:
        yield from _section(section, width)


def _section(section: Section, width: int) -> Iterator[str]:
    opening = ""
    if section.heading and section.run_in:
        opening = f"{section.heading}. "
    elif section.heading:
        yield ""
        yield from _wrap(section.heading, width)
    for part in section.parts:
        if part.text:
            yield ""
            yield from _wrap(f"{opening}{part.text}", width)
            opening = ""
        digits = len(str(len(part.items)))
        for number, item in enumerate(part.items, start=1):
            if number == 1:
                yield ""
            label = f" {number:>{digits}}. "
            yield from _wrap(item, width, first=label, later=" " * len(label))


def _foot(letter: Letter, width: int) -> Iterator[str]:
    yield ""
    yield letter.closing.valediction
    yield ""
    yield letter.closing.name
    for line in letter.closing.lines:
        yield from _wrap(line, width, later="  ")
    if letter.enclosures:
        yield ""
        yield "Enclosures:"
        digits = len(str(len(letter.enclosures)))
        for number, line in enumerate(letter.enclosures, start=1):
            label = f" {number:>{digits}}. "
            yield from _wrap(line, width, first=label, later=" " * len(label))


def _wrap(text: str, width: int, *, first: str = "", later: str = "") -> list[str]:
    """Break a paragraph into lines. A section sign stays with its number."""
    tied = text.replace("§ ", f"§{_HARD_SPACE}")
    lines = textwrap.wrap(
        tied,
        width,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HARD_SPACE, " ").rstrip() for line in lines]
