"""Letters that go by post and by fax, and a store for proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from requests_app.agencies.models import ContactPoint
from requests_app.filing.models import RecordsRequest
from requests_app.kits import letters
from requests_app.people.models import Person
from tests.factories import NOON, ContactPointFactory, RecordsRequestFactory
from tests.filing.letters import a_letter

CERTIFIED = "71123456789123456787"
ANOTHER = "03071790000523483741"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(30)


@pytest.fixture
def monday(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    """Monday, March 2, 2026, at noon in Maryland; the store is empty."""
    settings.STORE_DIR = tmp_path
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def by_post(alice: Person, monday: time_machine.Traveller) -> Callable[..., RecordsRequest]:
    """Make a letter of Alice's that goes by post and has not left."""

    def made(delivery: str = "post", **facts: Any) -> RecordsRequest:
        value = {"post": "1201 Example Road\nPikesville, MD 21208", "fax": "(410) 555-0111"}[delivery]
        contact: ContactPoint = ContactPointFactory(channel=delivery, value=value)
        known: dict[str, Any] = {"filer": alice, "assignee": alice, "agency": contact.agency, "delivery": delivery}
        known |= {"contact_point": contact, "letter": letters.dump(a_letter())}
        return RecordsRequestFactory(**(known | facts))

    return made
