"""A real server that speaks S3, and a way to it that can be cut, stalled and made to end half-way."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

from requests_app.documents.store.choosing import read_address

NAME = "daylight-documents"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def s3_server(port: int = 0) -> Iterator[int]:
    """Run the server on this port or a free one, in a process of its own, with an empty bucket."""
    port = port or free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.kill()
            process.wait()


def address(port: int, prefix: str) -> str:
    return f"s3://example-key:example%2Fsecret@{NAME}/{prefix}?endpoint=http://127.0.0.1:{port}"


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            make = urllib.request.Request(f"http://127.0.0.1:{port}/{NAME}", method="PUT")
            urllib.request.urlopen(make, timeout=5).close()  # noqa: S310
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


class Way:
    """A way to the server. `state`: open, shut (no connection), silent (no answer), half (the answer breaks off)."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.state = "open"
        self.half_after = 0  # bytes of an answer that come through
        self.times = 10**6  # connections for which the state holds; then the way is open again
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                state = self.state if self.times > 0 else "open"
                self.times -= 1
                threading.Thread(target=self._carry, args=(near, state), daemon=True).start()

    def _carry(self, near: socket.socket, state: str) -> None:
        if state == "shut":
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", self.target))
        there = threading.Thread(target=_pipe, args=(near, far, 10**12), daemon=True)
        there.start()
        if state == "silent":
            there.join(5)
        else:
            _pipe(far, near, self.half_after if state == "half" else 10**12)
        for each in (near, far):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _pipe(source: socket.socket, target: socket.socket, most: int) -> None:
    with contextlib.suppress(OSError):
        while most > 0 and (chunk := source.recv(min(65536, most))):
            target.sendall(chunk)
            most -= len(chunk)
        if most > 0:
            target.shutdown(socket.SHUT_WR)


__all__ = ["NAME", "Way", "address", "free_port", "read_address", "s3_server"]
