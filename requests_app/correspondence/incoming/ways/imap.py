"""The mailbox that is polled: fetch, keep, and only then mark.

A mail is known by mailbox, UIDVALIDITY and UID (RFC 9051, 2.3.1.1), never by its flags: a person who reads it in a mail
program does not hide it from us. Whatever breaks in between, the next poll goes on where the last one ended, and what
was kept but not marked is marked then.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from requests_app.correspondence.incoming import queries, services
from requests_app.correspondence.incoming.models import Arrival
from requests_app.documents.store import EmptyFile, StoreTrouble

log = logging.getLogger(__name__)

TIMEOUT: Final = 60  # seconds for one answer of the server
BATCH: Final = 200  # UIDs asked about at once
SECONDS: Final = 240  # for one poll; the next goes on. Well under CELERY_TASK_TIME_LIMIT
# A line of the server may list every UID of a large mailbox; imaplib's own limit is some 100,000 of them.
imaplib._MAXLINE = max(imaplib._MAXLINE, 20_000_000)  # type: ignore[attr-defined]


class NotPolled(Exception):
    """The mailbox could not be read to the end. What was taken in is safe; the rest is where it was."""


@dataclass(frozen=True)
class Mailbox:
    """Where mail is fetched, by a URL such as imaps://user:password@mail.example.org/INBOX.

    Schemes: imaps (TLS), imap+starttls, and imap for a server on this machine. User and password are percent-encoded.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str

    @classmethod
    def from_url(cls, url: str) -> Mailbox:
        """Read the URL. Raises ValueError with a sentence that does not repeat it, for it holds a password."""
        parts = urlsplit(url)
        if parts.scheme not in {"imaps", "imap+starttls", "imap"} or not parts.hostname or not parts.username:
            raise ValueError("MAIL_IN_IMAP_URL is not like imaps://user:password@mail.example.org/INBOX.")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or (993 if parts.scheme == "imaps" else 143),
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.lstrip("/")) or "INBOX",
        )

    @property
    def name(self) -> str:
        """What its mails' source keys begin with; the user, because one server holds many mailboxes of one name."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass
class Polled:
    """What one poll did: mails taken in, mails that were known and only had to be marked, and whether more wait."""

    taken: int = 0
    marked: int = 0
    more: bool = False


def poll(mailbox: Mailbox, *, filed_folder: str, now: Callable[[], datetime]) -> Polled:
    """Take in what is new in the mailbox.

    1. Ask for the UIDs above the last one taken, and for those of known mails that were never marked.
    2. One by one: fetch without marking, keep, and when that is safe, mark as read or move to `filed_folder`.

    Raises NotPolled when the server cannot be reached, breaks off or refuses, and when the disk is full.
    """
    began = monotonic()
    done = Polled()
    try:
        with _connected(mailbox) as server:
            validity = _select(server, mailbox.folder)
            prefix = f"{mailbox.name}/{validity}/"[:380]
            last = queries.last_source(Arrival.Way.IMAP, prefix).rpartition("/")[2]
            desk = _Desk(server, mailbox, filed_folder, prefix)
            if filed_folder:
                desk.make_folder()
            uids = desk.uids(int(last) if last.isdecimal() else 0)
            for start in range(0, len(uids), BATCH):
                batch = uids[start : start + BATCH]
                known = queries.known_sources(Arrival.Way.IMAP, [f"{prefix}{uid}" for uid in batch])
                for uid in batch:
                    if monotonic() - began > SECONDS:
                        done.more = True
                        return done
                    is_whole = known.get(f"{prefix}{uid}")
                    if is_whole is None and desk.take(uid, now()):
                        done.taken += 1
                        desk.mark(uid)
                    elif is_whole:
                        desk.mark(uid)
                        done.marked += 1
    except (OSError, imaplib.IMAP4.error, StoreTrouble) as trouble:
        # Its words may quote what the server said, and a server may quote a mail or a name.
        raise NotPolled(
            f"The mailbox could not be read to the end ({type(trouble).__name__}). {done.taken} mails were taken in "
            "and are safe; the others are where they were, and the next poll goes on."
        ) from trouble
    finally:
        if done.taken or done.marked:
            log.info("mailbox polled: %s taken in, %s marked again", done.taken, done.marked)
    return done


@dataclass
class _Desk:
    """One mailbox that is open, and what is done with a mail in it."""

    server: imaplib.IMAP4
    mailbox: Mailbox
    filed_folder: str
    prefix: str

    def uids(self, last: int) -> list[int]:
        """Return what is to be looked at: new mails, and of the old ones those that still bear no mark of ours."""
        new = self._search(f"UID {last + 1}:*")
        unmarked = self._search("ALL" if self.filed_folder else "UNSEEN")
        # "n:*" always names the newest mail, even when its number is below n.
        return sorted({uid for uid in new if uid > last} | set(unmarked))

    def take(self, uid: int, now: datetime) -> bool:
        """Fetch and keep one mail. Returns whether it may be marked; it is gone, or stays, otherwise."""
        size = self._size(uid)
        if size is None:
            return False  # somebody moved it meanwhile
        is_large = size > services.mail_limit()
        raw = self._fetch(uid, "BODY.PEEK[HEADER]" if is_large else "BODY.PEEK[]")
        if raw is None:
            return False
        try:
            services.take_in(
                [raw], way=Arrival.Way.IMAP, source_key=f"{self.prefix}{uid}", headers_only=is_large, now=now
            )
        except EmptyFile:
            log.warning("an empty mail was left in the mailbox")
            return False
        # Too large: the mail itself is nowhere but in the mailbox, and a person shall find it there as it was.
        return not is_large

    def mark(self, uid: int) -> None:
        """Say on the server that the mail is kept. Only ever called after it is."""
        number = str(uid)
        if not self.filed_folder:
            self._expect(self.server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
            return
        folder = _quoted(self.filed_folder)
        if "MOVE" in self.server.capabilities:
            self._expect(self.server.uid("MOVE", number, folder))
            return
        self._expect(self.server.uid("COPY", number, folder))
        self._expect(self.server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen \Deleted)"))
        if "UIDPLUS" in self.server.capabilities:  # without it, EXPUNGE would remove other people's mails too
            self._expect(self.server.uid("EXPUNGE", number))

    def make_folder(self) -> None:
        """Make the folder for taken mail. A server says NO when it is there already; `mark` finds out otherwise."""
        self.server.create(_quoted(self.filed_folder))

    def _search(self, criterion: str) -> list[int]:
        answer = self._expect(self.server.uid("SEARCH", criterion))
        return [int(number) for line in answer if line for number in line.split()]

    def _size(self, uid: int) -> int | None:
        for line in self._expect(self.server.uid("FETCH", str(uid), "(UID RFC822.SIZE)")):
            text = line[0] if isinstance(line, tuple) else line
            found = re.search(rb"RFC822\.SIZE (\d+)", text or b"")
            if found:
                return int(found[1])
        return None

    def _fetch(self, uid: int, part: str) -> bytes | None:
        for line in self._expect(self.server.uid("FETCH", str(uid), f"(UID {part})")):
            if isinstance(line, tuple):
                promised = re.search(rb"\{(\d+)\}\s*$", line[0])
                if promised and int(promised[1]) != len(line[1]):
                    raise imaplib.IMAP4.abort("The mail broke off.")
                return bytes(line[1])
        return None

    @staticmethod
    def _expect(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
        verdict, said = answer
        if verdict != "OK":
            raise imaplib.IMAP4.error(f"The server answered {verdict}.")
        return said


@contextlib.contextmanager
def _connected(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    server: imaplib.IMAP4
    if mailbox.scheme == "imaps":
        server = imaplib.IMAP4_SSL(
            mailbox.host, mailbox.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT
        )
    else:
        server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    try:
        if mailbox.scheme == "imap+starttls":
            server.starttls(ssl.create_default_context())
        server.login(mailbox.user, mailbox.password)
        # What a server can do often differs after the login.
        _verdict, said = server.capability()
        server.capabilities = tuple(str(said[0], "ascii", "replace").upper().split()) if said[0] else ()
        yield server
    finally:
        # Whatever goes wrong with the goodbye: what was done stands.
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            server.logout()
        with contextlib.suppress(OSError):
            server.shutdown()


def _select(server: imaplib.IMAP4, folder: str) -> int:
    """Open the mailbox and return its UIDVALIDITY: when that changes, every UID means another mail."""
    verdict, _said = server.select(_quoted(folder))
    if verdict != "OK":
        raise imaplib.IMAP4.error("The mailbox cannot be opened.")
    _name, said = server.response("UIDVALIDITY")
    if not said or not said[0]:
        raise imaplib.IMAP4.error("The server does not say UIDVALIDITY.")
    return int(said[0])


def _quoted(folder: str) -> str:
    """Return the name of a folder as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3) in quotes."""
    written = "".join(
        _in_utf7(run) if run[0] > "~" else run.replace("&", "&-") for run in re.findall(r"[ -~]+|[^ -~]+", folder)
    )
    return '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _in_utf7(run: str) -> str:
    return "&" + base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
