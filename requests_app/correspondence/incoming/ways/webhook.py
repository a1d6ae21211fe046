"""Mail that a provider posts to us, with its proof (`proofs`). Kept as it came before it is answered.

A request that was taken is not taken again, for as long as its proof would be good; what no proof names for good
(a password) is kept once, for its bytes are known.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_READ, mmap
from typing import BinaryIO, Final, Protocol

from requests_app.correspondence.incoming import queries, services
from requests_app.correspondence.incoming.models import Arrival, RawMail
from requests_app.correspondence.incoming.ways.posted_form import NotUnderstood, Posted, read_posted
from requests_app.correspondence.incoming.ways.proofs import Proof, Refused
from requests_app.documents.store import EmptyFile, TooLarge

CHUNK: Final = 1024 * 1024
_AROUND_A_MAIL: Final = 1024 * 1024  # what a form may hold besides
# A percent-encoded form may write each byte of a mail as three; JSON holds the mail and its files again beside it.
_ENCODED: Final = 3


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Post:
    """What came with a request besides its body."""

    headers: Mapping[str, str]
    content_type: str
    length: int | None


def receive(post: Post, body: Readable, *, proof: Proof, taken_before: int = 409, now: datetime) -> RawMail:
    """Take in one posted mail. When this returned, the mail is safe; a provider may be told so.

    1. Look at the length, and at what is proven before the body, before anything is read.
    2. Write the body to a file, and let the proof see it on the way.
    3. Find the mail in it; what is not proven now ends here.
    4. Refuse what was taken before, with the status that makes this provider stop.
    5. Keep the mail.

    Raises Refused; StoreTrouble, OSError or DatabaseError when a later try may work.
    """
    proof.begin(post.headers, now)
    limit = services.mail_limit() * _most_for(post.content_type) + _AROUND_A_MAIL
    length = _checked_length(post.length, limit)
    with services.the_mail_store().spool() as kept:
        _write(body, length, kept, proof)
        kept.flush()
        with mmap(kept.fileno(), 0, access=ACCESS_READ) as mapped:
            source = "" if proof.in_form else proof.source({}, now)
            posted, trouble = _read(mapped, post.content_type)
            if proof.in_form:  # only then is a form read before it is proven, and nothing is told about it
                source = proof.source(posted.fields, now)
            if trouble:
                raise Refused(422, trouble)
            if source and queries.known_sources(Arrival.Way.WEBHOOK, [source]):
                raise Refused(taken_before, "This very request was taken in before. Nothing was kept twice.")
            return _take_in(mapped, posted, source, now)


def signature_of(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one body, as the provider, or the program between, must make it."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _checked_length(length: int | None, limit: int) -> int:
    if length is None:
        raise Refused(411, "The request does not say how long it is.")
    if length <= 0:
        raise Refused(400, "The request is empty.")
    if length > limit:
        raise Refused(413, "The mail is larger than this system takes.")
    return length


def _most_for(content_type: str) -> int:
    return _ENCODED if "urlencoded" in content_type.lower() or "json" in content_type.lower() else 1


def _write(body: Readable, length: int, kept: BinaryIO, proof: Proof) -> None:
    """Write the body to a file, and show it to the proof. Raises Refused when it ends too early."""
    left = length
    while left:
        chunk = body.read(min(CHUNK, left))
        if not chunk:
            raise Refused(400, "The request ended before its length.")
        proof.see(chunk)
        kept.write(chunk)
        left -= len(chunk)


def _read(mapped: mmap, content_type: str) -> tuple[Posted, str]:
    """Return what was posted, and what is wrong with it, "" for nothing."""
    try:
        return read_posted(mapped, content_type), ""
    except NotUnderstood as trouble:
        return Posted(0, 0, fields=trouble.fields), str(trouble)


def _take_in(mapped: mmap, posted: Posted, source: str, now: datetime) -> RawMail:
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
