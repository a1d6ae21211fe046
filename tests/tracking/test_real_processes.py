"""Reminders with real processes: workers and timers, a mail server, a clock that moves, and SIGKILL.

Database and broker are the setting's: a file of SQLite with the embedded broker, or PostgreSQL with Redis. The same for
several minutes and ten thousand reminders: `make endurance` (tests/endurance).
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from requests_app.people.models import Notice
from requests_app.tracking.models import Reminder
from tests import servers
from tests.factories import ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.servers import Mailbox, wait_until
from tests.tracking.nursery import Raised
from tests.tracking.stage import Stage
from tests.tracking.stage import opened as stage_opened

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

REQUESTS = 20
WORKERS = 3
RECEIVED = datetime(2026, 2, 6, 17, 0, tzinfo=UTC)  # a Friday, noon in Maryland
SENDING = ("in the conversation", "before the mail is taken", "after the mail is taken", "after the answer")
KILLS = ("while they sweep", *SENDING, "while they sweep", *SENDING)  # when all workers are killed at once


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


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Stage]:
    """Broker, mail server and nursery, opened once for all tests: importing takes longest."""
    with stage_opened(tmp_path_factory.mktemp("stage"), PausingMailbox, {"OUTBOX_CLAIM_SECONDS": "5"}) as stage:
        yield stage


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


def kill(stage: Stage, workers: list[Raised], moment: str, delay: float) -> None:
    """End all workers with SIGKILL at a moment of the work of one of them."""
    mailbox = stage.mailbox
    assert isinstance(mailbox, PausingMailbox)
    if moment == "while they sweep":
        assert wait_until(lambda: any("tasks.sweep[" in worker.log for worker in workers), every=0.005)
        time.sleep(delay)
    else:
        assert mailbox.reached.wait(servers.PATIENCE), f"no mail came {moment}:\n{workers[0].log[-2000:]}"
        if moment == "after the answer":
            time.sleep(delay / 20)
    for worker in workers:
        assert worker.alive, f"it had ended by itself:\n{worker.log[-2000:]}"
        worker.end()


def test_killed_workers_lose_no_reminder_and_double_none_beyond_its_message_id(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(stage.mailbox, PausingMailbox)
    for number in range(REQUESTS):
        request_of_february(f"person-{number}")
    stage.nursery.set_clock(datetime(2026, 3, 10, 17, 0, tzinfo=UTC))
    beats = [stage.nursery.beat(), stage.nursery.beat()]
    chance = random.Random(7)
    killed: set[int] = set()
    for number, moment in enumerate(KILLS):
        stage.mailbox.reached.clear()
        stage.mailbox.moment = moment
        workers = [stage.nursery.worker() for _ in range(WORKERS)]
        for worker in workers:
            worker.wait()
        kill(stage, workers, moment, chance.uniform(0, 0.3))
        killed |= {worker.pid for worker in workers}
        stage.mailbox.moment = ""
        beats[number % 2].wait().end()
        if number == len(KILLS) // 2:
            stage.wipe_broker()
        beats[number % 2] = stage.nursery.beat()
    for _ in range(WORKERS):
        stage.nursery.worker()
    assert len(killed) == WORKERS * len(KILLS) >= 20

    # Three duties of each request were missed: notice, decision, records.
    assert wait_until(lambda: Reminder.objects.count() == REQUESTS * 3)
    assert wait_until(lambda: not Notice.objects.exclude(state="sent").exists())
    stage.sweeps(2)
    stage.nursery.end_all()
    told = Counter(Reminder.objects.values_list("deadline_id", "kind", "recipient_id"))
    assert set(told.values()) == {1}
    assert Reminder.objects.count() == Notice.objects.count() == REQUESTS * 3
    copies = Counter(str(message["Message-ID"]) for message in stage.mailbox.messages)
    assert set(copies) == set(Notice.objects.values_list("message_id", flat=True)), "a reminder is lost or invented"
    doubled = sum(copies.values()) - len(copies)
    # Only a worker that dies between the server's taking a mail and its own writing that down can leave a copy, and
    # each has two mails in hand at most, one for each thread.
    assert doubled <= 2 * WORKERS * sum(moment.startswith("after") for moment in KILLS)
    with capsys.disabled():
        print(  # noqa: T201  the figure is the result
            f"\n{len(killed)} workers killed on {stage.setting}: {len(copies)} reminders, none lost, "
            f"{doubled} copies under the same Message-ID"
        )


def test_a_worker_whose_clock_is_wrong_does_nothing_until_it_is_right(stage: Stage) -> None:
    """Three days ahead it would call Maryland late, and whoever is behind would not see what is due."""
    request_of_february("alice")
    stage.nursery.set_clock(datetime(2026, 2, 21, 17, 0, tzinfo=UTC))  # notice is due on Monday, the 23rd
    ahead, behind = 3 * 86_400.0, -20 * 86_400.0
    # A timer that is ahead as well: other messages would be too old for the worker that is ahead.
    beats = [stage.nursery.beat(), stage.nursery.beat(ahead)]
    workers = [stage.nursery.worker(ahead), stage.nursery.worker(behind)]
    assert wait_until(lambda: all("left alone: this machine's clock" in worker.log for worker in workers))
    assert not Reminder.objects.exists()
    for one in (*beats, *workers):
        one.set_ahead(0)  # the timer's clock jumps back; it must not be silent for three days
    beats[0].end()
    assert wait_until(lambda: Notice.objects.filter(state="sent").exists())
    stage.sweeps(2)
    stage.nursery.end_all()
    (subject,) = subjects(stage.mailbox)
    assert "acknowledgment due Monday, February 23, 2026" in subject
