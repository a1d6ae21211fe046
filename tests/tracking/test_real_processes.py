"""Reminders with real processes: worker and timer on either broker, a mail server, a clock that moves, and SIGKILL.

The database is the tests' own: a file of SQLite, or PostgreSQL in the served setting. The broker is chosen here, so
that both are proved on either database.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from requests_app.people.models import Notice
from requests_app.tracking.models import Heartbeat, Reminder
from tests import servers
from tests.factories import ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.servers import Mailbox, wait_until
from tests.tracking.nursery import Nursery, Raised, nursery

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

REQUESTS = 12
RECEIVED = datetime(2026, 2, 6, 17, 0, tzinfo=UTC)  # a Friday, noon in Maryland
SENDING = ("in the conversation", "before the mail is taken", "after the mail is taken", "after the answer")
KILLS = ("while it sweeps",) * 5 + SENDING * 4  # when the workers are killed, on either broker


@dataclass
class PausingMailbox(Mailbox):
    """A mail server that stops at a chosen moment of the conversation until it is told to go on."""

    moment: str = ""
    reached: threading.Event = field(default_factory=threading.Event)

    async def _pause(self, moment: str) -> None:
        if self.moment == moment:
            self.reached.set()
            while self.moment == moment:
                await asyncio.sleep(0.005)

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._pause("in the conversation")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._pause("before the mail is taken")
        answer = await super().handle_DATA(server, session, envelope)
        await self._pause("after the mail is taken")
        if self.moment == "after the answer":
            self.reached.set()
        return answer


@dataclass
class Stage:
    """Everything that runs outside of the test's own process."""

    nursery: Nursery
    mailbox: PausingMailbox
    data: Path
    redis: str

    def wipe_broker(self) -> None:
        """Lose every message, as a broker does whose disk fails."""
        if self.redis:
            import redis

            with redis.Redis.from_url(self.redis) as client:
                client.flushall()
        else:
            shutil.rmtree(self.data / "broker")
            (self.data / "broker" / "messages").mkdir(parents=True)
            (self.data / "broker" / "control").mkdir()

    def sweeps(self, count: int) -> None:
        """Wait until so many sweeps more have come to their end."""
        for _ in range(count):
            before = Heartbeat.objects.filter(name="sweep").values_list("beat_at", flat=True).first()
            assert wait_until(lambda seen=before: Heartbeat.objects.filter(name="sweep").exclude(beat_at=seen).exists())


def database_address() -> str:
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


