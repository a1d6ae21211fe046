"""The process that reads mail: the parent's side. Starts it, asks it, and starts another when it died or took too long.

    with Reader() as reader:
        reading = reader.read(path)

One process serves a whole batch, for starting it takes longer than reading a mail.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, TypeVar, cast

import msgspec

from requests_app.correspondence.incoming.reading import Order, Reading
from requests_app.correspondence.incoming.safe_page import SafePage

SECONDS: Final = 60.0  # for one mail, by the clock: a machine that is busy must not make a mail fail
_CHUNK: Final = 1024 * 1024
_LONGEST_ANSWER: Final = 128 * 1024 * 1024  # text, HTML and headers are bounded by the parser to far less
_ROOT: Final = Path(__file__).resolve().parents[3]


Said = TypeVar("Said")


class NotRead(Exception):
    """The mail could not be read. `code` says why: died, too_long, nonsense, or gone for a part that is not there."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The process that reads mail gave no answer: {code}.")
        self.code = code


class Reader:
    """A process apart that reads mails, one at a time. Not for two threads at once."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, path: Path) -> Reading:
        """Return what the mail in this file says, without the bytes of its attachments. Raises NotRead.

        Asks a second time where the process died: perhaps the mail before had left it in a bad way.
        """
        try:
            return self._read(path)
        except NotRead as trouble:
            if trouble.code != "died":
                raise
            return self._read(path)

    def page(self, path: Path) -> SafePage:
        """Return the page that the mail in this file shows, made harmless. Raises NotRead."""
        end = time.monotonic() + self.seconds
        self._order(Order(str(path), page=True))
        self._answer(end)
        return self._decoded(end, SafePage)

    @contextlib.contextmanager
    def part(self, path: Path, sha256: str) -> Iterator[Iterator[bytes]]:
        """Give the bytes of the attachment of that name, in chunks. Raises NotRead, also while they are read.

        By its hash, not by its place: a later parser may count the parts of a mail differently.
        """
        end = time.monotonic() + self.seconds
        self._order(Order(str(path), sha256))
        reading = self._answer(end)
        left = [self._length(end)]
        if all(part.sha256 != sha256 for part in reading.parts):
            raise NotRead("gone")

        def chunks() -> Iterator[bytes]:
            while left[0]:
                chunk = self._some(min(left[0], _CHUNK), end)
                left[0] -= len(chunk)
                yield chunk

        try:
            yield chunks()
        finally:
            if left[0]:  # whoever took the bytes stopped early: what is left would pass for the next answer
                self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _read(self, path: Path) -> Reading:
        self._order(Order(str(path)))
        return self._answer(time.monotonic() + self.seconds)

    def _order(self, order: Order) -> None:
        try:
            cast(IO[bytes], self._running().stdin).write(msgspec.json.encode(order) + b"\n")
        except OSError as trouble:
            self.close()
            raise NotRead("died") from trouble

    def _answer(self, end: float) -> Reading:
        return self._decoded(end, Reading)

    def _decoded(self, end: float, kind: type[Said]) -> Said:
        length = self._length(end)
        if length > _LONGEST_ANSWER:
            self.close()
            raise NotRead("nonsense")
        try:
            return msgspec.msgpack.decode(self._all(length, end), type=kind)
        except (msgspec.DecodeError, ValueError, OverflowError) as trouble:
            self.close()
            raise NotRead("nonsense") from trouble

    def _length(self, end: float) -> int:
        return int.from_bytes(self._all(8, end), "big")

    def _all(self, length: int, end: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            found += self._some(length - len(found), end)
        return bytes(found)

    def _some(self, most: int, end: float) -> bytes:
        """Return what the process has said, at most so many bytes; wait for it until `end`."""
        process = self._process
        if process is None or process.stdout is None:
            raise NotRead("died")
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(max(0.0, end - time.monotonic())):
                self.close()
                raise NotRead("too_long")
        found = os.read(process.stdout.fileno(), most)
        if not found:
            took_its_time = process.wait() == -signal.SIGXCPU
            self.close()
            raise NotRead("too_long" if took_its_time else "died")
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "requests_app.correspondence.incoming.reading"],
                cwd=_ROOT,
                # Neither the database's password nor any other secret: what reads strangers' bytes knows none.
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what it says there may quote a mail
                start_new_session=True,
                bufsize=0,
            )
        return self._process
