"""`make bench`: every figure, on this machine, now.

Everything that needs a database is measured in processes of its own, on SQLite and then on a PostgreSQL started for
it. `BENCH_DATABASES=sqlite` (or `postgresql`) measures on one of them alone.
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
DATABASES = os.environ.get("BENCH_DATABASES", "sqlite postgresql").split()
# What is measured on each database, in this order: the last one changes what the others read.
MEASURED = {
    "Pages": "benchmarks.pages",
    "Statistics": "benchmarks.statistics_pages",
    "Search": "benchmarks.searching",
    "Mail": "benchmarks.mail_kept",
    "Reading returned files": "benchmarks.reading",
    "Spreadsheets": "benchmarks.reading_sheets",
    "Sweep, and dates counted anew": "benchmarks.time_passes",
}


def main() -> int:
    """Measure, print, and return 0: a slow machine is not an error."""
    print(f"Budgets, measured here with {ROWS:,} requests. A ratio of 1.00 is the limit.\n")
    print("Letters and law")
    _report(_measure("benchmarks.pure", {}))
    _report(_measure("benchmarks.campaign", {}))
    _report(_measure("benchmarks.mail", {}))
    print("\nPages of PDFs, without a database")
    _report(_measure("benchmarks.reading_pdf", {}))
    if "sqlite" in DATABASES:
        with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder:
            _on_a_database("SQLite", {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DATA_DIR": folder})
    if "postgresql" in DATABASES:
        with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder, postgresql() as address:
            _on_a_database("PostgreSQL", {"DATABASE_URL": address, "DATA_DIR": folder})
    return 0


def _on_a_database(name: str, environment: dict[str, str]) -> None:
    """Fill one database and measure on it: first what only reads, then what changes it."""
    _run("benchmarks.filling", environment)
    for title, module in MEASURED.items():
        print(f"\n{title} on {name}", flush=True)
        _report(_measure(module, environment))


def _measure(module: str, environment: dict[str, str]) -> list[Figure]:
    return [Figure(**line) for line in json.loads(_run(module, environment))]


def _run(module: str, environment: dict[str, str]) -> bytes:
    """Run one part in a process of its own, so that its memory is its own."""
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, "READ_DOT_ENV": "False", "LOG_LEVEL": "ERROR", "BENCH_REQUESTS": str(ROWS), **environment},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def _report(figures: list[Figure]) -> None:
    for figure in figures:
        print(figure.line(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
