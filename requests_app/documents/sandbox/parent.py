"""The parent's side: has a process split off that reads, passes on what it finds, and ends it and all it started."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import tempfile
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from requests_app.documents.readers.refusals import CODES, Refused
from requests_app.documents.sandbox.child import Order, Refusal
from requests_app.documents.sandbox.limits import Limits
from requests_app.documents.sandbox.starting import NotStarted, Ready

READY = Ready("requests_app.documents.sandbox.ready")
_CHUNK: Final = 1024 * 1024
HOLD_SECONDS: Final = 15.0  # between two calls of `hold` while a reader reads
Found = TypeVar("Found")


@dataclass(frozen=True)
class Watch:
    """Who waits for the readers that are run at this moment, and where they may leave what is gone afterwards."""

    scratch: Path | None = None
    hold: Callable[[], None] | None = None


_WATCH: ContextVar[Watch] = ContextVar("watch", default=Watch())  # noqa: B039  frozen


@contextlib.contextmanager
def watched(*, scratch: Path, hold: Callable[[], None]) -> Iterator[None]:
    """Run readers within this block in that folder, and call `hold` every few seconds while one reads.

    Whatever `hold` raises ends the reader.
    """
    token = _WATCH.set(Watch(scratch, hold))
    try:
        yield
    finally:
        _WATCH.reset(token)


class NotRead(Exception):
    """The process gave no whole answer. `code`: died, too_long or nonsense. `log` ends with what it printed."""

    def __init__(self, code: str, log: str = "") -> None:
        super().__init__(f"The process that reads files gave no answer: {code}.")
        self.code = code
        self.log = log


def run(
    reader: str,
    path: Path,
    *,
    order: msgspec.Struct,
    kind: type[Found],
    limits: Limits = Limits(),  # noqa: B008  frozen
    output: Path | None = None,
) -> Iterator[Found]:
    """Give what the reader finds in the file, item by item, as it finds it.

    `output`: an existing folder into which the reader may write; without one it gets a folder that is gone afterwards.
    Raises Refused, where the reader says why it cannot read the file, NotRead, where it could not even say that, and
    OSError, where the disk had no room for what it wrote. Whoever stops taking items ends the process.
    """
    watch = _WATCH.get()
    with contextlib.ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(
            prefix="daylight-reading-", dir=watch.scratch, ignore_cleanup_errors=True
        )  # fmt: skip
        scratch = stack.enter_context(folder)
        log = stack.enter_context(tempfile.TemporaryFile(dir=watch.scratch))
        said = Order(reader, str(path), str(output or scratch), limits, msgspec.Raw(msgspec.msgpack.encode(order)))
        try:
            orders, answers = stack.enter_context(READY.reading(reader, scratch, log))
            with orders:
                orders.write(msgspec.msgpack.encode(said))
            pipe = stack.enter_context(_Pipe(answers, limits.seconds, watch.hold))
            yield from _items(pipe, kind, limits)
        except NotRead as trouble:
            raise NotRead(trouble.code, _end_of(log)) from trouble
        except (NotStarted, BrokenPipeError) as trouble:  # there is none, or it ended before it had read its order
            raise NotRead("died", _end_of(log)) from trouble


def _items(pipe: _Pipe, kind: type[Found], limits: Limits) -> Iterator[Found]:
    while True:
        letter, length = pipe.take(1), int.from_bytes(pipe.take(8), "big")
        if letter not in b"IREN" or length > limits.answer:
            raise NotRead("nonsense")
        said = pipe.take(length)
        if letter == b"N":
            raise OSError(errno.ENOSPC, "The disk has no room for what the reader writes.")
        if letter == b"E":
            return
        if letter == b"R":
            refusal = _decoded(said, Refusal)
            if refusal.code not in CODES:
                raise NotRead("nonsense")
            raise Refused(refusal.code, refusal.detail)
        yield _decoded(said, kind)


def _decoded(said: bytes, kind: type[Found]) -> Found:
    try:
        return msgspec.msgpack.decode(said, type=kind)
    except (msgspec.DecodeError, ValueError, OverflowError) as trouble:
        raise NotRead("nonsense") from trouble


class _Pipe:
    """The child's answers, with an end by the clock: so many seconds of waiting for it, and of nothing else."""

    def __init__(self, stream: IO[bytes], seconds: float, hold: Callable[[], None] | None) -> None:
        self._stream = stream
        self._left = seconds
        self._hold = hold
        self._held_at = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._selector.register(stream, selectors.EVENT_READ)

    def __enter__(self) -> _Pipe:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def take(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            self._wait()
            some = os.read(self._stream.fileno(), min(length - len(found), _CHUNK))
            if not some:
                raise NotRead("died")
            found += some
        return bytes(found)

    def _wait(self) -> None:
        while True:
            began = time.monotonic()
            if self._hold and began - self._held_at >= HOLD_SECONDS:
                self._hold()
                self._held_at = began
            ready = self._selector.select(max(0.0, min(self._left, HOLD_SECONDS)))
            self._left -= time.monotonic() - began
            if ready:
                return
            if self._left <= 0:
                raise NotRead("too_long")


def _end_of(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
    return log.read().decode("utf-8", "replace")
