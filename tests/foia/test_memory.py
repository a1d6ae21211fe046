"""Every process that serves or works looks for unused memory seldom, as `foia.memory` says."""

from __future__ import annotations

import subprocess
import sys

import pytest

PRINTS = "import gc; print(gc.get_threshold()[0], gc.get_freeze_count() > 10_000)"


@pytest.mark.processes
@pytest.mark.parametrize(
    "starts",
    [
        pytest.param("import foia.wsgi", id="a web process"),
        pytest.param(
            "import django; django.setup(); import foia.celery; from celery import signals; "
            "signals.worker_ready.send(None)",
            id="a worker whose pool is of threads",
        ),
        pytest.param(
            "import django; django.setup(); import foia.celery; from celery import signals; "
            "signals.worker_process_init.send(None)",
            id="a process of a worker's pool",
        ),
    ],
)
def test_a_started_process_looks_for_rings_seldom(starts: str):
    script = f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'foia.settings'; {starts}; {PRINTS}"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["50000", "True"]
