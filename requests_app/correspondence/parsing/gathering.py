"""From parts to content: bodies, attachments, and whatever is packed in them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Final

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.addresses import read_addresses
from requests_app.correspondence.parsing.calendars import read_calendar
from requests_app.correspondence.parsing.charsets import Letters, clean_line, clean_text, read_letters
from requests_app.correspondence.parsing.headers import Headers, read_date, read_headers, read_ids
from requests_app.correspondence.parsing.html import decode_html, html_to_text
from requests_app.correspondence.parsing.names import type_by_name
from requests_app.correspondence.parsing.notes import Note, note
from requests_app.correspondence.parsing.outlook import is_compound, read_msg
from requests_app.correspondence.parsing.parsed import (
    Address,
    Attachment,
    CalendarEntry,
    EnclosedMessage,
    Role,
    Wrapper,
)
from requests_app.correspondence.parsing.rtf import rtf_to_text
from requests_app.correspondence.parsing.structure import Count, Part, read_part
from requests_app.correspondence.parsing.tnef import SIGNATURE as TNEF_SIGNATURE
from requests_app.correspondence.parsing.tnef import read_tnef
from requests_app.correspondence.parsing.transfer import decode_transfer, take_uuencoded
from requests_app.correspondence.parsing.unpacked import Unpacked

_MESSAGES: Final = frozenset(("message/rfc822", "message/global", "message/news"))
_REPORTS: Final = frozenset(
    (
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report",
    )
)
_RETURNED_HEADERS: Final = frozenset(("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"))
_RICH: Final = frozenset(("text/rtf", "application/rtf", "application/x-rtf"))
_TNEF: Final = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_ENRICHED_TAG: Final = re.compile(r"<(/?)([A-Za-z0-9-]{1,60})>|<<")
_DEPTH_OF_CONTAINERS: Final = 10


@dataclass(slots=True)
class Block:
    """A stretch of the letter: as plain text, as a page, or both."""

    text: str = ""
    html: str = ""


@dataclass(slots=True)
class _Waiting:
    """The bytes of an enclosed message, to be copied when all files inside it have had their turn."""

    index: int
    buffer: bytes
    start: int
    end: int


@dataclass(slots=True)
class Gathering:
    """What a mail holds, while and after it is gathered."""

    headers: Headers = field(default_factory=lambda: Headers(()))
    text: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    wrappers: list[Wrapper] = field(default_factory=list)
    calendar: list[CalendarEntry] = field(default_factory=list)
    enclosed: list[EnclosedMessage] = field(default_factory=list)
    # The fields of machine-readable reports: (content type, groups of fields).
    reports: list[tuple[str, list[Headers]]] = field(default_factory=list)
    report_type: str = ""
    message_class: str = ""
    count: Count = field(default_factory=Count)
    room: int = limits.CONTENT_BYTES
    text_room: int = limits.ALL_TEXT_BYTES
    page_room: int = limits.PAGE_CHARACTERS
    packed: Block = field(default_factory=Block)
    waiting: list[_Waiting] = field(default_factory=list)

    @property
    def notes(self) -> list[Note]:
        """What was odd so far."""
        return self.count.notes

    def remark(self, code: str, **values: object) -> None:
        """Add a note."""
        self.count.notes.append(note(code, **values))

    def text_of(self, page: str) -> str:
        """Return the text of a page, or of its beginning: all pages of a mail together have a bound."""
        if len(page) > self.page_room:
            self.remark("page_long")
        shown = page[: self.page_room]
        self.page_room -= len(shown)
        return html_to_text(shown)

    def attach(
        self, name: str, content_type: str, content: bytes, inside: tuple[str, ...], *, role: Role = "file",
        inline: bool = False, content_id: str = "", omitted: bool = False,
    ) -> None:  # fmt: skip
        """Add an attachment; without its bytes when there is no room for them."""
        if len(content) > self.room or omitted:
            self.remark("not_taken_out", name=name or content_type)
            content, omitted = b"", True
        self.room -= len(content)
        if not name and content_type == "application/octet-stream" and role == "inline":
            role = "file"
        name = clean_line(name)
        kind = content_type or type_by_name(name)
        self.attachments.append(Attachment(name, kind, content, inline, content_id, role, inside, omitted))


def gather(raw: bytes) -> Gathering:
    """Return everything that a mail holds."""
    gathered = Gathering()
    root = read_part(raw, 0, len(raw), gathered.count)
    gathered.headers = root.headers
    _finish(gathered, _joined(gathered, _blocks(gathered, root, ())))
    return gathered


def gather_outlook(saved: Unpacked, name: str) -> Gathering:
    """Return what a message saved by Outlook holds, as if it had come as mail."""
    gathered = Gathering()
    if saved.damaged:
        gathered.remark("outlook_damaged", name=name)
    _take_files(gathered, saved, (), 0)
    gathered.message_class = saved.message_class
    _finish(gathered, _body_of(gathered, saved))
    return gathered


def _finish(gathered: Gathering, body: Block) -> None:
    """Settle text and page, and give enclosed messages the room that is left for their bytes."""
    if not body.text.strip() and not body.html.strip() and (gathered.packed.text or gathered.packed.html):
        body = gathered.packed
    elif gathered.packed.html and not body.html:
        body = Block(body.text, gathered.packed.html)
    if not body.text.strip() and body.html:
        body = Block(gathered.text_of(body.html), body.html)
        gathered.remark("text_from_html")
    gathered.text, gathered.html = body.text, body.html
    for waiting in gathered.waiting:
        size = waiting.end - waiting.start
        one = gathered.attachments[waiting.index]
        omitted = size > gathered.room
        if omitted:
            gathered.remark("not_taken_out", name=one.name)
        else:
            gathered.room -= size
        gathered.attachments[waiting.index] = Attachment(
            one.name, one.content_type, b"" if omitted else waiting.buffer[waiting.start : waiting.end], one.inline,
            one.content_id, one.role, one.inside, omitted,
        )  # fmt: skip
    gathered.waiting.clear()
    if "-----BEGIN PGP MESSAGE-----" in gathered.text and "pgp_encrypted" not in gathered.wrappers:
        _wrap(gathered, "pgp_encrypted")
    if "-----BEGIN PGP SIGNED MESSAGE-----" in gathered.text and "pgp_signed" not in gathered.wrappers:
        _wrap(gathered, "pgp_signed")


def _blocks(gathered: Gathering, part: Part, inside: tuple[str, ...]) -> list[Block]:
    """Return the stretches of letter in a part, in order; what else it holds goes to the gathering."""
    if not part.is_multipart:
        return _leaf(gathered, part, inside)
    kind = part.content_type
    protocol = part.content.get("protocol").lower()
    if kind == "multipart/signed":
        _wrap(gathered, "pgp_signed" if "pgp" in protocol else "smime_signed")
    elif kind == "multipart/encrypted":
        _wrap(gathered, "pgp_encrypted")
    elif kind == "multipart/report" and not inside:
        gathered.report_type = gathered.report_type or part.content.get("report-type").lower()
    children = [_blocks(gathered, child, inside) for child in part.children]
    if kind == "multipart/alternative":
        return [_best(gathered, children)]
    return [block for child in children for block in child]


def _best(gathered: Gathering, alternatives: list[list[Block]]) -> Block:
    """Return one stretch for several ways to say the same: the last plain text and the last page."""
    best = Block()
    for blocks in alternatives:
        one = _joined(gathered, blocks)
        if one.html.strip():
            best.html = one.html
        if any(block.text.strip() for block in blocks):
            best.text = one.text if not one.html or not best.text else best.text
    return best


def _joined(gathered: Gathering, blocks: list[Block]) -> Block:
    """Return stretches as one; where any is a page, the plain ones become part of the page, too."""
    if len(blocks) == 1:
        return blocks[0]
    shown = [block for block in blocks if block.text.strip() or block.html.strip()]
    texts = [block.text if block.text.strip() else gathered.text_of(block.html) for block in shown]
    page = ""
    if any(block.html for block in shown):
        page = "\n".join(block.html or f"<pre>{html.escape(block.text)}</pre>" for block in shown)
    if page and not any(block.text.strip() for block in shown):
        return Block("", page)
    return Block("\n\n".join(text.strip("\n") for text in texts) if len(texts) > 1 else "".join(texts), page)


def _leaf(gathered: Gathering, part: Part, inside: tuple[str, ...]) -> list[Block]:
    """Return the letter in a part without parts, if it is one; else keep it as what it is."""
    kind, name = part.content_type, part.name
    if kind in _MESSAGES:
        _enclose(gathered, part, inside)
        return []
    as_file = part.disposition.value == "attachment"
    octets = _decoded(gathered, part)
    if kind in ("text/plain", "text/html") and not as_file:
        return _text_leaf(gathered, part, octets, inside)
    content_id = clean_line(part.headers.text("Content-ID")).strip("<> ")[:200]
    inline = part.disposition.value == "inline" or bool(content_id and kind.startswith("image/") and not as_file)
    role: Role = "inline" if inline and kind.startswith("image/") else "file"
    blocks: list[Block] = []
    if kind in _REPORTS:
        role = "report"
        if not inside:
            gathered.reports.append((kind, _groups(octets)))
    elif kind in _RETURNED_HEADERS:
        role = "report"
        headers, _body = read_headers(octets, 0, len(octets))
        _keep_enclosed(gathered, headers, "")
    elif kind == "message/external-body":
        where = part.content.get("url") or part.content.get("name") or part.content.get("site")
        gathered.remark("external_part", where=where)
    elif kind == "message/partial":
        gathered.remark(
            "partial_message", number=part.content.get("number") or "?", total=part.content.get("total") or "?"
        )
    elif kind in ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"):
        role = "signature"
    elif kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        role = _smime(gathered, part, name)
    elif kind == "application/pgp-encrypted" or (
        kind == "application/octet-stream" and name.lower() == "encrypted.asc"
    ):
        role = "encrypted"
    elif kind == "text/calendar" or name.lower().endswith(".ics"):
        role = "calendar"
        letters = read_letters(octets[: limits.ALL_TEXT_BYTES // 8], part.content.get("charset"))
        gathered.calendar += read_calendar(clean_text(letters.text)[0])[: max(0, 50 - len(gathered.calendar))]
    elif (kind in _RICH or kind in ("text/richtext", "text/enriched")) and not as_file and not name:
        role = "body"
        blocks = [_rich(gathered, kind, octets, part.content.get("charset"))]
    elif _unpack(gathered, kind, name, octets, inside):
        return blocks
    gathered.attach(name, kind, octets, inside, role=role, inline=inline, content_id=content_id)
    return blocks


def _decoded(gathered: Gathering, part: Part) -> bytes:
    decoded = decode_transfer(part.buffer, part.start, part.end, part.encoding)
    if decoded.trouble:
        gathered.remark(decoded.trouble, name=part.name or part.content_type, encoding=part.encoding)
    return decoded.octets


def _text_leaf(gathered: Gathering, part: Part, octets: bytes, inside: tuple[str, ...]) -> list[Block]:
    """Return a stretch of letter. A named text is a file as well, and only that when there is a letter before it."""
    page = part.content_type == "text/html"
    if part.name:
        gathered.attach(part.name, part.content_type, octets, inside, inline=True)
        if gathered.text_room < limits.ALL_TEXT_BYTES:
            return []
    elif not page:
        files, octets = take_uuencoded(octets)
        for file in files:
            gathered.remark("uuencoded", name=file.name)
            if not file.whole:
                gathered.remark("encoding_damaged", name=file.name)
            gathered.attach(file.name, type_by_name(file.name), file.octets, inside)
    charset = part.content.get("charset")
    shown = _within_bounds(gathered, octets, "message.html" if page else "message.txt", inside, named=bool(part.name))
    letters = decode_html(shown, charset) if page else read_letters(shown, charset)
    _remark_letters(gathered, letters, charset)
    text = letters.text
    if page:
        return [Block("", text)]
    if part.content.get("format").lower() == "flowed" and len(text) <= limits.FLOWED_CHARACTERS:
        text = unflow(clean_text(text)[0], delete_blank=part.content.get("delsp").lower() == "yes")
    return [Block(text)]


def _within_bounds(gathered: Gathering, octets: bytes, name: str, inside: tuple[str, ...], *, named: bool) -> bytes:
    """Return as much of a text as is read; a longer one is kept whole as an attachment besides."""
    most = min(limits.TEXT_BYTES, gathered.text_room)
    gathered.text_room -= min(most, max(1, len(octets)))
    if len(octets) <= most:
        return octets
    gathered.remark("text_cut", name=name)
    if not named:
        gathered.attach(name, type_by_name(name), octets, inside, role="body")
    end = octets.rfind(b"\n", most - 2_000, most) if most > 2_000 else -1
    return octets[: end + 1 if end >= 0 else most]


def _remark_letters(gathered: Gathering, letters: Letters, declared: str) -> None:
    if letters.trouble:
        gathered.remark(letters.trouble, declared=declared, used=letters.used, count=letters.damaged)
    if letters.damaged and letters.trouble != "text_damaged":
        gathered.remark("text_damaged", count=letters.damaged)


def _rich(gathered: Gathering, kind: str, octets: bytes, charset: str) -> Block:
    size = min(limits.RTF_BYTES, gathered.text_room)
    gathered.text_room -= min(
        gathered.text_room, max(1, len(octets)) * 8
    )  # reading it takes longer than reading plain text
    gathered.remark("text_from_rtf")
    if kind in _RICH:
        return Block(rtf_to_text(octets[:size]))
    letters = read_letters(octets[:size], charset)
    return Block(_ENRICHED_TAG.sub(lambda tag: "\n" if (tag[2] or "").lower() in ("nl", "np") else "", letters.text))


def _smime(gathered: Gathering, part: Part, name: str) -> Role:
    """Return what an S/MIME part is to the reader: a closed signed wrapper, or an encrypted one."""
    kind = part.content.get("smime-type").lower()
    name = name or "smime.p7m"
    if kind == "signed-data" or name.lower().endswith(".p7s"):
        gathered.wrappers.append("smime_signed_closed")
        gathered.remark("smime_signed_closed", name=name)
        return "signature" if name.lower().endswith(".p7s") else "encrypted"
    if kind == "certs-only":
        return "signature"
    gathered.wrappers.append("smime_encrypted")
    gathered.remark("smime_encrypted", name=name)
    return "encrypted"


def _wrap(gathered: Gathering, wrapper: Wrapper) -> None:
    gathered.wrappers.append(wrapper)
    gathered.remark(wrapper)


def _groups(octets: bytes) -> list[Headers]:
    """Return the groups of fields of a report: the first about the message, then one for each recipient."""
    groups: list[Headers] = []
    position = 0
    while position < len(octets) and len(groups) < limits.REFERENCES:
        headers, following = read_headers(octets, position, len(octets))
        if headers.fields:
            groups.append(headers)
        # A line that is no field stops the reader where it stands: step over it.
        position = following if following > position else octets.find(b"\n", position, len(octets)) + 1 or len(octets)
    return groups


def _enclose(gathered: Gathering, part: Part, inside: tuple[str, ...]) -> None:
    """Keep an enclosed message as a file, and what is in it: who wrote it, its text, its files."""
    buffer, start, end = part.buffer, part.start, part.end
    if part.encoding in ("base64", "quoted-printable"):
        buffer = _decoded(gathered, part)
        start, end = 0, len(buffer)
    # Some senders leave an empty line before the message.
    while buffer[start : start + 1] in (b"\r", b"\n") and start < end:
        start += 1
    index = len(gathered.attachments)
    opened = part.depth < limits.DEPTH and len(gathered.enclosed) < limits.ENCLOSED
    name = part.name
    gathered.attach(name, part.content_type, b"", inside, role="message")
    if opened:
        inner = read_part(buffer, start, end, gathered.count, depth=part.depth + 1)
        name = name or f"{inner.headers.text('Subject')[:150] or 'message'}.eml"
        place = len(gathered.enclosed)
        gathered.enclosed.append(enclosed_message(inner.headers, ""))
        body = _joined(gathered, _blocks(gathered, inner, (*inside, name)))
        text = body.text if body.text.strip() or not body.html else gathered.text_of(body.html)
        gathered.enclosed[place] = enclosed_message(inner.headers, text)
    else:
        gathered.remark("too_deep")
    gathered.attachments[index] = Attachment(
        name or "message.eml", part.content_type, b"", False, "", "message", inside
    )
    gathered.waiting.append(_Waiting(index, buffer, start, end))


def _keep_enclosed(gathered: Gathering, headers: Headers, text: str) -> None:
    if len(gathered.enclosed) < limits.ENCLOSED:
        gathered.enclosed.append(enclosed_message(headers, text))


def enclosed_message(headers: Headers, text: str) -> EnclosedMessage:
    """Return an enclosed message by its headers and text."""
    senders = read_addresses(headers.first("From"))
    sender = senders[0] if senders else Address("")
    return EnclosedMessage(
        from_address=sender.address,
        from_name=sender.name,
        to=read_addresses(headers.first("To")),
        cc=read_addresses(headers.first("Cc")),
        subject=headers.text("Subject")[: limits.SUBJECT_CHARACTERS],
        date=read_date(headers.first("Date")),
        message_id=next(iter(read_ids(headers.first("Message-ID"))), ""),
        in_reply_to=next(iter(read_ids(headers.first("In-Reply-To"))), ""),
        references=read_ids(headers.first("References")),
        text=clean_text(text)[0],
    )


def _unpack(gathered: Gathering, kind: str, name: str, octets: bytes, inside: tuple[str, ...]) -> bool:
    """Take out what Outlook packed into a file, and keep the file; False when it is none of Outlook's."""
    tnef = (kind in _TNEF or name.lower() == "winmail.dat") and octets.startswith(TNEF_SIGNATURE)
    outlook = kind == "application/vnd.ms-outlook" or (
        is_compound(octets) and not name.lower().endswith((".doc", ".xls", ".ppt"))
    )
    if not tnef and not outlook:
        return False
    try:
        found = read_tnef(octets) if tnef else read_msg(octets, gathered.room)
    except Exception:  # noqa: BLE001 - the one place: whatever a container does to its reader, the mail around it is read
        found = Unpacked(damaged=True)
    if found is None:
        return False
    default = "winmail.dat" if tnef else "message.msg"
    name = name or default
    if tnef:
        gathered.remark("winmail_damaged" if found.damaged else "winmail_read", name=name)
        if not inside:
            gathered.message_class = found.message_class
            gathered.packed = _body_of(gathered, found)
        _take_files(gathered, found, (*inside, name), 0)
        gathered.attach(name, kind, octets, inside, role="container")
    else:
        gathered.remark("outlook_damaged" if found.damaged else "outlook_read", name=name)
        _keep_unpacked(gathered, found)
        _take_files(gathered, found, (*inside, name), 0)
        gathered.attach(name, "application/vnd.ms-outlook", octets, inside, role="message")
    return True


