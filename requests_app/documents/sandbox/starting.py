"""Has processes split off by the one that stands ready (`sandbox.ready`), which is started when it is first needed."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from requests_app.documents.sandbox.messages import End, Start, message

_ROOT: Final = Path(__file__).resolve().parents[3]
_SECONDS: Final = 60.0  # for an answer: the first loads a reader, the others take milliseconds


class NotStarted(Exception):
    """No process could be split off, although one to do so was started anew."""


class Ready:
    """The process that stands ready for this one. Any thread may ask it; a copy of this process gets one of its own."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def _forget(self) -> None:
        """Have none: that of the process that this one was copied from is not ours."""
        self._lock = threading.Lock()
        if self._socket is not None:
            self._socket.close()  # the copy; it would keep that one waiting for us when its own process is gone
        self._socket = self._process = None

    @property
    def number(self) -> int | None:
        """The number of the process that stands ready, where there is one."""
        return self._process.pid if self._process else None

    @contextlib.contextmanager
    def reading(self, reader: str, scratch: str, log: IO[bytes]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Give the pipes of a new process, for its orders and its answers. At the end it is killed with all it started.

        Raises NotStarted.
        """
        with contextlib.ExitStack() as stack:
            to_read, to_order = os.pipe()
            orders = stack.enter_context(os.fdopen(to_order, "wb"))
            to_take, to_answer = os.pipe()
            answers = stack.enter_context(os.fdopen(to_take, "rb", buffering=0))
            try:
                number, asked = self._start(Start(reader, scratch), [to_read, to_answer, log.fileno()])
            finally:
                os.close(to_read)
                os.close(to_answer)
            stack.callback(self._end, number, asked)
            yield orders, answers

    def close(self) -> None:
        """End the process that stands ready, and with it whatever still reads."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._socket = self._process = None

    def _start(self, start: Start, files: list[int]) -> tuple[int, socket.socket]:
        with self._lock:
            for _try in range(2):  # the one that stood ready may have been killed meanwhile
                try:
                    ready = self._there()
                    number = _answer(ready, message(start), files)
                except OSError:
                    self._close()
                    continue
                if number:
                    return number, ready
        raise NotStarted

    def _end(self, number: int, asked: socket.socket) -> None:
        with self._lock:
            if asked is self._socket:  # else it is gone, and the process with it
                try:
                    _answer(asked, message(End(number)), [])
                except OSError:
                    self._close()

    def _there(self) -> socket.socket:
        if self._socket is None:
            ours, its = socket.socketpair()
            with its:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", self._module],
                    stdin=its.fileno(),
                    stdout=subprocess.DEVNULL,
                    cwd=_ROOT,
                    env=_surroundings(),
                    start_new_session=True,
                )
            ours.settimeout(_SECONDS)
            self._socket = ours
        return self._socket


def _answer(ready: socket.socket, said: bytes, files: list[int]) -> int:
    """Send a message; return the number that is its answer. Raises OSError."""
    if files:
        sent = socket.send_fds(ready, [said], files)
        ready.sendall(said[sent:])
    else:
        ready.sendall(said)
    got = b""
    while len(got) < 8:
        some = ready.recv(8 - len(got))
        if not some:
            raise ConnectionError
        got += some
    return int.from_bytes(got, "big")


def _surroundings() -> dict[str, str]:
    """Return the environment of all readers: no secret, no setting. Each has a home of its own, gone afterwards."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": tempfile.gettempdir(),
        "LANG": "C.UTF-8",
        "OMP_THREAD_LIMIT": "1",  # tesseract: our workers are the parallel ones
        "PYTHONDONTWRITEBYTECODE": "1",
    }
