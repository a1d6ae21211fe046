"""One figure: what was measured, beside its limit, as a ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


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


def median_own_ms(action: Callable[[], object], repeats: int = 15) -> float:
    """Return the median of this process's own time in one call, in milliseconds: what it takes on an idle machine.

    What a database in another process takes is not in it.
    """
    return median_ms(action, repeats, clock=time.process_time)


def median_ms(action: Callable[[], object], repeats: int = 15, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the median time of one call in milliseconds, after one warm-up."""
    action()
    times = []
    for _repeat in range(repeats):
        start = clock()
        action()
        times.append((clock() - start) * 1000)
    return statistics.median(times)
