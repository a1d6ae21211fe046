"""The process that reads mail: the child's side. It knows no database, no settings and no secrets.

    python -m requests_app.correspondence.incoming.reading

Each line of its input is one `Order` in JSON; each answer is a frame with a `Reading`, one frame with the bytes of the
part where one was asked for, and one with the `SafePage` where that was. A frame is its length in eight bytes, then so
many bytes. The process ends with its input.

Whatever a hostile mail does to it, it does here: memory, time, files and processes are bounded before the first byte is
read, and `reader` starts another process when this one dies.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from requests_app.correspondence.incoming.pictures import pictures_of
from requests_app.correspondence.incoming.safe_page import SafePage
from requests_app.correspondence.parsing import ParsedMessage, parse_message

# Raised when `parsing` reads mails differently, and when `suggesting` suggests more or other things; `reprocess_mail`
# then finds the mails that an older one read. A mail has both (`version_of`), those of the first days the first alone.
PARSER_VERSION: Final = "1"
SUGGESTING_VERSION: Final = "2"
# The parser stays below 300 MB for the largest mail; the interpreter and room for its allocator come on top.
MEMORY_BYTES: Final = 768 * 1024 * 1024
CPU_SECONDS: Final = 30  # for one mail; the parser means to need two


@dataclass(frozen=True, slots=True)
class Order:
    """Read the mail in this file; also hand out the attachment with this SHA-256, or the page it shows."""

    path: str
    part: str = ""
    page: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The size and hash of one attachment, in the order of `ParsedMessage.attachments`."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says, without the bytes of its attachments, and what those are."""

    message: ParsedMessage
    parts: tuple[Part, ...]


def version_of(parser: str = PARSER_VERSION, suggesting: str = SUGGESTING_VERSION) -> str:
    """Return what a mail says of who read it: "1+2"."""
    return f"{parser}+{suggesting}"


def read(raw: bytes) -> tuple[Reading, tuple[bytes, ...]]:
    """Return what a mail says and, apart from it, the bytes of its attachments."""
    message = parse_message(raw)
    contents = tuple(attachment.content for attachment in message.attachments)
    parts = tuple(Part(len(content), hashlib.sha256(content).hexdigest()) for content in contents)
    bare = replace(message, attachments=tuple(replace(attachment, content=b"") for attachment in message.attachments))
    return Reading(bare, parts), contents


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Answer one order after another until there are no more."""
    for line in orders:
        _allow_more_time()
        order = msgspec.json.decode(line, type=Order)
        reading, contents = read(Path(order.path).read_bytes())
        frames = [msgspec.msgpack.encode(reading)]
        if order.part:
            wanted = (
                content for content, part in zip(contents, reading.parts, strict=True) if part.sha256 == order.part
            )
            frames.append(next(wanted, b""))
        if order.page:
            frames.append(msgspec.msgpack.encode(_page_of(reading, contents)))
        for frame in frames:
            answers.write(len(frame).to_bytes(8, "big"))
            answers.write(frame)
        answers.flush()


def _page_of(reading: Reading, contents: tuple[bytes, ...]) -> SafePage:
    # Imported for the first page only: most mails are never looked at so.
    from requests_app.correspondence.incoming.safe_html import safe_page, wants_pictures

    page, attachments = reading.message.html, reading.message.attachments
    whole = (replace(one, content=content) for one, content in zip(attachments, contents, strict=True))
    return safe_page(page, pictures_of(whole) if wants_pictures(page) else {})


def bound_this_process() -> None:
    """Bound what this process can take: memory, new files, open files, and no dump of a mail on the disk."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _allow_more_time() -> None:
    """Let this process use so many seconds of the processor from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    """Serve orders from standard input."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that a library prints may pass for an answer
    bound_this_process()
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