def _body_of(gathered: Gathering, found: Unpacked) -> Block:
    if found.from_rtf and found.text:
        gathered.remark("text_from_rtf")
    return Block(found.text, found.html)


def _take_files(gathered: Gathering, found: Unpacked, inside: tuple[str, ...], depth: int) -> None:
    """Attach the files of a container, and those of the messages in it."""
    for file in found.files:
        if gathered.count.parts >= limits.PARTS:
            gathered.remark("too_many_parts", count=limits.PARTS)
            return
        gathered.count.parts += 1
        if file.message is not None and depth < _DEPTH_OF_CONTAINERS:
            name = file.name or f"{file.message.subject[:150] or 'message'}.msg"
            gathered.attach(name, "application/vnd.ms-outlook", file.content, inside, role="message")
            _keep_unpacked(gathered, file.message)
            _take_files(gathered, file.message, (*inside, name), depth + 1)
        else:
            role: Role = "inline" if file.content_id and file.content_type.startswith("image/") else "file"
            gathered.attach(
                file.name, file.content_type, file.content, inside, role=role, inline=role == "inline",
                content_id=file.content_id, omitted=file.omitted,
            )  # fmt: skip


def _keep_unpacked(gathered: Gathering, found: Unpacked) -> None:
    """Keep who wrote an enclosed Outlook message, and its text."""
    if len(gathered.enclosed) >= limits.ENCLOSED:
        return
    headers, _body = read_headers(found.headers, 0, len(found.headers))
    known = enclosed_message(headers, found.text or gathered.text_of(found.html))
    gathered.enclosed.append(
        EnclosedMessage(
            from_address=known.from_address or found.sender.address,
            from_name=known.from_name or found.sender.name,
            to=known.to or found.to,
            cc=known.cc or found.cc,
            subject=known.subject or found.subject,
            date=known.date or found.date,
            message_id=known.message_id or next(iter(read_ids(found.message_id.encode())), ""),
            in_reply_to=known.in_reply_to or next(iter(read_ids(found.in_reply_to.encode())), ""),
            references=known.references or read_ids(found.references.encode()),
            text=known.text,
        )
    )


def unflow(text: str, *, delete_blank: bool = False) -> str:
    """Return text of `format=flowed` (RFC 3676) with its lines joined: one that ends in a blank goes on in the next."""
    lines: list[list[str]] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        signature = words == "-- "
        goes_on = words.endswith(" ") and not signature
        kept = words[:-1] if goes_on and delete_blank else words
        if open_depth == depth and not signature:
            lines[-1].append(kept)
        else:
            lines.append([">" * depth + " " if depth else "", kept])
        open_depth = depth if goes_on else None
    return "\n".join("".join(pieces) for pieces in lines)
