"""A store of its own for each test, Alice's letter, a report of two pages, and Rita and Rob, who review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.review.models import Label
from tests.documents.viewer.paper import a_document
from tests.factories import PersonFactory, RecordsRequestFactory

FIRST_PAGE = [
    "Monthly counts of inquiries",
    "ICE sent 1,204 queries in March 2025",
    "HSI sent 998 queries in March 2025",
]
SECOND_PAGE = ["No inquiry was refused", "in the months asked for"]


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.DERIVED_DIR = str(tmp_path / "derived")


@pytest.fixture
def letter(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice)


@pytest.fixture
def report(letter: RecordsRequest) -> Document:
    return a_document(letter, [FIRST_PAGE, SECOND_PAGE])


@pytest.fixture
def rita(db: None) -> Person:
    return PersonFactory(handle="rita", roles=["reviewer"])


@pytest.fixture
def rob(db: None) -> Person:
    return PersonFactory(handle="rob", roles=["reviewer"])


@pytest.fixture
def count_label(db: None) -> Label:
    return Label.objects.create(slug="count", name="Count", colour="blue", pattern="solid", key="1")
