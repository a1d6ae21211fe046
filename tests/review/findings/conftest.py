"""Who reads findings, and the page they read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.factories import PersonFactory, RecordsRequestFactory
from tests.review.findings.cast import a_table


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.DERIVED_DIR = str(tmp_path / "derived")


@pytest.fixture
def letter(alice: Person, store: None) -> RecordsRequest:
    return RecordsRequestFactory(
        filer=alice,
        letter={"sections": [{"key": "records", "parts": [{"items": ["Existing reports.", "The refused ones."]}]}]},
    )


@pytest.fixture
def table(letter: RecordsRequest) -> Document:
    return a_table(letter)


@pytest.fixture
def rita(db: None) -> Person:
    return PersonFactory(handle="rita", roles=["reviewer"])


@pytest.fixture
def sam(db: None) -> Person:
    return PersonFactory(handle="sam", roles=["reviewer"])


@pytest.fixture
def tess(db: None) -> Person:
    return PersonFactory(handle="tess", roles=["reviewer"])
