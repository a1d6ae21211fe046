"""How a process of ours looks for memory that nobody uses any more.

Python's collector looks for rings of objects that only know each other; everything else is freed at once without it.
By default it looks whenever 700 objects were made, through most of what a running Daylight holds: a fifth of the time
of a sweep over thousands of requests, which leaves no such rings.
"""

from __future__ import annotations

import gc
from typing import Any, Final

# Objects made before the youngest are looked through; how many such rounds before the middle ones, and the oldest.
_ROUNDS: Final = (50_000, 20, 20)


def settle(**_signal: Any) -> None:
    """Take what starting has loaded for permanent, and look for rings less often. To be called by each new process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_ROUNDS)
