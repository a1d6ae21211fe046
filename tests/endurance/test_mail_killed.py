"""A hundred workers killed at a hundred places between fetching a mail and filing it. `make endurance` runs it."""

from __future__ import annotations

from typing import Any

import pytest

from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.correspondence.incoming.conftest import letter, store  # noqa: F401  fixtures
from tests.correspondence.incoming.test_killed import SEED, kill_and_count

pytestmark = [pytest.mark.endurance, pytest.mark.django_db(transaction=True)]


def test_a_hundred_deaths_lose_and_double_nothing(store: Store, settings: Any, letter: RecordsRequest):  # noqa: F811
    kill_and_count(100, SEED, settings)
