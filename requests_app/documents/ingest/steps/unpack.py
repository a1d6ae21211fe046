"""Unpack: what stands in an archive, a mail, a dump of mails or a PDF becomes documents of its own.

1. The reader, in its process apart, writes one member after another to a numbered file.
2. Each is kept as a document under the first document with these bytes. A second run finds what the first one kept.
3. When the time of this part is up, the step asks for more and goes on there; the reader passes over what was taken.
4. Other documents with the same bytes get the same members.

The mails of a dump are read beforehand, a hundred in one process, so that the step of a mail without attachments needs
none of its own. An archive inside is a member, and its own step opens it. All that comes out of one file that an agency
sent, at all depths together, has a bound in number and in bytes; what goes beyond is not unpacked and the file says so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.documents import passages, passwords, sandbox, services
from requests_app.documents.derived import Derived
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Blob, Document, Passage
from requests_app.documents.names import clean_inner_path, own_path
from requests_app.documents.readers.archives import ArchiveOrder, Member
from requests_app.documents.readers.mail import MailItem, MailOrder, MailPart, MailRead
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.registry import mail_reader
from requests_app.documents.readers.text import blocks
from requests_app.documents.sandbox import Limits, NotRead
from requests_app.documents.store import EmptyFile, TooLarge

ARCHIVES: Final = "requests_app.documents.readers.archives:members"
STORES: Final = "requests_app.documents.readers.mail_stores:members"
PORTFOLIOS: Final = "requests_app.documents.readers.pdf_embedded:embedded"
STORE_TYPES: Final = frozenset({"application/mbox", "application/vnd.ms-outlook-pst"})
MAIL_FILE: Final = "mail.json"  # the derivative from which a mail is shown
FRESH: Final = "mail.fresh.json"  # the same, laid down by the step of the dump for the step of the mail
RATIO: Final = 250  # of all that comes out, at all depths, to the file that the agency sent
HARMLESS: Final = 100 * 1024 * 1024  # bytes below which the ratio does no harm
LISTED: Final = 100  # members left out that are named one by one
CHUNK: Final = 1024 * 1024
MAILS: Final = 100  # of a dump read in one process
log = logging.getLogger(__name__)


def step(work: Work) -> Outcome:
    """Result: `members`, `left_out` (the first of them, each with its path and why), `left_out_all`, `locked`."""
    holder = Document.objects.filter(blob=work.blob).order_by("depth", "brought_at", "pk").first()
    if holder is None:
        return Outcome.not_needed("no_document")
    if work.blob.kind == "e-mail" and work.blob.media_type not in STORE_TYPES:
        return _Unpacking(work, holder).mail()
    return _Unpacking(work, holder).archive()


class _Unpacking:
    """One part of the step, on the first document with these bytes."""

    def __init__(self, work: Work, holder: Document) -> None:
        self.work, self.holder = work, holder
        self.now = timezone.now()
        self.taken = int(work.earlier.get("members", 0))
        self.left_out: list[dict[str, str]] = list(work.earlier.get("left_out", []))
        self.left_out_all = int(work.earlier.get("left_out_all", 0))
        self.locked = bool(work.earlier.get("locked", False))
        self.mails: list[tuple[str, Blob]] = []  # of a dump: files in the folder, to be read together

    # An archive, or a dump of mails

    def archive(self) -> Outcome:
        if self.holder.depth >= settings.UNPACK_DEPTH:
            return Outcome.not_needed("too_deep") if self.work.blob.kind == "pdf" else Outcome.failed("too_deep")
        first = int(self.work.earlier.get("next", 0))
        is_pdf = self.work.blob.kind == "pdf"
        reader = PORTFOLIOS if is_pdf else STORES if self.work.blob.media_type in STORE_TYPES else ARCHIVES
        folder = self._folder()
        found = sandbox.run(
            reader, self.work.original(), order=self._order(first), kind=Member, output=folder, limits=_limits()
        )
        try:
            with closing(found):  # type: ignore[type-var]  # run is a generator
                for member in found:
                    if self._take(member, folder):
                        self._read_mails(folder)
                        return self._ended("more", next=member.number + 1)
        except (Refused, NotRead) as trouble:
            self._read_mails(folder)
            self._share()
            if trouble.code == "password" and self.taken:
                return self._ended("done")
            if self.taken or self.left_out_all:
                return self._ended("failed", trouble=trouble.code)
            if is_pdf and trouble.code in ("damaged", "died"):  # its pages may still be read; that step says more
                return Outcome.not_needed("not_looked_into")
            raise
        self._read_mails(folder)
        self._share()
        if not self.taken and self.left_out_all:  # nothing came out, so that is what the file says
            return self._ended("failed", trouble=self.left_out[0]["why"])
        return self._ended("done")

    def _order(self, first: int) -> ArchiveOrder:
        outermost = self.holder.outermost_id or self.holder.pk
        size = Document.objects.values_list("blob__size", flat=True).get(pk=outermost)
        inside = Document.objects.filter(outermost=outermost)
        used = inside.exclude(parent=self.holder).aggregate(sum=Sum("blob__size"))["sum"] or 0
        most = min(int(settings.UNPACK_MOST_MB) << 20, max(HARMLESS, RATIO * size))
        return ArchiveOrder(
            media_type=self.work.blob.media_type,
            passwords=passwords.known_for(self.work.blob),
            first=first,
            most_files=max(0, int(settings.UNPACK_MOST_FILES) - inside.exclude(parent=self.holder).count()),
            most_bytes=max(0, most - used),
            largest=services.upload_limit(),
        )

    def _take(self, member: Member, folder: Path) -> bool:
        """Keep one member. Returns whether the time of this part is up."""
        if member.trouble == "skipped":
            self.work.progress(member.number, member.of)
            return False
        path = member.inner_path or self._own_name()
        if member.trouble:
            self._leave_out(path, member.trouble)
            self.locked = self.locked or member.trouble == "password"
        else:
            remarks = [_("Its path in the archive was changed to be safe.")] if member.odd_path else []
            self._keep(path, folder / member.file, remarks)
        if len(self.mails) >= MAILS:
            self._read_mails(folder)
        self.work.progress(member.number + 1, member.of)
        return self.work.time_is_up

    def _read_mails(self, folder: Path) -> None:
        """Read the mails kept so far in one process and lay down what they say. What fails is read one by one later."""
        mails, self.mails = self.mails, []
        reader = mail_reader()
        try:
            if mails and reader:
                order = MailOrder(others=tuple(name for name, _blob in mails))
                for item in sandbox.run(reader, folder, order=order, kind=MailItem, output=folder, limits=_limits()):
                    if item.read is not None:
                        _lay_down(mails[item.which][1], item.read, FRESH)
        except (Refused, NotRead, IndexError) as trouble:
            log.info("mails of blob %s are read one by one: %s", self.work.blob.pk, type(trouble).__name__)
        finally:
            for name, _blob in mails:
                (folder / name).unlink(missing_ok=True)

    def _own_name(self) -> str:
        """Return the name of what a single packed file holds: its own, without the ending that says packed."""
        return re.sub(r"\.(gz|bz2|xz|zst)$", "", self.holder.original_name, flags=re.IGNORECASE) or "content"

    # A mail

    def mail(self) -> Outcome:
        reader = mail_reader()
        if not reader:
            return Outcome.failed("missing_program")
        known = _laid_down(self.work.blob)
        if known is not None and not known.parts:
            self._write_mail(known)
            return self._ended("done", mail=_about(known))
        folder, paths = self._folder(), set[str]()
        order = MailOrder(largest=services.upload_limit())
        said: MailRead | None = None
        for item in sandbox.run(
            reader, self.work.original(), order=order, kind=MailItem, output=folder, limits=_limits()
        ):
            if item.read is not None:
                said = item.read
                self._write_mail(item.read)
            elif item.part is not None:
                self._take_part(item.part, folder, paths)
        self._share()
        if said is None:
            return Outcome.failed("damaged")
        return self._ended("done", mail=_about(said))

    def _write_mail(self, said: MailRead) -> None:
        _lay_down(self.work.blob, said)
        with self.work.writing():
            passages.put(self.work.blob, Passage.Kind.MAIL, blocks([_as_text(said)]))

    def _take_part(self, part: MailPart, folder: Path, paths: set[str]) -> None:
        cleaned, odd = clean_inner_path(part.name)
        path = own_path(cleaned, paths)
        if self.holder.depth >= settings.UNPACK_DEPTH:
            self._leave_out(path, "too_deep")
        elif not part.file:
            self._leave_out(path, "too_large")
        elif services.room_for_members(self.holder) <= 0:
            self._leave_out(path, "too_many")
        else:
            self._keep(path, folder / part.file, [_("Its name in the mail was changed to be safe.")] if odd else [])
        self.work.progress(part.number + 1, 0)

    # Both

    def _keep(self, path: str, file: Path, remarks: list[str]) -> None:
        try:
            member = services.receive_part(self.holder, _chunks(file), inner_path=path, now=self.now, remarks=remarks)
            self.taken += 1
            if self.work.blob.media_type in STORE_TYPES and member.kind == "e-mail":
                self.mails.append((file.name, member.blob))
                return  # _read_mails takes it from here
        except EmptyFile:
            self._leave_out(path, "empty")
        except TooLarge:
            self._leave_out(path, "too_large")
        file.unlink(missing_ok=True)

    def _leave_out(self, path: str, why: str) -> None:
        self.left_out_all += 1
        if len(self.left_out) < LISTED:
            self.left_out.append({"path": path, "why": why})

    def _share(self) -> None:
        services.share_members(self.work.blob, now=self.now)

    def _folder(self) -> Path:
        folder = self.work.folder / "unpacked"
        folder.mkdir(exist_ok=True)
        return folder

    def _ended(self, state: str, *, trouble: str = "", **more: Any) -> Outcome:
        nudge()
        result = {
            "members": self.taken, "left_out": self.left_out, "left_out_all": self.left_out_all,
            "locked": self.locked, **more,
        }  # fmt: skip
        return Outcome(state, result, trouble)


def _lay_down(blob: Blob, said: MailRead, name: str = MAIL_FILE) -> None:
    with Derived(blob.pk).making(name) as path:
        path.write_bytes(msgspec.json.encode(said))


def _laid_down(blob: Blob) -> MailRead | None:
    """Return what a mail says, where it was read with its dump a moment ago. Once: the next time it is read anew."""
    fresh = Derived(blob.pk).path(FRESH)
    try:
        said = msgspec.json.decode(fresh.read_bytes(), type=MailRead)
    except (OSError, msgspec.DecodeError):
        return None
    fresh.unlink(missing_ok=True)
    return said


def _about(said: MailRead) -> dict[str, Any]:
    return {"subject": said.subject[:500], "sender": said.sender[:500], "sent": said.sent, "notes": list(said.notes)}


def _limits() -> Limits:
    return Limits(
        seconds=900, cpu_seconds=900, memory=1536 * 1024 * 1024, file_size=services.upload_limit() + 1024 * 1024
    )


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk


def _as_text(said: MailRead) -> str:
    """Return a mail as a reader sees it: who wrote to whom, when and about what, then the text."""
    head = (
        ("From", said.sender),
        ("To", ", ".join(said.to)),
        ("Cc", ", ".join(said.cc)),
        ("Sent", _moment(said.sent)),
        ("Subject", said.subject),
    )
    return "\n".join([*(f"{name}: {value}" for name, value in head if value), "", said.text])


def _moment(sent: str) -> str:
    """Return when a mail was sent as its reader says it, in the sender's own time; what is no moment stays as it is."""
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return sent
    return f"{moment:%A, %B} {moment.day}, {moment.year}, {moment:%H:%M} {moment.tzname() or ''}".rstrip()
