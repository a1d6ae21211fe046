"""`make bench`: every figure, on this machine, now.

The pages are measured in processes of their own, once on SQLite and once on a PostgreSQL started for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from tests.servers import postgresql

ROOT = Path(__file__).resolve().parent.parent
ROWS = int(os.environ.get("BENCH_REQUESTS", "100000"))


def main() -> int:
    """Measure, print, and return 0: a slow machine is not an error."""
    print(f"Budgets, measured here with {ROWS:,} requests. A ratio of 1.00 is the limit.\n")
    print("Letters and law")
    _report(_measure("benchmarks.pure", {}))
    _report(_measure("benchmarks.campaign", {}))
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder:
        print("\nPages and sweep on SQLite")
        _report(_measure("benchmarks.pages", {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DATA_DIR": folder}))
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder, postgresql() as address:
        print("\nPages and sweep on PostgreSQL")
        _report(_measure("benchmarks.pages", {"DATABASE_URL": address, "DATA_DIR": folder}))
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder:
        print("\nStatistics on SQLite")
        database = f"sqlite:///{folder}/bench.sqlite3"
        _report(_measure("benchmarks.statistics_pages", {"DATABASE_URL": database, "DATA_DIR": folder}))
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder, postgresql() as address:
        print("\nStatistics on PostgreSQL")
        _report(_measure("benchmarks.statistics_pages", {"DATABASE_URL": address, "DATA_DIR": folder}))
    return 0


def _measure(module: str, environment: dict[str, str]) -> list[Figure]:
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, "READ_DOT_ENV": "False", "LOG_LEVEL": "ERROR", "BENCH_REQUESTS": str(ROWS), **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return [Figure(**line) for line in json.loads(done.stdout)]


def _report(figures: list[Figure]) -> None:
    for figure in figures:
        print(figure.line(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
