"""Reads tens of thousands of broken mails and fails at the first that raises, lasts or takes too much memory.

    python -m tests.correspondence.parsing.fuzz --messages 50000 [--first 0] [--processes 2]

Each process reads a stretch of numbers (`mutations.mutated`). A mail may take 2 seconds of the processor and a process
300 MB. The program prints what it counted and, for each failure, the number of the mail, by which it can be made
again.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path

from requests_app.correspondence.parsing import ParsedMessage, fold_text, gathering, parse_message
from requests_app.correspondence.parsing import message as message_module
from tests.correspondence.parsing.mutations import mutated

SECONDS = 2.0
MEGABYTES = 300
ROOT = Path(__file__).resolve().parents[3]


class TookTooLong(BaseException):
    """Not an Exception, so that no reader can mistake it for a damaged mail."""


@dataclass
class Tally:
    """What was counted over a stretch of mails."""

    mails: int = 0
    slowest: float = 0.0
    slowest_number: int = -1
    megabytes: float = 0.0
    notes: int = 0
    attachments: int = 0
    failures: list[str] = field(default_factory=list)


def read_all(first: int, count: int) -> Tally:
    """Read the mails numbered from `first` and return what was counted. Time is that of the processor."""
    tally = Tally()
    signal.signal(signal.SIGVTALRM, _stop)
    for number in range(first, first + count):
        raw = mutated(number)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            message = parse_message(raw)
            check(message)
            taken = time.process_time() - started
            tally.notes += len(message.notes)
            tally.attachments += len(message.attachments)
        except (TookTooLong, ContainerBroke, Exception) as trouble:  # noqa: BLE001 - a fuzzer reports whatever comes
            taken = time.process_time() - started
            place = traceback.extract_tb(trouble.__traceback__)[-1]
            tally.failures.append(f"{number}: {type(trouble).__name__} {trouble} ({place.name}, line {place.lineno})")
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        tally.mails += 1
        if taken > tally.slowest:
            tally.slowest, tally.slowest_number = taken, number
    tally.megabytes = peak_megabytes()
    return tally


def check(message: ParsedMessage) -> None:
    """Raise AssertionError where a promise of `ParsedMessage` is broken."""
    assert all(note.code != "unreadable" for note in message.notes), message.notes
    shown = [message.from_address, message.from_name, message.subject, message.text, message.html, message.message_id]
    shown += [one.name for one in message.attachments] + [one.safe_name for one in message.attachments]
    shown += [value for _name, value in message.headers] + [note.sentence() for note in message.notes]
    shown += [one.text for one in message.enclosed] + [one.address + one.name for one in message.to + message.cc]
    for text in shown:
        text.encode()
        assert "\x00" not in text, "NUL in a text"
    assert "\n" not in message.subject + message.from_name + message.from_address, "a header of several lines"
    assert all(one.safe_name and len(one.safe_name.encode()) <= 190 for one in message.attachments)
    assert message.date is None or message.date.tzinfo is not None
    assert not (message.is_bounce and message.is_auto_reply)
    assert message.is_auto_reply == (message.auto_reply is not None)
    spans = fold_text(message.text)
    assert "".join(message.text[span.start : span.end] for span in spans) == message.text, "the spans leave gaps"


def strict_containers() -> None:
    """Let what a container does to its reader be seen: the parser itself would go on without it."""
    read_tnef, read_msg = gathering.read_tnef, gathering.read_msg

    def telling(read):  # type: ignore[no-untyped-def]
        def reading(*arguments):  # type: ignore[no-untyped-def]
            try:
                return read(*arguments)
            except Exception as trouble:
                raise ContainerBroke(repr(trouble)) from trouble

        return reading

    gathering.read_tnef, gathering.read_msg = telling(read_tnef), telling(read_msg)
    message_module.read_msg = gathering.read_msg


class ContainerBroke(BaseException):
    """A reader of containers raised."""


def peak_megabytes() -> float:
    """The most memory that this process has held. Linux tells it for this process alone; elsewhere it is a bound."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _stop(_signal: int, _frame: object) -> None:
    raise TookTooLong


def run(first: int, count: int, processes: int) -> Tally:
    """Read `count` mails in processes of their own and return the sum of what they counted."""
    share, limit = -(-count // processes), 120 + count // processes
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.correspondence.parsing.fuzz",
                "--stretch",
                str(start),
                str(min(share, first + count - start)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for start in range(first, first + count, share)
    ]
    whole = Tally()
    for process in started:
        try:
            answer, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            whole.failures.append(f"A process did not end within {limit} seconds.")
            continue
        if process.returncode:
            whole.failures.append(f"A process ended with {process.returncode}.")
            continue
        one = Tally(**json.loads(answer))
        whole.mails += one.mails
        whole.notes += one.notes
        whole.attachments += one.attachments
        whole.failures += one.failures
        whole.megabytes = max(whole.megabytes, one.megabytes)
        if one.slowest > whole.slowest:
            whole.slowest, whole.slowest_number = one.slowest, one.slowest_number
    if whole.megabytes > MEGABYTES:
        whole.failures.append(f"A process held {whole.megabytes:.0f} MB.")
    return whole


def main() -> int:
    """Read, print what was counted, and return 1 when anything failed."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--messages", type=int, default=50_000)
    reader.add_argument("--first", type=int, default=0)
    reader.add_argument("--processes", type=int, default=2)
    reader.add_argument("--stretch", type=int, nargs=2, help=argparse.SUPPRESS)
    options = reader.parse_args()
    if options.stretch:
        strict_containers()
        sys.stdout.write(json.dumps(asdict(read_all(*options.stretch))))
        return 0
    started = time.perf_counter()
    tally = run(options.first, options.messages, options.processes)
    sys.stdout.write(
        f"{tally.mails:,} broken mails in {time.perf_counter() - started:.0f} s: {len(tally.failures)} failures, "
        f"slowest {tally.slowest:.2f} s (mail {tally.slowest_number}), most memory {tally.megabytes:.0f} MB, "
        f"{tally.notes:,} notes, {tally.attachments:,} attachments.\n"
    )
    for failure in tally.failures[:50]:
        sys.stdout.write(f"  {failure}\n")
    return 1 if tally.failures or tally.mails != options.messages else 0


if __name__ == "__main__":
    sys.exit(main())
