"""The process that stands ready: readers are loaded in it, and for each reading it splits off a process of its own.

    python -m requests_app.documents.sandbox.ready

Starting Python and loading a reader takes longer than reading a page does; splitting off takes two milliseconds. This
process opens no foreign file. What it splits off has a session of its own, no open file but its orders, its answers and
its log, and is bounded and without network before it reads (`sandbox.child`). What one reading does to its memory,
none after it sees.

The worker that started it speaks to it over its standard input, a socket. When that ends, so does all of this.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import tempfile
import traceback
from typing import Final, NoReturn

import msgspec

from requests_app.documents.sandbox import child
from requests_app.documents.sandbox.messages import HEAD, End, Start

_MOST: Final = 65_536  # bytes of one message: two paths and a name
_ANSWERS: Final = 3  # the number of the file in a reading process; 0, 1 and 2 are its orders and its log


def main() -> None:
    """Answer each message with a process number, or 0 where none could be split off, until the worker is gone."""
    worker = socket.socket(fileno=0)
    readings: set[int] = set()
    try:
        while (asked := _asked(worker)) is not None:
            said, files = asked
            if isinstance(said, Start):
                number = _split_off(said, files)
                readings.add(number)
            else:
                number = said.number
                if number in readings:
                    readings.remove(number)
                    _end(number)
            worker.sendall(number.to_bytes(8, "big"))
    except ConnectionError:
        pass  # the worker is gone in the middle of a word
    finally:
        for number in readings - {0}:
            _end(number)


def _asked(worker: socket.socket) -> tuple[Start | End, list[int]] | None:
    """Return the next message and the files that came with it; None when the worker is gone."""
    got, files, _flags, _address = socket.recv_fds(worker, HEAD, 3)
    while 0 < len(got) < HEAD:
        got += worker.recv(HEAD - len(got)) or b"\0" * HEAD
    if not got:
        return None
    length, said = int.from_bytes(got, "big"), b""
    while len(said) < min(length, _MOST):
        some = worker.recv(length - len(said))
        if not some:
            return None
        said += some
    return msgspec.msgpack.decode(said, type=Start | End), files


def _split_off(start: Start, files: list[int]) -> int:
    """Return the number of the new process. It is nobody else's until `_end`: only then is it waited for."""
    with contextlib.suppress(Exception):  # the process itself says what is wrong with its reader
        child.load(start.reader)
    gc.freeze()
    try:
        number = os.fork()
    except OSError:
        number = 0
    else:
        if not number:
            _read(start, *files)
    for file in files:
        os.close(file)
    return number


def _read(start: Start, orders: int, answers: int, log: int) -> NoReturn:
    """Be the process that reads, from here to its end."""
    status = 1
    try:
        os.setsid()
        os.dup2(orders, 0)  # in place of the socket to the worker
        for number in (1, 2):  # nothing that a library prints may pass for an answer
            os.dup2(log, number)
        os.dup2(answers, _ANSWERS, inheritable=False)
        os.closerange(_ANSWERS + 1, os.sysconf("SC_OPEN_MAX"))
        os.environ["HOME"] = os.environ["TMPDIR"] = start.scratch
        tempfile.tempdir = None
        with os.fdopen(0, "rb", closefd=False) as given, os.fdopen(_ANSWERS, "wb") as answered:
            child.serve(given, answered)
        status = 0
    except BaseException:  # noqa: BLE001  nothing of this process may go on as the one that stands ready
        traceback.print_exc()
    finally:
        os._exit(status)


def _end(number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(number, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):  # it had no time for a session of its own
        os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)


if __name__ == "__main__":
    main()
