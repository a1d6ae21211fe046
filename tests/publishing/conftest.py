"""What the tests of the public pages share: the reference data that a new house begins with, and a fixed day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.test import Client

# Playwright runs a loop in this thread, in which Django would refuse every query. The tests are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True)
def nothing_collected_yet(settings: Any) -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # else it warns that the folder of collected files is not there


@pytest.fixture
def today() -> Iterator[None]:
    """Friday, March 6, 2026, at noon in the East."""
    with time_machine.travel("2026-03-06T17:00:00Z", tick=False):
        yield


@pytest.fixture
def visitor() -> Client:
    """Somebody without an account."""
    return Client()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def dist() -> Path:
    folder = Path(project.FRONTEND_DIR)
    assert (folder / "daylight.css").exists(), "frontend/dist is not built. Run: npm --prefix frontend run build"
    return folder
