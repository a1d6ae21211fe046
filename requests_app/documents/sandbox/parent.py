"""The parent's side: starts the process that reads, passes on what it finds, and ends it and all it started."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, TypeVar, cast

import msgspec

from requests_app.documents.readers.refusals import CODES, Refused
from requests_app.documents.sandbox.child import Order, Refusal
from requests_app.documents.sandbox.limits import Limits

_ROOT: Final = Path(__file__).resolve().parents[3]
CHILD: Final = "requests_app.documents.sandbox.child"
_CHUNK: Final = 1024 * 1024
Found = TypeVar("Found")


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
    Raises Refused, where the reader says why it cannot read the file, and NotRead, where it could not even say that.
    Whoever stops taking items ends the process.
    """
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="daylight-reading-", ignore_cleanup_errors=True)
        )
        log = stack.enter_context(tempfile.TemporaryFile())
        process = subprocess.Popen(
            [sys.executable, "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=_ROOT,
            env=_surroundings(scratch),
            start_new_session=True,
        )
        stack.callback(_end, process)
        end = time.monotonic() + limits.seconds
        said = Order(reader, str(path), str(output or scratch), limits, msgspec.Raw(msgspec.msgpack.encode(order)))
        try:
            with cast(IO[bytes], process.stdin) as orders:
                orders.write(msgspec.msgpack.encode(said))
            yield from _items(_Pipe(cast(IO[bytes], process.stdout), end), kind, limits)
        except (NotRead, OSError) as trouble:
            code = trouble.code if isinstance(trouble, NotRead) else "died"
            raise NotRead(code, _end_of(log)) from trouble


def _items(pipe: _Pipe, kind: type[Found], limits: Limits) -> Iterator[Found]:
    while True:
        letter, length = pipe.take(1), int.from_bytes(pipe.take(8), "big")
        if letter not in b"IRE" or length > limits.answer:
            raise NotRead("nonsense")
        said = pipe.take(length)
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
    """The child's answers, with an end by the clock."""

    def __init__(self, stream: IO[bytes], end: float) -> None:
        self._stream = stream
        self._end = end
        self._selector = selectors.DefaultSelector()
        self._selector.register(stream, selectors.EVENT_READ)

    def take(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            left = self._end - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                raise NotRead("too_long")
            some = os.read(self._stream.fileno(), min(length - len(found), _CHUNK))
            if not some:
                raise NotRead("died")
            found += some
        return bytes(found)


def _surroundings(scratch: str) -> dict[str, str]:
    """Return the child's environment: no secret, no setting, a home that is gone afterwards."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "OMP_THREAD_LIMIT": "1",  # tesseract: our workers are the parallel ones
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _end(process: subprocess.Popen[Any]) -> None:
    """Kill the process and whatever it started: they share a session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _end_of(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
    return log.read().decode("utf-8", "replace")
