"""What runs outside of a test's own process, and where it keeps its things: for tests that raise real processes."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from requests_app.tracking.models import Heartbeat
from tests import servers
from tests.servers import Mailbox, database_address, wait_until
from tests.tracking.nursery import Nursery, nursery


@dataclass
class Stage:
    """A nursery of workers and timers, the mail server that they reach, and their broker."""

    nursery: Nursery
    mailbox: Mailbox
    data: Path
    redis: str

    @property
    def setting(self) -> str:
        """Broker and database, in words."""
        return f"{'Redis' if self.redis else 'the embedded broker'} and {connection.display_name}"

    def wipe_broker(self) -> None:
        """Lose every message, as a broker does whose disk fails."""
        if self.redis:
            import redis

            with redis.Redis.from_url(self.redis) as client:
                client.flushall()
        else:
            shutil.rmtree(self.data / "broker", ignore_errors=True)  # somebody may be writing there
            (self.data / "broker" / "messages").mkdir(parents=True, exist_ok=True)
            (self.data / "broker" / "control").mkdir(exist_ok=True)

    def sweeps(self, count: int) -> None:
        """Wait until so many sweeps more have come to their end."""
        for _ in range(count):
            before = Heartbeat.objects.filter(name="sweep").values_list("beat_at", flat=True).first()
            assert wait_until(lambda seen=before: Heartbeat.objects.filter(name="sweep").exclude(beat_at=seen).exists())


@contextlib.contextmanager
def opened(folder: Path, mailbox: type[Mailbox], environment: Mapping[str, str]) -> Iterator[Stage]:
    """Open a stage on the setting's own database and kind of broker."""
    (folder / "broker" / "messages").mkdir(parents=True)
    with contextlib.ExitStack() as open_ones:
        broker = open_ones.enter_context(servers.redis()) if settings.REDIS_URL else ""
        box = open_ones.enter_context(servers.mail_server(mailbox))
        facts = {
            "DATABASE_URL": database_address(),
            "REDIS_URL": broker,
            "EMAIL_URL": box.url,
            "DATA_DIR": str(folder),
            "SWEEP_SECONDS": "1",
            **environment,
        }
        yield Stage(open_ones.enter_context(nursery(facts, folder)), box, folder, broker)
