"""Raises real Celery processes quickly: all is imported once, and each worker or timer is a fork of that process.

A worker takes seconds to import on a busy machine; a test that kills twenty of them must not wait for that twenty
times. What runs in the fork is Celery's own command line, threads, connections and signals included. Its clock can be
set off from the real one (time-machine), which is how the tests move time: the clock of truth for all, with what the
database says (`foia.clock`), and each process's own besides, which can be wrong and can jump while it runs.

To save waiting, the timer of a nursery calls for sweeps and mails several times a second, and workers on the embedded
broker look for messages as often. In production it is every minute and every second.

Orders come as lines of JSON on the standard input, as `Order` describes them; the answer to each is the number of the
new process. When the input ends, every process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import ROOT, wait_until

WORKER = (
    "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "info",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip  # the Procfile's own flags
READER = (*WORKER, "--queues", "reading")
BEAT = ("beat", "--loglevel", "info", "--pidfile", "")
EVERY = float(os.environ.get("NURSERY_EVERY", "0.25"))  # seconds between two rings of the timer, or looks of a worker

Jumps = Sequence[
    tuple[float, float]
]  # (seconds after its start, seconds by which its clock is then ahead of the truth)


@dataclass(frozen=True)
class Order:
    """A process to be raised."""

    log: str
    truth: float  # seconds by which the clock of truth is ahead of the real one
    clock: str  # a file that says by how many seconds the process's own clock is ahead of the truth; it may change
    arguments: Sequence[str]


@dataclass
class Raised:
    """A process that the nursery raised."""

    pid: int
    log_file: Path
    sign: str  # what it prints once it works
    clock: Path

    @property
    def log(self) -> str:
        """All that it has printed so far."""
        return self.log_file.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet. The nursery leaves no dead child behind."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    @property
    def working(self) -> bool:
        """Whether it has started and still runs."""
        return self.sign in self.log and self.alive

    def wait(self) -> Raised:
        """Wait until it works; fail with its last words when it ended instead."""
        if not wait_until(lambda: self.sign in self.log or not self.alive, every=0.02) or not self.alive:
            raise AssertionError(f"{self.log_file.name} did not start:\n{self.log[-3000:]}")
        return self

    def set_ahead(self, seconds: float) -> None:
        """Let its clock jump, so that it is ahead of the truth by so much; behind it, below zero."""
        unfinished = self.clock.with_suffix(".part")
        unfinished.write_text(str(seconds))
        unfinished.replace(self.clock)

    def end(self, how: int = signal.SIGKILL) -> None:
        """End it at once, as a power cut would, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, how)
        assert wait_until(lambda: not self.alive, every=0.01)


@dataclass
class Nursery:
    """The parent of all workers and timers of one setting. `now` is the clock of those that are raised from now on."""

    process: subprocess.Popen[bytes]
    folder: Path
    offset: float = 0.0
    raised: list[Raised] = field(default_factory=list)

    def set_clock(self, moment: datetime) -> None:
        """Let processes raised from now on believe that it is `moment`."""
        self.offset = moment.timestamp() - time.time()

    def worker(self, ahead: float = 0.0) -> Raised:
        """Raise a worker. `wait` for it where it must already listen."""
        return self._raise(WORKER, " ready.", ahead)

    def reader(self, ahead: float = 0.0) -> Raised:
        """Raise a worker that makes files readable, and does nothing else."""
        return self._raise(READER, " ready.", ahead)

    def beat(self, ahead: float = 0.0) -> Raised:
        """Raise a timer with a schedule of its own."""
        schedule = self.folder / f"schedule-{time.monotonic_ns()}"
        return self._raise((*BEAT, "--schedule", str(schedule)), "beat: Starting", ahead)

    def end_all(self) -> None:
        """End whatever is alive."""
        for one in self.raised:
            one.end()
        self.raised.clear()

    def _raise(self, arguments: tuple[str, ...], sign: str, ahead: float) -> Raised:
        log_file = self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        log_file.touch()
        one = Raised(0, log_file, sign, log_file.with_suffix(".clock"))
        one.set_ahead(ahead)
        order = Order(str(log_file), self.offset, str(one.clock), arguments)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        self.process.stdin.flush()
        one.pid = int(self.process.stdout.readline())
        self.raised.append(one)
        return one


