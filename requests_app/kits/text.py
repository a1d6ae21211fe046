"""A letter as plain text and as an e-mail message. Pure."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from requests_app.kits import naming
from requests_app.kits.letters import Letter, Section

DEFAULT_WIDTH = 72

_HARD_SPACE = "\N{NO-BREAK SPACE}"
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,80}/[a-z0-9][a-z0-9.+-]{0,80}", re.IGNORECASE)
_SPEC: Final = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}@[^\s<>()\[\],;:\\\"@]{1,255}")
_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")  # what a Message-ID may look like in a header: one word


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
    return _text(letter, _Lines(width))


def to_flowed(letter: Letter) -> str:
    """Return the letter as the body of an e-mail in `format=flowed` (RFC 3676): a telephone breaks its lines anew.

    A line that ends in a space goes on in the next. Lists and addresses keep their lines, since they are indented.
    """
    lines = _text(letter, _Lines(DEFAULT_WIDTH, flowed=True)).splitlines()
    # RFC 3676, section 4.4: a line that begins so would be taken for a quote, an indent, or the end of a message.
    stuffed = (f" {line}" if line.startswith((" ", ">", "From ")) else line for line in lines)
    return "\n".join(stuffed) + "\n"


def unflowed(text: str) -> str:
    """Return the body of a letter of ours as it was written, without the signs of `format=flowed`."""
    lines = (line.removeprefix(" ").rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Lines:
    """How long lines are, and whether a paragraph says that it goes on."""

    width: int
    flowed: bool = False


def _text(letter: Letter, lines: _Lines) -> str:
    return "\n".join((*_head(letter, lines), *_body(letter, lines), *_foot(letter, lines))) + "\n"


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

    Nothing in the letter can add a header or a recipient: see `one_line`. Raises ValueError for what is no address.
    """
    if date.tzinfo is None:
        raise ValueError("The date of a message needs a time zone.")
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(from_addr)
    message["To"] = _address(to_addr)
    message["Subject"] = subject_line(letter)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    answered = [one for one in thread if _ID.fullmatch(one) and "=?" not in one]
    if answered:
        message["In-Reply-To"] = answered[0]
        message["References"] = " ".join(answered)
    message.set_content(
        _writable(to_flowed(letter)), charset="utf-8", cte="quoted-printable", params={"format": "flowed"}
    )
    if pdf is not None and not letter.body_only:
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{file_stem(letter)}.pdf")
    for one in () if letter.body_only else attachments:
        main, _slash, sub = one.media_type.lower().partition("/")
        # A kept e-mail goes along as a file, not as a part of this one.
        if not _MEDIA_TYPE.fullmatch(one.media_type) or main in ("message", "multipart"):
            main, sub = "application", "octet-stream"
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one_line(one.name) or "file")
    return message.as_bytes()


def one_line(text: str) -> str:
    """Return a text as a header may hold it: one line, nothing in it that ends a line or hides what it is.

    An encoded word (RFC 2047) is broken open: the standard library would decode it and write what it hides, line breaks
    included, so that "=?utf-8?q?x=0d=0aBcc:...?=" in a subject would be another recipient.
    """
    kept = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in _writable(text))
    plain = "".join(sign for sign in kept if unicodedata.category(sign) != "Cf")
    return " ".join(plain.split()).replace("=?", "= ?")


def _writable(text: str) -> str:
    """Return a text without half signs (lone surrogates), which no mail can carry, and without NUL."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def subject_line(letter: Letter) -> str:
    """Return the subject of the e-mail, with our reference so that an answer finds its way back."""
    return one_line(f"{letter.subject} [{letter.reference}]" if letter.reference else letter.subject)


def file_stem(letter: Letter) -> str:
    """Return a file name for the letter without its ending.

    "MD-2026-0007", "MD-K1" before it has a reference, "MD-2026-0007-fee-acceptance" for a later letter.
    """
    name = letter.reference or f"{letter.jurisdiction}-{letter.kit_id}"
    if letter.letter_key != "request":
        name = f"{name}-{letter.letter_key.replace('_', '-')}"
    return "".join(character if character.isalnum() or character in "-_" else "-" for character in name)


def _address(address: str) -> Address:
    """Return an address, with the name before it, for a header. Raises ValueError when it is none.

    Taken apart by hand: the standard library finds other addresses in a name that holds a line break.
    """
    name, opened, rest = address.strip().rpartition("<")
    spec = rest.removesuffix(">") if opened else address.strip()
    try:
        if not _SPEC.fullmatch(spec) or spec != one_line(spec):
            raise ValueError(spec)
        return Address(display_name=one_line(name.strip().strip('"'))[:100], addr_spec=spec)
    except (ValueError, MessageError) as trouble:
        raise ValueError("This is no e-mail address.") from trouble


def _head(letter: Letter, lines: _Lines) -> Iterator[str]:
    yield from letter.sender
    yield ""
    yield naming.long_date(letter.date)
    yield ""
    for line in letter.recipient:
        yield from _wrap(line, lines, later="  ")
    yield ""
    yield from _wrap(letter.delivery, lines, later="  ")
    yield ""
    yield from _wrap(letter.subject, lines, first="Re:  ", later="     ")
    if letter.reference_line:
        yield from _wrap(letter.reference_line, lines, first="     ", later="     ")
    yield ""
    yield from _wrap(letter.salutation, lines)


def _body(letter: Letter, lines: _Lines) -> Iterator[str]:
    for section in letter.sections:
        yield from _section(section, lines)


def _section(section: Section, lines: _Lines) -> Iterator[str]:
    opening = ""
    if section.heading and section.run_in:
        opening = f"{section.heading}. "
    elif section.heading:
        yield ""
        yield from _wrap(section.heading, lines)
    for part in section.parts:
        if part.text:
            yield ""
            yield from _wrap(f"{opening}{part.text}", lines)
            opening = ""
        digits = len(str(len(part.items)))
        for number, item in enumerate(part.items, start=1):
            if number == 1:
                yield ""
            label = f" {number:>{digits}}. "
            yield from _wrap(item, lines, first=label, later=" " * len(label))


def _foot(letter: Letter, lines: _Lines) -> Iterator[str]:
    yield ""
    yield letter.closing.valediction
    yield ""
    yield letter.closing.name
    for line in letter.closing.lines:
        yield from _wrap(line, lines, later="  ")
    if letter.enclosures:
        yield ""
        yield "Enclosures:"
        digits = len(str(len(letter.enclosures)))
        for number, line in enumerate(letter.enclosures, start=1):
            label = f" {number:>{digits}}. "
            yield from _wrap(line, lines, first=label, later=" " * len(label))


def _wrap(text: str, lines: _Lines, *, first: str = "", later: str = "") -> list[str]:
    """Break a paragraph into lines. A section sign stays with its number. Flowed, all but the last end in a space."""
    tied = text.replace("§ ", f"§{_HARD_SPACE}")
    wrapped = textwrap.wrap(
        tied,
        lines.width,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    broken = [line.replace(_HARD_SPACE, " ").rstrip() for line in wrapped]
    if not lines.flowed or first or later:
        return broken
    return [*(f"{line} " for line in broken[:-1]), *broken[-1:]]
