"""What the tests of the public pages share: the reference data that a new house begins with, and a fixed day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client


@pytest.fixture
def today() -> Iterator[None]:
    """Friday, March 6, 2026, at noon in the East."""
    with time_machine.travel("2026-03-06T17:00:00Z", tick=False):
        yield


@pytest.fixture
def visitor() -> Client:
    """Somebody without an account."""
    return Client()
