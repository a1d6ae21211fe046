"""One figure: what was measured, beside its limit, as a ratio."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from requests_app.documents import sandbox


@dataclass(frozen=True)
class Figure:
    """A measured value and its limit. `more_is_better` turns the comparison round."""

    name: str
    value: float
    unit: str
    limit: float
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """Return how much of the budget is used: 1.00 is the limit, below is within it."""
        return self.limit / self.value if self.more_is_better else self.value / self.limit

    def line(self) -> str:
        """Return the figure as a line of the report."""
        verdict = "within" if self.ratio <= 1 else "OVER"
        limit = f"{'at least' if self.more_is_better else 'at most'} {self.limit:,.2f}"
        return f"  {self.name:<58} {self.value:>12,.2f} {self.unit:<12} {limit:<22} {self.ratio:6.2f} {verdict}"

    def plain(self) -> dict[str, object]:
        """Return the figure for another process."""
        return asdict(self)


@dataclass(frozen=True)
class Spread:
    """How long calls took, in milliseconds: the middle one, and the one that only one in twenty exceeds."""

    median: float
    p95: float


def spread_ms(action: Callable[[], object], repeats: int = 40) -> tuple[Spread, Spread]:
    """Return how long a call takes by the clock, and in this process's own time, after one warm-up.

    A process's own time is what the call takes on an idle machine; what a database in another process takes is not in
    it.
    """
    action()
    times, own_times = [], []
    for _repeat in range(repeats):
        start, own_start = time.perf_counter(), time.process_time()
        action()
        times.append((time.perf_counter() - start) * 1000)
        own_times.append((time.process_time() - own_start) * 1000)
    return _spread(times), _spread(own_times)


def _spread(times: list[float]) -> Spread:
    return Spread(statistics.median(times), statistics.quantiles(times, n=20, method="inclusive")[-1])


def processor_seconds(action: Callable[[], object]) -> float:
    """Return the processor's seconds of an action: of this process, of those it starts, and of foreign files' readers.

    Others on the machine do not count, except that a crowded processor works more slowly.
    """
    began = _processor_seconds_used()
    action()
    return _processor_seconds_used() - began


def _processor_seconds_used() -> float:
    own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    ready = sandbox.READY.number
    if ready is None:
        return own
    # Of the process that stands ready, and of the readings that it has waited for: fields 14 to 17 of proc(5).
    fields = Path(f"/proc/{ready}/stat").read_text().rpartition(")")[2].split()
    return own + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def peak_memory_mb() -> float:
    """Return the most memory that this process has held since it began, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux; what `getrusage` says there is the most that the starting process held, if more
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 2**20 if sys.platform == "darwin" else size / 1024


def median_ms(action: Callable[[], object], repeats: int = 15) -> float:
    """Return the median time of one call in milliseconds, after one warm-up."""
    action()
    times = []
    for _repeat in range(repeats):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
