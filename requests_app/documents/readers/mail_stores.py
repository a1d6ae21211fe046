"""Dumps of mailboxes: MBOX (RFC 4155 and its kin) and Outlook's PST. Each mail becomes a member, an .eml of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import compat32, default
from email.utils import formataddr
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from requests_app.documents.names import clean_inner_path, clean_name, own_path
from requests_app.documents.readers.archives import ArchiveOrder, Member
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.rtf import words_of

PST: Final = "application/vnd.ms-outlook-pst"
_FROM: Final = re.compile(rb"From \S.{0,300}\d{2}:\d{2}", re.S)
_SUBJECT: Final = 80  # characters of it in the name of a mail
_DEEPEST: Final = 50  # folders in folders
_LINE: Final = 1024 * 1024
_HEADERS: Final = 64 * 1024
_PROPERTIES: Final = 2000  # of one item, looked at for names
_UNFOLDED: Final = default.clone(max_line_length=0)  # for writing only: no text can be laid out in lines of nothing
# Numbers of properties: [MS-OXPROPS] lists them.
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME = 0x3707, 0x3704, 0x3001
_SENDER, _TO, _CC = 0x0C1F, 0x0E04, 0x0E03
_HOW, _AS_A_MESSAGE, _INTEGER = 0x3705, "5", 3
_NOT_TAKEN_OUT: Final = (
    "{} was attached to this message and could not be taken out of the mailbox here: "
    "it is a message itself, or too large. It is still in the file that was sent, which Outlook opens.\n"
)
# What a mail says about how it was written, and no longer holds for the one we write.
_FORM: Final = frozenset({
    "content-type", "content-transfer-encoding", "mime-version", "content-length", "content-disposition", "lines",
})  # fmt: skip


def members(path: Path, order: ArchiveOrder, output: Path) -> Iterator[Member]:
    """Give the mails one by one, each written to a file of its own. Raises Refused."""
    found = _pst(path, order, output) if order.media_type == PST else _mbox(path, order, output)
    total = 0
    for member in found:
        if member.number >= order.most_files:
            raise Refused("too_many", f"more than {order.most_files} mails")
        total += member.size
        if total > order.most_bytes:
            raise Refused("too_large", f"more than {order.most_bytes} bytes")
        yield member


# MBOX


def _mbox(path: Path, order: ArchiveOrder, output: Path) -> Iterator[Member]:
    """Cut where a line begins with "From " and a time, after an empty line: a sentence that begins so has no time."""
    number, out, size, cut = 0, None, 0, False
    before_is_empty = True
    with path.open("rb") as file:
        while line := file.readline(_LINE):
            if before_is_empty and _FROM.match(line):
                if out is not None:
                    yield _mbox_member(out, number, size, cut, order)
                    number += 1
                out, size, cut = (output / f"{number:06d}").open("wb"), 0, False
                before_is_empty = False
                continue
            before_is_empty = line in (b"\n", b"\r\n")
            if out is None:
                out = (output / f"{number:06d}").open("wb")  # it begins without such a line
            if number < order.first:
                continue
            size += len(line)
            cut = cut or size > order.largest
            if not cut:
                out.write(line)
    if out is not None:
        yield _mbox_member(out, number, size, cut, order)


def _mbox_member(out: IO[bytes], number: int, size: int, cut: bool, order: ArchiveOrder) -> Member:
    out.close()
    file = Path(out.name)
    name = f"{number + 1:05d}"
    if number < order.first:
        file.unlink()
        return Member(number, name, trouble="skipped")
    if cut:
        file.unlink()
        return Member(number, f"{name}.eml", trouble="too_large")
    with file.open("rb") as source:
        head = source.read(_HEADERS)
    return Member(number, clean_inner_path(_named(name, _subject_of(head)))[0], file.name, size)


def _named(number: str, subject: str) -> str:
    short = " ".join(re.sub(r"[\\/:*?\"<>|\x00-\x1f]+", " ", subject).split())[:_SUBJECT].strip(" .")
    return f"{number} {short}.eml" if short else f"{number}.eml"


def _subject_of(head: bytes) -> str:
    said = BytesHeaderParser(policy=compat32).parsebytes(head).get("Subject", "")
    try:
        return str(make_header(decode_header(str(said))))
    except (LookupError, UnicodeError, ValueError):
        return str(said)


# PST


def _pst(path: Path, order: ArchiveOrder, output: Path) -> Iterator[Member]:
    try:
        import pypff
    except ImportError as missing:
        raise Refused("missing_program", "libpff") from missing
    file = pypff.file()
    try:
        file.open(str(path))
    except OSError as trouble:
        raise Refused("damaged", str(trouble)) from trouble
    taken: set[str] = set()
    for number, (folder, message) in enumerate(_messages(file.get_root_folder(), "", 0)):
        subject = _text(lambda message=message: message.subject)
        inner = own_path(clean_inner_path(f"{folder}/{_named(f'{number + 1:05d}', subject)}")[0], taken)
        if number < order.first:
            yield Member(number, inner, trouble="skipped")
        else:
            yield _pst_member(message, number, inner, order, output)
    file.close()


def _messages(folder: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        raise Refused("hostile", "folders nested too deeply")
    for message in _each(folder, "sub_message"):
        yield path, message
    for inner in _each(folder, "sub_folder"):
        name = clean_name(_text(lambda inner=inner: inner.name) or "folder")
        yield from _messages(inner, f"{path}/{name}" if path else name, depth + 1)


def _each(owner: Any, what: str) -> Iterator[Any]:
    """Give the children of that kind; one that is damaged does not hide the others."""
    try:
        count = int(getattr(owner, f"get_number_of_{what}s")())
    except (OSError, AttributeError):
        return
    for index in range(count):
        try:
            yield getattr(owner, f"get_{what}")(index)
        except OSError:
            continue


def _pst_member(message: Any, number: int, inner: str, order: ArchiveOrder, output: Path) -> Member:
    try:
        raw = _as_mail(message, order.largest).as_bytes(policy=_UNFOLDED)
    except (OSError, ValueError, LookupError, UnicodeError, TypeError):
        return Member(number, inner, trouble="damaged")
    if len(raw) > order.largest:
        return Member(number, inner, trouble="too_large")
    target = output / f"{number:06d}"
    target.write_bytes(raw)
    return Member(number, inner, target.name, len(raw))


def _as_mail(message: Any, largest: int) -> EmailMessage:
    """Write a message of Outlook's as mail: its own headers where it kept them, its texts and its files."""
    mail = EmailMessage(policy=default)
    _write_headers(message, mail)
    page = _text(lambda: message.html_body)
    plain = _text(lambda: message.plain_text_body) or ("" if page else _rich_text(message))
    mail.set_content(plain or ("" if page else "\n"))
    if page:
        mail.add_alternative(page, subtype="html")
    room = largest
    for number, attachment in enumerate(_each(message, "attachment"), 1):
        called = _said_in(attachment, _LONG_NAME, _SHORT_NAME, _SHOWN_NAME)
        name = called.get(_LONG_NAME) or called.get(_SHORT_NAME) or called.get(_SHOWN_NAME) or f"attachment {number}"
        octets = _attached(attachment, room)
        if octets is None:
            mail.add_attachment(_NOT_TAKEN_OUT.format(name), filename=clean_name(f"{name} (not taken out).txt"))
            continue
        room -= len(octets)
        mail.add_attachment(octets, maintype="application", subtype="octet-stream", filename=clean_name(name))
    if mail.is_multipart():
        _settle_boundaries(mail)
    return mail