@contextlib.contextmanager
def nursery(environment: Mapping[str, str], folder: Path) -> Iterator[Nursery]:
    """Open a nursery under these settings and end all its processes when the block is left."""
    complaints = (folder / "nursery.log").open("wb")
    with complaints, subprocess.Popen(
        [sys.executable, "-m", "tests.tracking.nursery"],
        cwd=ROOT,
        env={**os.environ, "READ_DOT_ENV": "False", "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout
        try:
            if process.stdout.readline() != b"open\n":
                raise AssertionError(f"the nursery did not open:\n{(folder / 'nursery.log').read_text()[-3000:]}")
            yield Nursery(process, folder)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def main() -> None:
    """Import everything, then raise what is ordered until the input ends."""
    import django

    from foia.celery import app

    django.setup()
    app.loader.import_default_modules()
    _warm_up()
    _hurry()
    _allow_deaths()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    print("open", flush=True)  # noqa: T201
    for line in sys.stdin:
        order = Order(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                _become(order)
            finally:
                os._exit(0)
        print(pid, flush=True)  # noqa: T201
    os.killpg(0, signal.SIGKILL)


def _warm_up() -> None:
    import time_machine  # noqa: F401  it brings the whole of pytest, and would bring it to each fork anew
    from celery.apps import beat, worker  # noqa: F401
    from celery.bin import celery  # noqa: F401
    from celery.concurrency import thread  # noqa: F401
    from celery.worker import autoscale, components, consumer, heartbeat, loops, pidbox, strategy  # noqa: F401
    from django.core.checks import run_checks
    from django.core.mail.utils import DNS_NAME
    from django.template.loader import get_template

    from foia.celery import app
    from requests_app.filing import lawbook
    from requests_app.law.book import CODES
    from requests_app.law.snapshots import take_snapshot
    from requests_app.people.sealed import seal

    app.connection_for_read().get_transport_cls()  # imports the broker's client; opens nothing
    for part in ("amqp", "control", "events", "log"):
        getattr(app, part)
    run_checks()  # a worker runs them at its start: the second time is quick
    seal("the key is made from SALT_KEY once in a process, slowly on purpose")
    lawbook.todays(datetime.now(UTC))
    for code in CODES:  # a worker's first sweep compares the whole book with the one used last
        take_snapshot(lawbook.book(), code)
    DNS_NAME.get_fqdn()
    for template in ("people/mail/notice.txt", "people/mail/notice.html"):
        get_template(template)


def _hurry() -> None:
    from foia.celery import app

    for name in ("sweep", "outboxes", "filing-runs", "ingest"):
        app.conf.beat_schedule[name]["schedule"] = EVERY
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "polling_interval": EVERY}


def _allow_deaths() -> None:
    """Let a step outlive many readers: where a test kills them, it is not the step that does."""
    from requests_app.documents.ingest import running

    running.TRIES = int(os.environ.get("NURSERY_TRIES", running.TRIES))


def _become(order: Order) -> None:
    """Turn this fork into the program of the order, which it is until it ends."""
    import time_machine

    from foia import clock
    from foia.celery import app

    with Path(order.log).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.close(0)
    began, truth_then = time.monotonic(), time.time() + order.truth

    def truth(ahead: float = 0.0) -> datetime:
        return datetime.fromtimestamp(truth_then + time.monotonic() - began + ahead, UTC)

    if order.truth:
        clock.database_clock = truth
    file = Path(order.clock)
    said = file.read_text()
    own = time_machine.travel(truth(float(said)), tick=True).start()

    def jump() -> None:
        last = said
        while True:
            time.sleep(0.05)
            if (now := file.read_text()) != last:
                last = now
                own.move_to(truth(float(now)))

    threading.Thread(target=jump, daemon=True).start()
    app.start(argv=list(order.arguments))


if __name__ == "__main__":
    main()
