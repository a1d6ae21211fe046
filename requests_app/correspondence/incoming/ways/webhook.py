"""Mail that a provider posts to us, signed with a shared secret.

    X-Mail-Timestamp: 1772550000
    X-Mail-Signature: sha256=HEX        HMAC-SHA256 of "1772550000." and the body, byte for byte

The time is signed with the body, so that what was recorded on the way cannot be posted again later; within the time
that it is good for, the same request is taken once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_READ, mmap
from typing import BinaryIO, Final, Protocol

from django.conf import settings

from requests_app.correspondence.incoming import queries, services
from requests_app.correspondence.incoming.models import Arrival, RawMail
from requests_app.correspondence.incoming.ways.posted_form import NotUnderstood, Posted, read_posted
from requests_app.documents.store import EmptyFile, TooLarge

CHUNK: Final = 1024 * 1024
_AROUND_A_MAIL: Final = 1024 * 1024  # what a form may hold besides
_PERCENT_ENCODED: Final = 3  # a form may write each byte of a mail as three
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_SIGNATURE: Final = re.compile(r"(?:sha256=)?([0-9a-fA-F]{64})")


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Post:
    """What came with a request besides its body."""

    timestamp: str
    signature: str
    content_type: str
    length: int | None


class Refused(Exception):
    """The request was not taken. `status` is the answer's; the text says why, and nothing of what is known here."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def receive(post: Post, body: Readable, *, secret: str, now: datetime) -> RawMail:
    """Take in one posted mail. When this returned, the mail is safe; a provider may be told so.

    1. Look at the time and the length, before anything is read.
    2. Write the body to a file, and sign it on the way. A wrong signature ends it here.
    3. Refuse what was taken before.
    4. Find the mail in it and keep it.

    Raises Refused; StoreTrouble, OSError or DatabaseError when a later try may work.
    """
    moment = _checked_time(post.timestamp, now)
    limit = services.mail_limit() * _most_for(post.content_type) + _AROUND_A_MAIL
    length = _checked_length(post.length, limit)
    given = _SIGNATURE.fullmatch(post.signature.strip())
    if given is None:
        raise Refused(401, "The request is not signed, or the signature cannot be read.")
    with services.the_mail_store().spool() as kept:
        signed = _write(body, length, kept, moment, secret)
        if not hmac.compare_digest(signed, given[1].lower()):
            raise Refused(401, "The signature is wrong: another secret, or the body was changed on the way.")
        source = f"{moment}:{signed}"
        if queries.known_sources(Arrival.Way.WEBHOOK, [source]):
            raise Refused(409, "This very request was taken in before. Nothing was kept twice.")
        kept.flush()
        with mmap(kept.fileno(), 0, access=ACCESS_READ) as mapped:
            return _take_in(mapped, post.content_type, source, now)


def signature_of(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one body, as the provider, or the program between, must make it."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _checked_time(timestamp: str, now: datetime) -> int:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refused(401, "The request says no time, in whole seconds since 1970.")
    if abs(int(timestamp) - now.timestamp()) > settings.MAIL_WEBHOOK_MAX_AGE_SECONDS:
        raise Refused(401, "The request is too old, or a clock is wrong. Sign it anew at each try.")
    return int(timestamp)


def _checked_length(length: int | None, limit: int) -> int:
    if length is None:
        raise Refused(411, "The request does not say how long it is.")
    if length <= 0:
        raise Refused(400, "The request is empty.")
    if length > limit:
        raise Refused(413, "The mail is larger than this system takes.")
    return length


def _most_for(content_type: str) -> int:
    return _PERCENT_ENCODED if "urlencoded" in content_type.lower() else 1


def _write(body: Readable, length: int, kept: BinaryIO, moment: int, secret: str) -> str:
    """Write the body to a file, and return its signature in hexadecimal. Raises Refused when it ends too early."""
    signer = hmac.new(secret.encode(), f"{moment}.".encode(), hashlib.sha256)
    left = length
    while left:
        chunk = body.read(min(CHUNK, left))
        if not chunk:
            raise Refused(400, "The request ended before its length.")
        signer.update(chunk)
        kept.write(chunk)
        left -= len(chunk)
    return signer.hexdigest()


def _take_in(mapped: mmap, content_type: str, source: str, now: datetime) -> RawMail:
    try:
        posted = read_posted(mapped, content_type)
    except NotUnderstood as trouble:
        raise Refused(422, str(trouble)) from trouble
    try:
        return services.take_in(
            _chunks(mapped, posted),
            way=Arrival.Way.WEBHOOK,
            envelope_from=posted.sender,
            envelope_to=posted.recipients,
            source_key=source,
            now=now,
        )
    except TooLarge as trouble:
        raise Refused(413, "The mail is larger than this system takes.") from trouble
    except EmptyFile as trouble:
        raise Refused(422, "The mail is empty.") from trouble


def _chunks(mapped: mmap, posted: Posted) -> Iterator[bytes]:
    if posted.decoded is not None:
        yield posted.decoded
        return
    for place in range(posted.start, posted.end, CHUNK):
        yield mapped[place : min(place + CHUNK, posted.end)]
