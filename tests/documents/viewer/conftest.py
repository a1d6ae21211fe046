"""A store and a place for pictures of its own for each test, and Alice's letter to which files come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.factories import RecordsRequestFactory

ASKED = ["Monthly counts of inquiries.", "The list of terminals.", "The agreement with Nlets."]


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.DERIVED_DIR = str(tmp_path / "derived")


@pytest.fixture
def letter(alice: Person) -> RecordsRequest:
    """A letter that Alice filed and that asks for three things."""
    sections = [{"key": "records", "parts": [{"text": "", "items": ASKED}]}]
    return RecordsRequestFactory(filer=alice, letter={"sections": sections}, with_deadline=True)
