"""Kills a worker that fetches and files mail, again and again, wherever it is: a real process, a real SIGKILL.

    python -m tests.correspondence.incoming.killing PORT KILLS SEED

Under the test's own settings. This process loads Django once and forks a worker for each round. The worker polls the
mailbox and processes what came, and dies: in odd rounds by its own hand at a line of ours chosen at random among all
that such a round executes, in even rounds at a random moment. New mails come before each round. At the end, one worker
lives. The last line says how many workers were alive when they were killed, and at which lines.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import Any

USER = "collected"
MAILS_FIRST = 2


def main(port: int, kills: int, seed: int) -> None:
    import django

    django.setup()
    from django.db import connections

    from requests_app.correspondence.incoming import services
    from requests_app.correspondence.incoming.services import processing
    from requests_app.correspondence.incoming.ways import imap
    from tests.correspondence.incoming.mails import CSV, PDF, mail
    from tests.factories import NOON
    from tests.servers import Mailboxes

    processing.TRIES = (
        10_000  # a mail that is there whenever its worker dies is given up; here it is not the mail's doing
    )
    chance, boxes = random.Random(seed), Mailboxes(port)
    mailbox = imap.Mailbox.from_url(boxes.url(USER))

    def bring() -> None:
        files = (
            ("report.pdf", PDF + str(chance.random()).encode()),
            ("numbers.csv", CSV + str(chance.random()).encode()),
        )
        boxes.put(USER, mail(text=f"Mail {chance.random()}.\n", files=files))

    def work(number: int) -> None:
        # Each round is an hour after the last: the claim of a worker that died has lapsed.
        now = NOON + timedelta(hours=number)
        imap.poll(mailbox, filed_folder="", now=lambda: now)
        while services.process_waiting(now):
            pass

    def fork(number: int, dies_at_line: int | None) -> int:
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                if dies_at_line is not None:
                    sys.settrace(_counting(dies_at_line, number))
                work(number)
                status = 0
            finally:
                sys.settrace(None)
                os._exit(status)
        return pid

    for _first in range(MAILS_FIRST):  # the first round does more than the others: it loads what is not loaded yet
        bring()
        lines = _count_lines(lambda: work(0))
    bring()
    began = time.monotonic()
    work(0)
    seconds = time.monotonic() - began
    killed: list[str] = []
    for number in range(1, kills + 1):
        bring()
        by_line = number % 2 == 1
        pid = fork(number, chance.randint(1, lines) if by_line else None)
        if not by_line:
            time.sleep(chance.uniform(0, seconds))
            os.kill(pid, signal.SIGKILL)
        _pid, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            killed.append(_where(number) if by_line else "by the clock")
        elif os.WEXITSTATUS(status):
            raise SystemExit(f"The worker of round {number} failed by itself.")
    pid = fork(kills + 1, None)
    _pid, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit("The last worker failed.")
    sys.stdout.write(json.dumps({"mails": MAILS_FIRST + 1 + kills, "lines": lines, "killed": killed}) + "\n")


def _is_ours(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    if "/parsing/" in name:
        return False  # pure, and so many lines that hardly any death would be elsewhere
    return "/requests_app/" in name or name.endswith("/db/transaction.py")


def _counting(dies_at: int, number: int) -> Callable[..., Any]:
    left = [dies_at]

    def trace(frame: FrameType, event: str, _value: Any) -> Any:
        if not _is_ours(frame):
            return None
        if event == "line":
            left[0] -= 1
            if left[0] <= 0:
                with open(_note(number), "w") as note:  # noqa: PTH123  as few calls as can be
                    note.write(f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}")  # noqa: PTH119
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def _count_lines(work: Callable[[], None]) -> int:
    count = [0]

    def trace(frame: FrameType, event: str, _value: Any) -> Any:
        if not _is_ours(frame):
            return None
        count[0] += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count[0]


def _note(number: int) -> str:
    return os.path.join(os.environ["STORE_DIR"], f"killed-{number}")  # noqa: PTH118


def _where(number: int) -> str:
    with open(_note(number)) as note:  # noqa: PTH123
        return note.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
