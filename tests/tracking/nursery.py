"""Raises real Celery processes quickly: all is imported once, and each worker or timer is a fork of that process.

A worker takes seconds to import on a busy machine; a test that kills twenty of them must not wait for that twenty
times. What runs in the fork is Celery's own command line, threads, connections and signals included. Its clock can be
set off from the real one (time-machine), which is how the tests move time.

Orders come as lines of JSON on the standard input: {"log": path, "offset": seconds, "arguments": [...]}; the answer to
each is the number of the new process. When the input ends, every process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import ROOT, wait_until

WORKER = (
    "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "info",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip  # the Procfile's own flags
BEAT = ("beat", "--loglevel", "info", "--pidfile", "")


@dataclass
class Raised:
    """A process that the nursery raised."""

    pid: int
    log_file: Path

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

    def worker(self) -> Raised:
        """Raise a worker and wait until it listens."""
        return self._raise(WORKER, " ready.")

    def beat(self) -> Raised:
        """Raise the timer and wait until it runs."""
        schedule = self.folder / f"schedule-{len(self.raised)}"
        return self._raise((*BEAT, "--schedule", str(schedule)), "beat: Starting")

    def end_all(self) -> None:
        """End whatever is alive."""
        for one in self.raised:
            one.end()
        self.raised.clear()

    def _raise(self, arguments: tuple[str, ...], sign: str) -> Raised:
        log_file = self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        log_file.touch()
        order = {"log": str(log_file), "offset": self.offset, "arguments": arguments}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        one = Raised(int(self.process.stdout.readline()), log_file)
        self.raised.append(one)
        if not wait_until(lambda: sign in one.log or not one.alive, every=0.02) or not one.alive:
            raise AssertionError(f"{arguments[0]} did not start:\n{one.log[-3000:]}")
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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    print("open", flush=True)  # noqa: T201
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _become(order)
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
    from requests_app.people.sealed import seal

    app.connection_for_read().get_transport_cls()  # imports the broker's client; opens nothing
    for part in ("amqp", "control", "events", "log"):
        getattr(app, part)
    run_checks()  # a worker runs them at its start: the second time is quick
    seal("the key is made from SALT_KEY once in a process, slowly on purpose")
    lawbook.todays(datetime.now(UTC))
    lawbook.book().calendar("MD")
    DNS_NAME.get_fqdn()
    for template in ("people/mail/notice.txt", "people/mail/notice.html"):
        get_template(template)


def _become(order: dict[str, object]) -> None:
    """Turn this fork into the program of the order. Never returns."""
    import time_machine

    from foia.celery import app

    with Path(str(order["log"])).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.close(0)
    destination = datetime.fromtimestamp(time.time() + float(str(order["offset"])), UTC)
    time_machine.travel(destination, tick=True).start()
    arguments = list(order["arguments"])  # type: ignore[call-overload]
    try:
        app.start(argv=arguments)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
