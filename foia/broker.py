"""The embedded broker: Celery's messages as files in one folder, for a machine without a message server.

Celery's own filesystem transport, with the three places mended where two processes can meet (measured in
`docs/decisions/0001-embedded-broker.md`):

1. A message appears whole. There, a reader could find it between its creation and its first byte, and lose it.
2. Taking a message is one step that only one process can win, wherever the system's temporary folder lies.
3. The first start of web, worker and timer at once may write the table of queues only one after the other.

A message taken by a worker that then dies is gone. That loses nothing: the database is the truth and the next
sweep finds what waits (design, section 2).
"""

from __future__ import annotations

import fcntl
import logging
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.connection import Connection
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.transport.virtual import BrokerState
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

SCHEME = "embedded"  # CELERY_BROKER_URL = "embedded://"


class Channel(filesystem.Channel):
    """Reads and writes the folder that `data_folder_in` and `data_folder_out` both name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.messages = Path(self.data_folder_in)
        self.messages.mkdir(parents=True, exist_ok=True)
        self.control_folder.mkdir(parents=True, exist_ok=True)
        self.listed: dict[str, deque[Path]] = {}  # what the last look into the folder found and is not taken yet

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its two bases disagree
        # The wall clock, so that files of before a restart still come first; the random part keeps names apart.
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        _write_whole(self.messages / name, dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        listed = self.listed.setdefault(queue, deque())
        if not listed:  # one look for many messages: a backlog of thousands must not be listed for each of them
            files = self.messages.glob(f"*.{queue}.msg")
            # Not by the ending alone: another queue's name may end like this one's.
            listed.extend(sorted(file for file in files if file.name.partition(".")[2] == f"{queue}.msg"))
        while listed:
            file = listed.popleft()
            try:
                content = file.read_bytes()
                file.unlink()  # whoever removes the file owns the message; for everybody else it is not there
            except FileNotFoundError:
                continue
            try:
                return loads(content)
            except ValueError:
                # Only a power cut can leave half a file. One lost nudge must not stop the worker.
                logger.warning("Dropped the unreadable message %s; the next sweep does its work.", file.name)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        table = self._exchange_file(exchange)
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with _only_one(table.with_suffix(".lock")):
            bindings = self.get_table(exchange)
            if binding not in bindings:
                _write_whole(table, dumps([binding, *bindings]))


class Transport(filesystem.Transport):
    """What `embedded://` stands for."""

    Channel = Channel
    driver_type = driver_name = SCHEME

    def __init__(self, client: Connection, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        # Which queues are bound is remembered for this connection only: one to another folder knows nothing of it.
        self.state = BrokerState()


def register() -> None:
    """Let Celery understand `embedded://`."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"


def _write_whole(file: Path, text: str) -> None:
    """Write a file so that others see all of it or nothing. Its name while unfinished ends like no message."""
    unfinished = file.with_name(f"{file.name}.{uuid.uuid4().hex}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def _only_one(lock_file: Path) -> Iterator[None]:
    """Let one process at a time into the block; the lock ends with its process, however that ends."""
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
