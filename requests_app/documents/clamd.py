"""Asks a ClamAV server about a file, by its INSTREAM command (`man clamd`). Nothing else is needed of it."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO, Final

CHUNK: Final = 256 * 1024
_LONGEST_ANSWER: Final = 4096
_FOUND: Final = " FOUND"


class Away(Exception):
    """The server is not there, does not answer in time, or answers nonsense. Ask again later."""


class NotScanned(Exception):
    """The server does not scan this file. `code`: too_large, or error with what it said in `detail`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"The file was not scanned: {code}.")
        self.code = code
        self.detail = detail


def scan(file: BinaryIO, *, address: str, seconds: float) -> str:
    """Return the name of what the server found in the file; empty where it found nothing.

    `address`: the path of a socket, or host:port. `seconds`: for the whole of it. Raises Away or NotScanned.
    """
    end = time.monotonic() + seconds
    try:
        with closing(_connected(address, end)) as server:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough, and says why
                _send(server, file, end)
            answer = _answer(server, end)
    except OSError as trouble:
        raise Away(type(trouble).__name__) from trouble
    return _verdict(answer)


def _verdict(answer: str) -> str:
    said = answer.partition(": ")[2] if answer.startswith("stream: ") else answer
    if said == "OK":
        return ""
    if said.endswith(_FOUND):
        return said.removesuffix(_FOUND)
    if "size limit exceeded" in said:
        raise NotScanned("too_large", said)
    if said.endswith("ERROR"):
        raise NotScanned("error", said)
    raise Away("no answer" if not said else "nonsense")


def _connected(address: str, end: float) -> socket.socket:
    path = address.removeprefix("unix:")
    if path.startswith("/"):
        server = socket.socket(socket.AF_UNIX)
        server.settimeout(_left(end))
        try:
            server.connect(str(Path(path)))
        except OSError:
            server.close()
            raise
        return server
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_left(end))


def _send(server: socket.socket, file: BinaryIO, end: float) -> None:
    server.sendall(b"zINSTREAM\0")
    while chunk := file.read(CHUNK):
        server.settimeout(_left(end))
        server.sendall(struct.pack("!I", len(chunk)) + chunk)
    server.sendall(struct.pack("!I", 0))


def _answer(server: socket.socket, end: float) -> str:
    found = bytearray()
    while b"\0" not in found and len(found) < _LONGEST_ANSWER:
        server.settimeout(_left(end))
        some = server.recv(_LONGEST_ANSWER)
        if not some:
            break
        found += some
    return found.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
