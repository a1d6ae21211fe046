"""One migrated database for all processes of a parallel run: migrating takes each longer than a room's tests."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers import ROOT

NAME = "daylight_template"
MIGRATE = """
import django
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
connections.close_all()
"""


def template(folder: Path, facts: Mapping[str, Any]) -> str:
    """Return the file, or the name on the PostgreSQL server, of an empty database with all tables, to be copied.

    Whoever comes first makes it; the others wait. `folder`: what all processes of the run share; `facts`: the database
    that the settings name.
    """
    sqlite = facts["ENGINE"].endswith("sqlite3")
    file, made = folder / f"{NAME}.sqlite3", folder / f"{NAME}.made"
    with (folder / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _migrate(f"sqlite:///{file}" if sqlite else _make_on_server(facts))
            made.touch()
    return str(file) if sqlite else NAME


def _make_on_server(facts: Mapping[str, Any]) -> str:
    import psycopg

    server = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    with psycopg.connect(f"{server}/{facts['NAME']}", autocommit=True) as link:
        link.execute(f"DROP DATABASE IF EXISTS {NAME}")
        link.execute(f"CREATE DATABASE {NAME}")
    return f"{server}/{NAME}"


def _migrate(address: str) -> None:
    # In a process of its own: what migrations load and change must not be there for the tests.
    environment = {"DATABASE_URL": address, "READ_DOT_ENV": "False", "DJANGO_SETTINGS_MODULE": "foia.settings"}
    subprocess.run([sys.executable, "-c", MIGRATE], cwd=ROOT, env={**os.environ, **environment}, check=True)