def _attached(attachment: Any, room: int) -> bytes | None:
    """Return the file that is attached; None for one too large, or that is no file.

    A message can be attached to a message, and the library gives no way to it.
    """
    if _said_in(attachment, _HOW).get(_HOW) == _AS_A_MESSAGE:
        return None
    try:
        size = int(attachment.get_size() or 0)
        return None if size > room else bytes(attachment.read_buffer(size) or b"") if size else b""
    except OSError:
        return None


def _said_in(item: Any, *wanted: int) -> dict[int, str]:
    """Return what some properties say, by their numbers: the library has no names for these."""
    found: dict[int, str] = {}
    for properties in _each(item, "record_set"):
        for index in range(min(int(properties.get_number_of_entries()), _PROPERTIES)):
            with suppress(OSError):
                entry = properties.get_entry(index)
                if entry.entry_type in wanted and entry.entry_type not in found:
                    kind = "integer" if entry.value_type == _INTEGER else "string"
                    found[entry.entry_type] = _text(getattr(entry, f"get_data_as_{kind}"))
    return {number: said for number, said in found.items() if said}


def _rich_text(message: Any) -> str:
    """Return the words of a message of which Outlook kept rich text only."""
    said = _octets(lambda: message.rtf_body)
    with suppress(Refused):
        return words_of(said) if said else ""
    return ""


def _write_headers(message: Any, mail: EmailMessage) -> None:
    kept = BytesHeaderParser(policy=compat32).parsebytes(
        _text(lambda: message.transport_headers).encode("utf-8", "replace")[:_HEADERS]
    )
    seen: set[str] = set()
    for name, value in islice(kept.items(), 500):
        if name.lower() in _FORM:
            continue
        _add(mail, name, str(value))
        seen.add(name.lower())
    if "subject" not in seen:
        _add(mail, "Subject", _text(lambda: message.subject))
    people = _said_in(message, _SENDER, _TO, _CC)
    if "from" not in seen:
        address = people.get(_SENDER, "")
        _add(mail, "From", formataddr((_text(lambda: message.sender_name), address if "@" in address else "")))
    for name, number in (("To", _TO), ("Cc", _CC)):
        if name.lower() not in seen:
            _add(mail, name, ", ".join(formataddr((who.strip(), "")) for who in people.get(number, "").split(";")))
    if "date" not in seen:
        when = _moment(message)
        if when:
            _add(mail, "Date", when)


def _add(mail: EmailMessage, name: str, value: str) -> None:
    flat = " ".join(value.split())
    if not flat or not re.fullmatch(r"[!-9;-~]{1,70}", name):
        return
    try:
        mail[name] = flat
    except (ValueError, IndexError, LookupError):
        mail["X-Unreadable"] = re.sub(r"[^ -~]", "?", f"{name} {flat}")[:500]


def _moment(message: Any) -> str:
    for moment in ("client_submit_time", "delivery_time"):
        try:
            when = getattr(message, moment)
        except OSError:
            continue
        if when:
            return str(when.strftime("%a, %d %b %Y %H:%M:%S +0000"))
    return ""


def _settle_boundaries(mail: EmailMessage) -> None:
    """Give each part that holds others a fixed boundary: the same message must give the same bytes again."""
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=-part-{number}-of-this-mail-=")


def _text(asked: Any) -> str:
    """Return a text that Outlook may have kept, or not, or in a charset of its own."""
    try:
        said = asked()
    except OSError:
        return ""
    if isinstance(said, bytes):
        said = _decoded(said)
    # Half of a sign outside the first 65,536 can stand alone there, and in no file of ours.
    return str(said or "").replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _decoded(said: bytes) -> str:
    for charset in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return said.decode(charset)
    return said.decode("cp1252", "replace")


def _octets(asked: Any) -> bytes:
    try:
        return bytes(asked() or b"")
    except (OSError, TypeError):
        return b""
