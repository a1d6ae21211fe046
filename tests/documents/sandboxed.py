"""Readers for tests of the sandbox, and the process that admits them. Knows no Django, like every reader."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import child, ready


class Asked(msgspec.Struct, frozen=True):
    """What the reader is asked for."""

    words: str


class Said(msgspec.Struct, frozen=True):
    """One item."""

    text: str


class Other(msgspec.Struct, frozen=True):
    """An item that nobody asked for."""

    number: int


def words(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield from (Said(word) for word in path.read_text().split())


def surroundings(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield from (Said(name) for name in os.environ)


def modules(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield from (Said(name) for name in sorted(sys.modules))


def refuses(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield Said("so far so good")
    raise Refused(order.words, "tried none")


def dies(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield Said("never")


def raises(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield Said(str(1 // 0))


def hangs(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    time.sleep(600)
    yield Said("never")


def works_for_ever(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    while True:
        pass
    yield Said("never")


def says_much(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield Said("x" * 2000)


def says_something_else(path: Path, order: Asked, output: Path) -> Iterator[Other]:
    yield Other(7)


def takes_memory(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield Said(str(len(bytearray(3_000_000_000))))


def writes_much(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    (output / "much").write_bytes(bytes(2_000_000))
    yield Said("written")


def finds_no_room(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield Said("so far so good")
    raise OSError(errno.ENOSPC, "No space left on device")


def starts_another(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield Said(str(subprocess.Popen(["sleep", "600"]).pid))


def open_files(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    numbers = list(Path("/proc/self/fd").iterdir())
    yield from (Said(number.name) for number in sorted(numbers) if number.exists())  # not that of the listing itself


def remembers(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    MEMORY.append(order.words)
    yield from (Said(words) for words in MEMORY)


def at_home(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    yield from (Said(said) for said in (os.environ["HOME"], tempfile.gettempdir(), str(os.getsid(0) == os.getpid())))


def loads(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    child.load(order.words)
    yield Said(f"threads: {len(list(Path('/proc/self/task').iterdir()))}")
    yield Said(f"Django: {'django' in sys.modules}")


def starts_another_and_hangs(path: Path, order: Asked, output: Path) -> Iterator[Said]:
    (path / "numbers").write_text(f"{os.getpid()} {subprocess.Popen(['sleep', '600']).pid}")
    time.sleep(600)
    yield Said("never")


MEMORY: list[str] = []

if __name__ == "__main__":
    child.READERS = ("requests_app.", "tests.documents.")  # type: ignore[misc]
    ready.main()
