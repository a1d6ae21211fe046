"""A line to a server that breaks: it lets so many bytes of the server's answers through, then it is cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Line:
    """`cut_after`: bytes that the server may still say on the next connection; None: as many as it likes."""

    port: int
    cut_after: int | None = None
    cuts: int = 0


@contextlib.contextmanager
def breaking_line(to_port: int) -> Iterator[Line]:
    """Listen on a port of our own and pass everything on, until the line is cut."""
    listener = socket.create_server(("127.0.0.1", 0))
    line = Line(listener.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", to_port))
            threading.Thread(target=_pass, args=(near, far), daemon=True).start()
            threading.Thread(target=_pass_until_cut, args=(far, near, line), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield line
    finally:
        listener.close()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    _end(source, target)


def _pass_until_cut(source: socket.socket, target: socket.socket, line: Line) -> None:
    left = line.cut_after
    with contextlib.suppress(OSError):
        while chunk := source.recv(1024):
            if left is not None and len(chunk) >= left:
                target.sendall(chunk[:left])
                line.cuts += 1
                break
            left = None if left is None else left - len(chunk)
            target.sendall(chunk)
    _end(source, target)


def _end(*ends: socket.socket) -> None:
    for one in ends:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
