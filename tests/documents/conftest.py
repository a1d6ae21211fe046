"""A store of its own for each test, and Alice's letter to which files come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.factories import RecordsRequestFactory


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Store:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.UPLOAD_LIMIT_MB = 1
    return Store(tmp_path / "store")


@pytest.fixture
def letter(alice: Person) -> RecordsRequest:
    """A letter that Alice filed and that has left."""
    return RecordsRequestFactory(filer=alice, with_deadline=True)
