"""A link that Bob gave for Alice's letter, and a store of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from requests_app.documents.handed_in import codes, services
from requests_app.documents.models import AgencyLink
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.factories import NOON, ContactPointFactory

Give = Callable[..., "Given"]


@dataclass
class Given:
    """A link, its secret, and its address."""

    link: AgencyLink
    code: str
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"/hand-in/{codes.shown(self.code)}/"

    def fresh(self) -> AgencyLink:
        return AgencyLink.objects.get(pk=self.link.pk)


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    """Begin without the tries of other tests."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Store:
    settings.STORE_DIR, settings.DERIVED_DIR = str(tmp_path / "store"), tmp_path / "derived"
    settings.UPLOAD_LIMIT_MB = 2
    return Store(tmp_path / "store")


@pytest.fixture
def give(letter: RecordsRequest, bob: Person, store: Store) -> Give:
    def make(
        to: str = "Pat Doe, Records Unit", on: RecordsRequest | None = None, now: Any = NOON, **bounds: int
    ) -> Any:
        chosen = services.Bounds(**bounds)
        return Given(*services.give_link(on or letter, to=to, bounds=chosen, by=bob, now=now))

    return make


@pytest.fixture
def given(give: Give) -> Given:
    return give()  # type: ignore[no-any-return]


@pytest.fixture
def known(letter: RecordsRequest) -> str:
    """An address of the agency that we knew before."""
    contact = ContactPointFactory(agency=letter.agency, value="Records@agency.example")
    return str(contact.value)
