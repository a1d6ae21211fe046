"""A store of its own for each test, Alice's request to Maryland's agency, and the mail server whose word counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from requests_app.correspondence.incoming.reader import Reader
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.incoming.mails import AUTHSERV
from tests.factories import ContactPointFactory, RecordsRequestFactory


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Store:
    """The store of the mails."""
    settings.STORE_DIR = str(tmp_path / "store")
    settings.MAIL_AUTHSERV_ID = AUTHSERV
    settings.REPLY_MAILBOX, settings.REPLY_DOMAIN = "records", "reply.example"
    return Store(tmp_path / "store" / "mail")


@pytest.fixture
def letter(alice: Person) -> RecordsRequest:
    """A letter that Alice filed and that has left, to an agency with one known address."""
    return a_request(alice, "MD-2026-0007", "k3v9x2ab")


def a_request(filer: Person, reference: str, token: str, domain: str = "agency.example") -> RecordsRequest:
    contact = ContactPointFactory(agency__jurisdiction="MD", value=f"records@{domain}")
    return RecordsRequestFactory(
        agency=contact.agency, contact_point=contact, filer=filer, reference=reference, reply_token=token,
        with_deadline=True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """One process that reads mails for all tests: starting one takes longer than a test."""
    with Reader() as reader:
        yield reader
