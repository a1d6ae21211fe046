"""What a process that reads foreign bytes may take."""

from __future__ import annotations

import msgspec

MEGABYTE = 1024 * 1024


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one reading. All of them hold for the programs that the reader starts, too, each by itself."""

    seconds: float = 120.0  # by the clock, after which everything it started is killed
    cpu_seconds: int = 120
    memory: int = 1024 * MEGABYTE  # bytes of address space
    file_size: int = 512 * MEGABYTE  # bytes of one file that it writes
    open_files: int = 128
    answer: int = 64 * MEGABYTE  # bytes of one item of its answer