@pytest.fixture(scope="module", params=["embedded", "redis"])
def everything(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None
) -> Iterator[Stage]:
    """Broker, mail server and nursery, opened once for the tests of one setting: importing takes longest."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "broker" / "messages").mkdir(parents=True)
    with contextlib.ExitStack() as open_ones:
        broker = open_ones.enter_context(servers.redis()) if request.param == "redis" else ""
        mailbox = open_ones.enter_context(servers.mail_server(PausingMailbox))
        assert isinstance(mailbox, PausingMailbox)
        environment = {
            "DATABASE_URL": database_address(),
            "REDIS_URL": broker,
            "EMAIL_URL": mailbox.url,
            "DATA_DIR": str(folder),
            "SWEEP_SECONDS": "1",
            "OUTBOX_CLAIM_SECONDS": "5",
        }
        yield Stage(open_ones.enter_context(nursery(environment, folder)), mailbox, folder, broker)


@pytest.fixture
def stage(everything: Stage, transactional_db: None) -> Iterator[Stage]:
    """The stage with nobody on it and nothing in the mailbox."""
    everything.mailbox.deliveries.clear()
    yield everything
    everything.nursery.end_all()
    everything.wipe_broker()


def request_of_february(handle: str) -> None:
    """A request that Maryland received on February 6, 2026, followed by its filer."""
    filer = PersonFactory(handle=handle)
    RecordsRequestFactory(
        filer=filer,
        assignee=filer,
        contact_point=ContactPointFactory(agency__jurisdiction="MD"),
        opened_at=RECEIVED,
        events=[("sent", "2026-02-06"), ("received", "2026-02-06")],
    )


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.messages]


def test_each_reminder_arrives_once_as_time_moves(stage: Stage) -> None:
    """Maryland: notice within ten business days (February 23), decision and records within thirty days (March 9)."""
    request_of_february("alice")
    arrived: list[int] = []
    for day in ("2026-02-17", "2026-02-20", "2026-02-24", "2026-03-10"):
        stage.nursery.set_clock(datetime.fromisoformat(f"{day}T17:00:00+00:00"))
        stage.nursery.worker()
        stage.nursery.beat()
        stage.sweeps(1)
        assert wait_until(lambda: not Notice.objects.exclude(state="sent").exists())
        stage.sweeps(1)  # looking again brings nothing again
        arrived.append(len(stage.mailbox.messages))
        stage.nursery.end_all()
    assert arrived == [0, 1, 2, 4]
    notices = list(Notice.objects.order_by("pk"))
    assert [message["Message-ID"] for message in stage.mailbox.messages] == [one.message_id for one in notices]
    assert "acknowledgment due Monday, February 23, 2026" in subjects(stage.mailbox)[0]
    assert "acknowledgment late since Monday, February 23, 2026" in subjects(stage.mailbox)[1]
    assert {"decision late" in subject or "records late" in subject for subject in subjects(stage.mailbox)[2:]} == {
        True
    }


def kill(stage: Stage, worker: Raised, moment: str, delay: float) -> None:
    """End a worker with SIGKILL at a moment of its work."""
    mailbox = stage.mailbox
    if moment == "while it sweeps":
        assert wait_until(lambda: "tasks.sweep[" in worker.log, every=0.005)
        time.sleep(delay)
    else:
        assert mailbox.reached.wait(servers.PATIENCE), f"no mail came {moment}:\n{worker.log[-2000:]}"
        if moment == "after the answer":
            time.sleep(delay / 20)
    assert worker.alive, f"it had ended by itself:\n{worker.log[-2000:]}"
    worker.end()


def test_killed_workers_lose_no_reminder_and_double_none_beyond_its_message_id(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(REQUESTS):
        request_of_february(f"person-{number}")
    stage.nursery.set_clock(datetime(2026, 3, 10, 17, 0, tzinfo=UTC))
    stage.nursery.beat()
    chance = random.Random(7)
    killed: set[int] = set()
    for number, moment in enumerate(KILLS):
        stage.mailbox.reached.clear()
        stage.mailbox.moment = moment
        worker = stage.nursery.worker()
        kill(stage, worker, moment, chance.uniform(0, 0.3))
        killed.add(worker.pid)
        stage.mailbox.moment = ""
        if number == len(KILLS) // 2:
            stage.wipe_broker()
    stage.nursery.worker()
    assert len(killed) >= 20, "each broker loses twenty workers at least"

    # Three duties of each request were missed: notice, decision, records.
    assert wait_until(lambda: Reminder.objects.count() == REQUESTS * 3)
    assert wait_until(lambda: not Notice.objects.exclude(state="sent").exists())
    stage.sweeps(1)
    stage.nursery.end_all()
    told = Counter(Reminder.objects.values_list("deadline_id", "kind", "recipient_id"))
    assert set(told.values()) == {1}
    assert Reminder.objects.count() == Notice.objects.count() == REQUESTS * 3
    copies = Counter(str(message["Message-ID"]) for message in stage.mailbox.messages)
    assert set(copies) == set(Notice.objects.values_list("message_id", flat=True)), "a reminder is lost or invented"
    doubled = sum(copies.values()) - len(copies)
    # Only a worker that dies between the server's taking a mail and its own writing that down can leave a copy, and
    # each has two mails in hand at most, one for each thread.
    assert doubled <= 2 * sum(moment.startswith("after") for moment in KILLS)
    with capsys.disabled():
        print(  # noqa: T201  the figure is the result
            f"\n{len(killed)} workers killed on {'Redis' if stage.redis else 'the embedded broker'} and "
            f"{connection.display_name}: {len(copies)} reminders, none lost, {doubled} copies under the same Message-ID"
        )
